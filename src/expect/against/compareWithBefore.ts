import type { Before } from '../../model/Before.ts';
import { isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { Node, Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import type { ProxyTable } from '../../model/lb/ProxyTable.ts';
import type { ClusterFacts, NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import type { ApiObjects } from '../expectTable.ts';
import { expectTable } from '../expectTable.ts';
import { apiObjects, expectInputOf, tableParity } from '../tableParity.ts';
import type { AgainstBefore, ServiceOutcome, Undecided } from './AgainstBefore.ts';
import { compareNode, type NodeComparison } from './compareNode.ts';
import { readyAddresses, unsettledServices } from './endpointsThen.ts';
import { foldByPlace } from './foldByPlace.ts';
import { serviceChanges } from './serviceChanges.ts';

export interface AgainstOptions {
  readonly file: string;
  /** Only Services of this namespace; undefined: all. */
  readonly namespace: string | undefined;
}

/**
 * Every Service that was there at both times: what kube-proxy did with it on each node then, against what eBPF does with it there now.
 * Only for readings that are not `notComparable`.
 */
export function compareWithBefore(before: Before, after: Snapshot, { file, namespace }: AgainstOptions): AgainstBefore {
  const old = apiObjects(before.facts);
  const now = apiObjects(latest(after));
  const unread = [old, now].find((one): one is Missing => 'missing' in one);
  const known = namesOf(before, after, namespace);
  const head = headOf(before, file, known.nodes);
  if (unread !== undefined || 'missing' in old || 'missing' in now) {
    const why = unread ?? missing('notCollected', 'Services were not read');
    return { ...head, ...nothing, unknown: [{ node: undefined, service: undefined, ...reasonOf(why) }] };
  }
  const services = new Map(now.services.map((service) => [nameOf(service), service]));
  const both = old.services.filter((service) => known.inBoth.has(nameOf(service)));
  const unsettled = unsettledServices(old.endpointSlices, before.takenAt);
  const unknown: Undecided[] = [];
  const compared = new Map<string, NodeComparison>();
  for (const name of known.nodes.candidates) {
    const result = judge(before, after, name, { objects: old, inBoth: known.inBoth, unsettled });
    if ('missing' in result) {
      unknown.push({ node: name, service: undefined, ...reasonOf(result) });
      continue;
    }
    compared.set(name, result);
    for (const { service, why } of result.unknown) unknown.push({ node: name, service, ...reasonOf(why) });
  }
  const results = [...compared];
  const lost = foldByPlace(results.map(([node, result]) => [node, result.lost]));
  const intended = foldByPlace(results.map(([node, result]) => [node, result.intended]));
  const gained = foldByPlace(results.map(([node, result]) => [node, result.gained]));
  const served = union(results.map(([, result]) => result.served));
  const moved = union(results.map(([, result]) => result.moved));
  const isLost = new Set(lost.filter(({ severity }) => severity === 'error').map(({ service }) => service));
  const isUnknown = new Set(unknown.map(({ service }) => service));
  const outcomeOf = (service: Service): ServiceOutcome => {
    const name = nameOf(service);
    const other = services.get(name) ?? service;
    const own = serviceChanges(service, other);
    const endpoints = moved.has(name) && readyAddresses(old, name).join() !== readyAddresses(now, name).join();
    const changed = [...own, ...(endpoints ? ['endpoints'] : [])];
    return {
      service: name,
      outcome: isLost.has(name)
        ? 'lost'
        : isUnknown.has(name)
          ? 'unknown'
          : own.length > 0
            ? 'service'
            : moved.has(name)
              ? 'endpoints'
              : 'same',
      changed,
      backends: { before: readyAddresses(old, name).length, now: readyAddresses(now, name).length },
    };
  };
  return {
    ...head,
    nodes: { ...head.nodes, compared: [...compared.keys()] },
    services: {
      compared: both.filter((service) => served.has(nameOf(service))).map(outcomeOf),
      came: known.came,
      went: known.went,
    },
    lost,
    intended,
    gained,
    unknown,
  };
}

/** What was listed a second time is what differing maps were judged by; a second look may be at something else only. */
const latest = ({ facts, second }: Snapshot): ClusterFacts =>
  second !== undefined && isKnown(second.facts.services) && isKnown(second.facts.endpointSlices) ? second.facts : facts;

interface Common {
  /** Of then. */
  readonly objects: ApiObjects;
  readonly inBoth: ReadonlySet<string>;
  readonly unsettled: ReadonlySet<string>;
}

function judge(before: Before, after: Snapshot, name: string, common: Common): NodeComparison | Missing {
  const old = before.nodes.find((node) => node.name === name);
  const node = after.nodes.find((one) => one.name === name);
  if (old === undefined || node === undefined) return missing('absent', 'there was no such node');
  if (!isKnown(old.table)) return { ...old.table, detail: `kube-proxy’s rules of then: ${old.table.detail}` };
  if (!old.table.value.hooked)
    return missing('absent', 'kube-proxy was not in effect there any more: nothing led to its rules');
  const parity = tableParity(after).get(name);
  if (parity === undefined) return missing('notCollected', 'its tables were not compared');
  if (!parity.judged) return parity.why;
  const cluster = latest(after);
  const input = expectInputOf(after, cluster, node);
  if ('missing' in input) return input;
  const objectThen = nodeObject(before.facts, name);
  // Labels decide about zones: kube-proxy went by those of then.
  const asThen = { ...input.node, labels: objectThen?.metadata.labels ?? input.node.labels };
  const { objects, inBoth, unsettled } = common;
  return compareNode({
    proxy: old.table.value,
    kept: old.kept,
    expected: expectTable({ node: asThen, config: input.config, objects }),
    node: asThen,
    config: input.config,
    objects,
    now: parity.expected,
    differences: parity.differences,
    inBoth,
    unsettled,
    socketLb: valueOf(node.facts.status)?.kpr?.socketLb,
    nodeAddresses: stillItsOwn(objectThen, nodeObject(cluster, name), node),
  });
}

/** Internal addresses of the Node of then that it still has, and that are on one of its links, where those were read. */
function stillItsOwn(then: Node | undefined, now: Node | undefined, { facts }: NodeSnapshot): readonly string[] {
  const current = new Set(internalAddresses(now));
  const links = valueOf(facts.interfaces)?.flatMap(({ addresses }) => addresses);
  const onLinks = links && new Set(links.map((address) => canonicalAddress(address.replace(/\/.*/, ''))));
  return internalAddresses(then).filter((address) => current.has(address) && (onLinks?.has(address) ?? true));
}

const internalAddresses = (node: Node | undefined): readonly string[] =>
  (node?.status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP')
    .map(({ address }) => canonicalAddress(address))
    .filter((address) => address !== undefined);

const nodeObject = ({ nodes }: Before['facts'], name: string): Node | undefined =>
  valueOf(nodes)?.find(({ metadata }) => metadata.name === name);

interface Names {
  readonly nodes: {
    readonly candidates: readonly string[];
    readonly came: readonly string[];
    readonly went: readonly string[];
    readonly excluded: readonly string[];
  };
  readonly inBoth: ReadonlySet<string>;
  readonly came: readonly string[];
  readonly went: readonly string[];
}

function namesOf(before: Before, after: Snapshot, namespace: string | undefined): Names {
  const old = new Set(before.nodes.map(({ name }) => name));
  const current = new Map(after.nodes.map((node) => [node.name, node.coverage.kind]));
  const servicesOf = (services: readonly Service[] | undefined): readonly string[] =>
    (services ?? [])
      .filter(({ metadata, spec }) => isBalanced(spec) && (namespace === undefined || metadata.namespace === namespace))
      .map(nameOf)
      .toSorted();
  const then = new Set(servicesOf(valueOf(before.facts.services)));
  const now = new Set(servicesOf(valueOf(latest(after).services)));
  return {
    nodes: {
      candidates: [...current].flatMap(([name, kind]) => (kind === 'covered' && old.has(name) ? [name] : [])),
      came: [...current].flatMap(([name, kind]) => (kind === 'covered' && !old.has(name) ? [name] : [])),
      went: [...old].filter((name) => !current.has(name)),
      excluded: [...current].flatMap(([name, kind]) => (kind === 'excluded' && old.has(name) ? [name] : [])),
    },
    inBoth: new Set([...then].filter((name) => now.has(name))),
    came: [...now].filter((name) => !then.has(name)),
    went: [...then].filter((name) => !now.has(name)),
  };
}

/** Headless Services and names of other places have nothing that anybody balances. */
const isBalanced = (spec: Service['spec']): boolean => spec?.type !== 'ExternalName' && spec?.clusterIP !== 'None';

function headOf(
  before: Before,
  file: string,
  { candidates: _candidates, ...others }: Names['nodes'],
): Pick<AgainstBefore, 'before' | 'nodes'> {
  const tables = before.nodes.flatMap(({ name, table, kept }) =>
    isKnown(table) ? [{ name, mode: table.value.mode, kept }] : [],
  );
  return {
    before: {
      file,
      takenAt: before.takenAt,
      modes: [...new Set(tables.map(({ mode }): ProxyTable['mode'] => mode))],
      nodes: tables.length,
      leftovers: tables.filter(({ kept }) => !kept).map(({ name }) => name),
    },
    nodes: { compared: [], ...others },
  };
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const set of sets) for (const one of set) all.add(one);
  return all;
}

const nothing = {
  services: { compared: [], came: [], went: [] },
  lost: [],
  intended: [],
  gained: [],
} as const;

const reasonOf = ({ missing: reason, detail }: Missing): Pick<Undecided, 'reason' | 'detail'> => ({ reason, detail });

const nameOf = ({ metadata }: Service): string => `${metadata.namespace ?? ''}/${metadata.name}`;
