import { expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { Problem, Variant } from '../../src/core/Problem.ts';
import { problems } from '../../checks/problems.ts';

const all: readonly (readonly [string, Problem])[] = [...problems];
const commandsOf = ({ steps, check, undo }: Variant): readonly string[] =>
  [...steps.map(({ command }) => command), check, undo].filter((command) => command !== undefined);

const ids = new Set(checks.map(({ id }) => id));
const named = all.flatMap(([code, { variants }]) =>
  Object.values(variants).flatMap((variant) =>
    commandsOf(variant).flatMap((command) =>
      [...command.matchAll(/(doctor|verify) --check ([\w,-]+)/g)].flatMap(([, phase = '', list = '']) =>
        list.split(',').map((id) => ({ code, phase, id })),
      ),
    ),
  ),
);

test('checks that remedies name exist', () => {
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ id }) => !ids.has(id))).toEqual([]);
});

test('they are checks of the command that the remedies say', () => {
  const phases = new Map<string, readonly string[]>(checks.map(({ id, phases }) => [id, phases]));
  expect(named.filter(({ id, phase }) => phases.get(id)?.includes(phase) !== true)).toEqual([]);
});

test('ids are told apart', () => {
  expect(ids.size).toBe(checks.length);
});

test.each(all.map(([code]) => code))('%s speaks in whole texts', (code) => {
  const problem = all.find(([name]) => name === code)?.[1];
  const variants = Object.values(problem?.variants ?? {});
  expect(variants.length).toBeGreaterThan(0);
  for (const variant of variants) {
    expect(variant.message).not.toMatch(/\.$/);
    // Information may be nothing to act on.
    if ((variant.severity ?? problem?.severity) !== 'info') expect(variant.steps.length).toBeGreaterThan(0);
    for (const { text } of variant.steps) expect(text).not.toMatch(/\.$/);
  }
});
