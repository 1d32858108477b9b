import { detailsOf, reasonsOf } from './outline/reasonsOf.ts';
import { atLeast } from '../core/verdict.ts';
import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import { isInconclusive } from './against/isInconclusive.ts';
import type { FindingReport, ReportDocument } from './ReportDocument.ts';

/** What keeps a gate from being passed, in one line: the first of each kind in words, and how many there are. */
export function whatIsMissing(report: ReportDocument): string {
  const { findings, gate, error, against } = report;
  if (error !== undefined) return error.message;
  const counted = findings.filter(({ severity }) => atLeast(severity, gate.failOn));
  const lost = new Set(against?.lost.map(({ service }) => service)).size;
  const parts = [
    ...foundText(counted),
    ...(lost > 0 ? [`${count(lost, 'Service')} not as before`] : []),
    ...unknownText(report),
    ...(against !== undefined && isInconclusive(against) ? ['the comparison with before is not complete'] : []),
  ];
  return parts.length === 0 ? 'nothing was judged' : parts.join('; ');
}

function foundText([first, ...others]: readonly FindingReport[]): readonly string[] {
  if (first === undefined) return [];
  const where = first.nodes.length === 0 ? '' : ` (${listNames(first.nodes)})`;
  const more = others.length === 0 ? '' : ` and ${count(others.length, 'other finding')}`;
  return [`${first.code} ${first.message}${where}${more}`];
}

function unknownText({ checks, gate: { allowedUnknown, unknownFails } }: ReportDocument): readonly string[] {
  if (!unknownFails || allowedUnknown === 'all') return [];
  const open = checks.filter(
    ({ id, codes, unknown }) =>
      unknown.length > 0 && !allowedUnknown.includes(id) && !codes.some((code) => allowedUnknown.includes(code)),
  );
  const reasons = reasonsOf(detailsOf(open.flatMap(({ unknown }) => unknown)));
  if (reasons.length === 0) return [];
  return [`${count(open.length, 'check')} could not judge everything (${reasons.join('; ')})`];
}
