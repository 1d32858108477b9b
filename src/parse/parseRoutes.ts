import { type Family, unspecified } from '../model/lb/address.ts';
import { addressBits, type AddressRange, rangeOfNetwork } from '../model/addressNumber.ts';
import type { RouteMap, RouteSpan } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf, ownText } from './text.ts';

interface Route extends AddressRange {
  readonly metric: number;
  readonly device: string | undefined;
  readonly refusedBy?: RouteSpan['refusedBy'];
}

/** They say that packets go nowhere. */
const refusing: ReadonlySet<string> = new Set(['unreachable', 'blackhole', 'prohibit']);
const nowhere: ReadonlySet<string> = new Set([...refusing, 'throw']);
/** Kinds that may stand in front of a destination, and change nothing here. */
const kinds: ReadonlySet<string> = new Set(['unicast', 'local', 'broadcast', 'anycast', 'multicast']);

/**
 * `ip -4 route`: `10.244.2.0/24 via 10.244.1.1 dev cilium_host proto kernel src 10.244.1.1 mtu 1450`; of a route over
 * several ways the ways stand below it, `nexthop via 10.0.0.1 dev eth0 weight 1`.
 */
export const parseRoutes =
  (family: Family) =>
  (text: string): Parsed<RouteMap> => {
    const routes: Route[] = [];
    for (const line of linesOf(text)) {
      if (line.trim() === '') continue;
      const isWay = /^\s+nexthop\s/.test(line);
      const route = isWay ? withWay(routes.pop(), line) : routeIn(line, family);
      if (route === undefined) return unparsed(`a line of ip route: ${excerptOf(line)}`);
      // The kernel passes over what it knows to be dead.
      if (!/ dead\b/.test(line) || isWay) routes.push(route);
    }
    const spans = spansOf(routes);
    return spans === undefined
      ? unparsed(`more than ${maxNested} routes of ip route lead to one address`)
      : parsed(spans.filter(({ from }) => from < 1n << BigInt(addressBits[family])));
  };

function routeIn(line: string, family: Family): Route | undefined {
  const [kind = '', next] = line.trim().split(/\s+/, 2);
  const isNowhere = nowhere.has(kind);
  const destination = isNowhere || kinds.has(kind) ? next : kind;
  const range = rangeOf(destination ?? '', family);
  if (range === undefined) return undefined;
  const metric = Number(/ metric (\d{1,10})\b/.exec(line)?.[1] ?? 0);
  if (refusing.has(kind) && destination !== undefined)
    return { ...range, metric, device: undefined, refusedBy: { kind, network: destination } };
  return { ...range, metric, device: isNowhere ? undefined : deviceIn(line) };
}

/** FIRST-LAST: networks of one size in a row, as programs/agent/routes4.pl says them. */
function rangeOf(destination: string, family: Family): AddressRange | undefined {
  const [first = '', last] = destination.split('-', 2);
  const range = rangeOfNetwork(first === 'default' ? `${unspecified[family]}/0` : first, family);
  const end = range && last !== undefined ? rangeOfNetwork(last, family) : range;
  return range && end && end.length === range.length && end.from >= range.from ? { ...range, to: end.to } : undefined;
}

/** The first way that is alive stands for all: what leads to pods has one. */
const withWay = (route: Route | undefined, line: string): Route | undefined =>
  route && { ...route, device: route.device ?? (/ dead\b/.test(line) ? undefined : deviceIn(line)) };

function deviceIn(line: string): string | undefined {
  const device = / dev (\S+)/.exec(line)?.[1];
  return device && ownText(device);
}

/** A table has one for each length of a prefix at most; more than these lead to one address in none. */
const maxNested = 256;

/**
 * Networks lie in one another, or apart; what stands in a row may overlap with one. undefined: more of them overlap
 * than in any table.
 */
function spansOf(routes: readonly Route[]): RouteMap | undefined {
  const sorted = bestOfEach(routes).toSorted((a, b) => compare(a.from, b.from));
  const bounds = [...new Set(sorted.flatMap(({ from, to }) => [from, to + 1n])).add(0n)].toSorted(compare);
  const spans: RouteSpan[] = [];
  let open: readonly Route[] = [];
  let next = 0;
  for (const from of bounds) {
    const begun = next;
    while ((sorted[next]?.from ?? from + 1n) <= from) next++;
    open = [...open.filter(({ to }) => to >= from), ...sorted.slice(begun, next)];
    if (open.length > maxNested) return undefined;
    const route = open.reduce<Route | undefined>((best, one) => (isBefore(one, best) ? one : best), undefined);
    const { device, refusedBy } = route ?? {};
    const isDefault = route?.length === 0;
    const span = { from, device, isDefault, ...(refusedBy !== undefined && { refusedBy }) };
    if (!isLike(span, spans.at(-1))) spans.push(span);
  }
  return spans;
}

const isLike = (one: RouteSpan, other: RouteSpan | undefined): boolean =>
  other !== undefined &&
  one.device === other.device &&
  one.isDefault === other.isDefault &&
  one.refusedBy === other.refusedBy;

/** Of several to the same network the kernel takes the one with the lowest metric. */
function bestOfEach(routes: readonly Route[]): readonly Route[] {
  const best = new Map<string, Route>();
  for (const route of routes) {
    const key = `${route.from} ${route.to} ${route.length}`;
    if (isBefore(route, best.get(key))) best.set(key, route);
  }
  return [...best.values()];
}

/** The more special one, then that with the lower metric. */
const isBefore = (route: Route, other: Route | undefined): boolean =>
  other === undefined || route.length > other.length || (route.length === other.length && route.metric < other.metric);

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
