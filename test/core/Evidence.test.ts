import { expect, test } from 'vitest';
import { evidenceOf, type Seen } from '../../src/core/Evidence.ts';

test.each<[string, Seen, object]>([
  ['one line', 'a', { command: 'show', lines: ['a'] }],
  ['several', 'a\nb\n', { command: 'show', lines: ['a', 'b'] }],
  ['none', '', { command: 'show', lines: [] }],
  ['the one that decides', { lines: ['a', 'b'], decides: 1 }, { command: 'show', lines: ['a', 'b'], decides: 1 }],
  [
    'how to find it in what the command prints',
    { lines: ['10.96.0.10:53/UDP (1)'], grep: '10.96.0.10:53/UDP' },
    { command: 'show | grep -F -- 10.96.0.10:53/UDP', lines: ['10.96.0.10:53/UDP (1)'] },
  ],
  [
    'a pattern from the cluster is one word of the shell',
    { lines: ["a' $(b)"], grep: "a' $(b)" },
    { command: String.raw`show | grep -F -- 'a'\'' $(b)'`, lines: ["a' $(b)"] },
  ],
])('%s', (_, seen, expected) => {
  expect(evidenceOf('show', seen)).toEqual(expected);
});

test('on which node, and nothing to look for where no command shows it', () => {
  expect(evidenceOf('', { lines: ['a'], grep: 'a' }, 'n1')).toEqual({ node: 'n1', command: '', lines: ['a'] });
});
