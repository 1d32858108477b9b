import type { Precondition } from '../core/Problem.ts';

/** A command that does nothing as long as what must hold first does not: that fails until then. */
export function guarded(command: string, precondition: Precondition | undefined): string {
  if (precondition === undefined) return command;
  // `a && b; c` and `a && b || c` would do c in any case.
  const isOne = !/[;\n]|\|\||&\s*$/.test(command);
  return `${precondition.command} && ${isOne ? command : `{ ${command}; }`}`;
}
