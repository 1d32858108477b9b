import { listFirst, listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Verbosity } from '../text/Style.ts';
import type { UnknownDetail, UnknownGroup } from './outline/Outline.ts';
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
      // What a sysdump never holds is said once, and whole.
      ...(all || group.why.kind === 'sysdump' ? {} : { rows: 1 }),
    });
    if (all && group.details.length > 0)
      for (const one of group.details) page.prose(detailOf(one, true), { indent: indent + 2, paint: 'dim' });
  }
}

function sentenceOf({ why, checks, details }: UnknownGroup, all: boolean): string {
  const [first] = details;
  switch (why.kind) {
    case 'finding': {
      const nodes = [...new Set(details.flatMap((one) => one.nodes))];
      const where = nodes.length === 0 ? '' : ` of ${listNames(nodes, all)}`;
      return `${count(checks.length, 'check')} could not judge all${where}, because of ${why.code}${names(checks, all)}`;
    }
    case 'sysdump':
      return `not judged, because a sysdump does not hold what they need: ${checks.join(', ')}`;
    case 'reason': {
      const list = all ? checks.join(', ') : listFirst(checks, 3);
      return `${reasonNames[why.reason]}, so not judged: ${list}${all || first === undefined ? '' : ` (${detailOf(first, false)})`}`;
    }
    default:
      return why satisfies never;
  }
}

const names = (checks: readonly string[], all: boolean): string => (all ? `: ${checks.join(', ')}` : '');

const detailOf = ({ text, nodes }: UnknownDetail, all: boolean): string =>
  `${nodes.length === 0 ? '' : `${listNames(nodes, all)}: `}${text}`;
