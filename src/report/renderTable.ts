import { type Area, areas } from '../knowledge/codes.ts';
import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import { glued } from '../text/wrap.ts';
import { renderAgainst } from './against/renderAgainst.ts';
import { headerOf } from './headerOf.ts';
import { outlineOf } from './outline/outlineOf.ts';
import type { Outline } from './outline/Outline.ts';
import { Page } from './Page.ts';
import { renderAccepted } from './renderAccepted.ts';
import { renderBlock, renderNote } from './renderBlock.ts';
import { renderHeader } from './renderHeader.ts';
import { renderUnknowns } from './renderUnknowns.ts';
import { renderVerdict } from './renderVerdict.ts';
import type { CheckReport, FindingReport, FrontendsCoverage, ReportDocument } from './ReportDocument.ts';
import type { Verbosity } from '../text/Style.ts';
import type { View } from './View.ts';

/**
 * The report for people: the verdict in words, each cause with its effects and what to type next, what is only to be
 * known, and the reason of the exit code last.
 */
export function renderTable(report: ReportDocument, options: View): string {
  const page = new Page(options);
  const { detail } = options;
  const outline = outlineOf(report);
  if (detail !== 'quiet') renderHead(page, report, outline, options);
  const rest = page.another();
  renderRest(rest, report, outline, detail);
  // One cause and all else fit a screen of thirty rows.
  const room = outline.causes.length === 1 ? { rows: mostRows - page.rows - rest.rows - 1 } : {};
  for (const block of outline.causes) {
    renderBlock(page, block, detail, room);
    if (detail !== 'quiet') page.blank();
  }
  page.append(rest);
  return page.toString();
}

const mostRows = 30;

/** What stands under the causes. */
function renderRest(page: Page, report: ReportDocument, outline: Outline, detail: Verbosity): void {
  if (report.against !== undefined) {
    page.blank();
    renderAgainst(page, report.against, detail);
    page.blank();
  }
  renderCluster(page, report, outline, detail);
  for (const block of outline.notes) renderNote(page, block, detail);
  if (detail !== 'quiet') {
    renderUnknowns(page, outline.unknowns, detail);
    renderAccepted(page, report, detail);
    renderSummary(page, report, outline, detail);
  }
  renderExit(page, report, outline);
}

function renderHead(page: Page, report: ReportDocument, { headline, causes }: Outline, view: View): void {
  renderHeader(page, headerOf(report, view.now));
  // A pass with something in it that is to be repaired is no green one.
  const mark = report.verdict === 'pass' && causes.length > 0 ? 'warning' : verdictMarks[report.verdict];
  renderVerdict(page, headline, mark, view);
}

const verdictMarks = {
  pass: 'ok',
  fail: 'error',
  unknown: 'unknown',
  interrupted: 'unknown',
  error: 'error',
} as const;

/** For which cluster commands are: those of an archive may not be for the one that the user's kubectl is at. */
function renderCluster(page: Page, { source, cluster }: ReportDocument, { causes }: Outline, detail: Verbosity): void {
  if (source.kind === 'live' || source.kubectl !== undefined || causes.length === 0 || detail === 'quiet') return;
  const name = cluster.context === null ? 'the cluster from which this was taken' : `context ${cluster.context}`;
  page.prose(`Commands are for ${name}: choose it first, or give --context`, { paint: 'dim' });
}

/** What was looked at: all of it where it is asked for, else where nothing is wrong. */
function renderSummary(page: Page, report: ReportDocument, { causes }: Outline, detail: Verbosity): void {
  const isWhole = detail === 'verbose' || causes.length === 0;
  if (isWhole) page.blank();
  if (detail === 'verbose') renderChecks(page, report);
  else if (isWhole) renderAreas(page, report);
  if (isWhole) page.blank();
  renderCoverage(page, report);
  if (isWhole) page.prose(countsOf(report));
}

export const areaNames: Readonly<Record<Area, string>> = {
  agents: 'Agents and mode',
  apiEndpoint: 'API server endpoint',
  kubeProxy: 'kube-proxy, its remains',
  tables: 'Load-balancing tables',
  services: 'Services',
  dns: 'Cluster DNS',
  configuration: 'Configuration',
  change: 'Change',
  examination: 'The examination',
};

function renderAreas(page: Page, { checks, findings }: ReportDocument): void {
  for (const area of areas) {
    const inArea = checks.filter((one) => one.area === area);
    if (inArea.length === 0) continue;
    const mark = markOf(inArea);
    const counts = resultCounts(inArea, findings).join(', ');
    // A small terminal has no room for a row of this table.
    page.prose(page.width !== undefined && page.width < smallColumns ? counts : glued(counts), {
      label: `${page.symbols[mark]} ${areaNames[area]}`,
      labelPaint: mark === 'skipped' ? 'dim' : mark,
      indent: 32,
    });
  }
}

const smallColumns = 60;

function markOf(checks: readonly CheckReport[]): 'ok' | 'unknown' | 'skipped' {
  if (checks.every(({ result }) => result === 'skipped')) return 'skipped';
  return checks.some(({ unknown }) => unknown.length > 0) ? 'unknown' : 'ok';
}

/** What found nothing but notes or warnings is marked as these are. */
function renderChecks(page: Page, { checks, findings }: ReportDocument): void {
  const severityOf = (id: string): FindingReport['severity'] => {
    const own = findings.flatMap(({ check, severity }) => (check === id ? [severity] : []));
    return own.includes('error') || own.length === 0 ? 'error' : own.includes('warning') ? 'warning' : 'info';
  };
  const symbol = { pass: 'ok', skipped: 'skipped', unknown: 'unknown' } as const;
  const paint = { pass: 'ok', skipped: 'dim', unknown: 'unknown' } as const;
  for (const one of checks) {
    const { id, title, result } = one;
    const reason = one.result === 'pass' ? undefined : one.reason;
    const severity = severityOf(id);
    page.prose(`${id}: ${title}${reason === undefined ? '' : ` (${result}: ${reason})`}`, {
      label: `${page.symbols[result === 'fail' ? severity : symbol[result]]} `,
      labelPaint: result === 'fail' ? severity : paint[result],
      indent: 4,
    });
  }
}

function renderCoverage(page: Page, { command, coverage: { nodes, frontends }, connections }: ReportDocument): void {
  const { total, covered, read, excluded, notSelected, sample } = nodes;
  if (frontends !== null && command === 'verify') {
    page.prose(`verified: ${frontends.nodes} of ${count(covered, 'node')}; ${askedText(frontends)}`);
  }
  if (connections !== undefined) page.prose(connectedText(connections));
  for (const one of nodes.lostShards ?? []) page.prose(one);
  if (read === total) return;
  const left = [
    ...(excluded.length > 0
      ? [`${listNames(excluded.map(({ node }) => node))} not covered (${excluded[0]?.why ?? ''})`]
      : []),
    ...(notSelected.length > 0 && sample === undefined ? [`${notSelected.length} left out with --node`] : []),
    ...(sample === undefined
      ? []
      : [`${notSelected.length} not looked at (--sample ${sample.size} --seed ${sample.seed})`]),
  ];
  page.prose(`${read} of ${count(covered, 'node')} read${left.map((one) => `; ${one}`).join('')}`);
}

/** How much was tried: in a large cluster that is a part, whatever came of it. */
function connectedText({ pairs, tried, totals }: NonNullable<ReportDocument['connections']>): string {
  const part =
    tried.length < pairs ? `; ${pairs - tried.length} of ${pairs} pairs of a place and an address were not tried` : '';
  return `connected: ${totals.answered} of ${count(totals.tried, 'connection')} answered${part}`;
}

/** `34 frontends asked for: 31 served, 2 not served (1 port names do not meet, 1 SCTP is off), 1 not known` */
function askedText({ asked, served, differ, notServed, notKnown }: FrontendsCoverage): string {
  const lost = notServed.reduce((sum, { frontends }) => sum + frontends, 0);
  const [only] = notServed.length === 1 ? notServed : [];
  const why = only?.text ?? notServed.map(({ text, frontends }) => `${frontends} ${text}`).join(', ');
  const parts = [
    `${served} served`,
    ...(differ > 0 ? [`${differ} not as the API requires`] : []),
    ...(lost > 0 ? [`${lost} not served (${why})`] : []),
    ...(notKnown > 0 ? [`${notKnown} not known`] : []),
  ];
  return `${count(asked, 'frontend')} asked for: ${parts.join(', ')}`;
}

const resultNames = {
  pass: 'passed',
  fail: 'failed',
  noted: 'with notes',
  skipped: 'skipped',
  unknown: 'unknown',
} as const;

function resultCounts(checks: readonly CheckReport[], findings: readonly FindingReport[] = []): string[] {
  // What found nothing but notes has not failed, as people understand it.
  const serious = new Set(findings.flatMap(({ check, severity }) => (severity === 'info' ? [] : [check])));
  const shown = checks.map(({ id, result }) => (result === 'fail' && !serious.has(id) ? 'noted' : result));
  return (['pass', 'fail', 'noted', 'skipped', 'unknown'] as const).flatMap((result) => {
    const number = shown.filter((one) => one === result).length;
    return number === 0 ? [] : [`${number} ${resultNames[result]}`];
  });
}

const countsOf = ({ checks, findings }: ReportDocument): string =>
  checks.length === 0 ? '0 checks' : `${count(checks.length, 'check')}: ${resultCounts(checks, findings).join(', ')}`;

function renderExit(page: Page, report: ReportDocument, { headline, causes, notes }: Outline): void {
  const first = [...causes, ...notes][0]?.lead;
  // Held together, so that it can be copied.
  const next =
    first === undefined || (report.exitCode !== 1 && causes.length === 0)
      ? ''
      : `. ${glued(`kubectl kpr explain ${first.code}`)}`;
  page.prose(headline.short + limitsOf(report) + next, {
    label: `exit ${report.exitCode}: `,
    labelPaint: verdictMarks[report.verdict],
  });
}

/** Flags to which the exit code is due. */
function limitsOf({ verdict, exitCode, gate, command, source }: ReportDocument): string {
  if (verdict === 'unknown' && command === 'verify' && source.kind === 'sysdump')
    return ' (no sysdump holds all that verify asks for: run it on the cluster)';
  if (verdict === 'unknown' && exitCode === 0 && !gate.unknownFails) return ' (--strict makes this exit 3)';
  return gate.failOn === 'error' ? '' : ` (--fail-on ${gate.failOn})`;
}
