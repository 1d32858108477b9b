import {
  addRules,
  type NodeChanges,
  noRules,
  type OwnerGroup,
  ownerGroupOf,
  type Reach,
  type StateChange,
  type Unread,
  rulesHaveChanged,
} from '../../changes/Changes.ts';
import { apiChanges } from '../../changes/apiChanges.ts';
import { type ClusterChanges, doubts, hasDifferences } from '../../changes/compareSnapshots.ts';
import type { ClusterMismatch } from '../../changes/sameCluster.ts';
import { canaryChain } from '../../knowledge/iptablesOwners.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import { clusterOf, sourceOf } from '../buildReport.ts';
import { schemaVersion, toolName } from '../DocumentHead.ts';
import type {
  DiffDocument,
  DiffVerdict,
  KubeProxySummary,
  ObjectReport,
  ReachReport,
  RuleChangeReport,
  ServiceChangeReport,
  ServiceShareReport,
  ServicesSummary,
  ShareSummary,
  SideReport,
  StateReport,
  UnreadReport,
} from './DiffDocument.ts';
import { withoutOwn } from '../../text/withoutOwn.ts';

export interface BuildDiffOptions {
  readonly toolVersion: string;
  /** Whole milliseconds. */
  readonly durationMs: number;
  readonly interrupted: boolean;
  readonly objections: readonly ClusterMismatch[];
  /** Of the Services, only those of this namespace; undefined: all. */
  readonly namespace: string | undefined;
}

/** The published answer; the same readings always give the same text. */
export function buildDiff(
  changes: ClusterChanges,
  { before, after }: { readonly before: Snapshot; readonly after: Snapshot },
  { toolVersion, durationMs, interrupted, objections, namespace }: BuildDiffOptions,
): DiffDocument {
  const chosen = namespace === undefined ? changes : ofNamespace(changes, namespace);
  const { nodes } = chosen;
  const verdict = verdictOf(chosen, interrupted);
  const iptables = nodes.length === 0 ? [] : ruleChanges(nodes);
  return {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'diff',
    verdict,
    exitCode: exitCodes[verdict],
    durationMs,
    before: sideOf(before),
    after: sideOf(after),
    objections: objections.map((one) => ({ kind: one.kind, message: objectionText(one) })),
    nodes: { compared: nodes.map(({ node }) => node), onlyBefore: chosen.onlyBefore, onlyAfter: chosen.onlyAfter },
    summary: {
      kubeProxy: kubeProxySummary(nodes),
      others: shareSummary(nodes, 'others'),
      cilium: shareSummary(nodes, 'cilium'),
      services: servicesSummary(nodes),
    },
    states: [
      ...chosen.cluster.changes.map((one) => Object.assign({ nodes: [] }, stateReport(one))),
      ...folded(nodes, ({ states }) => states.map(stateReport)),
    ].toSorted((a, b) => stateOrder.indexOf(a.kind) - stateOrder.indexOf(b.kind)),
    unexpected: iptables.filter(isUnexpected),
    iptables,
    kubeProxyServices: serviceShares(nodes),
    objects: objectReports(nodes),
    services: serviceReports(nodes, apiChanges(before, after)),
    unknown: [
      ...chosen.cluster.unread.map((one) => Object.assign({ nodes: [] }, unreadReport(one))),
      ...folded(nodes, ({ node, unread }) => unread.map((one) => unreadReport(one, node))),
    ],
  };
}

export function objectionText(objection: ClusterMismatch): string {
  switch (objection.kind) {
    case 'swapped':
      return `What is given as before was taken after the other: at ${objection.before}, the other at ${objection.after}`;
    case 'otherCluster':
      return `The two are of different clusters: ${objection.why}`;
    case 'redacted':
      return `Only what is given as ${objection.which} is redacted: the names of the one do not stand in the other`;
    default:
      return objection satisfies never;
  }
}

const exitCodes: Readonly<Record<DiffVerdict, DiffDocument['exitCode']>> = {
  same: 0,
  different: 1,
  unknown: 3,
  interrupted: 130,
};

function verdictOf(changes: ClusterChanges, interrupted: boolean): DiffVerdict {
  if (interrupted) return 'interrupted';
  if (hasDifferences(changes)) return 'different';
  return changes.nodes.length === 0 || doubts(changes).length > 0 ? 'unknown' : 'same';
}

const sideOf = (snapshot: Snapshot): SideReport => ({
  source: sourceOf(snapshot),
  takenAt: snapshot.takenAt,
  cluster: clusterOf(snapshot),
});

const isUnexpected = ({ owner, neededBy }: RuleChangeReport): boolean =>
  ownerGroupOf(owner) === 'others' || neededBy.length > 0;

function ofNamespace(changes: ClusterChanges, namespace: string): ClusterChanges {
  const isOf = (service: string): boolean => service.startsWith(`${namespace}/`);
  return {
    ...changes,
    nodes: changes.nodes.map((node): NodeChanges => {
      const { services, dumps } = node;
      return {
        ...node,
        dumps: dumps.map((dump) =>
          Object.assign({}, dump, { services: new Map([...dump.services].filter(([name]) => isOf(name))) }),
        ),
        services: services && {
          ...services,
          same: services.same.filter(isOf),
          changes: services.changes.filter(({ service }) => isOf(service)),
        },
      };
    }),
  };
}

function shareSummary(nodes: readonly NodeChanges[], ownerGroup: OwnerGroup): ShareSummary {
  const all = noRules();
  const changedOn: string[] = [];
  for (const { node, dumps, objects } of nodes) {
    const share = noRules();
    for (const dump of dumps) {
      for (const [owner, one] of dump.shares) if (ownerGroupOf(owner) === ownerGroup) addRules(share, one);
    }
    const policies = dumps.some(({ chains }) =>
      chains.some((one) => one.policy !== undefined && ownerGroupOf(one.owner) === ownerGroup),
    );
    if (rulesHaveChanged(share) || policies || objects.some((one) => one.ownerGroup === ownerGroup))
      changedOn.push(node);
    addRules(all, share);
  }
  return { ...all, changedOn };
}

function kubeProxySummary(nodes: readonly NodeChanges[]): KubeProxySummary {
  const on: Record<'removed' | 'added' | 'absent' | 'remaining', string[]> = {
    removed: [],
    added: [],
    absent: [],
    remaining: [],
  };
  let sharedLeft = 0;
  for (const one of nodes) {
    const { had, has, shared } = ownOf(one);
    sharedLeft += shared;
    if (has) on.remaining.push(one.node);
    if (had && !has) on.removed.push(one.node);
    if (!had && has) on.added.push(one.node);
    if (!had && !has) on.absent.push(one.node);
  }
  return {
    ...shareSummary(nodes, 'kubeProxy'),
    removedOn: on.removed,
    addedOn: on.added,
    absentOn: on.absent,
    remainingOn: on.remaining,
    sharedLeft,
  };
}

/** Whether a node had and has anything that nobody but kube-proxy writes. */
function ownOf({ dumps, objects, kept }: NodeChanges): { had: boolean; has: boolean; shared: number } {
  const all = noRules();
  let shared = 0;
  for (const { shares } of dumps) {
    const own = shares.get('kubeProxy');
    if (own !== undefined) addRules(all, own);
    const others = shares.get('shared')?.chains;
    shared += (others?.same ?? 0) + (others?.changed ?? 0);
  }
  const { chains, rules } = all;
  const stays = chains.same + chains.changed + rules.same + rules.changed > 0 || kept.length > 0;
  const ofProxy = objects.filter(({ ownerGroup }) => ownerGroup === 'kubeProxy');
  const removed = chains.removed + rules.removed > 0 || ofProxy.some(({ what }) => what === 'removed');
  const added = chains.added + rules.added > 0 || ofProxy.some(({ what }) => what === 'added');
  const changed = ofProxy.some(({ what }) => what === 'changed');
  return { had: stays || removed || changed, has: stays || added || changed, shared };
}

function servicesSummary(nodes: readonly NodeChanges[]): ServicesSummary {
  const read = nodes.flatMap(({ services }) => services ?? []);
  const worst = new Map<string, 'changed' | 'removed' | 'added'>();
  for (const { changes } of read)
    for (const { service, what } of changes) worst.set(service, worst.get(service) ?? what);
  const same = new Set(read.flatMap((one) => one.same).filter((service) => !worst.has(service)));
  const how = (wanted: string): number => [...worst.values()].filter((what) => what === wanted).length;
  return {
    before: [...new Set(read.map((one) => one.before))].sort(),
    after: [...new Set(read.map((one) => one.after))].sort(),
    total: same.size + worst.size,
    same: same.size,
    changed: how('changed'),
    removed: how('removed'),
    added: how('added'),
    nodes: read.length,
  };
}

/** What many nodes say in the same words, once, with their names. */
function folded<T extends object>(
  nodes: readonly NodeChanges[],
  of: (node: NodeChanges) => readonly T[],
): readonly (T & { readonly nodes: readonly string[] })[] {
  const groups = new Map<string, { readonly one: T; readonly nodes: string[] }>();
  for (const node of nodes) {
    for (const one of of(node)) {
      const key = JSON.stringify(one);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { one, nodes: [node.node] });
      else group.nodes.push(node.node);
    }
  }
  return [...groups.values()].map(({ one, nodes: names }) => Object.assign({ nodes: names }, one));
}

const ruleChanges = (nodes: readonly NodeChanges[]): readonly RuleChangeReport[] =>
  folded(nodes, ({ dumps }) =>
    dumps.flatMap(({ backend, family, chains }) =>
      chains.map(({ table, chain, owner, what, removed, added, moved, policy, neededBy }) => ({
        backend,
        family,
        table,
        chain,
        owner,
        change: what,
        removed,
        added,
        moved,
        policy: policy ?? null,
        neededBy,
      })),
    ),
  );

const serviceShares = (nodes: readonly NodeChanges[]): readonly ServiceShareReport[] =>
  folded(nodes, ({ dumps }) =>
    dumps.flatMap(({ backend, family, services }) =>
      [...services].map(([service, { chains, rules }]) => ({ backend, family, service, chains, rules })),
    ),
  ).toSorted((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0));

const objectReports = (nodes: readonly NodeChanges[]): readonly ObjectReport[] =>
  folded(nodes, ({ objects }) =>
    objects.map(({ kind, name, ownerGroup, what, before, after }) => ({
      kind,
      name,
      ownerGroup,
      change: what,
      before: before === '' ? null : before,
      after: after === '' ? null : after,
    })),
  );

const serviceReports = (
  nodes: readonly NodeChanges[],
  changedInApi: (service: string) => boolean | undefined,
): readonly ServiceChangeReport[] =>
  folded(nodes, ({ services }) =>
    (services?.changes ?? []).map(({ service, what, frontends }) => ({
      service,
      change: what,
      changedInApi: changedInApi(service) ?? null,
      frontends: frontends.map(({ frontend, before, after }) => ({
        frontend,
        before: reachReport(before),
        after: reachReport(after),
      })),
    })),
  );

const reachReport = (reach: Reach | undefined): ReachReport | null =>
  reach === undefined
    ? null
    : { inside: reach.inside ?? null, outside: reach.outside ?? null, affinitySeconds: reach.affinity ?? null };

const unreadReport = ({ what, side, why, harmless }: Unread, node?: string): Omit<UnreadReport, 'nodes'> => ({
  what,
  side,
  reason: why.missing,
  detail: withoutOwn(why.detail, [node]),
  harmless,
});

/** Causes first: what somebody decided, then what came of it. */
const stateOrder: readonly StateChange['kind'][] = [
  'kubeProxy',
  'kubernetes',
  'cilium',
  'configuration',
  'agent',
  'program',
];

const stateReport = ({ kind, name, before, after }: StateChange): Omit<StateReport, 'nodes'> => ({
  kind,
  name,
  before: before ?? null,
  after: after ?? null,
});

/** Empty chains by which programs notice a flush say nothing to people. */
export const isCanary = ({ chain, removed, added }: RuleChangeReport): boolean =>
  chain === canaryChain && removed.length + added.length === 0;
