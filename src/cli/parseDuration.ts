import { KprError } from '../core/KprError.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** The longest that a timer can wait; 0 means no limit, as kubectl has it. */
const noLimit = 2 ** 31 - 1;

/** kubectl's durations as whole milliseconds: `10s`, `1m30s`, `500ms`, or bare seconds. Throws KprError. */
export function parseDuration(text: string, flag: string): number {
  const trimmed = text.trim();
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const isWhole = parts.map(([part]) => part).join('') === trimmed && parts.length > 0;
  const ms = /^\d+$/.test(trimmed)
    ? Number(trimmed) * 1000
    : isWhole
      ? parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0), 0)
      : Number.NaN;
  if (Number.isNaN(ms))
    throw new KprError(`--${flag} ${text} is not a duration`, 'Use for example 10s, 1m30s or 500ms');
  return ms === 0 ? noLimit : Math.min(Math.max(Math.round(ms), 1), noLimit);
}
