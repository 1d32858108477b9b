import { KprError } from '../core/KprError.ts';

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const binary: Readonly<Record<string, number>> = { k: 2 ** 10, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `500M`, `1Gi`, or bare bytes. Throws KprError. */
export function parseSize(text: string, flag: string): number {
  const [, number, unit = '', i] = /^(\d+(?:\.\d+)?)([kKMGT]?)(i?)B?$/.exec(text.trim()) ?? [];
  const factor = i === 'i' ? binary[unit] : units[unit === 'K' ? 'k' : unit];
  const bytes = number === undefined || factor === undefined ? 0 : Math.floor(Number(number) * factor);
  if (bytes < 1) throw new KprError(`--${flag} ${text} is not a size`, 'Use for example 500M, 1G or 1Gi');
  return bytes;
}
