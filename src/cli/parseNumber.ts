import { usageError } from '../core/KprError.ts';

/** A whole number of things, from 1 to 100,000. Throws KprError. */
export function parseNumber(text: string, flag: string): number {
  const number = /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
  if (number < 1 || number > 100_000)
    throw usageError(`--${flag} ${text} is not a number from 1 to 100000`, `For example: --${flag} 50`);
  return number;
}
