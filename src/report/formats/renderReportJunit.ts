import { againstId, atLeast } from '../../core/verdict.ts';
import { areas } from '../../knowledge/codes.ts';
import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import type { AgainstReport } from '../against/AgainstReport.ts';
import { isInconclusive } from '../against/isInconclusive.ts';
import type { CheckReport, ErrorDocument, FindingReport, ReportDocument } from '../ReportDocument.ts';
import { type JunitCase, type JunitSuite, type JunitOutcome, passed, renderJunit } from './junit.ts';
import { lineOf, plainTextOf, subjectOf, suppressedLines } from './plainText.ts';

/**
 * A test for each check: it fails by findings at or above --fail-on, and is an error where what is unknown counts, so
 * that some test fails exactly where the exit code is not 0.
 */
export function renderReportJunit(report: ReportDocument): string {
  const judged = [...areas.map((area) => areaSuite(report, area)), ...againstSuite(report)];
  return renderJunit([runSuite(report, judged), ...judged], {
    takenAt: report.takenAt,
    subject: subjectOf(report),
    seconds: report.durationMs / 1000,
    properties: {
      command: report.command,
      verdict: report.verdict,
      exitCode: String(report.exitCode),
      version: report.tool.version,
    },
  });
}

export const junitFailure = ({ command, tool, error, exitCode, verdict }: ErrorDocument): string =>
  renderJunit(
    [{ name: 'run', cases: [{ name: 'The cluster was examined', outcome: errorOf(error.message, error.hint) }] }],
    {
      takenAt: '',
      subject: 'unknown',
      seconds: 0,
      properties: { command: command ?? '', verdict, exitCode: String(exitCode), version: tool.version },
    },
  );

const errorOf = (message: string, text: string): JunitOutcome => ({ kind: 'error', type: 'error', message, text });

/** What no check tells: whether there was anything to judge. */
const runSuite = (report: ReportDocument, judged: readonly JunitSuite[]): JunitSuite => ({
  name: 'run',
  cases: [{ name: 'The cluster was examined', outcome: runOutcome(report, judged) }],
  notes: suppressedLines(report),
});

function runOutcome(
  { verdict, error, exitCode, coverage }: ReportDocument,
  judged: readonly JunitSuite[],
): JunitOutcome {
  if (error !== undefined) return errorOf(error.message, error.hint);
  if (verdict === 'interrupted') return errorOf('interrupted', 'What was not read by then is unknown');
  if (exitCode === 0 || judged.some(({ cases }) => cases.some(isFailing))) return passed;
  const { sample, lostShards, notSelected } = coverage.nodes;
  if (lostShards !== undefined) return errorOf('not all shards left something', lostShards.join('\n'));
  return sample === undefined
    ? errorOf('nothing was judged', 'Every check was left out, or does not apply')
    : errorOf('only a sample was looked at', `${notSelected.length} nodes were not looked at`);
}

const isFailing = ({ outcome: { kind } }: JunitCase): boolean => kind === 'failure' || kind === 'error';

function areaSuite(report: ReportDocument, area: CheckReport['area']): JunitSuite {
  const checks = report.checks.filter((one) => one.area === area);
  const noted = findingsOf(report, checks).filter((one) => !isFailingFinding(one, report));
  return {
    name: area,
    cases: checks.map((check) => ({ name: `${check.title} (${check.id})`, outcome: outcomeOf(check, report) })),
    notes: noted.map(plainTextOf),
  };
}

/** What was known before fails nothing where only what is new is to. */
const isFailingFinding = ({ severity, isNew }: FindingReport, { gate, baseline }: ReportDocument): boolean =>
  atLeast(severity, gate.failOn) && !(baseline?.failOnNew === true && isNew === false);

function findingsOf({ findings }: ReportDocument, checks: readonly CheckReport[]): readonly FindingReport[] {
  const ids = new Set(checks.map(({ id }) => id));
  return findings.filter(({ check }) => ids.has(check));
}

function outcomeOf(check: CheckReport, report: ReportDocument): JunitOutcome {
  const failing = findingsOf(report, [check]).filter((one) => isFailingFinding(one, report));
  const [first] = failing;
  const unknown = check.unknown.map(({ node, detail }) => `${node === null ? '' : `${node}: `}${detail}`);
  if (first !== undefined) {
    const more = failing.length === 1 ? '' : ` (and ${count(failing.length - 1, 'more finding')})`;
    const texts = [...failing.map(plainTextOf), ...unknown.map((text) => `not judged: ${text}`)];
    return { kind: 'failure', type: first.code, message: `${lineOf(first)}${more}`, text: texts.join('\n\n') };
  }
  if (check.result === 'skipped') return { kind: 'skipped', message: check.reason ?? 'skipped' };
  if (check.result === 'fail' && findingsOf(report, [check]).length === 0)
    return { kind: 'skipped', message: 'all that was found is suppressed' };
  const [why, ...others] = unknown;
  if (why === undefined) return passed;
  const message = `not judged: ${why}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
  return isAccepted(report, [check.id, ...check.codes])
    ? { kind: 'skipped', message }
    : { kind: 'error', type: 'unknown', message, text: unknown.join('\n') };
}

function isAccepted({ gate: { unknownFails, allowedUnknown } }: ReportDocument, names: readonly string[]): boolean {
  return !unknownFails || allowedUnknown === 'all' || names.some((name) => allowedUnknown.includes(name));
}

function againstSuite(report: ReportDocument): readonly JunitSuite[] {
  const { against } = report;
  if (against === undefined) return [];
  const lost = Map.groupBy(against.lost, ({ service }) => service);
  const services = against.services.compared.map(({ service }) => service);
  return [
    {
      name: againstId,
      cases: [
        { name: 'Everything could be compared', outcome: comparedOutcome(against, report) },
        ...[...new Set([...services, ...lost.keys()])].map((service): JunitCase => ({
          name: `${service} reaches what it did`,
          outcome: lossOutcome(lost.get(service) ?? [], report),
        })),
      ],
    },
  ];
}

function comparedOutcome(against: AgainstReport, report: ReportDocument): JunitOutcome {
  if (!isInconclusive(against)) return passed;
  const lines = against.unknown.map(
    ({ node, service, detail }) => `${[service, node].filter((name) => name !== null).join(' on ')}: ${detail}`,
  );
  const message = `not compared: ${lines[0] ?? 'no Service was there at both times'}`;
  return isAccepted(report, [againstId])
    ? { kind: 'skipped', message }
    : { kind: 'error', type: 'unknown', message, text: lines.join('\n') };
}

function lossOutcome(lost: AgainstReport['lost'], { gate }: ReportDocument): JunitOutcome {
  const failing = lost.filter(({ severity }) => atLeast(severity, gate.failOn));
  const [first] = failing;
  if (first === undefined) return passed;
  const lines = failing.map(
    ({ frontend, nodes, expected, found }) =>
      `${frontend} on ${listNames(nodes, true)}\nexpected  ${expected.join(', ')}\nfound     ${found.join(', ')}`,
  );
  return {
    kind: 'failure',
    type: first.code ?? first.what,
    message: `${first.frontend} on ${listNames(first.nodes)}: ${first.what} not as before`,
    text: lines.join('\n\n'),
  };
}
