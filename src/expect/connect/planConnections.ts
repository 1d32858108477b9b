import { coveredNodes, type Derivations } from '../../core/Derivations.ts';
import type { ConnectOrigin, ConnectPlace, ConnectTarget } from '../../model/Connections.ts';
import { isLoopback, isUnspecified, type Protocol } from '../../model/lb/address.ts';
import { type FrontendKey, frontendKey, partsOf } from '../../model/lb/keys.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import { type NodeParity, tableParity } from '../parity/tableParity.ts';

/** What is to be tried from one place. */
export interface ConnectPlan {
  readonly origin: ConnectOrigin;
  /** Each with how often, since one connection meets one backend. */
  readonly targets: readonly { readonly target: ConnectTarget; readonly times: number }[];
}

export interface PlannedConnections {
  readonly plans: readonly ConnectPlan[];
  readonly connections: number;
  readonly pairs: number;
  /** How many of them fell out of the budget. */
  readonly leftOut: number;
}

export interface ConnectWish {
  readonly origins: readonly ConnectOrigin[];
  /** Which rows are tried; undefined: all. */
  readonly wants?: ((row: ExpectedFrontend) => boolean) | undefined;
  /** So many connections at most. */
  readonly budget: number;
}

/** So often an address is tried, where it has as many backends. */
const mostTimes = 3;
/** Of a Service with hundreds of backends no more are asked for themselves. */
const mostBackends = 5;
const dnsPort = 53;

/**
 * Which addresses are tried from where: what the API requires of tables, and they hold as it asks. From nodes and
 * pods these are ClusterIPs, NodePorts of one other node each, and hostPorts of all other nodes; from outside NodePorts
 * and hostPorts of all nodes, and LoadBalancer and external addresses. What admits only some clients is not tried.
 * Beyond the budget each address is tried once, then from fewer places, which take turns.
 */
export function planConnections(derivations: Derivations, { origins, wants, budget }: ConnectWish): PlannedConnections {
  const tables = tablesOf(derivations, wants ?? (() => true));
  const wanted = origins.map((origin) => ({ origin, targets: targetsFor(origin, tables) }));
  const pairs = wanted.reduce((sum, { targets }) => sum + targets.length, 0);
  const times = timesOf(wanted, budget);
  const kept = pairs <= budget ? wanted : sampled(wanted, budget);
  const plans = kept.map(({ origin, targets }) => ({
    origin,
    targets: targets.map((target) => ({ target, times: times(target) })),
  }));
  const count = (of: (plan: ConnectPlan) => number): number => plans.reduce((sum, plan) => sum + of(plan), 0);
  return {
    plans: plans.filter(({ targets }) => targets.length > 0),
    connections: count(({ targets }) => targets.reduce((sum, one) => sum + one.times, 0)),
    pairs,
    leftOut: pairs - count(({ targets }) => targets.length),
  };
}

interface Wanted {
  readonly origin: ConnectOrigin;
  readonly targets: readonly ConnectTarget[];
}

const byBackends = ({ backends }: ConnectTarget): number => Math.min(mostTimes, backends.length);

function timesOf(wanted: readonly Wanted[], budget: number): (target: ConnectTarget) => number {
  const all = wanted.reduce((sum, { targets }) => sum + targets.reduce((n, one) => n + byBackends(one), 0), 0);
  return all <= budget ? byBackends : () => 1;
}

/** Each target from as many places as there is room for, in turn, so that each place has about the same to do. */
function sampled(wanted: readonly Wanted[], budget: number): readonly Wanted[] {
  const askers = new Map<string, number[]>();
  for (const [at, { targets }] of wanted.entries())
    for (const target of targets) {
      const known = askers.get(nameOf(target));
      if (known === undefined) askers.set(nameOf(target), [at]);
      else known.push(at);
    }
  const most = Math.max(1, Math.floor(budget / askers.size));
  // More addresses than connections: every so many is tried.
  const stride = Math.ceil(askers.size / budget);
  const chosen = new Set<string>();
  for (const [i, [name, places]] of [...askers].entries()) {
    if (i % stride !== 0) continue;
    for (let turn = 0; turn < Math.min(most, places.length); turn++)
      chosen.add(`${places[(i * most + turn) % places.length]} ${name}`);
  }
  return wanted.map(({ origin, targets }, at) => ({
    origin,
    targets: targets.filter((target) => chosen.has(`${at} ${nameOf(target)}`)),
  }));
}

const nameOf = ({ place: { address, port, protocol } }: ConnectTarget): string => `${address} ${port} ${protocol}`;

/** What a node serves as it should. */
interface Served {
  readonly node: string;
  readonly rows: readonly ExpectedFrontend[];
}

function tablesOf(derivations: Derivations, wants: NonNullable<ConnectWish['wants']>): readonly Served[] {
  return coveredNodes(derivations.snapshot).map(({ name }) => {
    const parity = derivations.on(tableParity, name);
    return { node: name, rows: parity.judged ? rowsOf(parity).filter(wants) : [] };
  });
}

function rowsOf({ expected, differences }: NodeParity & { readonly judged: true }) {
  const differing = new Set<FrontendKey>(differences.map(({ frontend }) => frontend));
  return [...expected.frontends.values()].filter(
    (row) =>
      row.selectable.length > 0 &&
      row.optional === undefined &&
      row.remote === 'none' &&
      row.sourceRanges.length === 0 &&
      placeOf(row) !== undefined &&
      !isUnspecified(row.address) &&
      !isLoopback(row.address) &&
      !differing.has(row.key),
  );
}

function targetsFor(origin: ConnectOrigin, tables: readonly Served[]): readonly ConnectTarget[] {
  if (origin.kind === 'here') return fromOutside(tables);
  const at = tables.findIndex(({ node }) => node === origin.node);
  const own = tables[at];
  if (own === undefined) return [];
  const others = tables.filter(({ node }) => node !== origin.node);
  // The next one in the circle, so that each node is asked.
  const next = tables[(at + 1) % tables.length];
  const inside = own.rows.filter((row) => row.type === 'ClusterIP' && isForInside(row, own.rows));
  return distinct([
    ...inside.map((row) => targetOf(row, undefined)),
    ...(next?.rows ?? []).filter((row) => isAt(row, 'NodePort')).map((row) => targetOf(row, next?.node)),
    ...others.flatMap(({ node, rows }) =>
      rows.filter((row) => isAt(row, 'HostPort')).map((row) => targetOf(row, node)),
    ),
  ]);
}

const fromOutside = (tables: readonly Served[]): readonly ConnectTarget[] =>
  distinct(
    tables.flatMap(({ node, rows }) =>
      rows.flatMap((row) => {
        if (isAt(row, 'NodePort') || isAt(row, 'HostPort')) return [targetOf(row, node)];
        return isAt(row, 'LoadBalancer') || isAt(row, 'ExternalIPs') ? [targetOf(row, undefined)] : [];
      }),
    ),
  );

const isAt = (row: ExpectedFrontend, type: ExpectedFrontend['type']): boolean =>
  row.type === type && row.scope === 'external';

/** Where a frontend has two scopes, clients inside are served by the internal one. */
function isForInside(row: ExpectedFrontend, rows: readonly ExpectedFrontend[]): boolean {
  if (row.scope === 'internal') return true;
  const { address, port, protocol } = row;
  const inner = frontendKey(address, port, protocol, 'internal');
  return !rows.some(({ key }) => key === inner);
}

/** One address may be served by all nodes alike. */
const distinct = (targets: readonly ConnectTarget[]): readonly ConnectTarget[] => [
  ...new Map(targets.map((target) => [nameOf(target), target])).values(),
];

function targetOf(row: ExpectedFrontend, atNode: string | undefined): ConnectTarget {
  const nodes = new Map(row.backends.map(({ key, nodeName }) => [key, nodeName === '' ? undefined : nodeName]));
  const backends = row.selectable.slice(0, mostBackends).flatMap((key) => {
    const { address, port, protocol } = partsOf(key);
    return protocol === 'TCP' || protocol === 'UDP'
      ? [{ place: { address, port, protocol }, node: nodes.get(key) }]
      : [];
  });
  const { kind, namespace, name } = row.owner;
  const place = { address: row.address, port: row.port, protocol: row.protocol === 'UDP' ? 'UDP' : 'TCP' } as const;
  return { place, type: row.type, owner: { kind, namespace, name }, atNode, backends };
}

/** undefined: of this nobody here knows how to ask. */
function placeOf({ address, port, protocol }: { address: string; port: number; protocol: Protocol }) {
  if (protocol === 'TCP') return { address, port, protocol } satisfies ConnectPlace;
  return protocol === 'UDP' && port === dnsPort ? ({ address, port, protocol } satisfies ConnectPlace) : undefined;
}
