import { afterEach, expect, test, vi } from 'vitest';
import { createProgress } from '../../src/terminal/createProgress.ts';
import { fakeIo } from '../support/fakeIo.ts';

afterEach(() => void vi.useRealTimers());

test('who waits for many nodes hears how fast it goes, how long it will take, and who is slowest', async () => {
  vi.useFakeTimers();
  const io = { ...fakeIo(), now: () => Date.now() };
  const progress = await createProgress(io, { verbosity: 'verbose', forPeople: true });
  progress.nodes(1000);
  for (const name of ['n7', 'n9']) {
    progress.nodeStarted(name);
    vi.advanceTimersByTime(1000);
  }
  for (let i = 100; i < 400; i++) {
    progress.nodeStarted(`n${i}`);
    progress.nodeDone(`n${i}`);
  }
  vi.advanceTimersByTime(28_000);
  const said = io.stderr.text.split('\n').at(-2);
  // Of those that are waited for nobody can tell how long they will take.
  for (let i = 400; i < 1098; i++) progress.nodeDone(`n${i}`);
  vi.advanceTimersByTime(30_000);
  progress.stop();
  expect(io.stderr.text.split('\n').at(-2)).toBe('read 998 of 1000 nodes, waiting for n7 and n9 (60 s)');
  expect(said).toBe('read 300 of 1000 nodes, 10 a second, 70 s left, waiting for n7 and n9 (30 s)');
});

test('who waits for the lists of the API is not told that nodes are slow; how fast these are counts from then on', async () => {
  vi.useFakeTimers();
  const io = { ...fakeIo(), now: () => Date.now() };
  const progress = await createProgress(io, { verbosity: 'verbose', forPeople: true });
  progress.nodes(1000);
  progress.nodeStarted('n1');
  vi.advanceTimersByTime(30_000);
  const said = io.stderr.text.split('\n').at(-2);
  progress.listed();
  vi.advanceTimersByTime(15_000);
  for (let i = 1; i <= 300; i++) progress.nodeDone(`n${i}`);
  vi.advanceTimersByTime(15_000);
  progress.stop();
  expect(said).toBe('1000 nodes: reading the API’s lists (30 s)');
  expect(io.stderr.text.split('\n').at(-2)).toBe('read 300 of 1000 nodes, 10 a second, 70 s left');
});
