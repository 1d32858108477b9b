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
    let isHeard = true;
    const fail = (why) => (process.stderr.write(why), why === 'interrupted' ? 130 : 2);
    const guard = new Guard(guardProgram, fail, () => isHeard, ${300 * 1024 * 1024});
    guard.start();
    process.on('SIGINT', () => process.stdout.write('heard'));
    process.on('SIGTERM', () => process.stdout.write('heard'));
    // The thread has come up by then.
    await new Promise((resolve) => setTimeout(resolve, 300));
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
    const { ended } = await program('guard.dueIn(1000); for (;;);');
    const started = performance.now();
    expect(await ended()).toMatchObject({ code: 2, stderr: 'time' });
    expect(performance.now() - started).toBeLessThan(1500);
  });

  test.each([0, 50, 150, 1000])('ends soon after Ctrl-C, pressed when it has been busy for %i ms', async (ms) => {
    const { child, ended } = await program('for (;;);');
    await new Promise((resolve) => setTimeout(resolve, ms));
    const pressed = performance.now();
    child.kill('SIGINT');
    expect(await ended()).toEqual({ code: 130, signal: null, stdout: 'ready ', stderr: 'interrupted' });
    expect(performance.now() - pressed).toBeLessThan(2000);
  });

  test('exits at once by a second Ctrl-C', async () => {
    const { child, ended } = await program('for (;;);');
    await new Promise((resolve) => setTimeout(resolve, 400));
    const pressed = performance.now();
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGINT');
    await ended();
    expect(performance.now() - pressed).toBeLessThan(1000);
  });

  test('has as much time after Ctrl-C as whoever heard it needs for what is known', async () => {
    const { child, ended } = await program(`
      process.once('SIGINT', () => {
        guard.interrupted(5000);
        const until = performance.now() + 2500; while (performance.now() < until);
        process.stdout.write(' done');
        process.exit(0);
      });
      setTimeout(() => {}, 8000);`);
    child.kill('SIGINT');
    expect(await ended()).toEqual({ code: 0, signal: null, stdout: 'ready heard done', stderr: '' });
  });

  test('ends by SIGTERM', async () => {
    const { child, ended } = await program('for (;;);');
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGTERM');
    expect(await ended()).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' });
  });

  test('listens again afterwards, and ends by itself', async () => {
    const { child, ended } = await program(`
      const until = performance.now() + 1500; while (performance.now() < until);
      setTimeout(() => process.stdout.write('idle '), 500); setTimeout(() => {}, 1500);`);
    child.stdout?.on('data', (data: Buffer) => data.toString().includes('idle') && child.kill('SIGINT'));
    expect(await ended()).toEqual({ code: 0, signal: null, stdout: 'ready idle heard', stderr: '' });
  });
});

describe('what has something to put in order', () => {
  const inOrder = `
    const release = guard.hold();
    const until = performance.now() + 2500; while (performance.now() < until);
    process.stdout.write('in order ');
    release();`;

  test.each(['SIGINT', 'SIGTERM'] as const)('is not ended by %s before that is done', async (signal) => {
    const { child, ended } = await program(`${inOrder} setTimeout(() => {}, 300);`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill(signal);
    expect(await ended()).toEqual({ code: 0, signal: null, stdout: 'ready in order heard', stderr: '' });
  });

  test('has little time for what comes after it', async () => {
    const { child, ended } = await program(`${inOrder} for (;;);`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGINT');
    expect(await ended()).toEqual({ code: 130, signal: null, stdout: 'ready in order ', stderr: 'interrupted' });
  });

  test('is left as it is by a second Ctrl-C, which nobody hears either', async () => {
    const { child, ended } = await program(`${inOrder} setTimeout(() => {}, 300);`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const pressed = performance.now();
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGINT');
    expect(await ended()).toEqual({ code: 130, signal: null, stdout: 'ready ', stderr: 'interrupted' });
    expect(performance.now() - pressed).toBeLessThan(1000);
  });

  test('nor by its time, which it has again afterwards', async () => {
    const { ended } = await program(`guard.dueIn(1000); ${inOrder} for (;;);`);
    expect(await ended()).toMatchObject({ code: 2, stdout: 'ready in order ', stderr: 'time' });
  });
});

describe('Ctrl-C, pressed while the program listens,', () => {
  test('is left to who waits for it', async () => {
    const { child, ended } = await program('setTimeout(() => {}, 1000);');
    child.kill('SIGINT');
    expect(await ended()).toEqual({ code: 0, signal: null, stdout: 'ready heard', stderr: '' });
  });

  test('leaves it little time for what is long', async () => {
    const { child, ended } = await program("process.on('SIGINT', () => { for (;;); }); setTimeout(() => {}, 5000);");
    const pressed = performance.now();
    child.kill('SIGINT');
    expect(await ended()).toEqual({ code: 130, signal: null, stdout: 'ready heard', stderr: 'interrupted' });
    expect(performance.now() - pressed).toBeLessThan(2000);
  });

  test('ends it where nobody waits for it', async () => {
    const { child, ended } = await program('isHeard = false; setTimeout(() => {}, 5000);');
    child.kill('SIGINT');
    expect(await ended()).toMatchObject({ code: 130, signal: null, stderr: 'interrupted' });
  });
});

test('a program within its bounds is let alone, and kept by nothing', async () => {
  const { ended } = await program('guard.dueIn(0);');
  expect(await ended()).toEqual({ code: 0, signal: null, stdout: 'ready ', stderr: '' });
});
