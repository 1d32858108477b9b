import { execFileSync } from 'node:child_process';
import { array, assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breakCommand } from '../../src/text/breakCommand.ts';
import { shellQuote } from '../../src/text/shell.ts';
import { columnsOf } from '../../src/text/wrap.ts';

const run = (text: string): string => execFileSync('bash', ['-c', text], { encoding: 'utf8' });

/** As it stands on the screen. */
const shown = (command: string, width: number): string => breakCommand(command, width, 2).join('\n  ');

describe('a command that is wider than the terminal', () => {
  test('is broken where the next program begins, and then between a flag and the next', () => {
    expect(shown('kubectl get pods -n kube-system -o wide --show-labels && kubectl get nodes', 40)).toBe(
      ['kubectl get pods -n kube-system \\', '  -o wide --show-labels && \\', '  kubectl get nodes'].join('\n'),
    );
  });

  test.each([
    ['in single quotes', `patch -p '{"a": "b c d e f"}' --type merge`],
    ['in double quotes', 'echo "kubectl get pods -o name" and more words'],
    ['in a script with quotes of its own', `bash -c 'printf "a b c d e f g h i j k l"'`],
    ['with an escaped quote', String.raw`echo \' a b c d e f g h i j`],
    ['in quotes that hold escapes', String.raw`echo $'a\' b c d' e f g h i j`],
  ])('is not broken %s', (_, command) => {
    for (const line of breakCommand(command, 20, 2)) expect(command).toContain(line.replace(/ \\$/, ''));
  });

  test.each([
    ['what is substituted', 'printf %s "$(printf %s some words that are many)" and more words'],
    ['a script', `sh -c 'printf %s words that are many; printf %s and some more'`],
    ['a script with quotes', `bash -c 'printf %s '\\''words  that'\\'' are many, and some more'`],
    ['a script in double quotes', `bash -c "printf '%s\\r\\n' words that 'are  many'; printf %s and more"`],
    ['a script in a script', `sh -c 'bash -c "printf %s words that are many"; bash -c "printf %s and some more"'`],
  ])('is broken inside of %s, and does the same', (_, command) => {
    const lines = breakCommand(command, 24, 2);
    expect(lines.length).toBeGreaterThan(2);
    expect(run(lines.join('\n  '))).toBe(run(command));
  });

  test('one that fits is as it was, and so is the text of a here-document', () => {
    expect(breakCommand('kubectl  get pods', 40, 2)).toEqual(['kubectl  get pods']);
    expect(shown('cat <<EOF\na b c d e f g\nEOF', 10)).toBe('cat <<EOF\n  a b c d e f g\n  EOF');
  });

  test('a shell takes it for the same words, whatever they hold', () => {
    const words = array(string({ unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 12 });
    assert(
      property(words, constantFrom(10, 20, 40), (all, width) => {
        const text = shown(`printf '%s\\0' ${all.map(shellQuote).join(' ')}`, width);
        expect(execFileSync('bash', ['-c', text], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(all);
      }),
      { numRuns: 25 },
    );
  });

  test('no line is wider, unless a single word is', () => {
    const lines = breakCommand(
      'kubectl -n kube-system exec cilium-abcde -c cilium-agent -- cilium-dbg bpf lb list',
      40,
      2,
    );
    expect(lines.map(columnsOf).filter((columns) => columns > 40)).toEqual([]);
  });
});
