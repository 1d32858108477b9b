import { describe, expect, test } from 'vitest';
import { problems } from '../../checks/problems.ts';
import type { Variant } from '../../src/core/Problem.ts';
import { fillCommand } from '../../src/remedy/fill.ts';
import { commandsOf } from '../support/remediesOf.ts';
import { shellWords } from '../support/shellWords.ts';

const variants = [...problems].flatMap(([code, { variants: all }]) =>
  Object.entries<Variant>(all).map(([name, variant]) => [`${code} ${name}`, variant] as const),
);

const placeholders = (command: string): readonly string[] => [
  ...new Set([...command.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '')),
];
const filled = (command: string, valueOf: (name: string) => string): string =>
  fillCommand(
    command,
    Object.fromEntries(placeholders(command).map((name) => [name, valueOf(name)])),
    'kubectl --context=prod-1',
  );

const plain = (name: string): string => `x${name.toLowerCase()}x`;
const awkward = [
  "it's",
  '$(touch pwned)',
  '`touch pwned`',
  '"; touch pwned; "',
  'a  b',
  '*',
  '~',
  '\\',
  '!!',
  '&& touch pwned',
];

describe('a shell that runs a remedy starts the programs that are meant, with the words that are meant', () => {
  const commands = [
    ...new Map(variants.flatMap(([name, variant]) => commandsOf(variant).map((one) => [one, name] as const))),
  ];
  test.each(commands.map(([command, name]) => [name, command] as const))('%s: %s', (_, command) => {
    const usual = shellWords(filled(command, plain));
    expect(usual.programs.length).toBeGreaterThan(0);
    expect(usual.stderr).not.toMatch(/syntax error|unexpected/);
    if (placeholders(command).length === 0) return;
    const hostile = awkward.join('');
    const strange = shellWords(filled(command, (name) => `${plain(name)}${hostile}`));
    const expected = usual.programs.map((words) =>
      words.map((word) =>
        placeholders(command).reduce((text, name) => text.replaceAll(plain(name), `${plain(name)}${hostile}`), word),
      ),
    );
    expect(strange.programs).toEqual(expected);
    expect(strange.files).not.toContain('pwned');
  });
});

test('what a shell would start is seen, wherever it stands', () => {
  const { programs, files } = shellWords(
    'for a in 1 2; do kubectl get "$a b" | grep x; done && (helm up || exit 3) > out',
  );
  expect(programs).toContainEqual(['kubectl', 'get', '2 b']);
  expect(programs.filter(([name]) => name === 'grep')).toHaveLength(2);
  expect(programs).toContainEqual(['helm', 'up']);
  expect(files).toEqual(['out']);
});
