import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { guarded } from '../../src/report/guarded.ts';

const saidBy = (command: string): string => execFileSync('bash', ['-c', `${command}\ntrue`], { encoding: 'utf8' });

test.each([
  ['one command', 'echo done'],
  ['several', 'echo done; echo more'],
  ['one that may fail', 'false || echo done'],
  ['lines', 'echo done\necho more'],
  ['a loop', 'for i in 1 2; do echo done || break; done'],
  ['a pipe', 'echo done | cat'],
])('%s: nothing is done while it must not be, and all of it else', (_, command) => {
  expect(saidBy(guarded(command, { text: 'x', command: 'false' }))).toBe('');
  expect(saidBy(guarded(command, { text: 'x', command: 'true' }))).toBe(saidBy(command));
  expect(guarded(command, undefined)).toBe(command);
});
