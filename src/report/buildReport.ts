import type { KnownFindings } from '../core/knownFindings.ts';
import type { Suppressed, Suppression } from '../core/suppress.ts';
import { coveredNodes, type Derivations } from '../core/Derivations.ts';
import type { CheckResult, Unknown } from '../core/runChecks.ts';
import { countsUnknown, unknownsOf, type VerdictOptions, verdictOf } from '../core/verdict.ts';
import type { BaselineComparison } from '../expect/against/BaselineComparison.ts';
import { clusterVersion } from '../expect/agent/agentVersion.ts';
import { tableParity } from '../expect/parity/tableParity.ts';
import { unservedOnNode } from '../expect/served/unservedOnNode.ts';
import type { Evidence } from '../core/Evidence.ts';
import type { Variant } from '../core/Problem.ts';
import { valueOf } from '../model/Fact.ts';
import type { Since } from '../core/Since.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { fillText, kubectlOf, withKubectl } from '../remedy/fill.ts';
import { alternativeOf, remedyOf } from '../remedy/remedyOf.ts';
import { type Situation, situationOf } from '../remedy/Situation.ts';
import { valuesOf } from '../remedy/valuesOf.ts';
import { reportReach } from './reportReach.ts';
import { reportConnections } from './reportConnections.ts';
import { buildAgainst } from './against/buildAgainst.ts';
import type { DifferenceWords } from './DifferenceWords.ts';
import { isInconclusive } from './against/isInconclusive.ts';
import { coverageOf, nothingRead } from './coverage.ts';
import { frontendsCoverage, type JudgedNode } from './frontendsCoverage.ts';
import { type Ordered, orderFindings } from './orderFindings.ts';
import { schemaVersion, toolName } from './DocumentHead.ts';
import type {
  BaselineReport,
  FrontendsCoverage,
  CheckReport,
  EvidenceReport,
  FindingReport,
  GateReport,
  ReportCluster,
  ReportDocument,
  ReportSource,
  SummaryReport,
  SuppressionReport,
  SuppressionsReport,
  UnknownReport,
} from './ReportDocument.ts';

export interface ReportOptions extends Omit<VerdictOptions, 'against' | 'isAnyNodeRead' | 'isPart' | 'counts'> {
  /**
   * What kube-proxy did before against what eBPF does, and the codes under which verify reports what differs now;
   * undefined: not asked for.
   */
  readonly against?: { readonly comparison: BaselineComparison; readonly codes: DifferenceWords['codes'] } | undefined;
  /** undefined: there is nothing that would suppress anything. */
  readonly suppressions?: SuppressedResults | undefined;
  /** What an earlier run found; undefined: not asked for. */
  readonly baseline?:
    | { readonly takenAt: string; readonly known: KnownFindings; readonly failOnNew: boolean }
    | undefined;
  readonly toolVersion: string;
  /** Whole milliseconds. */
  readonly durationMs: number;
  /** What the run might take, in whole milliseconds; undefined: that of a file does not matter. */
  readonly timeLimitMs?: number;
}

/** What was suppressed, and what would have been. */
export interface SuppressedResults extends Omit<Suppressed, 'results'> {
  /** Annotations that suppress nothing because they are not understood. */
  readonly malformed: readonly string[];
}

/** The published report; the same results always give the same text. */
export function buildReport(
  results: readonly CheckResult[],
  derivations: Derivations,
  options: ReportOptions,
): ReportDocument {
  const { snapshot } = derivations;
  const { against, baseline, suppressions } = options;
  const coverage = coverageOf(snapshot);
  const { verdict, exitCode } = verdictOf(results, {
    ...options,
    isAnyNodeRead: coverage.read > 0,
    isPart: snapshot.lostShards !== undefined || (snapshot.sample !== undefined && coverage.notSelected.length > 0),
    counts: baseline?.failOnNew === true ? (finding) => !baseline.known.isKnown(finding) : undefined,
    against: against && {
      severities: against.comparison.lost.map(({ severity }) => severity),
      isUnknown: isInconclusive(against.comparison),
      isJudged: isAnythingCompared(against.comparison),
    },
  });
  const checks = results.map(checkReport);
  const reach = reportReach(snapshot);
  const findings = findingReports(results, derivations, baseline?.known);
  return {
    schemaVersion,
    tool: { name: toolName, version: options.toolVersion },
    command: options.phase,
    verdict,
    exitCode,
    gate: gateOf(options),
    summary: summaryOf(checks, findings),
    ...(verdict === 'error' ? { error: nothingRead(coverage, snapshot.facts) } : {}),
    takenAt: snapshot.takenAt,
    durationMs: options.durationMs,
    ...(options.timeLimitMs === undefined ? {} : { timeLimitMs: options.timeLimitMs }),
    source: sourceOf(snapshot),
    cluster: clusterOf(snapshot),
    coverage: { nodes: coverage, frontends: frontendsOf(results, derivations) },
    checks,
    findings,
    ...(against === undefined ? {} : { against: buildAgainst(against.comparison, against.codes) }),
    ...(suppressions === undefined ? {} : { suppressions: suppressionsReport(suppressions, snapshot) }),
    ...(baseline === undefined ? {} : { baseline: baselineReport(baseline, findings) }),
    ...(reach === undefined ? {} : { reach }),
    ...(snapshot.connections === undefined ? {} : { connections: reportConnections(snapshot.connections) }),
  };
}

const gateOf = ({ failOn, strict, phase, allowUnknown }: ReportOptions): GateReport => ({
  failOn,
  unknownFails: countsUnknown({ strict, phase }),
  allowedUnknown: allowUnknown === 'all' ? 'all' : [...allowUnknown],
});

export function summaryOf(checks: readonly CheckReport[], findings: readonly FindingReport[]): SummaryReport {
  const found = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) found[severity] += 1;
  const judged = { pass: 0, fail: 0, skipped: 0, unknown: 0 };
  for (const { result } of checks) judged[result] += 1;
  return { findings: found, checks: judged, inconclusive: checks.filter(({ unknown }) => unknown.length > 0).length };
}

const isAnythingCompared = ({ nodes, services }: BaselineComparison): boolean =>
  nodes.compared.length > 0 && services.compared.length > 0;

export const sourceOf = ({ origin }: Snapshot): ReportSource =>
  origin.kind === 'live'
    ? { kind: 'live' }
    : {
        kind: origin.kind,
        file: origin.file,
        ...(origin.kubectl === undefined ? {} : { kubectl: origin.kubectl }),
      };

export function clusterOf(snapshot: Snapshot): ReportCluster {
  const { origin, facts, cilium, distribution, nodes } = snapshot;
  const said = nodes.flatMap((node) => valueOf(node.facts.status)?.version ?? []);
  // Where no agent answers, their image tells.
  const versions = said.length > 0 ? said : [clusterVersion(snapshot)?.version ?? []].flat();
  return {
    context: origin.kind === 'sysdump' ? null : origin.context,
    server: origin.kind === 'sysdump' ? null : origin.server,
    kubernetesVersion: valueOf(facts.version)?.gitVersion ?? null,
    ciliumVersions: [...new Set(versions)].toSorted(),
    ciliumNamespace: cilium.namespace,
    distribution,
    nodes: nodes.length,
    services: valueOf(facts.services)?.length ?? null,
  };
}

/** null: the tables were not to be compared in this run, or the comparison has a bug. */
function frontendsOf(results: readonly CheckResult[], derivations: Derivations): FrontendsCoverage | null {
  const comparing = results.filter(({ check, result }) => result !== 'skipped' && check.uses?.includes(tableParity));
  if (comparing.length === 0 || comparing.some(hasBug)) return null;
  return frontendsCoverage(
    coveredNodes(derivations.snapshot).flatMap(({ name }): readonly JudgedNode[] => {
      const parity = derivations.on(tableParity, name);
      const unserved = derivations.on(unservedOnNode, name);
      return parity.judged ? [{ name, parity, unserved: 'missing' in unserved ? [] : unserved }] : [];
    }),
    derivations.snapshot.nodes.some(({ coverage }) => coverage.kind === 'notSelected'),
  );
}

const hasBug = (one: CheckResult): boolean => unknownsOf(one).some(({ bug }) => bug !== undefined);

function checkReport(one: CheckResult): CheckReport {
  const { id, title, area, codes } = one.check;
  if (one.result === 'pass') return { id, title, area, result: one.result, codes, unknown: [] };
  const unknown = unknownsOf(one);
  const reason = one.result === 'skipped' ? one.reason : one.result === 'unknown' ? reasonOf(unknown) : undefined;
  return {
    id,
    title,
    area,
    result: one.result,
    ...(reason === undefined ? {} : { reason }),
    codes,
    unknown: unknown.map(unknownReport),
  };
}

const unknownReport = ({ node, why, blockedBy }: Unknown): UnknownReport => ({
  node: node ?? null,
  reason: why.missing,
  detail: why.detail,
  blockedBy: blockedBy ?? null,
});

function reasonOf([first, ...others]: readonly Unknown[]): string | undefined {
  if (first === undefined) return undefined;
  const where = first.node === undefined ? '' : `${first.node}: `;
  return `${where}${first.why.detail}${others.length > 0 ? ` (and ${others.length} more)` : ''}`;
}

function suppressionsReport(
  { suppressed, expired, unused, malformed }: SuppressedResults,
  snapshot: Snapshot,
): SuppressionsReport {
  return {
    suppressed: suppressed.map(({ finding, by }) => ({
      ...suppressionReport(by),
      code: finding.code,
      severity: finding.severity,
      message: fillText(
        finding.problem.variants[finding.variant]?.message ?? finding.problem.title,
        valuesOf(finding, snapshot),
      ),
      nodes: finding.nodes,
      objects: finding.objects,
    })),
    expired: expired.map(suppressionReport),
    unused: unused.map(suppressionReport),
    malformed,
  };
}

const suppressionReport = ({ code, reason, until, by }: Suppression): SuppressionReport => ({
  code,
  reason,
  until,
  by,
});

function baselineReport(
  { takenAt, known, failOnNew }: NonNullable<ReportOptions['baseline']>,
  findings: readonly FindingReport[],
): BaselineReport {
  const added = findings.filter(({ isNew }) => isNew === true).length;
  return {
    takenAt,
    failOnNew,
    known: findings.length - added,
    new: added,
    gone: known.gone(findings).map(({ code, nodes, objects }) => ({ code, nodes, objects })),
  };
}

function findingReports(
  results: readonly CheckResult[],
  derivations: Derivations,
  known: KnownFindings | undefined,
): readonly FindingReport[] {
  const ordered = orderFindings(results);
  const situation = situationOf(ordered, derivations);
  return ordered.map((one) => {
    const report = findingReport(one, situation);
    return known === undefined ? report : Object.assign({}, report, { isNew: !known.isKnown(one.finding) });
  });
}

function findingReport({ finding, check, causes, effectOf }: Ordered, situation: Situation): FindingReport {
  const { snapshot } = situation;
  const { code, problem, severity, harm, layer, nodes, objects, params, expected, found, evidence, since } = finding;
  const variant: Variant = problem.variants[finding.variant] ?? { message: problem.title };
  const values = valuesOf(finding, snapshot);
  const alternatives = (variant.alternatives ?? []).flatMap(
    (way) => alternativeOf({ finding, causes }, way, situation) ?? [],
  );
  return {
    code,
    variant: finding.variant,
    check,
    severity,
    harm,
    ...(layer === undefined ? {} : { layer }),
    title: problem.title,
    brief: fillText(variant.brief ?? problem.brief, values),
    message: fillText(variant.message, values),
    ...((variant.outage ?? problem.outage) === true ? { outage: true } : {}),
    nodes,
    objects,
    params,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    evidence: evidence.map((one) => evidenceReport(one, snapshot)),
    ...(since === undefined || !isBefore(since.at, snapshot.takenAt) ? {} : sinceReport(since)),
    likelyCauses: causes,
    ...(effectOf === undefined ? {} : { effectOf }),
    remedy: remedyOf({ finding, causes }, variant.remedy ?? { steps: [] }, situation),
    ...(alternatives.length === 0 ? {} : { alternatives }),
  };
}

/** Clocks differ, and not all that should be a time is one. */
const sinceReport = ({ at, bound }: Since): Pick<FindingReport, 'since' | 'sinceBound'> => ({
  since: at,
  ...(bound === 'about' ? {} : { sinceBound: bound }),
});

const isBefore = (since: string, takenAt: string): boolean => Date.parse(since) < Date.parse(takenAt);

const evidenceReport = ({ node, command, lines, decides }: Evidence, snapshot: Snapshot): EvidenceReport => ({
  ...(node === undefined ? {} : { node }),
  command: whereTheUserIs(command, snapshot),
  excerpt: lines.join('\n'),
  ...(decides === undefined ? {} : { decides }),
});

/** What was read knows its flags already; what a check wrote itself does not. */
function whereTheUserIs(command: string, snapshot: Snapshot): string {
  const kubectl = kubectlOf(snapshot);
  return command.startsWith(kubectl) && kubectl !== 'kubectl' ? command : withKubectl(command, kubectl);
}
