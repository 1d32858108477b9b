import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Paint, Symbols, Verbosity } from '../text/Style.ts';
import { glued } from '../text/wrap.ts';
import { Page } from './Page.ts';
import type { BackendReport, FrontendReport, PathReport, TraceDocument } from './TraceDocument.ts';
import type { View } from './View.ts';

/** Where the texts of a frontend begin. */
const indent = 12;
const label = (word: string): { label: string; labelPaint: 'dim'; indent: number } => ({
  label: `    ${word}`,
  labelPaint: 'dim',
  indent,
});

/**
 * The answer of `trace` for people: for each frontend the verdict first, then who does it, how, and
 * with which backends.
 */
export function renderTrace(document: TraceDocument, options: View): string {
  const page = new Page(options);
  const { detail } = options;
  if (detail !== 'quiet') renderHeader(page, document);
  for (const path of document.paths) {
    page.blank();
    page.prose(`${origins[document.connection.from]} ${listNames(path.nodes, detail === 'verbose')}`, {
      paint: 'bold',
    });
    renderPath(page, path, detail);
  }
  page.blank();
  renderExit(page, document);
  return page.toString();
}

const origins: Readonly<Record<TraceDocument['connection']['from'], string>> = {
  pod: 'From a pod on',
  node: 'From the node itself:',
  external: 'From outside, arriving at',
};

function renderHeader(page: Page, document: TraceDocument): void {
  const { service, connection, cluster, source, takenAt, durationMs } = document;
  const about = [
    connection.address === null ? undefined : `who answers at ${connection.address}`,
    source.kind === 'live' ? undefined : `${source.kind} ${source.file} of ${takenAt}`,
    cluster.context === null ? undefined : `context ${cluster.context}`,
    cluster.ciliumVersions.length === 0 ? undefined : `Cilium ${listNames(cluster.ciliumVersions)}`,
    service.type === 'hostPort' ? 'hostPort of a pod' : `${service.type} Service`,
    `${(durationMs / 1000).toFixed(1)} s`,
  ];
  const facts = about.flatMap((one) => (one === undefined ? [] : glued(one))).join(page.symbols.separator);
  page.prose(facts, {
    label: `kubectl kpr trace ${service.namespace}/${service.name}  `,
    labelPaint: 'bold',
    indent: 4,
    paint: 'dim',
  });
}

function renderPath(page: Page, path: PathReport, detail: Verbosity): void {
  if (path.unknown !== null) {
    page.prose(`not known: ${path.unknown.detail}`, {
      label: `${page.symbols.unknown} `,
      labelPaint: 'unknown',
      indent: 2,
    });
  }
  if (path.none !== null) page.prose(`no frontend: ${path.none}`, { label: `${page.symbols.skipped} `, indent: 2 });
  for (const frontend of path.frontends) renderFrontend(page, frontend, detail);
  for (const { code, row, settling, text } of path.beside) {
    const severity = settling ? 'unknown' : 'error';
    page.prose(`${glued(`${code} ${row ?? ''}`)}, which such a connection does not use: ${text}`, {
      label: `${page.symbols[severity]} `,
      labelPaint: severity,
      indent: 2,
    });
  }
  if (path.assumed !== null && detail !== 'quiet') {
    const why = path.assumed === path.unknown?.detail ? '' : `: ${path.assumed}`;
    page.prose(`by configuration, because the agent does not tell what is in effect${why}`, {
      indent: 4,
      paint: 'dim',
    });
  }
}

const symbols: Readonly<Record<FrontendReport['verdict'], readonly [keyof Symbols, Paint]>> = {
  asExpected: ['ok', 'ok'],
  noBackends: ['warning', 'warning'],
  notServed: ['skipped', 'dim'],
  notHere: ['skipped', 'dim'],
  different: ['error', 'error'],
  settling: ['unknown', 'unknown'],
  unknown: ['unknown', 'unknown'],
};

function renderFrontend(page: Page, one: FrontendReport, detail: Verbosity): void {
  const [symbol, paint] = symbols[one.verdict];
  page.prose(`${glued(nameOf(one))} ${one.summary}`, {
    label: `${page.symbols[symbol]} `,
    labelPaint: paint,
    indent: 2,
  });
  if (detail === 'quiet' || one.verdict === 'notServed') return;
  for (const { code, text } of one.verdict === 'different' ? one.differences.slice(1) : [])
    page.prose(`${code}: ${text}`, label('also'));
  page.prose(one.way.how, label('way'));
  if (one.way.unknown !== null && one.verdict !== 'unknown') page.prose(`not known: ${one.way.unknown}`, { indent });
  if (one.way.translator === 'elsewhere' || one.way.translator === 'kubeProxy') return;
  page.prose(policyText(one), label('policy'));
  page.prose(choiceText(one), label('chooses'));
  const forwarding = forwardingText(one);
  if (forwarding !== undefined) page.prose(forwarding, label('sends'));
  const { sourceRanges } = one;
  if (sourceRanges !== null) {
    const isChecked = one.way.translator === 'device';
    const rule = `${sourceRanges.policy === 'deny' ? 'all but' : 'only'} ${listNames(sourceRanges.cidrs, detail === 'verbose')}`;
    page.prose(isChecked ? rule : `not checked for clients in the cluster (${rule} from outside)`, label('sources'));
  }
  if (detail === 'verbose') page.verbatim(one.rows.join('\n'), label('rows'));
  renderBackends(page, one, detail);
}

/** `NodePort 31080/TCP http`; the zero address stands for other nodes' addresses. */
function nameOf({ type, address, family, port, protocol, portName }: FrontendReport): string {
  const v6 = family === 'ipv6' && (address === null || address === '::') ? ' IPv6' : '';
  const isZero = address === '0.0.0.0' || address === '::';
  const where =
    address === null || isZero
      ? `${port}/${protocol}`
      : `${family === 'ipv6' ? `[${address}]` : address}:${port}/${protocol}`;
  return `${type} ${where}${v6}${isZero ? ' at other nodes' : ''}${portName === '' ? '' : ` ${portName}`} `;
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

const backendsShown = 10;
const foundWords = { yes: 'yes', no: 'no', inactive: 'idle', unknown: '?' } as const;
const expectedWords = { yes: 'yes', no: 'no', inactive: 'idle', either: 'either' } as const;

function renderBackends(page: Page, one: FrontendReport, detail: Verbosity): void {
  const { backends, nowhere, way } = one;
  if (backends.length === 0 && nowhere === null) return;
  const isUsed = way.detached.length === 0;
  if (!isUsed)
    page.prose(
      `This table is not used: no program is attached at ${listNames(way.detached, true)}, and nothing translates such connections`,
      { indent: 4 },
    );
  const about = one.algorithm === 'maglev' ? 'about ' : '';
  const shareOf = ({ share }: Pick<BackendReport, 'share'>): string =>
    share === null || !isUsed ? '' : `${about}${share.shares} of ${share.total}`;
  const width = Math.max('share'.length, ...backends.map((backend) => shareOf(backend).length));
  const line = (expected: string, found: string, share: string): string =>
    `    ${expected.padEnd(10)}${found.padEnd(8)}${share.padEnd(width + 2)}`;
  const odd = backends.filter(isOdd);
  const serving = backends.filter((backend) => !isOdd(backend) && !isIdle(backend));
  const idle = backends.filter((backend) => !isOdd(backend) && isIdle(backend));
  const usual = [...odd, ...serving].slice(0, Math.max(backendsShown, odd.length));
  const shown = detail === 'verbose' ? [...odd, ...serving, ...idle] : usual;
  const column = line('', '', '').length;
  page.verbatim(`${line('expected', isUsed ? 'found' : 'in map', isUsed ? 'share' : '')}backend`, { paint: 'dim' });
  for (const backend of shown) {
    page.prose(backendText(backend), {
      label: line(expectedWords[backend.expected], foundWords[backend.found], shareOf(backend)),
      labelPaint: isOdd(backend) ? 'error' : undefined,
      indent: column,
    });
  }
  if (nowhere !== null) {
    page.prose('nowhere: slots without a backend', {
      label: line('no', 'yes', shareOf({ share: nowhere })),
      labelPaint: 'error',
      indent: column,
    });
  }
  if (detail === 'verbose') return;
  const more = odd.length + serving.length - shown.length;
  if (more > 0) page.prose(`and ${more} more (-v)`, { indent: column, paint: 'dim' });
  if (idle.length > 0)
    page.prose(`and ${idle.length} without new connections, as it should be (-v)`, { indent: column, paint: 'dim' });
}

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

function renderExit(page: Page, document: TraceDocument): void {
  const { verdict, exitCode, paths } = document;
  const paint = { pass: 'ok', fail: 'error', unknown: 'unknown', interrupted: 'unknown' } as const;
  const differences = paths.flatMap(({ frontends, beside }) =>
    frontends.flatMap((one) => one.differences).concat(beside),
  );
  const code = (differences.find(({ settling }) => !settling) ?? differences[0])?.code;
  const next = verdict === 'fail' && code !== undefined ? `. ${glued(`kubectl kpr explain ${code}`)}` : '';
  page.prose(`${reasonOf(document)}${next}`, { label: `exit ${exitCode}: `, labelPaint: paint[verdict] });
}

function reasonOf({ verdict, paths, coverage, connection }: TraceDocument): string {
  const nodesOf = (wanted: PathReport['verdict']): readonly string[] =>
    paths.filter((path) => path.verdict === wanted).flatMap(({ nodes }) => nodes);
  const all = coverage.nodes.covered;
  switch (verdict) {
    case 'pass':
      return `${passText(paths, connection.from)} on ${nodesOf('pass').length} of ${count(all, 'node')}`;
    case 'fail':
      return `differs on ${listNames(nodesOf('fail'))}`;
    case 'unknown':
      return paths.length === 0
        ? 'no node was examined'
        : isSettling(paths)
          ? `differs for the moment on ${listNames(nodesOf('unknown'))}: look again in a minute`
          : `nothing differs, but not everything is known on ${listNames(nodesOf('unknown'))}`;
    case 'interrupted':
      return 'interrupted';
  }
}

const isSettling = (paths: readonly PathReport[]): boolean =>
  paths.some(({ frontends, beside }) => beside.length > 0 || frontends.some(({ verdict }) => verdict === 'settling'));

function passText(paths: readonly PathReport[], from: TraceDocument['connection']['from']): string {
  const frontends = paths.flatMap((path) => path.frontends);
  if (frontends.length === 0) return 'nothing to balance';
  if (frontends.every((one) => one.verdict === 'notServed'))
    return `nothing serves clients ${from === 'external' ? 'from outside' : 'there'}`;
  const unserved = frontends.filter((one) => one.unserved !== null && !asAsked.has(one.unserved.reason));
  if (unserved.length === 0) return 'as the API requires';
  const left = unserved.length === frontends.length ? 'nobody' : 'nobody at some frontends';
  return `tables are as the agents make them, and serve ${left}, which kubectl kpr doctor explains,`;
}

/** What a person or the application decided, so that nothing is to be repaired. */
const asAsked: ReadonlySet<string> = new Set(['notReady', 'noSlice', 'notLocal', 'otherTypeOnly'] satisfies NonNullable<
  FrontendReport['unserved']
>['reason'][]);
