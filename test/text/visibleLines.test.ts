import { expect, test } from 'vitest';
import { visibleLines } from '../../src/text/visible.ts';

test('empty lines in the middle cost no more than others', () => {
  const before = process.cpuUsage().user;
  expect(visibleLines(`a${'\n'.repeat(100_000)}b\n\n`)).toHaveLength(100_001);
  expect((process.cpuUsage().user - before) / 1000).toBeLessThan(1000);
});
