import type { Since } from '../core/Since.ts';
import { count } from '../text/plural.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const words: Readonly<Record<Since['bound'], string>> = { about: 'about', atLeast: 'at least', atMost: 'at most' };

/**
 * How long it was so when it was read: `for about 5 minutes`; undefined: too vague to help. A bound is never made
 * stronger by rounding.
 * @param takenAt RFC 3339
 */
export function lastedText({ at, bound }: Since, takenAt: string): string | undefined {
  const ms = Date.parse(takenAt) - Date.parse(at);
  // Who hears “for at most 3 weeks” knows nothing new.
  if (bound === 'atMost' && ms > day) return undefined;
  const [size, unit]: readonly [number, string] =
    ms < 90_000 ? [1000, 'second'] : ms < 2 * hour ? [minute, 'minute'] : ms < 2 * day ? [hour, 'hour'] : [day, 'day'];
  return `for ${words[bound]} ${count(Math.max(1, rounded[bound](ms / size)), unit)}`;
}

const rounded: Readonly<Record<Since['bound'], (value: number) => number>> = {
  about: Math.round,
  atLeast: Math.floor,
  atMost: Math.ceil,
};
