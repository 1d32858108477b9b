import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Verbosity } from '../text/Style.ts';
import type { Page } from './Page.ts';
import type { ReportDocument, UnknownReport } from './ReportDocument.ts';

interface Group {
  readonly details: Map<
    string,
    { readonly nodes: Set<string>; readonly checks: Set<string>; blockedBy: string | null }
  >;
}

export const reasonNames: Readonly<Record<UnknownReport['reason'], string>> = {
  forbidden: 'not allowed to read',
  timeout: 'no answer in time',
  unreachable: 'not reachable',
  absent: 'not there',
  unparsed: 'not understood',
  notCollected: 'not collected',
};

const detailsShown = 3;

/** What could not be judged, by reason: each reason has its own way out. */
export function renderUnknowns(page: Page, { checks, findings }: ReportDocument, detail: Verbosity): void {
  const groups = new Map<UnknownReport['reason'], Group>();
  for (const check of checks) {
    for (const one of check.unknown) {
      const group = groups.get(one.reason) ?? { details: new Map() };
      groups.set(one.reason, group);
      const entry = group.details.get(one.detail) ?? { nodes: new Set(), checks: new Set(), blockedBy: one.blockedBy };
      group.details.set(one.detail, entry);
      if (one.node !== null) entry.nodes.add(one.node);
      entry.checks.add(check.id);
    }
  }
  const all = detail === 'verbose';
  for (const [reason, { details }] of groups) {
    const entries = [...details];
    const checkIds = new Set(entries.flatMap(([, entry]) => [...entry.checks]));
    page.prose(`${reasonNames[reason]}, so not judged: ${listNames([...checkIds], all)}`, {
      label: `${page.symbols.unknown} unknown  `,
      labelPaint: 'unknown',
      indent: 11,
    });
    const shown = all ? entries : entries.slice(0, detailsShown);
    for (const [text, { nodes, blockedBy }] of shown) {
      const where = nodes.size === 0 ? '' : `${listNames([...nodes], all)}: `;
      page.prose(
        `${where}${text}${blockedBy === null ? '' : ` (because of ${findings.find(({ check }) => check === blockedBy)?.code ?? blockedBy})`}`,
        { indent: 11 },
      );
    }
    if (shown.length < entries.length) {
      page.prose(`and ${count(entries.length - shown.length, 'other reason')} (-v)`, { indent: 11, paint: 'dim' });
    }
  }
}
