import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeKubeconfig } from '../collect/live/testServer.ts';
import { execModes, hostileServer, type Hostility, listModes } from '../support/hostileServer.ts';

const root = join(import.meta.dirname, '../..');
const recording = join(root, 'test/fixtures/recordings/healthy-1.20.kpr');

/** The sources are compiled once for all of these runs, which is half of what each of them takes. */
const compiled = mkdtempSync(join(tmpdir(), 'kpr-compiled-'));
const env = { ...process.env, NODE_COMPILE_CACHE: compiled };
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number | null;
  readonly said: string;
  /** Since the first question: how long a program takes to start is another matter. */
  readonly seconds: number;
  /** The most that it had in memory; undefined where the system does not tell. */
  readonly megabytes: number | undefined;
}

/** The whole program in a process of its own, against such a server. */
async function run(
  hostility: Hostility,
  args: readonly string[],
  onAsked?: (child: ChildProcess) => void,
): Promise<Ended> {
  const { url, server } = await hostileServer(recording, hostility);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const started = performance.now();
  const words = [join(root, 'bin/kubectl-kpr.ts'), ...args, '--kubeconfig', writeKubeconfig(url)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let megabytes: number | undefined;
  const timer = setInterval(() => (megabytes = peakOf(child.pid) ?? megabytes), 20);
  let asked = started;
  server.once('request', () => {
    asked = performance.now();
    onAsked?.(child);
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  return { exitCode, said: (await said).join('\n'), seconds: (performance.now() - asked) / 1000, megabytes };
}

/** undefined: it has ended, or this system does not tell. */
function peakOf(pid = 0): number | undefined {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

function expectCalm({ exitCode, said, seconds, megabytes = 0 }: Ended, withinSeconds: number): void {
  // 1 where an agent that does not answer is a finding.
  expect([1, 2, 3]).toContain(exitCode);
  expect(said).toMatch(/^(?:Error: |exit \d: )/m);
  expect(said).not.toMatch(/this is a bug|\n\s+at .*:\d+:\d+/);
  // oxlint-disable-next-line no-control-regex -- none of them may get out
  expect(said).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  expect(seconds).toBeLessThan(withinSeconds);
  expect(megabytes).toBeLessThan(512);
}

describe('a server breaks off, and the program ends with a sentence, within its time and memory', () => {
  test.each(Object.entries(listModes))('a list that is %s', { timeout: 60_000 }, async (_, list) => {
    expectCalm(await run({ list }, ['verify', '--timeout', '5s', '--no-wait']), 12);
  });

  test.each(Object.entries(execModes))('an exec that is %s', { timeout: 60_000 }, async (_, exec) => {
    expectCalm(await run({ exec }, ['verify', '--timeout', '5s', '--node-timeout', '2s', '--no-wait']), 12);
  });
});

describe('of a server that answers nothing', () => {
  test('--timeout ends the run within two seconds more', { timeout: 30_000 }, async () => {
    const ended = await run({ isDead: true }, ['doctor', '--timeout', '3s']);
    expect(ended).toMatchObject({ exitCode: 2 });
    expect(ended.seconds).toBeLessThan(3 + 2);
  });

  test('Ctrl-C ends the run within two seconds', { timeout: 30_000 }, async () => {
    let pressed = 0;
    const ended = await run({ isDead: true }, ['doctor'], (child) => {
      setTimeout(() => {
        pressed = performance.now();
        child.kill('SIGINT');
      }, 500);
    });
    expect(ended).toMatchObject({ exitCode: 130 });
    expect(performance.now() - pressed).toBeLessThan(2000);
  });
});
