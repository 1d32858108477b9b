import { exitCodes } from '../core/verdict.ts';
import { type Difference, isCertain, isFirm } from '../expect/parity/Difference.ts';
import { type Answered, type AnswersOf, connectionAnswers } from '../expect/connect/connectionAnswers.ts';
import type { Connections } from '../model/Connections.ts';
import { missing } from '../model/Fact.ts';
import { answeredReport, isLostInDatapath, isPerhapsLost } from './answeredReport.ts';
import { reportConnections } from './reportConnections.ts';
import type { FrontendTrace, NodeTrace } from '../expect/trace/FrontendTrace.ts';
import { noBalancer } from '../expect/trace/noBalancer.ts';
import type { TraceRequest } from '../expect/trace/traceContext.ts';
import { whyWords } from '../expect/served/whyWords.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { count } from '../text/plural.ts';
import { withoutOwn } from '../text/withoutOwn.ts';
import { clusterOf, sourceOf } from './buildReport.ts';
import { coverageOf } from './coverage.ts';
import type { DifferenceWords } from './DifferenceWords.ts';
import { schemaVersion, toolName } from './DocumentHead.ts';
import type {
  DifferenceReport,
  FrontendReport,
  PathReport,
  TraceDocument,
  TraceSummaryReport,
} from './TraceDocument.ts';

export interface BuildTraceOptions {
  readonly toolVersion: string;
  /** Whole milliseconds. */
  readonly durationMs: number;
  readonly interrupted: boolean;
  readonly words: DifferenceWords;
}

/**
 * The published answer: nodes that say the same are one path. A difference is certain, so it outweighs what is unknown.
 */
export function buildTrace(
  traces: readonly NodeTrace[],
  snapshot: Snapshot,
  { service, source, port, filter }: TraceRequest,
  { toolVersion, durationMs, interrupted, words }: BuildTraceOptions,
): TraceDocument {
  const { connections } = snapshot;
  const answers = connections && connectionAnswers(connections);
  const paths = folded(traces.map((trace) => withAnswers(pathOf(trace, words, answers), connections, trace.node)));
  const verdict = interrupted ? 'interrupted' : verdictOf(paths);
  return {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'trace',
    verdict,
    exitCode: exitCodeOf[verdict],
    summary: countsOf(paths),
    takenAt: snapshot.takenAt,
    durationMs,
    source: sourceOf(snapshot),
    cluster: clusterOf(snapshot),
    coverage: { nodes: coverageOf(snapshot) },
    service: {
      namespace: service.metadata.namespace ?? '',
      name: service.metadata.name,
      type: service.spec?.type ?? 'ClusterIP',
    },
    connection: {
      from: source,
      port: port === undefined ? null : { name: port.name ?? '', port: port.port, protocol: port.protocol ?? 'TCP' },
      address: filter?.typed ?? null,
    },
    noBalancer: (filter === undefined ? noBalancer(service) : undefined) ?? null,
    connections: connections === undefined ? null : reportConnections(connections),
    paths,
  };
}

function countsOf(paths: readonly PathReport[]): TraceSummaryReport {
  const nodes = { pass: 0, fail: 0, unknown: 0 };
  const frontends = {
    asExpected: 0,
    noBackends: 0,
    notServed: 0,
    notHere: 0,
    different: 0,
    settling: 0,
    unknown: 0,
  };
  for (const path of paths) {
    nodes[path.verdict] += path.nodes.length;
    for (const one of path.frontends) frontends[one.verdict] += path.nodes.length;
  }
  return { nodes, frontends };
}

/** What is in the table and gets no answer; of what was not tried nothing is known. */
function withAnswers(path: PathReport, connections: Connections | undefined, node: string): PathReport {
  if (connections === undefined) return path;
  const { why } = connections.unable.find(({ origin }) => origin.kind !== 'here' && origin.node === node) ?? {};
  const untried =
    why === undefined && connections.tried.length === 0 ? missing('absent', 'nothing could be tried') : why;
  const all = path.frontends.flatMap(({ answered }) => answered ?? []);
  const isUnknown = path.verdict === 'unknown' || untried !== undefined || all.some(isPerhapsLost);
  return {
    ...path,
    unknown:
      path.unknown ??
      (untried === undefined
        ? null
        : { reason: untried.missing, detail: `no connection was opened from there: ${untried.detail}` }),
    verdict: path.verdict === 'fail' || all.some(isLostInDatapath) ? 'fail' : isUnknown ? 'unknown' : 'pass',
  };
}

/** Where nobody was examined, nothing is known. */
const verdictOf = (paths: readonly PathReport[]): PathReport['verdict'] =>
  paths.some(({ verdict }) => verdict === 'fail')
    ? 'fail'
    : paths.length === 0 || paths.some(({ verdict }) => verdict === 'unknown')
      ? 'unknown'
      : 'pass';

const exitCodeOf: Readonly<Record<TraceDocument['verdict'], TraceDocument['exitCode']>> = {
  pass: exitCodes.ok,
  fail: exitCodes.findings,
  unknown: exitCodes.couldNotVerify,
  interrupted: exitCodes.interrupted,
};

/** Rows of a NodePort bear the node's own addresses, and refusals its kubelet's, which make no other answer of it. */
function folded(paths: readonly PathReport[]): readonly PathReport[] {
  const groups = Map.groupBy(paths, (path) => {
    const { frontends, ...rest } = ownless(path);
    return JSON.stringify({
      ...rest,
      nodes: [],
      frontends: frontends.map((one) => (one.address === null ? withoutRows(one) : one)),
    });
  });
  return [...groups.values()]
    .flatMap((group) => joined(group) ?? [])
    .toSorted((a, b) => ranks[a.verdict] - ranks[b.verdict]);
}

/** What is wrong is not to be looked for among what is right. */
const ranks: Readonly<Record<PathReport['verdict'], number>> = { fail: 0, unknown: 1, pass: 2 };

/** Without what is the node's alone in the reasons why something is not known of it. */
function ownless(path: PathReport): PathReport {
  const masked = (text: string): string => withoutOwn(text, path.nodes);
  return {
    ...path,
    unknown: path.unknown && { ...path.unknown, detail: masked(path.unknown.detail) },
    assumed: path.assumed && masked(path.assumed),
    frontends: path.frontends.map((one) =>
      Object.assign({}, one, { way: { ...one.way, unknown: one.way.unknown && masked(one.way.unknown) } }),
    ),
  };
}

/** What several nodes say in the same way, with the rows of all. */
function joined(group: readonly PathReport[]): PathReport | undefined {
  const [first] = group;
  if (first === undefined || group.length === 1) return first;
  const rowsOf = (at: number): readonly string[] => [
    ...new Set(group.flatMap(({ frontends }) => frontends[at]?.rows ?? [])),
  ];
  const shared = ownless(first);
  return {
    ...shared,
    nodes: group.flatMap(({ nodes }) => nodes),
    frontends: shared.frontends.map((one, at) => Object.assign({}, one, { rows: rowsOf(at) })),
  };
}

const withoutRows = (one: FrontendReport): FrontendReport => ({
  ...one,
  rows: [],
  differences: one.differences.map((difference) => ({ ...difference, row: null })),
});

function pathOf(trace: NodeTrace, words: DifferenceWords, answers: AnswersOf | undefined): PathReport {
  const { node, frontends, none, unknown, assumed, beside } = trace;
  const verdict =
    frontends.some((one) => one.verdict === 'different') || beside.some(isCertain)
      ? 'fail'
      : unknown !== undefined ||
          beside.length > 0 ||
          frontends.some((one) => one.verdict === 'unknown' || one.verdict === 'settling')
        ? 'unknown'
        : 'pass';
  return {
    nodes: [node],
    verdict,
    frontends: frontends.map((one) => frontendReport(one, words, answers?.(node, one))),
    none: none ?? null,
    unknown: unknown === undefined ? null : { reason: unknown.missing, detail: unknown.detail },
    assumed: assumed ?? null,
    beside: beside.map((one) => differenceReport(one, words)),
  };
}

const differenceReport = (difference: Difference, { codes, textOf }: DifferenceWords): DifferenceReport => ({
  code: codes[difference.kind],
  row: difference.frontend,
  layer: difference.layer,
  settling: !isFirm(difference),
  text: textOf(difference),
});

/** What is wrong beside the rows themselves. */
function aboutTheWay(
  { agentError, chained, way: { detached } }: FrontendTrace,
  { codes }: DifferenceWords,
): readonly DifferenceReport[] {
  const reports: DifferenceReport[] = [];
  if (detached.length > 0) {
    const text = `socket LB has no program at ${detached.join(', ')} of the root cgroup, so connections stay as they are`;
    reports.push({ code: codes.detached, row: null, layer: null, settling: false, text });
  }
  if (agentError !== undefined)
    reports.push({
      code: codes.agentError,
      row: null,
      layer: null,
      settling: false,
      text: `the agent could not program it: ${agentError}`,
    });
  for (const { address, service } of chained)
    reports.push({
      code: codes.chained,
      row: null,
      layer: null,
      settling: false,
      text: `${address} is the ClusterIP of ${service}: what was translated once is not translated again, and connections that get it are lost`,
    });
  return reports;
}

function frontendReport(one: FrontendTrace, words: DifferenceWords, answered: Answered | undefined): FrontendReport {
  const { translator, how, detached, unknown } = one.way;
  const certainFirst = [
    ...one.differences.filter(isCertain),
    ...one.differences.filter((difference) => !isCertain(difference)),
  ];
  const differences = [
    ...aboutTheWay(one, words),
    ...certainFirst.map((difference) => differenceReport(difference, words)),
  ];
  return {
    type: one.type,
    family: one.family,
    address: one.address ?? null,
    port: one.port,
    protocol: one.protocol,
    portName: one.portName,
    verdict: one.verdict,
    summary: summaryOf(one, differences),
    unserved: one.unserved === undefined ? null : { reason: one.unserved.kind, text: whyWords(one.unserved) },
    way: { translator, how, detached, unknown: unknown ?? null },
    rows: one.rows,
    scope: one.scopes,
    policy: one.policy,
    forwarding: one.forwarding ?? null,
    dsrDispatch: one.dsrDispatch ?? null,
    algorithm: one.algorithm,
    affinity: one.affinity ?? null,
    sourceRanges: one.sourceRanges ?? null,
    l7ProxyPort: one.l7ProxyPort ?? null,
    backends: one.backends.map(({ address, node, state, expected, found, share }) => ({
      address,
      node: node ?? null,
      state: state ?? null,
      expected,
      found,
      share: share ?? null,
    })),
    nowhere: one.nowhere ?? null,
    answered: answered === undefined ? null : answeredReport(answered, words),
    differences,
  };
}

function summaryOf(one: FrontendTrace, differences: readonly DifferenceReport[]): string {
  switch (one.verdict) {
    case 'asExpected':
      return one.l7ProxyPort === undefined
        ? `as the API requires: ${count(one.backends.filter(({ found }) => found === 'yes').length, 'backend')}`
        : `as the API requires: to the L7 proxy at port ${one.l7ProxyPort} of the node`;
    case 'noBackends':
      return `${one.unserved === undefined ? 'no backend takes connections' : whyWords(one.unserved)}: ${refusal(one)}`;
    case 'notServed':
      return `not served: ${one.reason ?? one.way.how}`;
    case 'notHere':
      return 'not decided on this node';
    case 'different':
      return firstOf(differences);
    case 'settling':
      return `differs now, and may be right in a moment: ${one.reason ?? ''}`;
    case 'unknown':
      return `not known: ${one.reason ?? ''}`;
  }
}

/** What is certain stands first, and is enough for one line. */
function firstOf([first, ...others]: readonly DifferenceReport[]): string {
  if (first === undefined) return '';
  return `${first.code}: ${first.text}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
}

const refusal = ({ way, noBackend }: FrontendTrace): string =>
  way.translator === 'socketLb' || noBackend === 'reject' ? 'connections are refused' : 'packets are dropped';
