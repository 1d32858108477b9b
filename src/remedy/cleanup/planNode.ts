import type { Derivations } from '../../core/Derivations.ts';
import { writesSharedChains } from '../../expect/kubelet.ts';
import { servicesByFrontend } from '../../expect/lb/servicesByFrontend.ts';
import { isKnown, valueOf } from '../../model/Fact.ts';
import type { IptablesDump, IptablesTable, NftTable } from '../../model/NodeFacts.ts';
import { optionsOf } from '../../model/RuleOptions.ts';
import type { NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import { type Division, divideTable } from './divideTable.ts';
import { keptNotes } from './keptNotes.ts';
import { lazily } from '../../core/lazily.ts';
import type { NodeCleanup, NodePlan, NotSeen } from './NodeCleanup.ts';
import { planIpvs } from './planIpvs.ts';
import { planTable } from './planTable.ts';
import { healthIsCilium, type Obstacle, obstaclesOn } from './preconditions.ts';
import { type DividedTable, tableObstacles } from './tableObstacles.ts';

/** What is left of kube-proxy on a node, and how to take it away; or why not to. */
export function planNode(node: NodeSnapshot, derivations: Derivations): NodeCleanup {
  const { snapshot } = derivations;
  const { name, facts } = node;
  const divided = divide(node, snapshot);
  // Few nodes have virtual servers, and clusters have thousands of Services.
  const served = lazily(() => servicesByFrontend(valueOf(snapshot.facts.services) ?? []));
  const usedSets = new Set(divided.flatMap(({ table, division }) => setsThatStay(table, division)));
  const { plan: ipvs, notes: ipvsNotes } = planIpvs(node, served, {
    usedSets,
    isLive: snapshot.origin.kind === 'live',
  });
  const { tables: nftTables, obstacles: nftObstacles } = planNft(valueOf(facts.nftTables) ?? []);
  const tables = divided.flatMap(({ place, table, division }) => planTable(place, table, division) ?? []);
  const notes = [...keptNotes(divided), ...ipvsNotes];
  const unread = unreadOn(node);

  const isIpvs = ipvs.link || ipvs.servers.length > 0 || ipvs.byService.length > 0 || ipvs.sets.length > 0;
  if (tables.length === 0 && nftTables.length === 0 && nftObstacles.length === 0 && !isIpvs) {
    return { node: name, kind: 'clean', notes, unread };
  }
  const obstacles = [...obstaclesOn(node, derivations), ...divided.flatMap(tableObstacles), ...nftObstacles];
  if (obstacles.length > 0) return { node: name, kind: 'blocked', obstacles };
  return {
    node: name,
    kind: 'planned',
    plan: { node: name, tables, nftTables, ipvs, healthIsCilium: healthIsCilium(name, derivations), notes },
    unread,
  };
}

/** On the node the number of chains tells whether a table is the one that was read. */
function planNft(read: readonly NftTable[]): {
  readonly tables: NodePlan['nftTables'];
  readonly obstacles: readonly Obstacle[];
} {
  const found = (['ip', 'ip6'] as const).flatMap((family) => {
    const table = read.find((one) => one.family === family);
    return table === undefined ? [] : [{ family, chains: table.chains }];
  });
  return {
    tables: found.flatMap(({ family, chains }) => (chains === undefined ? [] : [{ family, chains }])),
    obstacles: found.flatMap(({ family, chains }) =>
      chains === undefined
        ? [{ kind: 'unknown', why: `how many chains nftables table ${family} kube-proxy has was not read` } as const]
        : [],
    ),
  };
}

function divide({ name, facts }: NodeSnapshot, snapshot: Snapshot): readonly DividedTable[] {
  const kubeletWrites = kubeletReason(name, snapshot);
  return (valueOf(facts.iptables) ?? []).flatMap(({ backend, family, tables }: IptablesDump) =>
    (valueOf(tables) ?? []).map((table) => ({
      place: { backend, family, table: table.name },
      table,
      division: divideTable(table, kubeletWrites),
    })),
  );
}

/** Why the kubelet writes kube-proxy's shared chains, too; undefined: it does not. */
function kubeletReason(node: string, { facts }: Snapshot): string | undefined {
  const kubelet = writesSharedChains(node, facts.nodes);
  switch (kubelet.writes) {
    case 'unknown':
      return 'kubelets up to 1.26 write the same, and the version of this one is not known';
    case 'yes':
      return `the kubelet (${kubelet.version}) writes the same`;
    case 'no':
      return undefined;
    default:
      return kubelet satisfies never;
  }
}

/** Names of the sets that rules which stay match or change. */
function setsThatStay({ chains }: IptablesTable, division: Division): readonly string[] {
  const gone = new Set<unknown>(division.chains.map(({ name }) => name));
  const jumps = new Set<unknown>(division.jumps);
  return chains
    .filter(({ name }) => !gone.has(name))
    .flatMap(({ rules }) => rules.flatMap((rule) => (jumps.has(rule) ? [] : optionsOf(rule).sets)));
}

function unreadOn({ facts }: NodeSnapshot): readonly NotSeen[] {
  const { iptables, nftTables, interfaces, ipsets, ipvs } = facts;
  const dumps = isKnown(iptables)
    ? iptables.value.flatMap(({ backend, family, tables }) =>
        isKnown(tables)
          ? []
          : [{ what: `iptables (${backend}, ${family === 'ipv4' ? 'IPv4' : 'IPv6'})`, why: tables.detail }],
      )
    : [{ what: 'iptables', why: iptables.detail }];
  const others = Object.entries({ nftables: nftTables, interfaces, ipsets, IPVS: ipvs }).flatMap(([what, fact]) =>
    'missing' in fact ? [{ what, why: fact.detail }] : [],
  );
  return [...dumps, ...others];
}
