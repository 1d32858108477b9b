import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';

const programs = join(import.meta.dirname, '../../src/programs/programs.ts');
const guard = join(import.meta.dirname, '../../src/terminal/Guard.ts');

const folder = mkdtempSync(join(tmpdir(), 'guard-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program of its own, which is ready for anything once it has said so. */
async function program(body: string): Promise<{ child: ChildProcess; ended: () => Promise<unknown> }> {
  const source = `
    import { Guard } from ${JSON.stringify(guard)};
    import { guardProgram } from ${JSON.stringify(programs)};
    const guard = new Guard(guardProgram, (why) => (process.stderr.write(why), 2), ${300 * 1024 * 1024});
    guard.start();
    process.on('SIGINT', () => process.stdout.write('heard'));
    process.stdout.write('ready ');
    ${body}`;
  const file = join(folder, 'program.mjs');
  writeFileSync(file, source);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout = text(child.stdout);
  const stderr = text(child.stderr);
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  return {
    child,
    ended: async () => {
      const [code, signal] = (await closed) as [number | null, string | null];
      return { code, signal, stdout: await stdout, stderr: await stderr };
    },
  };
}

describe('a program that is too busy to listen', () => {
  test('ends with a sentence when it takes more memory than it may', async () => {
    const { ended } = await program('const all = []; for (;;) all.push({ item: all.length });');
    expect(await ended()).toEqual({
      code: 2,
      signal: null,
      stdout: 'ready ',
      stderr: 'memory',
    });
  });

  test('ends with a sentence when its time is up', async () => {
    const { ended } = await program('guard.dueIn(100); for (;;);');
    expect(await ended()).toMatchObject({ code: 2, stderr: 'time' });
  });

  test('ends by Ctrl-C', async () => {
    const { child, ended } = await program('for (;;);');
    // The second is for one that comes before anybody notices.
    const again = setInterval(() => child.kill('SIGINT'), 500);
    expect(await ended()).toMatchObject({ code: null, signal: 'SIGINT', stderr: '' });
    clearInterval(again);
  });

  test('listens again afterwards, and ends by itself', async () => {
    const { child, ended } = await program(`
      const until = performance.now() + 1500; while (performance.now() < until);
      setTimeout(() => process.stdout.write('idle '), 500); setTimeout(() => {}, 1500);`);
    child.stdout?.on('data', (data: Buffer) => data.toString().includes('idle') && child.kill('SIGINT'));
    expect(await ended()).toEqual({ code: 0, signal: null, stdout: 'ready idle heard', stderr: '' });
  });
});

test('a program within its bounds is let alone, and kept by nothing', async () => {
  const { ended } = await program('guard.dueIn(0);');
  expect(await ended()).toEqual({ code: 0, signal: null, stdout: 'ready ', stderr: '' });
});
