import { readFileSync } from 'node:fs';
import type { Parsed } from '../../src/parse/Parsed.ts';

export const versions = ['1.18.4', '1.19.6', '1.20.1'] as const;
export type Version = (typeof versions)[number];

/** What a program of that Cilium version printed. */
export const recorded = (version: Version, file: string): string =>
  readFileSync(new URL(`../fixtures/parse/${version}/${file}`, import.meta.url), 'utf8');

/** The value; fails the test with the parser's own words. */
export function valueOf<T>(result: Parsed<T>): T {
  if (!result.ok) throw new Error(`not parsed: ${result.why}`);
  return result.value;
}

export function whyOf(result: Parsed<unknown>): string {
  if (result.ok) throw new Error(`parsed: ${JSON.stringify(result.value)}`);
  return result.why;
}
