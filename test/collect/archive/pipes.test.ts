import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openArchive } from '../../../src/collect/archive/openArchive.ts';
import { archiveLimits } from '../../../src/collect/archive/limits.ts';
import { KprError } from '../../../src/core/KprError.ts';
import { collect } from './support.ts';

const root = join(import.meta.dirname, '../../..');
const capture = join(root, 'examples/captures/broken-cluster.kpr');
const folder = mkdtempSync(join(tmpdir(), 'kpr-pipes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a shell makes of a line in which `kpr` is the program; nothing is left in its folder for temporary files. */
function shell(line: string) {
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const program = `kpr() { ${process.execPath} ${join(root, 'bin/kubectl-kpr.ts')} "$@"; }; B=${capture}; ${line}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', program], {
    encoding: 'latin1',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', TMPDIR: temporary },
  });
  expect(readdirSync(temporary)).toEqual([]);
  return { status, stdout, stderr };
}

/** Writes into a named pipe as soon as somebody reads there. */
const feed = (command: string, fifo: string): void =>
  void spawn('bash', ['-c', `(${command}) > ${fifo}`], { stdio: 'ignore' });

/** The exit code, and the first line of what it says. */
function said(line: string): string {
  const { status, stderr } = shell(line);
  return `${status} ${stderr.split('\n')[0] ?? ''}`;
}

const withoutSource = (text: string): unknown => {
  const { source: _source, durationMs: _ms, ...report } = JSON.parse(text) as Record<string, unknown>;
  return report;
};

/** Each line is one process of the program, or two. */
const timeout = 120_000;

describe('an archive by a pipe', { timeout }, () => {
  test('is the same as from a file: standard input, and what a shell puts in place of a file', () => {
    const byFile = shell('kpr doctor --from $B -o json');
    for (const line of [
      'kpr doctor --from - -o json < $B',
      'kpr doctor --from <(cat $B) -o json',
      'kpr capture --from $B -o - | kpr doctor --from - -o json',
    ]) {
      const byPipe = shell(line);
      expect(byPipe.status).toBe(byFile.status);
      expect(withoutSource(byPipe.stdout)).toEqual(withoutSource(byFile.stdout));
    }
  });

  test('that is empty, cut, none at all or read twice is refused in words', () => {
    expect(said('kpr doctor --from - < /dev/null')).toBe('2 Error: Standard input is empty (0 bytes)');
    expect(said('head -c 5000 $B | kpr doctor --from -')).toMatch(/^2 Error: Standard input is damaged or incomplete/);
    expect(said('kpr verify --from - --against - < $B')).toBe('2 Error: Standard input can be read once only');
    expect(said('kpr doctor --from <(cat $B; exec sleep 60 2>/dev/null) --timeout 1s')).toMatch(
      /^2 Error: \/dev\/fd\/\d+ could not be opened within 1 s$/,
    );
  });

  test('is bounded, and its decompressor is as a file’s', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    feed(`cat ${capture}`, fifo);
    await expect(openArchive(fifo, { ...archiveLimits, maxPipedBytes: 1000 })).rejects.toThrow(/are in the pipe/);
    feed('head -c 100000000 /dev/zero | gzip', fifo);
    await expect(openArchive(fifo).then(collect)).rejects.toThrow(KprError);
  });

  test('a zip, too: its commands name no file that nobody has', async () => {
    const zip = join(folder, 'x.zip');
    const fifo = join(folder, 'fifo-of-zip');
    writeFileSync(join(folder, 'uname--a.md'), '# uname -a\n\n```\nLinux n1 6.18.0\n```\n');
    execFileSync('python3', ['-m', 'zipfile', '-c', zip, join(folder, 'uname--a.md')]);
    execFileSync('mkfifo', [fifo]);
    feed(`cat ${zip}`, fifo);
    const source = await openArchive(fifo);
    const { nodes } = await collect(source);
    await source.close();
    expect(nodes[0]?.answers.kernel).toMatchObject({
      text: 'Linux n1 6.18.0\n',
      command: 'unzip -p ARCHIVE uname--a.md',
    });
  });
});

describe('a capture on standard output', { timeout }, () => {
  test('is all that stands there, the same bytes as in a file', () => {
    const { status, stdout, stderr } = shell('kpr capture --from $B -o -');
    const file = join(folder, 'again.kpr');
    shell(`kpr capture --from $B -o ${file}`);
    expect(Buffer.from(stdout, 'latin1').equals(readFileSync(file))).toBe(true);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^standard output: 2 nodes, /) as unknown,
    });
  });

  test('nobody takes it, or nothing could be read: words, and nothing else', () => {
    expect(shell('kpr capture --from $B -o - | true; exit $PIPESTATUS').status).toBe(2);
    expect(shell('kpr capture --from /nonexistent -o -')).toMatchObject({ status: 2, stdout: '' });
  });
});
