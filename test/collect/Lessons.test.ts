import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lessons, patienceMs } from '../../src/collect/Lessons.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What became of one that asked for its turn. */
function turnOf(lessons: Lessons, atMostMs = 5000): { teaches: boolean | 'waits' } {
  const turn: { teaches: boolean | 'waits' } = { teaches: 'waits' };
  void lessons.begins(atMostMs).then((teaches) => (turn.teaches = teaches));
  return turn;
}
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('the first one says all, the others wait until that is known', async () => {
  const lessons = new Lessons();
  const turns = [turnOf(lessons), turnOf(lessons), turnOf(lessons)];
  await later(100);
  expect(turns.map(({ teaches }) => teaches)).toEqual([true, 'waits', 'waits']);
  lessons.learnt();
  await later(0);
  expect(turns.map(({ teaches }) => teaches)).toEqual([true, false, false]);
  const latest = turnOf(lessons);
  await later(2 * patienceMs);
  expect(latest.teaches).toBe(false);
});

test('where the first one takes long, a second one says all, and then a third', async () => {
  const lessons = new Lessons();
  const turns = [turnOf(lessons), turnOf(lessons), turnOf(lessons)];
  await later(patienceMs - 1);
  expect(turns.map(({ teaches }) => teaches)).toEqual([true, 'waits', 'waits']);
  await later(1);
  expect(turns.map(({ teaches }) => teaches)).toEqual([true, true, 'waits']);
  await later(patienceMs - 1);
  expect(turns.map(({ teaches }) => teaches)).toEqual([true, true, 'waits']);
  await later(1);
  expect(turns.map(({ teaches }) => teaches)).toEqual([true, true, true]);
});

test('where the first one fails, the second one says all at once; where that fails, too, nobody waits', async () => {
  const lessons = new Lessons();
  const turns = [turnOf(lessons), turnOf(lessons), turnOf(lessons)];
  await later(100);
  lessons.ended();
  await later(0);
  expect(turns.map(({ teaches }) => teaches)).toEqual([true, true, 'waits']);
  lessons.ended();
  await later(0);
  expect(turns.map(({ teaches }) => teaches)).toEqual([true, true, false]);
});

test('where the first one failed before another came, that says all', async () => {
  const lessons = new Lessons();
  turnOf(lessons);
  await later(0);
  lessons.ended();
  const second = turnOf(lessons);
  await later(0);
  expect(second.teaches).toBe(true);
});

test('nobody waits longer than it may, and whose time is up does not teach later', async () => {
  const lessons = new Lessons();
  turnOf(lessons);
  const hasty = turnOf(lessons, 300);
  const patient = turnOf(lessons);
  await later(300);
  expect(hasty.teaches).toBe(false);
  await later(patienceMs);
  expect([hasty.teaches, patient.teaches]).toEqual([false, true]);
});
