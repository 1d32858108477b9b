import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problems } from '../../checks/problems.ts';
import { checks } from '../../checks/index.ts';
import { commands } from '../../src/cli/commands/index.ts';
import type { Flags } from '../../src/cli/Flag.ts';
import { helpFor } from '../../src/cli/help.ts';

const root = join(import.meta.dirname, '../..');

/** Everything that users read and that is not made of a cluster. */
const texts: readonly (readonly [string, string])[] = [
  ...[...commands.keys(), 'options'].map(
    (name) => [`help ${name}`, helpFor([name, '--help'], commands, 120) ?? ''] as const,
  ),
  ['help', helpFor(['help'], commands, 120) ?? ''],
  ...[...problems.values()].map((problem) => [`explain ${problem.code}`, textsIn(problem).join('\n')] as const),
  ['checks', checks.map(({ title }) => title).join('\n')],
  ...['README.md', 'CHANGELOG.md', 'docs/findings.md', 'docs/incidents.md', 'docs/threat-model.md'].map(
    (file) => [file, readFileSync(join(root, file), 'utf8')] as const,
  ),
];

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const topics = new Set(['help', 'options', ...commands.keys()]);

/** Each `kubectl kpr WORD …`, as far as its line goes. */
const invocations = (text: string): readonly string[] =>
  [...text.matchAll(/kubectl[- ]kpr ([a-z][^\n`|;]*)/g)].map(([, line = '']) => line);

/** Names and letters of flags: those of the command, and of yargs itself. */
function flagsOf(name: string): ReadonlySet<string> {
  const flags: Flags = commands.get(name)?.flags ?? {};
  const names = Object.entries(flags).flatMap(([flag, { yargs }]) => {
    const alias = typeof yargs.alias === 'string' ? `-${yargs.alias}` : `--${flag}`;
    return yargs.type === 'boolean' || flag === 'wait' ? [`--${flag}`, alias, `--no-${flag}`] : [`--${flag}`, alias];
  });
  return new Set(['--help', '-h', '--version', ...names]);
}

describe.each(texts)('%s', (_, text) => {
  test('names commands that exist, with flags that they have', () => {
    const wrong = invocations(text).flatMap((line) => {
      const [name = ''] = /^[a-z]+/.exec(line) ?? [];
      // A sentence goes on behind the name of the program.
      if (!topics.has(name)) return /^[a-z]+ --/.test(line) ? [line] : [];
      const known = flagsOf(name);
      const own = line.split(/ -- | [|>&#] |[)”"’]/)[0] ?? '';
      const typed = [...own.matchAll(/(?:^|\s)(--[a-z][a-z-]*|-[A-Za-z])(?=[\s=,.]|$)/g)].map(([, flag = '']) => flag);
      return typed.filter((flag) => !known.has(flag)).map((flag) => `${flag} in: ${line}`);
    });
    expect(wrong).toEqual([]);
  });
});

test('what is not there is found', () => {
  expect(invocations('run kubectl kpr doctr --from x; then `kubectl-kpr verify`')).toEqual([
    'doctr --from x',
    'verify',
  ]);
  expect(flagsOf('doctor').has('--node')).toBe(true);
  expect(flagsOf('doctor').has('--nodes')).toBe(false);
});

test('no command is named that does not exist', () => {
  // Words that follow the program's name in a sentence.
  const prose = new Set<string>();
  for (const [where, text] of texts)
    for (const line of invocations(text)) {
      const [name = ''] = /^[a-z]+/.exec(line) ?? [];
      if (!topics.has(name)) prose.add(`${where}: ${line.slice(0, 40)}`);
    }
  expect([...prose]).toEqual([]);
});
