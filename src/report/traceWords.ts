import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Paint, Symbols } from '../text/Style.ts';
import { isLostInDatapath, isPerhapsLost } from './answeredReport.ts';
import type { VerdictWords } from './renderVerdict.ts';
import type { AnsweredReport, BackendReport, FrontendReport, PathReport, TraceDocument } from './TraceDocument.ts';

/*
 * What a trace says in words, for every format that people read.
 */

export const origins: Readonly<Record<TraceDocument['connection']['from'], string>> = {
  pod: 'From a pod on',
  node: 'From the node itself:',
  external: 'From outside, arriving at',
};

type VerdictSymbol = keyof Symbols & ('ok' | 'warning' | 'skipped' | 'error' | 'unknown');

export const verdictSymbols: Readonly<Record<FrontendReport['verdict'], readonly [VerdictSymbol, Paint]>> = {
  asExpected: ['ok', 'ok'],
  noBackends: ['warning', 'warning'],
  notServed: ['skipped', 'dim'],
  notHere: ['skipped', 'dim'],
  different: ['error', 'error'],
  settling: ['unknown', 'unknown'],
  unknown: ['unknown', 'unknown'],
};

/** `NodePort 31080/TCP http`: the zero address stands for other nodes' addresses. */
export function frontendName({ type, address, family, port, protocol, portName }: FrontendReport): string {
  const v6 = family === 'ipv6' && (address === null || address === '::') ? ' IPv6' : '';
  const isZero = address === '0.0.0.0' || address === '::';
  const where =
    address === null || isZero
      ? `${port}/${protocol}`
      : `${family === 'ipv6' ? `[${address}]` : address}:${port}/${protocol}`;
  return `${type} ${where}${v6}${isZero ? ' at other nodes' : ''}${portName === '' ? '' : ` ${portName}`}`;
}

function policyText({ policy, scope }: FrontendReport): string {
  const backends = policy.value === 'Local' ? 'backends on this node only' : 'backends on every node';
  const scopes = scope === 'one' ? '' : `, by the row for ${scope === 'internal' ? 'inside (/i)' : 'outside'}`;
  return `${policy.field} ${policy.value}: ${backends}${scopes}`;
}

function choiceText({ algorithm, affinity, l7ProxyPort }: FrontendReport): string {
  if (l7ProxyPort !== null) return `the L7 proxy at port ${l7ProxyPort} chooses`;
  const how = algorithm === 'maglev' ? 'by Maglev' : 'at random';
  if (affinity === null) return how;
  const client = affinity.by === 'clientNamespace' ? 'client’s network namespace (pod)' : 'client’s address';
  return `${how}, then the same backend for ${affinity.seconds} s after each connection of the ${client}`;
}

function forwardingText({ forwarding, dsrDispatch, policy }: FrontendReport): string | undefined {
  if (forwarding === null) return undefined;
  if (policy.value === 'Local') return 'to backends on this node: they see the client’s address';
  return forwarding === 'dsr'
    ? `DSR${dsrDispatch === null ? '' : ` (${dsrDispatch})`}: backends see the client’s address and answer it directly`
    : 'SNAT: backends on other nodes see the address of this node';
}

/** How such connections are treated, as labels with their texts; an empty label goes on with the one before. */
export function frontendFacts(one: FrontendReport, all: boolean): readonly (readonly [label: string, text: string])[] {
  const { way, verdict, sourceRanges } = one;
  const forwarding = forwardingText(one);
  const also = verdict === 'different' ? one.differences.slice(1) : [];
  const facts: (readonly [string, string])[] = [
    ...(one.answered === null ? [] : [['answers', one.answered.text] as const]),
    ...also.map(({ code, text }) => ['also', `${code}: ${text}`] as const),
    ['way', way.how],
    ...(way.unknown !== null && verdict !== 'unknown' ? [['', `not known: ${way.unknown}`] as const] : []),
  ];
  if (way.translator === 'elsewhere' || way.translator === 'kubeProxy') return facts;
  return [
    ...facts,
    ['policy', policyText(one)],
    ['chooses', choiceText(one)],
    ...(forwarding === undefined ? [] : [['sends', forwarding] as const]),
    ...(sourceRanges === null ? [] : [['sources', sourcesText(sourceRanges, way.translator, all)] as const]),
  ];
}

/** Whether somebody of this cluster translates, so that there is a table of backends. */
export const hasTable = ({ way, verdict }: FrontendReport): boolean =>
  verdict !== 'notServed' && way.translator !== 'elsewhere' && way.translator !== 'kubeProxy';

function sourcesText(
  { cidrs, policy }: NonNullable<FrontendReport['sourceRanges']>,
  translator: FrontendReport['way']['translator'],
  all: boolean,
): string {
  const rule = `${policy === 'deny' ? 'all but' : 'only'} ${listNames(cidrs, all)}`;
  return translator === 'device' ? rule : `not checked for clients in the cluster (${rule} from outside)`;
}

export interface BackendLine {
  readonly expected: string;
  readonly found: string;
  readonly share: string;
  readonly text: string;
  /** Not as it should be. */
  readonly isOdd: boolean;
}

/** Backends of a frontend: those that are not as they should be, those that serve, those for old connections only. */
export interface BackendLines {
  /** Hooks without a program, for want of which the table is not used; empty: it is. */
  readonly detached: readonly string[];
  readonly odd: readonly BackendLine[];
  readonly serving: readonly BackendLine[];
  readonly idle: readonly BackendLine[];
  /** Slots without a backend. */
  readonly nowhere: BackendLine | undefined;
}

const foundWords = { yes: 'yes', no: 'no', inactive: 'idle', unknown: '?' } as const;
const expectedWords = { yes: 'yes', no: 'no', inactive: 'idle', either: 'either' } as const;

/** undefined: it has none. */
export function backendLines({ backends, nowhere, way, algorithm }: FrontendReport): BackendLines | undefined {
  if (backends.length === 0 && nowhere === null) return undefined;
  const about = algorithm === 'maglev' ? 'about ' : '';
  const shareOf = (share: BackendReport['share']): string =>
    share === null || way.detached.length > 0 ? '' : `${about}${share.shares} of ${share.total}`;
  const lineOf = (backend: BackendReport): BackendLine => ({
    expected: expectedWords[backend.expected],
    found: foundWords[backend.found],
    share: shareOf(backend.share),
    text: backendText(backend),
    isOdd: isOdd(backend),
  });
  const usual = backends.filter((backend) => !isOdd(backend));
  return {
    detached: way.detached,
    odd: backends.filter(isOdd).map(lineOf),
    serving: usual.filter((backend) => !isIdle(backend)).map(lineOf),
    idle: usual.filter(isIdle).map(lineOf),
    nowhere:
      nowhere === null
        ? undefined
        : {
            expected: 'no',
            found: 'yes',
            share: shareOf(nowhere),
            text: 'nowhere: slots without a backend',
            isOdd: true,
          },
  };
}

export const tableNotUsed = (detached: readonly string[]): string =>
  `This table is not used: no program is attached at ${listNames(detached, true)}, and nothing translates such connections`;

/** For connections that there are; new ones go elsewhere. */
const isIdle = ({ expected, found }: BackendReport): boolean => expected === 'inactive' && found !== 'yes';

/** What is not as it should be. */
const isOdd = ({ expected, found }: BackendReport): boolean =>
  found !== 'unknown' && (expected === 'yes' ? found !== 'yes' : expected !== 'either' && found === 'yes');

function backendText({ address, node, state, expected }: BackendReport): string {
  const where = node === null ? '' : ` on ${node}`;
  if (expected === 'no') return `${address} (not in the API)`;
  return `${address}${where}${state === null || state === 'active' ? '' : ` (${state})`}`;
}

/** The code to explain first; undefined: nothing differs. */
export function firstCode({ paths }: TraceDocument): string | undefined {
  const differences = paths.flatMap(({ frontends, beside }) =>
    frontends.flatMap((one) => one.differences).concat(beside),
  );
  const lost = answersIn(paths).find(isLostInDatapath);
  return (differences.find(({ settling }) => !settling) ?? differences[0] ?? lost)?.code ?? undefined;
}

const answersIn = (paths: readonly PathReport[]): readonly AnsweredReport[] =>
  paths.flatMap(({ frontends }) => frontends).flatMap(({ answered }) => answered ?? []);

const verdictWords: Readonly<Record<TraceDocument['verdict'], string>> = {
  pass: 'PASS',
  fail: 'FAIL',
  unknown: 'UNKNOWN',
  interrupted: 'INTERRUPTED',
};

/** A person who reads nothing else knows from it which Service, where, and what is wrong. */
export function traceHeadline(document: TraceDocument): VerdictWords {
  const first = document.verdict === 'fail' ? firstText(document) : undefined;
  const short = traceShort(document);
  return { word: verdictWords[document.verdict], text: first === undefined ? short : `${short}: ${first}` };
}

/** The same without what exactly is wrong. */
export function traceShort(document: TraceDocument): string {
  const { service, paths } = document;
  const isFailing = paths.some(({ verdict }) => verdict === 'fail');
  return `${service.namespace}/${service.name}${isFailing ? '' : ':'} ${traceReason(document)}`.replace(/,$/, '');
}

/** Of the first difference, or of what is not answered. */
function firstText({ paths }: TraceDocument): string | undefined {
  const differences = paths.flatMap(({ frontends, beside }) =>
    frontends.flatMap((one) => one.differences).concat(beside),
  );
  const first = differences.find(({ settling }) => !settling) ?? answersIn(paths).find(isLostInDatapath);
  return first?.text;
}

/** The verdict in words, without its end. */
function traceReason({ verdict, paths, coverage, connection }: TraceDocument): string {
  const nodesOf = (wanted: PathReport['verdict']): readonly string[] =>
    paths.filter((path) => path.verdict === wanted).flatMap(({ nodes }) => nodes);
  const all = coverage.nodes.covered;
  switch (verdict) {
    case 'pass':
      return `${passText(paths, connection.from)} on ${nodesOf('pass').length} of ${count(all, 'node')}`;
    case 'fail':
      return `${failText(paths)} on ${listNames(nodesOf('fail'))}`;
    case 'unknown':
      return paths.length === 0
        ? 'no node was examined'
        : isSettling(paths)
          ? `differs for the moment on ${listNames(nodesOf('unknown'))}: look again in a minute`
          : answersIn(paths).some(isPerhapsLost)
            ? `nothing differs, and not everything is answered on ${listNames(nodesOf('unknown'))}`
            : `nothing differs, but not everything is known on ${listNames(nodesOf('unknown'))}`;
    case 'interrupted':
      return nodesOf('fail').length === 0
        ? 'interrupted, so that not everything is known'
        : `${failText(paths)} on ${listNames(nodesOf('fail'))}; the rest is unknown`;
  }
}

function failText(paths: readonly PathReport[]): string {
  const isDifferent = paths.some(
    ({ verdict, beside, frontends }) =>
      verdict === 'fail' && (beside.length > 0 || frontends.some(({ differences }) => differences.length > 0)),
  );
  return isDifferent
    ? 'is not served as the API requires'
    : 'is as the API requires, and connections are lost all the same';
}

const isSettling = (paths: readonly PathReport[]): boolean =>
  paths.some(({ frontends, beside }) => beside.length > 0 || frontends.some(({ verdict }) => verdict === 'settling'));

function passText(paths: readonly PathReport[], from: TraceDocument['connection']['from']): string {
  const frontends = paths.flatMap((path) => path.frontends);
  if (frontends.length === 0) return 'nothing to balance';
  if (frontends.every((one) => one.verdict === 'notServed'))
    return `nothing serves clients ${from === 'external' ? 'from outside' : 'there'}`;
  const unserved = frontends.filter((one) => one.unserved !== null && !asAsked.has(one.unserved.reason));
  const answers = answersIn(paths);
  const isAnswered = answers.length > 0 && answers.every(({ kind }) => kind === 'answered');
  if (unserved.length === 0) return isAnswered ? 'as the API requires, and answered,' : 'as the API requires';
  const left = unserved.length === frontends.length ? 'nobody' : 'nobody at some frontends';
  return `tables are as the agents make them, and serve ${left}, which kubectl kpr doctor explains,`;
}

/** What a person or the application decided, so that nothing is to be repaired. */
const asAsked: ReadonlySet<string> = new Set(['notReady', 'noSlice', 'notLocal', 'otherTypeOnly'] satisfies NonNullable<
  FrontendReport['unserved']
>['reason'][]);
