import { usualCommand } from '../../src/remedy/stepCommands.ts';
import type { Remedy, RemedyStep, Variant } from '../../src/core/Problem.ts';

/** The first remedy and the other ways. */
export const remediesOf = ({ remedy, alternatives = [] }: Variant): Remedy[] => [
  ...(remedy === undefined ? [] : [remedy]),
  ...alternatives,
];

export const stepsOf = (variant: Variant): RemedyStep[] => remediesOf(variant).flatMap(({ steps }) => steps);

/** Every command that is printed for it. */
export const commandsOf = (variant: Variant): string[] =>
  [
    ...stepsOf(variant).flatMap((step) => [step.precondition?.command, usualCommand(step)]),
    ...remediesOf(variant).flatMap(({ check, undo }) => [check, undo]),
  ].filter((command) => command !== undefined);
