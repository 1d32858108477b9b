import { defineNodeDerived } from '../../src/core/Derived.ts';
import { isKnown, type Missing, valueOf } from '../../src/model/Fact.ts';
import type { ContainerStatus, Node, Pod } from '../../src/model/kubernetes.ts';
import type { NodeFacts } from '../../src/model/NodeFacts.ts';
import type { AgentPod, NodeFrame } from '../../src/model/Snapshot.ts';
import { agentPodOf } from './agentPodOf.ts';
import { lastWords } from './lastWords.ts';

/** Why an agent, or its node, can't be relied on: one cause for each node, so that one finding names it. */
export type AgentTrouble = (Unready | Hung) & {
  /** RFC 3339; absent: nothing tells. */
  readonly since?: string | undefined;
};

type Unready =
  | { readonly kind: 'nodeNotReady' | 'notStarted'; readonly reason: string; readonly seen: string }
  | { readonly kind: 'noPod' | 'starting' | 'notReady'; readonly seen: string }
  | { readonly kind: 'initFailing'; readonly container: string; readonly words: string; readonly seen: string }
  | { readonly kind: 'crashing' | 'restarted'; readonly words: string; readonly seen: string };

/** Its pod looks well, but it does not answer, while the rest of the node does. */
interface Hung {
  readonly kind: 'hung';
  readonly why: Missing;
  readonly mapsRead: boolean;
}

const minutes = 60_000;
/** Longer than that an agent does not take to become ready, unless something is wrong. */
const startMs = 5 * minutes;
const recentMs = 30 * minutes;

/** What is read of the maps without the agent process, and what the node's own programs say through the same exec. */
const mapFacts = ['mapFrontends', 'mapSizes'] as const;
const hostFacts = ['kernel', 'cgroupPrograms', 'interfaces', 'startedConfig'] as const;

/** undefined: none, as far as could be read. */
export const agentTrouble = defineNodeDerived({
  name: 'agentTrouble',
  optional: { cluster: ['nodes', 'systemPods'], node: ['status', ...mapFacts, ...hostFacts] },
  compute({ cluster, frame }) {
    const now = Date.parse(frame.takenAt);
    const conditions = new Map(
      (valueOf(cluster.nodes) ?? []).map((node) => [node.metadata.name, readyCondition(node)]),
    );
    const createdAt = new Map(
      (valueOf(cluster.nodes) ?? []).map(({ metadata }) => [metadata.name, metadata.creationTimestamp]),
    );
    return (node): AgentTrouble | undefined => {
      const hung = hungOf(node.facts);
      if (!isKnown(cluster.systemPods)) return hung;
      const condition = conditions.get(node.name);
      // Unknown: the kubelet is silent, so what the API says of the node's pods is old.
      if (condition?.status === 'Unknown') return nodeNotReady(condition);
      const pod = agentPodOf(node.agent, cluster.systemPods.value);
      const created = createdAt.get(node.name);
      const trouble =
        pod === undefined || node.agent === undefined ? noPod(node, created, now) : podTrouble(pod, node.agent, now);
      // A node without a network is not ready because its agent is not; other complaints of the kubelet come first.
      if (
        condition?.status === 'False' &&
        (trouble === undefined || (trouble.kind === 'notReady' && !/network|cni/i.test(condition.message ?? '')))
      ) {
        return nodeNotReady(condition);
      }
      const isHungInstead =
        trouble?.kind === 'notReady' || (trouble?.kind === 'starting' && isStuck(hung, pod, node.agent, now));
      return isHungInstead && hung !== undefined ? { ...hung, since: trouble.since } : (trouble ?? hung);
    };
  },
});

/** One that starts refuses connections until it is up; one that takes them and never answers will not get better. */
const isStuck = (hung: Hung | undefined, pod: Pod | undefined, agent: AgentPod | undefined, now: number): boolean =>
  hung?.why.missing === 'timeout' &&
  !pod?.metadata.deletionTimestamp &&
  now - Date.parse(startOf(pod, agent?.container) ?? '') > minutes;

const startOf = (pod: Pod | undefined, container: string | undefined): string | undefined =>
  pod?.status?.containerStatuses?.find(({ name }) => name === container)?.state?.running?.startedAt;

const readyCondition = (node: Node) => node.status?.conditions?.find(({ type }) => type === 'Ready');

type Condition = NonNullable<ReturnType<typeof readyCondition>>;

const nodeNotReady = ({ reason, message, lastTransitionTime }: Condition): AgentTrouble => ({
  kind: 'nodeNotReady',
  reason: reason ?? 'not ready',
  seen: message ?? '',
  since: lastTransitionTime,
});

/**
 * The snapshot names an agent for every node that has such a pod, so its absence is the API's word; but a node that has
 * just come may be listed when its pod was not there yet.
 */
function noPod(
  { agent, name }: Pick<NodeFrame, 'agent' | 'name'>,
  created: string | undefined,
  now: number,
): AgentTrouble | undefined {
  if (agent !== undefined)
    return agent.ready ? undefined : { kind: 'notReady', seen: `pod ${agent.name} is not ready` };
  const seen = `no agent pod with spec.nodeName ${name}`;
  return now - Date.parse(created ?? '') < minutes
    ? { kind: 'starting', seen: `${seen}; the node is there since ${created}`, since: created }
    : { kind: 'noPod', seen };
}

function podTrouble(pod: Pod, { container }: AgentPod, now: number): AgentTrouble | undefined {
  const { status, metadata } = pod;
  const failing = status?.initContainerStatuses?.find((one) => !one.ready && (isFailing(one) || isBlocked(one)));
  if (failing !== undefined) {
    return {
      kind: 'initFailing',
      container: failing.name,
      words: lastWords(failing),
      seen: seen(pod, failing),
      since: status?.startTime,
    };
  }
  const agent = status?.containerStatuses?.find(({ name }) => name === container);
  const podAge = now - Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '');
  if (metadata.deletionTimestamp) return { kind: 'starting', seen: `${metadata.name} is being deleted` };
  if (
    agent === undefined ||
    isBlocked(agent) ||
    agent.state?.waiting?.reason === 'PodInitializing' ||
    status?.phase === 'Pending'
  ) {
    const slow = status?.initContainerStatuses?.find((one) => isSlow(one, now));
    if (slow !== undefined)
      return {
        kind: 'notStarted',
        reason: `init container ${slow.name} does not end`,
        seen: seen(pod, slow),
        since: slow.state?.running?.startedAt,
      };
    if (podAge < startMs && !(agent && isBlocked(agent))) return { kind: 'starting', seen: seen(pod, agent) };
    const scheduled = status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False');
    const reason = agent?.state?.waiting?.reason ?? status?.reason ?? scheduled?.reason ?? status?.phase ?? 'no status';
    return {
      kind: 'notStarted',
      reason,
      seen: agent?.state?.waiting?.message ?? scheduled?.message ?? seen(pod, agent),
      since: status?.startTime ?? metadata.creationTimestamp,
    };
  }
  const lastEnd = Date.parse(agent.lastState?.terminated?.finishedAt ?? '');
  const flapping = (agent.restartCount ?? 0) >= 3 && now - lastEnd < recentMs;
  if (isFailing(agent) || (flapping && !agent.ready))
    return { kind: 'crashing', words: lastWords(agent), seen: seen(pod, agent), since: notReadySince(pod) };
  if (agent.ready) return flapping ? { kind: 'restarted', words: lastWords(agent), seen: seen(pod, agent) } : undefined;
  const started = Date.parse(agent.state?.running?.startedAt ?? '');
  const lost = readinessLost(pod, started);
  if (lost !== undefined)
    return { kind: 'notReady', seen: `${seen(pod, agent)}, was ready until ${lost}`, since: lost };
  return {
    kind: now - started < startMs ? 'starting' : 'notReady',
    seen: seen(pod, agent),
    since: agent.state?.running?.startedAt,
  };
}

/** Init containers copy, mount, or ask the API server once, in a second or two: one that takes longer waits in vain. */
const isSlow = ({ state }: ContainerStatus, now: number): boolean =>
  now - Date.parse(state?.running?.startedAt ?? '') > slowInitMs;

const slowInitMs = 30_000;

/** By how much the clocks and the rounding of both times may differ. */
const sameMoment = 5000;

/**
 * When a pod ceased to be ready that had become so since its container started; undefined: it never was. While it
 * starts the condition is as old as the pod, or as the end of its former container.
 */
function readinessLost(pod: Pod, started: number): string | undefined {
  const since = notReadySince(pod);
  return since !== undefined && Date.parse(since) > started + sameMoment ? since : undefined;
}

function notReadySince({ status }: Pod): string | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  return condition?.status === 'False' ? condition.lastTransitionTime : undefined;
}

/** Ended with an error, and waits to be tried again. */
const isFailing = ({ state }: ContainerStatus): boolean =>
  state?.waiting?.reason === 'CrashLoopBackOff' || (state?.terminated !== undefined && state.terminated.exitCode !== 0);

/** Can't even be made: image, configuration, runtime. */
const isBlocked = ({ state }: ContainerStatus): boolean =>
  /^(Err|Image|Invalid|Create|RunContainer)/.test(state?.waiting?.reason ?? '');

function seen({ metadata, status }: Pod, container: ContainerStatus | undefined): string {
  const state = container?.state;
  const word = state?.waiting?.reason ?? state?.terminated?.reason ?? (state?.running ? 'Running' : status?.phase);
  const restarts = container?.restartCount ?? 0;
  const ready = container?.ready ? 'ready' : 'not ready';
  return `${metadata.name}${container ? ` ${container.name}` : ''}: ${word ?? 'no status'}, ${ready}, ${restarts} restarts${container ? endOf(container) : ''}`;
}

const endOf = ({ lastState }: ContainerStatus): string =>
  lastState?.terminated
    ? `, last end ${lastState.terminated.finishedAt ?? 'unknown'} with exit code ${lastState.terminated.exitCode}`
    : '';

type Witnesses = Pick<NodeFacts, 'status' | (typeof mapFacts)[number] | (typeof hostFacts)[number]>;

/** The node's own script ends what takes too long, and says so: an exec that ended before that proves nothing. */
function hungOf(facts: Witnesses): Hung | undefined {
  const { status } = facts;
  if (!isKnown(status) && status.unheard) return undefined;
  if (isKnown(status) || (status.missing !== 'timeout' && status.missing !== 'unreachable')) return undefined;
  const mapsRead = mapFacts.some((name) => 'value' in facts[name]);
  return mapsRead || hostFacts.some((name) => 'value' in facts[name])
    ? { kind: 'hung', why: status, mapsRead }
    : undefined;
}
