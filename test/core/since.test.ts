import { describe, expect, test } from 'vitest';
import { oldestOf, secondsBefore, type Since, sinceWhen } from '../../src/core/Since.ts';
import { lastedText } from '../../src/report/lastedText.ts';

const takenAt = '2026-11-21T10:00:00Z';
const of = (text: string, bound: Since['bound'] = 'about'): Since => ({ at: `2026-11-21T${text}Z`, bound });

describe('of several, since when the oldest is so', () => {
  test.each<[string, (Since | undefined)[], Since | undefined]>([
    ['the first that began', [of('09:59:00'), of('09:50:00'), undefined], of('09:50:00')],
    ['at least as long as one of them', [of('09:59:00'), of('09:50:00', 'atLeast')], of('09:50:00', 'atLeast')],
    ['at most as long as the longest', [of('09:59:00', 'atMost'), of('09:50:00', 'atMost')], of('09:50:00', 'atMost')],
    ['not at most, while one may be older', [of('09:59:00', 'atMost'), undefined], undefined],
    ['what began says more than a bound', [of('09:50:00', 'atMost'), of('09:59:00')], of('09:59:00')],
    ['nothing', [undefined], undefined],
  ])('%s', (_, all, expected) => {
    expect(oldestOf(all)).toEqual(expected);
  });
});

test('what is no time is not told', () => {
  expect([sinceWhen(undefined), sinceWhen(''), sinceWhen('never'), secondsBefore(takenAt, undefined, 'about')]).toEqual(
    [undefined, undefined, undefined, undefined],
  );
});

test.each<[Since, string | undefined]>([
  [of('09:59:59.400'), 'for about 1 second'],
  [of('09:54:31'), 'for about 5 minutes'],
  [of('09:54:31', 'atLeast'), 'for at least 5 minutes'],
  [of('09:54:31', 'atMost'), 'for at most 6 minutes'],
  [of('07:40:00', 'atLeast'), 'for at least 2 hours'],
  [{ at: '2026-11-18T09:00:00Z', bound: 'atLeast' }, 'for at least 3 days'],
  // That is nothing new to anybody.
  [{ at: '2026-11-18T09:00:00Z', bound: 'atMost' }, undefined],
])('how long that is: %j', (since, expected) => {
  expect(lastedText(since, takenAt)).toBe(expected);
});
