import { isUnspecified } from '../../model/lb/address.ts';
import { CommonFrontends } from '../../model/lb/CommonFrontends.ts';
import { wordsOfFlags } from '../../model/lb/lbFlags.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import { type Frontend, isWildcard, type LbTable, selectableSlots } from '../../model/lb/LbTable.ts';
import { isDummyBackend } from '../lb/endpointBackends.ts';
import type { ExpectedFrontend, ExpectedTable } from '../lb/ExpectedTable.ts';

export interface NodeTables {
  readonly node: string;
  readonly expected: ExpectedTable;
  readonly found: LbTable;
}

/** A row that nodes do not hold alike. */
export interface Disagreement {
  readonly frontend: FrontendKey;
  /** What it is and who holds it so, the most nodes first; row undefined: it is not there. */
  readonly forms: readonly { readonly row: string | undefined; readonly nodes: readonly string[] }[];
  /** Whether more nodes hold the first form than any other: without it nobody can say from this who is wrong. */
  readonly hasMajority: boolean;
}

/**
 * Nodes against nodes, compared on the rows that the API asks of all nodes alike (not those with policy Local, topology
 * or node addresses). None: all agree.
 */
export function compareNodes(nodes: readonly NodeTables[]): readonly Disagreement[] {
  const mayDiffer = keysThatMayDiffer(nodes);
  return sharedKeys(nodes, mayDiffer).flatMap((frontend) => {
    const texts = rowTexts(nodes, frontend);
    if (texts.every((text) => text === texts[0])) return [];
    const forms = [...Map.groupBy(nodes.keys(), (at) => texts[at])]
      .map(([row, places]) => ({ row, nodes: places.flatMap((at) => nodes[at]?.node ?? []) }))
      .toSorted((a, b) => b.nodes.length - a.nodes.length);
    const [most, next] = forms.map((form) => form.nodes.length);
    return { frontend, forms, hasMajority: (most ?? 0) > (next ?? 0) };
  });
}

/**
 * Where all tables are made of rows in common: those of buckets that not all nodes have, and those that are a node's
 * own. Of all others nodes hold the same row, or none does. undefined: any.
 */
function keysThatMayDiffer(nodes: readonly NodeTables[]): ReadonlySet<FrontendKey> | undefined {
  const tables = nodes.map(({ found }) => found.frontends);
  if (!tables.every((table) => table instanceof CommonFrontends)) return undefined;
  const [first, ...others] = tables;
  const keys = new Set<FrontendKey>();
  for (const { node } of tables) for (const key of node.own.keys()) keys.add(key);
  for (const [place, bucket] of (first?.node.buckets ?? []).entries()) {
    const forms = new Set([bucket, ...others.flatMap(({ node }) => node.buckets[place] ?? [])]);
    if (forms.size === 1) continue;
    for (const { rows } of forms) for (const key of rows.keys()) keys.add(key);
  }
  return keys;
}

/** Keys of which every node is asked for the same, and those that no node is asked for: `among` these, if given. */
function sharedKeys(nodes: readonly NodeTables[], among: ReadonlySet<FrontendKey> | undefined): readonly FrontendKey[] {
  const [first, ...others] = nodes;
  if (first === undefined || among?.size === 0) return [];
  const shared: FrontendKey[] = [];
  for (const [key, row] of first.expected.frontends) {
    if (among?.has(key) === false) continue;
    if (others.every(({ expected }) => sameRow(row, expected.frontends.get(key)))) shared.push(key);
  }
  const isAsked = askedBy(nodes, among);
  const unasked = new Set<FrontendKey>();
  for (const { found } of nodes) {
    for (const frontend of rowsAmong(found, among)) {
      const { key } = frontend;
      const { type } = frontend.flags;
      const perNode =
        type === 'HostPort' ||
        type === 'LocalRedirect' ||
        // The rows of a NodePort at the node's own addresses.
        (type === 'NodePort' && !isUnspecified(frontend.address)) ||
        isWildcard(frontend);
      if (!perNode && !isAsked(key)) unasked.add(key);
    }
  }
  return [...shared, ...[...unasked].toSorted()];
}

function askedBy(
  nodes: readonly NodeTables[],
  among: ReadonlySet<FrontendKey> | undefined,
): (key: FrontendKey) => boolean {
  if (among !== undefined) return (key) => nodes.some(({ expected }) => expected.frontends.has(key));
  const asked = new Set(nodes.flatMap(({ expected }) => [...expected.frontends.keys()]));
  return (key) => asked.has(key);
}

/** In the order of the table. */
function* rowsAmong({ frontends }: LbTable, among: ReadonlySet<FrontendKey> | undefined): Generator<Frontend> {
  if (among === undefined || !(frontends instanceof CommonFrontends)) return yield* frontends.values();
  const { own, buckets, common } = frontends.node;
  yield* own.values();
  const places = new Set([...among].map((key) => common.placeOf.get(key)));
  for (const [place, { rows }] of buckets.entries()) {
    if (!places.has(place)) continue;
    for (const key of rows.keys()) {
      const row = among.has(key) && !own.has(key) ? frontends.common(key) : undefined;
      if (row !== undefined) yield row;
    }
  }
}

const sameRow = (a: ExpectedFrontend, b: ExpectedFrontend | undefined): boolean =>
  b !== undefined &&
  a.type === b.type &&
  a.optional === undefined &&
  b.optional === undefined &&
  a.selectable.length === b.selectable.length &&
  a.selectable.every((key, at) => key === b.selectable[at]);

/** One text for each node; most rows are as the node's before. */
function rowTexts(nodes: readonly NodeTables[], key: FrontendKey): readonly (string | undefined)[] {
  let last: Frontend | undefined;
  let lastText: string | undefined;
  // A redirect of who has no backend but Envoy is told by who knows on which nodes that listens.
  const expected = nodes[0]?.expected.frontends.get(key);
  const isRedirectToldElsewhere = expected?.selectable.every(isDummyBackend) ?? false;
  return nodes.map(({ found }) => {
    const row = found.frontends.get(key);
    if (row === undefined) return undefined;
    if (last === undefined || !isSameRow(last, row)) lastText = rowText(row, isRedirectToldElsewhere);
    last = row;
    return lastText;
  });
}

const isSameRow = (a: Frontend, b: Frontend): boolean =>
  a.flags === b.flags &&
  a.count === b.count &&
  a.hasMaster === b.hasMaster &&
  a.slots.length === b.slots.length &&
  a.slots.every(({ number, backend }, at) => backend === b.slots[at]?.backend && number === b.slots[at]?.number);

/** What of a row must be equal on all nodes; IDs and the order of slots differ by history. */
function rowText(frontend: Frontend, isRedirectToldElsewhere: boolean): string {
  const backends = (selectableSlots(frontend) ?? frontend.slots).map(({ backend }) => backend ?? 'nothing').toSorted();
  const flags = wordsOfFlags(frontend.flags.type, frontend.flags.names).filter(
    (word) => !isRedirectToldElsewhere || word !== 'l7-load-balancer',
  );
  return `${flags.join('+')} ${backends.join(' ')}`;
}
