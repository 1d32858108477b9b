import { expect, test } from 'vitest';
import { Pace } from '../../src/collect/Pace.ts';
import { runTimeFor } from '../../src/collect/runTime.ts';

const answered = (pace: Pace, count: number, ms: number, bytes = 1000): void => {
  for (let i = 0; i < count; i++) pace.heard({ kind: 'answered', ms, bytes });
};

test('more at a time while answers come as fast as before', () => {
  const pace = new Pace(undefined);
  expect(pace.limit).toBe(32);
  answered(pace, 200, 100);
  expect(pace.limit).toBe(96);
});

test('not more, and then fewer, where each takes longer', () => {
  const pace = new Pace(undefined);
  answered(pace, 32, 100);
  answered(pace, 32, 250);
  expect(pace.limit).toBe(48);
  answered(pace, 32, 900);
  expect(pace.limit).toBe(36);
});

test('a server that has too much to do is believed once for all that were asked at the same time', () => {
  const pace = new Pace(undefined);
  for (let i = 0; i < 20; i++) pace.heard({ kind: 'busy' });
  expect(pace.limit).toBe(16);
  for (let i = 0; i < 200; i++) pace.heard({ kind: 'busy' });
  expect(pace.limit).toBe(4);
});

test('a few nodes that hang say nothing about the others, most of them do', () => {
  const pace = new Pace(undefined);
  for (let i = 0; i < 2; i++) pace.heard({ kind: 'timeout' });
  answered(pace, 30, 100);
  expect(pace.limit).toBe(48);
  for (let i = 0; i < 32; i++) pace.heard({ kind: 'timeout' });
  expect(pace.limit).toBe(24);
});

test('large answers are fewer at a time', () => {
  const pace = new Pace(undefined);
  answered(pace, 32, 100, 8 * 1024 * 1024);
  expect(pace.limit).toBe(8);
});

test('of more than a dozen nodes a few tell how large answers are', () => {
  const few = new Pace(undefined);
  few.expect(12);
  expect(few.limit).toBe(32);
  const more = new Pace(undefined);
  more.expect(13);
  expect(more.limit).toBe(8);
  // Nodes that hang take no room.
  for (let i = 0; i < 8; i++) more.heard({ kind: 'timeout' });
  expect(more.limit).toBe(32);
  const small = new Pace(undefined);
  small.expect(1000);
  expect(small.limit).toBe(8);
  answered(small, 8, 100);
  expect(small.limit).toBe(32);
  // The others that were asked first may hang, for ten seconds.
  const lucky = new Pace(undefined);
  lucky.expect(14);
  answered(lucky, 2, 100);
  expect(lucky.limit).toBe(8);
  answered(lucky, 1, 100);
  expect(lucky.limit).toBe(32);
  const large = new Pace(undefined);
  large.expect(1000);
  answered(large, 8, 100, 4 * 1024 * 1024);
  expect(large.limit).toBe(16);
});

/** How many at first, and then. */
const askedAtATime = (concurrency: number | undefined, nodes: number, bytes: number): readonly number[] => {
  const pace = new Pace(concurrency);
  pace.expect(nodes, true);
  const first = pace.limit;
  answered(pace, first, 100, bytes);
  return [first, pace.limit];
};

test('a few tell how large whole tables are, on small clusters, too, and whoever gave a number', () => {
  const megabyte = 1024 * 1024;
  expect(askedAtATime(undefined, 20, 1000)).toEqual([4, 32]);
  expect(askedAtATime(undefined, 20, 8 * megabyte)).toEqual([4, 8]);
  expect(askedAtATime(20, 60, 8 * megabyte)).toEqual([4, 8]);
  expect(askedAtATime(20, 60, 1000)).toEqual([4, 20]);
  expect(askedAtATime(2, 60, 8 * megabyte)).toEqual([2, 2]);
  expect(askedAtATime(undefined, 4, 8 * megabyte)[0]).toBe(32);
});

test('a number that is given is kept to where nodes take longer', () => {
  const pace = new Pace(20);
  answered(pace, 40, 100);
  answered(pace, 40, 900);
  expect(pace.limit).toBe(20);
  pace.heard({ kind: 'busy' });
  expect(pace.limit).toBe(10);
});

test('a number that is given is kept', async () => {
  const pace = new Pace(2);
  answered(pace, 100, 10);
  expect(pace.limit).toBe(2);
  const entered: string[] = [];
  const leave = await pace.enter();
  await pace.enter();
  const third = pace.enter().then(() => entered.push('third'));
  await Promise.resolve();
  expect(entered).toEqual([]);
  leave();
  leave();
  await third;
  expect(entered).toEqual(['third']);
});

test('the time follows the number of nodes, unless somebody says how long it may take', () => {
  const plan = { runTimeoutMs: 60_000, growsWithNodes: true };
  expect([10, 200, 1000, 5000].map((nodes) => runTimeFor(plan, nodes))).toEqual([60_000, 60_000, 180_000, 780_000]);
  expect(runTimeFor({ ...plan, wholeTables: true }, 1000)).toBe(530_000);
  expect(runTimeFor({ ...plan, part: { of: 10, indexes: new Set([3]) } }, 100)).toBe(180_000);
  expect(runTimeFor({ runTimeoutMs: 60_000 }, 5000)).toBe(60_000);
});

test('whoever had a turn before goes before those that had none', async () => {
  const pace = new Pace(1);
  const entered: string[] = [];
  const turn = async (name: string, again?: boolean): Promise<void> => {
    const leave = await pace.enter(again);
    entered.push(name);
    leave();
  };
  const leave = await pace.enter();
  const all = [turn('new'), turn('again', true), turn('newer'), turn('again, too', true)];
  leave();
  await Promise.all(all);
  expect(entered).toEqual(['again', 'again, too', 'new', 'newer']);
});
