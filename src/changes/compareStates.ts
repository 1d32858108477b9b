import { changedSettings } from '../expect/agent/changedSettings.ts';
import { clusterVersion } from '../expect/agent/agentVersion.ts';
import { isKubeProxyDaemonSet } from '../expect/kube-proxy/kubeProxyPresence.ts';
import { type Fact, isKnown, mapFact, valueOf } from '../model/Fact.ts';
import type { DaemonSet } from '../model/kubernetes.ts';
import type { CgroupProgram } from '../model/NodeFacts.ts';
import type { AgentPod, NodeSnapshot, Snapshot } from '../model/Snapshot.ts';
import { count } from '../text/plural.ts';
import type { StateChange, Unread } from './Changes.ts';
import { unreadOf } from './unreadOf.ts';

export interface StateChanges {
  readonly changes: readonly StateChange[];
  readonly unread: readonly Unread[];
}

interface Sides<T> {
  readonly before: T;
  readonly after: T;
}

/** What is the same for all nodes: kube-proxy, the versions, and Cilium's configuration. */
export function clusterStates({ before, after }: Sides<Snapshot>): StateChanges {
  const [earlier, later] = [before.facts, after.facts];
  return collected([
    whole('kubeProxy', 'kube-proxy’s DaemonSet', 'kube-proxy', {
      before: mapFact(earlier.daemonSets, kubeProxyText),
      after: mapFact(later.daemonSets, kubeProxyText),
    }),
    whole('kubernetes', 'the version of Kubernetes', 'Kubernetes', {
      before: mapFact(earlier.version, ({ gitVersion }) => gitVersion),
      after: mapFact(later.version, ({ gitVersion }) => gitVersion),
    }),
    { changes: versionChanges({ before: versionsOf(before), after: versionsOf(after) }), unread: [] },
    compared('cilium-config', { before: earlier.ciliumConfig, after: later.ciliumConfig }, (sides) =>
      changedSettings(sides.before, sides.after).map((one) => ({
        kind: 'configuration',
        name: one.key,
        before: one.before,
        after: one.after,
      })),
    ),
  ]);
}

/** What each node has of its own: its agent, and the programs that its sockets meet. */
export const nodeStates = ({ before, after }: Sides<NodeSnapshot>): StateChanges =>
  collected([
    { changes: agentChanges({ before: before.agent, after: after.agent }), unread: [] },
    compared(
      'attached programs',
      { before: before.facts.cgroupPrograms, after: after.facts.cgroupPrograms },
      programChanges,
    ),
  ]);

const collected = (parts: readonly StateChanges[]): StateChanges => ({
  changes: parts.flatMap(({ changes }) => changes),
  unread: parts.flatMap(({ unread }) => unread),
});

function compared<T>(
  what: string,
  { before, after }: Sides<Fact<T>>,
  changesOf: (sides: Sides<T>) => readonly StateChange[],
): StateChanges {
  if (isKnown(before) && isKnown(after))
    return { changes: changesOf({ before: before.value, after: after.value }), unread: [] };
  return { changes: [], unread: [unreadOf(what, before, after, ['absent', 'notCollected'])] };
}

const whole = (
  kind: StateChange['kind'],
  what: string,
  name: string,
  facts: Sides<Fact<string | undefined>>,
): StateChanges =>
  compared(what, facts, ({ before, after }) => (before === after ? [] : [{ kind, name, before, after }]));

const versionChanges = ({ before, after }: Sides<string | undefined>): readonly StateChange[] =>
  before === after ? [] : [{ kind: 'cilium', name: 'Cilium', before, after }];

/** Agents say it; where none answers, their image does. */
function versionsOf(snapshot: Snapshot): string | undefined {
  const said = snapshot.nodes.flatMap(({ facts }) => valueOf(facts.status)?.version ?? []);
  const versions = said.length > 0 ? said : [clusterVersion(snapshot)?.version ?? []].flat();
  return versions.length === 0 ? undefined : [...new Set(versions)].toSorted().join(', ');
}

/** undefined: there is none. One that is scheduled on no node runs nowhere. */
function kubeProxyText(daemonSets: readonly DaemonSet[]): string | undefined {
  const own = daemonSets.filter(isKubeProxyDaemonSet);
  if (own.length === 0) return undefined;
  const nodes = own.reduce((sum, { status }) => sum + (status?.desiredNumberScheduled ?? 0), 0);
  return `on ${count(nodes, 'node')}`;
}

/** An agent that was started again is another one: what it holds, it has from the beginning. */
function agentChanges({ before, after }: Sides<AgentPod | undefined>): readonly StateChange[] {
  if (before?.name === after?.name && before?.startedAt === after?.startedAt) return [];
  return [{ kind: 'agent', name: 'agent', before: agentText(before), after: agentText(after) }];
}

const agentText = (agent: AgentPod | undefined): string | undefined =>
  agent === undefined ? undefined : `${agent.name}, ${startText(agent)}`;

const startText = ({ startedAt }: AgentPod): string =>
  startedAt === undefined ? 'not started' : `started ${startedAt}`;

function programChanges({ before, after }: Sides<readonly CgroupProgram[]>): readonly StateChange[] {
  const [earlier, later] = [hooksOf(before), hooksOf(after)];
  return [...new Set([...earlier.keys(), ...later.keys()])]
    .toSorted()
    .map((hook) => ({ kind: 'program', name: hook, before: earlier.get(hook), after: later.get(hook) }) as const)
    .filter((one) => one.before !== one.after);
}

/** Names of programs by the hook of the root cgroup; bpftool writes hooks in two ways. */
function hooksOf(programs: readonly CgroupProgram[]): ReadonlyMap<string, string> {
  const byHook = Map.groupBy(programs, ({ attachType }) => attachType);
  return new Map(
    [...byHook].map(([hook, all]) => [
      hook,
      all
        .map(({ name }) => name)
        .toSorted()
        .join(', '),
    ]),
  );
}
