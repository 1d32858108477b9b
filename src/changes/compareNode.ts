import { liveChainHashes, type ServicePortName } from '../expect/kube-proxy/chainHashes.ts';
import { agentConfigOn } from '../expect/agent/AgentConfig.ts';
import { clusterVersion } from '../expect/agent/agentVersion.ts';
import { replacementBy } from '../expect/kube-proxy/replacement.ts';
import { ipvsLink, ownerOfIpset } from '../knowledge/owners/ownerOfObject.ts';
import { type Fact, isKnown, known, mapFact, missing, valueOf } from '../model/Fact.ts';
import { bracketed } from '../model/lb/address.ts';
import type { IptablesDump, IptablesTable, NodeFacts } from '../model/NodeFacts.ts';
import type { NodeSnapshot, Snapshot } from '../model/Snapshot.ts';
import {
  type DumpChanges,
  type NodeChanges,
  type ObjectChange,
  type ObjectKind,
  type OwnerGroup,
  ownerGroupOf,
  type ServiceReach,
  type Unread,
} from './Changes.ts';
import { compareDump } from './compareDump.ts';
import { unreadOf } from './unreadOf.ts';
import { nodeStates } from './compareStates.ts';
import { compareReach } from './compareReach.ts';
import { type ServicesByFrontend, servicesByFrontend } from '../expect/lb/servicesByFrontend.ts';
import { reachOfKubeProxy, reachOfMaps } from './serviceReach.ts';

/** One reading of the cluster, with what is the same for all of its nodes. */
export interface IndexedSnapshot {
  readonly snapshot: Snapshot;
  readonly services: ServicesByFrontend;
}

export const withServices = (snapshot: Snapshot): IndexedSnapshot => ({
  snapshot,
  services: servicesByFrontend(valueOf(snapshot.facts.services) ?? []),
});

export const hashesOf = (...snapshots: readonly Snapshot[]): ReadonlyMap<string, ServicePortName> =>
  liveChainHashes(snapshots.flatMap(({ facts }) => valueOf(facts.services) ?? []));

/** What is different on a node that both readings have. */
export function compareNode(
  node: { readonly before: NodeSnapshot; readonly after: NodeSnapshot },
  readings: { readonly before: IndexedSnapshot; readonly after: IndexedSnapshot },
  hashes: ReadonlyMap<string, ServicePortName>,
): NodeChanges {
  const unread: Unread[] = [];
  /** The two values, or nothing and a note of what is lacking. */
  const both = <T>(what: string, before: Fact<T>, after: Fact<T>): { before: T; after: T } | undefined => {
    if (isKnown(before) && isKnown(after)) return { before: before.value, after: after.value };
    unread.push(unreadOf(what, before, after, what === nftTables ? ['absent'] : []));
    return undefined;
  };
  const { facts: earlier } = node.before;
  const { facts: later } = node.after;
  const dumps = dumpKinds.flatMap(({ backend, family, command }): DumpChanges[] => {
    const tables = both(command, tablesOf(earlier, backend, family), tablesOf(later, backend, family));
    return tables === undefined ? [] : [compareDump({ backend, family, ...tables, hashes })];
  });
  const objects = objectKinds.flatMap(({ kind, what, read, groupOf }) => {
    const values = both(what, read(earlier), read(later));
    return values === undefined ? [] : [objectChanges(kind, values.before, values.after, groupOf)];
  });
  const states = nodeStates(node);
  unread.push(...states.unread);
  const reach = both('what Services reach', reachOn(node.before, readings.before), reachOn(node.after, readings.after));
  return {
    node: node.after.name,
    dumps,
    objects: objects.flatMap(({ changes }) => changes),
    kept: objects.flatMap(({ kept }) => kept),
    states: states.changes,
    services: reach === undefined ? undefined : compareReach(reach.before, reach.after),
    unread,
  };
}

export const dumpKinds = [
  { backend: 'nft', family: 'ipv4', command: 'iptables-nft-save' },
  { backend: 'nft', family: 'ipv6', command: 'ip6tables-nft-save' },
  { backend: 'legacy', family: 'ipv4', command: 'iptables-legacy-save' },
  { backend: 'legacy', family: 'ipv6', command: 'ip6tables-legacy-save' },
] as const;

/** As the agent sees them; where it could not be asked, as the kube-proxy pod of the node does. */
export function tablesOf(
  { iptables, proxyRules }: NodeFacts,
  backend: IptablesDump['backend'],
  family: IptablesDump['family'],
): Fact<readonly IptablesTable[]> {
  const find = (dumps: readonly IptablesDump[] | undefined): Fact<readonly IptablesTable[]> | undefined =>
    dumps?.find((dump) => dump.backend === backend && dump.family === family)?.tables;
  const own = isKnown(iptables) ? (find(iptables.value) ?? missing('notCollected', 'it was not read')) : iptables;
  if (isKnown(own)) return own;
  const proxys = find(valueOf(proxyRules)?.iptables);
  return proxys !== undefined && isKnown(proxys) ? proxys : own;
}

interface Described {
  readonly name: string;
  /** What may change of it, in a few words. */
  readonly state: string;
}

const nftTables = 'nftables tables of kube-proxy';

const objectKinds: readonly {
  readonly kind: ObjectKind;
  readonly what: string;
  readonly read: (facts: NodeFacts) => Fact<readonly Described[]>;
  readonly groupOf: (name: string) => OwnerGroup;
}[] = [
  {
    kind: 'nftTable',
    what: nftTables,
    read: ({ nftTables, proxyRules }) => {
      const proxys = valueOf(proxyRules)?.nftTables;
      const fact = !isKnown(nftTables) && proxys !== undefined && isKnown(proxys) ? proxys : nftTables;
      return mapFact(fact, (tables) =>
        tables.map(({ family, chains }) => ({
          name: `${family} kube-proxy`,
          state: chains === undefined ? '' : `${chains} chains`,
        })),
      );
    },
    groupOf: () => 'kubeProxy',
  },
  {
    kind: 'ipset',
    what: 'ipsets',
    read: ({ ipsets }) => mapFact(ipsets, (names) => names.map((name) => ({ name, state: '' }))),
    groupOf: (name) => ownerGroupOf(ownerOfIpset(name)),
  },
  {
    kind: 'ipvs',
    what: 'IPVS servers',
    read: ({ ipvs }) =>
      mapFact(ipvs, (servers) =>
        servers.map(({ protocol, address, port, destinations }) => ({
          name: `${bracketed(address)}:${port}/${protocol}`,
          state: `${destinations} destinations`,
        })),
      ),
    groupOf: () => 'kubeProxy',
  },
  {
    kind: 'link',
    what: `the link ${ipvsLink}`,
    read: ({ interfaces }) =>
      mapFact(interfaces, (links) =>
        links
          .filter(({ name }) => name === ipvsLink)
          .map(({ name, addresses }) => ({ name, state: `${addresses.length} addresses` })),
      ),
    groupOf: () => 'kubeProxy',
  },
];

function objectChanges(
  kind: ObjectKind,
  before: readonly Described[],
  after: readonly Described[],
  groupOf: (name: string) => OwnerGroup,
): { readonly changes: readonly ObjectChange[]; readonly kept: readonly string[] } {
  const earlier = new Map(before.map((one) => [one.name, one.state]));
  const later = new Map(after.map((one) => [one.name, one.state]));
  const changes: ObjectChange[] = [];
  for (const name of [...new Set([...earlier.keys(), ...later.keys()])].sort()) {
    const [old, now] = [earlier.get(name), later.get(name)];
    if (old === now) continue;
    const what = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    changes.push({ kind, name, ownerGroup: groupOf(name), what, before: old ?? '', after: now ?? '' });
  }
  const kept = [...later].filter(([name, now]) => groupOf(name) === 'kubeProxy' && earlier.get(name) === now);
  return { changes, kept: kept.map(([name]) => name) };
}

/** By the datapath that serves the node: the maps, or (while nothing replaces it) kube-proxy's rules. */
function reachOn(node: NodeSnapshot, { snapshot, services }: IndexedSnapshot): Fact<ServiceReach> {
  const { lbTable, proxyRules } = node.facts;
  const proxyTable = isKnown(node.facts.proxyTable)
    ? node.facts.proxyTable
    : (valueOf(proxyRules)?.table ?? node.facts.proxyTable);
  // Where no agent is, nothing replaces kube-proxy, whatever the configuration says.
  if (
    node.agent === undefined ||
    replacementBy(node.facts.status, agentConfigOn(node, snapshot.facts, clusterVersion(snapshot))) !== 'on'
  ) {
    if (isKnown(proxyTable) && proxyTable.value.hooked)
      return known(reachOfKubeProxy(proxyTable.value, services), proxyTable.source);
    if (!isKnown(proxyTable) && proxyTable.missing !== 'absent') return proxyTable;
  }
  if (!isKnown(lbTable)) return lbTable;
  if (lbTable.value.unreadable !== undefined) return missing('unparsed', lbTable.value.unreadable);
  return known(reachOfMaps(lbTable.value, services), lbTable.source);
}
