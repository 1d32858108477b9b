import type { Suppression } from './suppress.ts';

/** Of a Service: `KPR5011 until 2027-03-01: no pods at night`; several, one per line. */
export const suppressAnnotation = 'kubectl-kpr/suppress';

/** What such an annotation holds. */
export const suppressionLines = (value: string): readonly string[] =>
  value.split(/[\n;]/).filter((line) => line.trim() !== '');

/** undefined: it is something else, or there is no such day. */
export function parseSuppressionLine(line: string): Pick<Suppression, 'code' | 'until' | 'reason'> | undefined {
  const [, code, until = '', reason] = /^\s*(\S+) until (\d{4}-\d\d-\d\d): *(\S.*?)\s*$/.exec(line) ?? [];
  if (code === undefined || reason === undefined || Number.isNaN(Date.parse(until))) return undefined;
  return { code: /^kpr\d{4}$/i.test(code) ? code.toUpperCase() : code, until, reason };
}
