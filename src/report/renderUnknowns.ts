import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Verbosity } from '../text/Style.ts';
import type { UnknownGroup } from './outline/Outline.ts';
import { detailText, reasonsOf } from './outline/reasonsOf.ts';
import type { Page } from './Page.ts';
import type { UnknownReport } from './ReportDocument.ts';

export const reasonNames: Readonly<Record<UnknownReport['reason'], string>> = {
  forbidden: 'not allowed to read',
  unauthenticated: 'not read without valid credentials',
  timeout: 'no answer in time',
  unreachable: 'not reachable',
  absent: 'not there',
  unparsed: 'not understood',
  notCollected: 'not collected',
};

/** What could not be judged: a line for each reason, since each has its own way out. */
export function renderUnknowns(page: Page, groups: readonly UnknownGroup[], detail: Verbosity): void {
  for (const group of groups) {
    const symbol = page.symbols.unknown;
    const indent = symbol.length + 1;
    const all = detail === 'verbose';
    page.prose(sentenceOf(group, all), {
      label: `${symbol} `,
      labelPaint: 'unknown',
      indent,
      // What a sysdump never holds is said once, and whole; of other reasons each has its place.
      ...(all || group.why.kind === 'sysdump' ? {} : { rows: Math.max(1, 1 + reasonsIn(group).length) }),
    });
    if (all && group.details.length > 0)
      for (const one of group.details) page.prose(detailText(one, true), { indent: indent + 2, paint: 'dim' });
  }
}

const reasonsIn = ({ why, details }: UnknownGroup): readonly string[] =>
  why.kind === 'reason' ? reasonsOf(details) : [];

function sentenceOf(group: UnknownGroup, all: boolean): string {
  const { why, checks, details } = group;
  switch (why.kind) {
    case 'finding': {
      const nodes = [...new Set(details.flatMap((one) => one.nodes))];
      const where = nodes.length === 0 ? '' : ` of ${listNames(nodes, all)}`;
      return `${count(checks.length, 'check')} could not judge all${where}, because of ${why.code}${names(checks, all)}`;
    }
    case 'sysdump':
      return `not judged, because a sysdump does not hold what they need: ${checks.join(', ')}`;
    case 'reason': {
      // Why says more than which; with -v all are named.
      const list = all || checks.length <= 3 ? checks.join(', ') : count(checks.length, 'check');
      const reasons = all ? [] : reasonsIn(group);
      return `${reasonNames[why.reason]}, so not judged: ${list}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`;
    }
    default:
      return why satisfies never;
  }
}

const names = (checks: readonly string[], all: boolean): string => (all ? `: ${checks.join(', ')}` : '');
