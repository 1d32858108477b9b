import { expect, test } from 'vitest';
import { wholeReadings } from '../../src/app/job/wholeReadings.ts';
import { renderShard } from '../../src/collect/shard/shardText.ts';
import { noDocuments } from '../support/fakeLoaders.ts';

const text = (index: number, takenAt = '2026-11-21T10:00:00Z', run = 'today'): string =>
  renderShard({
    head: { tool: '0.1.0', run, index, of: 3 },
    takenAt,
    origin: { context: '', server: '' },
    looks: [{ documents: noDocuments, nodes: [] }],
  });
const indexesOf = (
  logs: readonly { readonly name: string; readonly text: string }[],
  run?: string,
): readonly number[] => wholeReadings(logs, '0.1.0', run).readings.map(({ head }) => head.index);

test('one file may hold the logs of all pods, and come from where lines end in another way', () => {
  const all = [0, 1, 2].map((index) => text(index)).join('Some warning\n');
  expect(indexesOf([{ name: 'all.log', text: all }])).toEqual([0, 1, 2]);
  expect(indexesOf([{ name: 'all.log', text: `\uFEFF${all.replaceAll('\n', '\r\n')}` }])).toEqual([0, 1, 2]);
  // One that was cut takes no other along, and is named by its place.
  const cut = `${text(0)}${text(1).slice(0, -9)}\n${text(2)}`;
  const whole = wholeReadings([{ name: 'all.log', text: cut }], '0.1.0');
  expect(whole.readings.map(({ head }) => head.index)).toEqual([0, 2]);
  expect([...whole.refused]).toEqual([[1, expect.stringMatching(/^all\.log \(reading 2\): its log is cut/)]]);
});

test('what was read on another day is no part of it, but in a Job, which has a time of its own', () => {
  const logs = [
    { name: 'a', text: text(0, '2026-11-20T10:00:00Z') },
    { name: 'b', text: text(1, '2026-11-21T09:30:00Z') },
    { name: 'c', text: text(2, '2026-11-21T10:00:00Z') },
  ];
  const { readings, refused } = wholeReadings(logs, '0.1.0');
  expect(readings.map(({ head }) => head.index)).toEqual([1, 2]);
  expect([...refused]).toEqual([[0, 'a: it was read 1440 min before the last one']]);
  expect(indexesOf(logs, 'today')).toEqual([0, 1, 2]);
});

test('whatever is not merged is said, also where another reading of its shard is', () => {
  const logs = [
    { name: 'a', text: text(0) },
    { name: 'b', text: text(0).slice(0, -9) },
  ];
  expect(wholeReadings(logs, '0.1.0').others).toEqual([expect.stringMatching(/^b: its log is cut/)]);
});
