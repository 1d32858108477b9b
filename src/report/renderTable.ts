import { type Area, areas } from '../knowledge/codes.ts';
import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import { glued } from '../text/wrap.ts';
import { isInconclusive } from './against/isInconclusive.ts';
import { renderAgainst } from './against/renderAgainst.ts';
import { Page } from './Page.ts';
import { renderFinding } from './renderFinding.ts';
import { renderUnknowns } from './renderUnknowns.ts';
import type { CheckReport, FindingReport, FrontendsCoverage, ReportDocument } from './ReportDocument.ts';
import type { View } from './View.ts';

export interface TableOptions extends View {
  readonly failOn: string;
}

/**
 * The report for people: the cause first, what to type next to it, and the counts and the reason of the exit code last.
 */
export function renderTable(report: ReportDocument, options: TableOptions): string {
  const page = new Page(options);
  const { detail } = options;
  if (detail !== 'quiet') {
    renderHeader(page, report);
    page.blank();
  }
  for (const [i, finding] of report.findings.entries()) renderFinding(page, finding, report.findings[i - 1], detail);
  if (report.against !== undefined) {
    page.blank();
    renderAgainst(page, report.against, detail);
  }
  if (detail !== 'quiet') {
    page.blank();
    renderUnknowns(page, report, detail);
    page.blank();
    if (detail === 'verbose') renderChecks(page, report.checks);
    else if (report.checks.every(({ result }) => result === 'pass' || result === 'skipped'))
      renderAreas(page, report.checks);
    page.blank();
    renderCoverage(page, report);
    page.prose(countsOf(report));
  }
  renderExit(page, report, options);
  return page.toString();
}

function renderHeader(page: Page, { command, cluster, durationMs, source, takenAt }: ReportDocument): void {
  const about = [
    source.kind === 'live' ? undefined : `${source.kind} ${source.file} of ${takenAt}`,
    cluster.context === null ? undefined : `context ${cluster.context}`,
    cluster.ciliumVersions.length === 0 ? undefined : `Cilium ${listNames(cluster.ciliumVersions)}`,
    cluster.kubernetesVersion === null ? undefined : `Kubernetes ${cluster.kubernetesVersion}`,
    count(cluster.nodes, 'node'),
    cluster.services === null ? undefined : count(cluster.services, 'Service'),
    `${(durationMs / 1000).toFixed(1)} s`,
  ];
  const facts = about.flatMap((one) => (one === undefined ? [] : glued(one))).join(page.symbols.separator);
  page.prose(facts, { label: `kubectl kpr ${command}  `, labelPaint: 'bold', indent: 4, paint: 'dim' });
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

function renderAreas(page: Page, checks: readonly CheckReport[]): void {
  for (const area of areas) {
    const inArea = checks.filter((one) => one.area === area);
    if (inArea.length === 0) continue;
    const isSkipped = inArea.every(({ result }) => result === 'skipped');
    page.prose(glued(resultCounts(inArea).join(', ')), {
      label: `${isSkipped ? page.symbols.skipped : page.symbols.ok} ${areaNames[area]}`,
      labelPaint: isSkipped ? 'dim' : 'ok',
      indent: 32,
    });
  }
}

function renderChecks(page: Page, checks: readonly CheckReport[]): void {
  const symbol = { pass: 'ok', fail: 'error', skipped: 'skipped', unknown: 'unknown' } as const;
  const paint = { pass: 'ok', fail: 'error', skipped: 'dim', unknown: 'unknown' } as const;
  for (const one of checks) {
    const { id, title, result } = one;
    const reason = one.result === 'pass' ? undefined : one.reason;
    page.prose(`${id}: ${title}${reason === undefined ? '' : ` (${result}: ${reason})`}`, {
      label: `${page.symbols[symbol[result]]} `,
      labelPaint: paint[result],
      indent: 4,
    });
  }
}

function renderCoverage(page: Page, { command, coverage: { nodes, frontends } }: ReportDocument): void {
  const { total, covered, read, excluded, notSelected } = nodes;
  if (frontends !== null && command === 'verify') {
    page.prose(`verified: ${frontends.nodes} of ${count(covered, 'node')}; ${askedText(frontends)}`);
  }
  if (read === total) return;
  const left = [
    ...(excluded.length > 0
      ? [`${listNames(excluded.map(({ node }) => node))} not covered (${excluded[0]?.why ?? ''})`]
      : []),
    ...(notSelected.length > 0 ? [`${notSelected.length} left out with --node`] : []),
  ];
  page.prose(`${read} of ${count(covered, 'node')} read${left.map((one) => `; ${one}`).join('')}`);
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

function renderExit(page: Page, report: ReportDocument, { failOn }: TableOptions): void {
  const reason = exitReason(report, failOn);
  const paint = { pass: 'ok', fail: 'error', unknown: 'unknown', interrupted: 'unknown', error: 'error' } as const;
  const [first] = report.findings;
  // Held together, so that it can be copied.
  const next = first === undefined ? '' : `. ${glued(` kubectl kpr explain ${first.code}`)}`;
  page.prose(reason + next, { label: `exit ${report.exitCode}: `, labelPaint: paint[report.verdict] });
}

function exitReason({ verdict, exitCode, error, findings, checks, against }: ReportDocument, failOn: string): string {
  const counts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const number = findings.filter((one) => one.severity === severity).length;
    return number === 0 ? [] : [severity === 'info' ? count(number, 'note') : count(number, severity)];
  });
  const lost = new Set(against?.lost.map(({ service }) => service)).size;
  if (lost > 0) counts.push(`${count(lost, 'Service')} not as before`);
  const seen = counts.length === 0 ? 'nothing found' : counts.join(', ');
  const parts = checks.filter((one) => one.unknown.length > 0).length;
  const inconclusive =
    against === undefined || !isInconclusive(against)
      ? count(parts, 'check')
      : parts === 0
        ? 'the comparison with before'
        : `${count(parts, 'check')} and the comparison with before`;
  if (verdict === 'interrupted') return `interrupted; so far ${seen}`;
  if (error !== undefined) return `${error.message}; ${seen}`;
  if (verdict === 'unknown' && parts === 0 && against === undefined) return `${seen}, and nothing was judged`;
  if (verdict === 'unknown') {
    return `${seen}, but ${inconclusive} could not be judged everywhere${exitCode === 0 ? ' (--strict makes this exit 3)' : ''}`;
  }
  return failOn === 'error' ? seen : `${seen} (--fail-on ${failOn})`;
}
