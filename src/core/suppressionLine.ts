import type { Suppression } from './suppress.ts';

/** Of a Service: `KPR5011 until 2027-03-01: no pods at night`; several, one per line. */
export const suppressAnnotation = 'kubectl-kpr/suppress';

/** Annotations may have 256 KiB, and a reason is a sentence. */
const longestLine = 500;
/** One Service has no more that is wrong with it: of an annotation with more lines than that, none counts. */
export const mostSuppressionLines = 20;

/** What such an annotation holds. */
export const suppressionLines = (value: string): readonly string[] =>
  value.split(/[\n;]/).filter((line) => line.trim() !== '');

/** undefined: it is something else, or there is no such day. */
export function parseSuppressionLine(line: string): Pick<Suppression, 'code' | 'until' | 'reason'> | undefined {
  if (line.length > longestLine) return undefined;
  const [, code, until = '', rest = ''] = /^(\S+) until (\d{4}-\d\d-\d\d):(.*)$/.exec(line.trim()) ?? [];
  const reason = rest.trim();
  if (code === undefined || reason === '' || Number.isNaN(Date.parse(until))) return undefined;
  return { code: /^kpr\d{4}$/i.test(code) ? code.toUpperCase() : code, until, reason };
}
