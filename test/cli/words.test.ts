import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../src/cli/parseDuration.ts';

describe('durations as kubectl writes them', () => {
  test.each([
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5s', 1500],
    ['2h', 7_200_000],
    ['7', 7000],
    [' 3s ', 3000],
    ['0', 2 ** 31 - 1],
    ['0s', 2 ** 31 - 1],
    ['9999h', 2 ** 31 - 1],
  ])('%s', (text, ms) => {
    expect(parseDuration(text, 'timeout')).toBe(ms);
  });

  test.each(['', 'soon', '-1s', '1s2', 's', '1 s', '1d'])('%j is none', (text) => {
    expect(() => parseDuration(text, 'timeout')).toThrow(/--timeout .*is not a duration/);
  });
});
