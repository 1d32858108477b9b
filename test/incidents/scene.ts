import { Derivations } from '../../src/core/Derivations.ts';
import { expectedOnNode } from '../../src/expect/lb/expectedOnNode.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { DaemonSet, Node, Pod } from '../../src/model/kubernetes.ts';
import { wordsOfFlags } from '../../src/model/lb/lbFlags.ts';
import type { LbTable } from '../../src/model/lb/LbTable.ts';
import type { Distribution, Snapshot } from '../../src/model/Snapshot.ts';
import { aSnapshot, type ClusterChanges, type NodeChanges, type SnapshotChanges } from '../support/aSnapshot.ts';
import { aNode, anAgentPod, ciliumConfig, healthyFacts } from '../support/healthy.ts';
import { shopCluster } from '../support/shopCluster.ts';
import { type Row, tableOf } from '../support/shopTables.ts';

type Shop = NonNullable<Parameters<typeof shopCluster>[0]>;

/** What of a cluster is otherwise than healthy. Its tables hold what its API asks for, unless `rows` changes them. */
export interface Scene extends Omit<Shop, 'pods'> {
  /** Beside those of a healthy cluster. */
  readonly pods?: readonly Pod[];
  readonly systemPods?: readonly Pod[];
  readonly daemonSets?: readonly DaemonSet[];
  /** By its name it replaces a node of the cluster, or is one more. */
  readonly nodes?: readonly Node[];
  /** Of both nodes. */
  readonly all?: NodeChanges;
  readonly distribution?: Distribution;
  /** Of what a table holds; as the API asks unless changed. */
  readonly rows?: (rows: readonly Row[], node: string) => readonly Row[];
}

/** A cluster as described, whole: Services that are added are served. */
export function cluster(scene: Scene = {}): Snapshot {
  const { pods = [], systemPods, daemonSets, nodes = [], all = {}, distribution = 'kubeadm', version } = scene;
  const { rows: edit = asAsked, n1 = {}, n2 = {}, facts = {}, settings = {} } = scene;
  const names = ['n1', 'n2', ...nodes.map(({ metadata }) => metadata.name)];
  const healthy = healthyFacts([...new Set(names)]);
  const { services = [], slices = [] } = scene;
  const changes = shopCluster({
    services,
    slices,
    settings,
    pods,
    n1: nodeWith(version, all, n1),
    n2: nodeWith(version, all, n2),
    facts: {
      nodes: nodesWith(nodes),
      ...(systemPods && { systemPods: withoutTwins([...(valueOf(healthy.systemPods) ?? []), ...systemPods]) }),
      ...(daemonSets && { daemonSets: [...(valueOf(healthy.daemonSets) ?? []), ...daemonSets] }),
      ...facts,
    },
  });
  const base = nodeWith(version, { startedConfig: new Map([...ciliumConfig, ...Object.entries(settings)]), ...all });
  const more = names.slice(2).filter((name) => changes.nodes?.[name] === undefined);
  const others = Object.fromEntries(more.map((name) => [name, base]));
  return withTables({ ...changes, nodes: { ...changes.nodes, ...others }, distribution }, edit);
}

/** Changes of what an agent says of itself come together; of everything else the last one counts. */
function nodeWith(version: string | undefined, ...changes: readonly NodeChanges[]): NodeChanges {
  const said = changes.flatMap(({ status }) => (status === undefined ? [] : [status]));
  const all = version === undefined ? said : [{ version }, ...said];
  const status = all.length === 0 ? {} : { status: Object.assign({}, ...all) as (typeof said)[number] };
  return Object.assign({}, ...changes, status) as NodeChanges;
}

/** Nodes and objects of the healthy cluster give way to those of the same name. */
function nodesWith(nodes: readonly Node[]): NonNullable<ClusterChanges['nodes']> {
  return withoutTwins([aNode('n1'), aNode('n2'), ...nodes]);
}
function withoutTwins<T extends { readonly metadata: { readonly name: string } }>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [one.metadata.name, one])).values()];
}

const asAsked = (rows: readonly Row[]): readonly Row[] => rows;

/** Each node holds what the API asks of it, changed; where a scene gives a table itself, that one stays. */
function withTables(changes: SnapshotChanges, edit: NonNullable<Scene['rows']>): Snapshot {
  const bare = aSnapshot(changes);
  const derivations = new Derivations(bare);
  const tables = bare.nodes
    .filter(({ name, coverage }) => coverage.kind === 'covered' && changes.nodes?.[name]?.lbTable === undefined)
    .map(({ name }) => [name, tableOn(derivations, name, edit)] as const);
  const nodes = Object.fromEntries(
    tables.map(([name, lbTable]) => [name, { lbTable, mapFrontends: frontendsOf(lbTable), ...changes.nodes?.[name] }]),
  );
  return aSnapshot({ ...changes, nodes: { ...changes.nodes, ...nodes } });
}

function tableOn(derivations: Derivations, node: string, edit: NonNullable<Scene['rows']>): LbTable {
  const expected = derivations.on(expectedOnNode, node);
  const rows = 'missing' in expected ? [] : [...expected.frontends.values()];
  const asked = rows.map(({ key, type, flags, selectable, affinityTimeout, sourceRanges }) => {
    const words = wordsOfFlags(type, flags).join('+');
    return { key, backends: selectable, flags: words, affinityTimeout, sourceRanges };
  });
  return tableOf(edit(asked, node));
}

const frontendsOf = ({ frontends }: LbTable): NonNullable<NodeChanges['mapFrontends']> =>
  new Map([...frontends.values()].map(({ key, count = 0 }) => [key, { selectable: count }]));

// ---- what many scenes have in common

/** Both agents, and what they started with. */
export const settings = (changes: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map([...ciliumConfig, ...Object.entries(changes)]);

export const replacementOff = { 'kube-proxy-replacement': 'false' } as const;
/** What an agent says of itself then. */
export const offStatus: NodeChanges = {
  status: {
    kpr: { mode: 'False', nodePort: undefined, socketLb: false, externalIPs: false, hostPort: false },
  },
};

/** An agent pod of n2 that ends again and again, with its last words. */
export const crashing = (words: string, node = 'n2'): Pod =>
  anAgentPod(node, {
    containerStatuses: [
      {
        name: 'cilium-agent',
        ready: false,
        restartCount: 9,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } },
        lastState: {
          terminated: {
            exitCode: 1,
            reason: 'Error',
            message: `time=2026-11-21T09:57:00Z level=info msg="Starting"\ntime=2026-11-21T09:57:01Z level=fatal msg="${words}"\n`,
            finishedAt: '2026-11-21T09:57:01Z',
          },
        },
      },
    ],
  });

/** Rows without those that `lost` names, e.g. by their key or type. */
export const without =
  (lost: (row: Row) => boolean, on: readonly string[] = ['n1', 'n2']): NonNullable<Scene['rows']> =>
  (rows, node) =>
    on.includes(node) ? rows.filter((row) => !lost(row)) : rows;

/** The row of this key holds these backends instead. */
export const holding =
  (key: string, backends: readonly string[], on: readonly string[] = ['n2']): NonNullable<Scene['rows']> =>
  (rows, node) =>
    on.includes(node) ? rows.map((row) => (row.key === key ? Object.assign({}, row, { backends }) : row)) : rows;
