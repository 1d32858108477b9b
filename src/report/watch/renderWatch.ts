import { durationText } from '../../text/durationText.ts';
import { Page } from '../Page.ts';
import type { ReportDocument } from '../ReportDocument.ts';
import type { View } from '../View.ts';
import { type ReportChange, newFindings } from './reportChanges.ts';

/** A change, and when it was seen. */
export interface TimedChange {
  /** RFC 3339. */
  readonly at: string;
  readonly change: ReportChange;
}

/** What a screen shows between two looks. */
export interface WatchFrame {
  readonly report: ReportDocument;
  /** The one before it, to mark what is new. */
  readonly before: ReportDocument | undefined;
  /** Since the first look, the newest last. */
  readonly seen: readonly TimedChange[];
  readonly everyMs: number;
}

const kinds: Readonly<Record<ReportChange['kind'], string>> = { added: '+', gone: '-', verdict: '=' };

/** For a pipe: a line, so that it can be searched. */
export function renderTimedChange({ at, change: { kind, mark, code, text } }: TimedChange, view: View): string {
  const page = new Page({ ...view, width: undefined });
  const words = [at, kinds[kind], ...(kind === 'verdict' ? [] : [mark]), ...(code === undefined ? [] : [code])];
  page.prose(text, { label: `${words.join(' ')} `, ...(kind === 'gone' ? { paint: 'dim' } : { labelPaint: mark }) });
  return page.toString();
}

/** Changes that a screen lists above the report. */
const listed = 4;

/** For a terminal: what goes on, what changed last, then the report with what is new marked. */
export function renderFrame(
  { report, before, seen, everyMs }: WatchFrame,
  render: (report: ReportDocument, view: View) => string,
  view: View,
): string {
  const page = new Page(view);
  page.prose(`Seen at ${clock(report.takenAt)}, looking again after ${durationText(everyMs)}; Ctrl-C ends`, {
    paint: 'dim',
    rows: 1,
  });
  for (const one of seen.slice(-listed)) renderSeen(page, one);
  page.blank();
  const table = render(before === undefined ? report : marked(report, before), view);
  return `${page.toString()}\n${table}`;
}

function renderSeen(page: Page, { at, change: { kind, mark, code, text } }: TimedChange): void {
  const symbol = kind === 'gone' ? page.symbols.ok : page.symbols[mark];
  const options = {
    label: `${clock(at)} ${kinds[kind]} ${symbol} `,
    labelPaint: kind === 'gone' ? 'ok' : mark,
    rows: 1,
  } as const;
  page.prose(kind === 'gone' ? `gone: ${text}` : text, code === undefined ? options : { ...options, aside: code });
}

/** `2026-11-28T14:03:11Z` as `14:03:11Z` */
function clock(time: string): string {
  const [, seconds] = /T(\d\d:\d\d:\d\d)/.exec(time) ?? [];
  return seconds === undefined ? time : `${seconds}Z`;
}

/** What the look before did not find is new. */
function marked(report: ReportDocument, before: ReportDocument): ReportDocument {
  const fresh = new Set(newFindings(report, before).map(([finding]) => finding));
  return { ...report, findings: report.findings.map((one) => (fresh.has(one) ? { ...one, isNew: true } : one)) };
}
