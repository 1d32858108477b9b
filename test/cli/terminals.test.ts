import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shellQuote } from '../../src/text/shell.ts';

/** The real program on real terminals of all sizes and kinds, and where its output has no place to go. */
const root = join(import.meta.dirname, '..', '..');
const program = [process.execPath, join(root, 'bin', 'kubectl-kpr.ts')];
const broken = join(root, 'examples/captures/broken-cluster.kpr');
const healthy = join(root, 'test/fixtures/recordings/healthy-1.19.kpr');

const commands: readonly (readonly [string, ...string[]])[] = [
  ['doctor', '--from', broken],
  ['verify', '--from', healthy],
  ['trace', 'svc/httpd', '--from', broken],
  ['diff', healthy, broken, '--allow-mismatch'],
  ['preflight', '--change', 'rollback', '--from', healthy],
  ['explain', 'KPR1002'],
  ['cleanup', '--from', broken, '--trust-archive'],
  ['doctor', '--help'],
];

const lineOf = (args: readonly string[]): string => [...program, ...args].map(shellQuote).join(' ');
const env = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  TERM: 'xterm',
  LANG: 'C.UTF-8',
  ...more,
});

interface Shown {
  readonly status: number | null;
  readonly text: string;
}

/** Without what repaints the line of progress. */
function onTerminal(args: readonly string[], columns: number, more: NodeJS.ProcessEnv = {}): Shown {
  const log = join(tmpdir(), `kpr-terminal-${process.pid}`);
  const typed = `stty cols ${columns} rows 24; ${lineOf(args)} 2>/dev/null`;
  const { status } = spawnSync('script', ['-qec', typed, log], { env: env(more), stdio: 'ignore' });
  const text = readFileSync(log, 'utf8')
    .replace(/^Script started.*\n/, '')
    .replace(/\nScript done.*\n?$/, '');
  rmSync(log);
  return { status, text: text.replaceAll('\r\n', '\n') };
}

const inPipe = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Shown => {
  const { status, stdout } = spawnSync('bash', ['-c', `${lineOf(args)} 2>/dev/null`], {
    env: env(more),
    encoding: 'utf8',
  });
  return { status, text: stdout };
};

const ending = (args: readonly string[], end: string) =>
  spawnSync('bash', ['-c', `${lineOf(args)} ${end}`], { env: env({}), encoding: 'utf8', stdio: 'pipe' });

const colours = new RegExp(String.raw`${String.fromCodePoint(0x1b)}\[[\d;]*m`, 'g');
const hasTerminals = spawnSync('script', ['--version']).status === 0;

describe.skipIf(!hasTerminals).each(commands)('%s', (...args) => {
  const { status } = inPipe(args);

  test('on 20 columns every sentence is broken', () => {
    const shown = onTerminal(args, 20);
    expect(shown.status).toBe(status);
    // Sentences keep 20 columns behind what they are indented by; an example of help is to be copied as a whole.
    const wide = shown.text
      .replaceAll(colours, '')
      .split('\n')
      .filter((line) => Array.from(line.trimStart()).length > 52 && !line.startsWith('  kubectl kpr '));
    // A name, an address, a path, a word in quotes, and what marks it.
    for (const line of wide) expect(line.trim().replace(/ \\$/, '').split(/ +/).length).toBeLessThanOrEqual(4);
  });

  test.each<[string, NodeJS.ProcessEnv]>([
    ['NO_COLOR', { NO_COLOR: '1' }],
    ['TERM=dumb', { TERM: 'dumb' }],
  ])('with %s there is no escape code', (_, more) => {
    const shown = onTerminal(args, 80, more);
    expect(shown.status).toBe(status);
    expect(shown.text).not.toContain('\u001b');
  });

  test('where no UTF-8 is shown there is none', () => {
    const { text } = onTerminal(args, 80, { LANG: 'C', LC_ALL: 'C' });
    expect(Array.from(text).filter((char) => (char.codePointAt(0) ?? 0) > 0x7f)).toEqual([]);
  });

  test('a reader that leaves, a closed output and a full disk: no crash, and the exit code stays, unless it is lost', () => {
    const left = ending(args, '| head -n 1 >/dev/null; exit ${PIPESTATUS[0]}');
    const closed = ending(args, '>&-');
    const full = ending(args, '>/dev/full');
    expect([left.status, closed.status]).toEqual([status, status]);
    expect(full.status).toBe(2);
    expect(full.stderr).toContain('The output could not be written');
    for (const { stderr } of [left, closed, full]) expect(stderr).not.toMatch(/bug in|TypeError/);
  }, 60_000);
});

test('CLICOLOR_FORCE colours what goes into a pipe, too', () => {
  expect(inPipe(['explain', 'KPR1002'], { CLICOLOR_FORCE: '1' }).text).toContain('\u001b[');
});

test.skipIf(!hasTerminals)('with NO_COLOR the line of progress has no colour', () => {
  const args = ['doctor', '--from', broken];
  const progressOf = (more: NodeJS.ProcessEnv): string =>
    spawnSync('script', ['-qec', `stty cols 80; ${lineOf(args)}`, '/dev/null'], {
      env: env(more),
      encoding: 'utf8',
    }).stdout;
  expect(progressOf({})).toMatch(colours);
  expect(progressOf({ NO_COLOR: '1' })).toContain('reading the cluster');
  expect(progressOf({ NO_COLOR: '1' })).not.toMatch(colours);
});
