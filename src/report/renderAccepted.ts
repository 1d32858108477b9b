import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Verbosity } from '../text/Style.ts';
import type { Page } from './Page.ts';
import type { ReportDocument, SuppressionReport, SuppressionsReport } from './ReportDocument.ts';

const indent = 2;
const shownSuppressed = 5;

/** What is suppressed (which is not a pass), what suppresses nothing any more, and what is new since the baseline. */
export function renderAccepted(page: Page, report: ReportDocument, detail: Verbosity): void {
  if (report.suppressions !== undefined) renderSuppressions(page, report.suppressions, detail);
  const { baseline } = report;
  if (baseline === undefined) return;
  const fresh = report.findings.filter(({ isNew }) => isNew === true).map(({ code }) => code);
  const gone = baseline.gone.map(({ code }) => code);
  const parts = [
    `${baseline.new} new${fresh.length === 0 ? '' : ` (${listNames([...new Set(fresh)], detail === 'verbose')})`}`,
    `${baseline.known} known`,
    `${gone.length} gone${gone.length === 0 ? '' : ` (${listNames([...new Set(gone)], detail === 'verbose')})`}`,
  ];
  const gate = baseline.failOnNew ? '; only what is new counts' : '';
  page.prose(`since the baseline of ${baseline.takenAt}: ${parts.join(', ')}${gate}`);
}

function renderSuppressions(
  page: Page,
  { suppressed, expired, unused, malformed }: SuppressionsReport,
  detail: Verbosity,
): void {
  const shown = detail === 'verbose' ? suppressed : suppressed.slice(0, shownSuppressed);
  for (const one of shown) {
    const where = one.nodes.length === 0 ? '' : ` on ${listNames(one.nodes, detail === 'verbose')}`;
    page.prose(`suppressed ${one.code}: ${one.message}${where} (${words(one)})`, {
      label: `${page.symbols.skipped} `,
      indent,
      paint: 'dim',
    });
  }
  if (shown.length < suppressed.length)
    page.prose(`and ${count(suppressed.length - shown.length, 'other')} suppressed (-v)`, { indent, paint: 'dim' });
  const warn = (text: string): void =>
    page.prose(text, { label: `${page.symbols.warning} `, labelPaint: 'warning', indent });
  // Whoever owns a Service may write many.
  const warnOf = <T>(all: readonly T[], text: (one: T) => string): void => {
    const some = detail === 'verbose' ? all : all.slice(0, shownSuppressed);
    for (const one of some) warn(text(one));
    if (some.length < all.length) warn(`and ${count(all.length - some.length, 'other')} like that (-v)`);
  };
  warnOf(expired, (one) => `a suppression of ${one.code} has expired, and suppresses nothing (${words(one)})`);
  warnOf(unused, (one) => `a suppression of ${one.code} is not needed: nothing like it was found (${words(one)})`);
  warnOf(malformed, (one) => `not understood, so nothing is suppressed: ${one}`);
}

const words = ({ reason, until, by }: SuppressionReport): string => `${reason}; until ${until}, ${by}`;
