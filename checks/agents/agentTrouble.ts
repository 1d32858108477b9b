import { isKnown, type Missing } from '../../src/model/Fact.ts';
import type { ContainerStatus, Node, Pod } from '../../src/model/kubernetes.ts';
import type { NodeFactName } from '../../src/model/NodeFacts.ts';
import type { NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
import { lastWords } from './lastWords.ts';

/** Why an agent, or its node, can't be relied on: one cause for each node, so that one finding names it. */
export type AgentTrouble =
  | { readonly kind: 'nodeNotReady' | 'notStarted'; readonly reason: string; readonly seen: string }
  | { readonly kind: 'noPod' | 'starting' | 'notReady'; readonly seen: string }
  | { readonly kind: 'initFailing'; readonly container: string; readonly words: string; readonly seen: string }
  | { readonly kind: 'crashing' | 'restarted'; readonly words: string; readonly seen: string }
  /** Its pod looks well, but it does not answer, while the rest of the node does. */
  | { readonly kind: 'hung'; readonly why: Missing; readonly mapsRead: boolean }
  /** Nothing that was asked came back. */
  | { readonly kind: 'unread'; readonly why: Missing };

const minutes = 60_000;
/** Longer than that an agent does not take to become ready, unless something is wrong. */
const startMs = 5 * minutes;
const recentMs = 30 * minutes;

export function agentTrouble(node: NodeSnapshot, { facts, takenAt }: Snapshot): AgentTrouble | undefined {
  const now = Date.parse(takenAt);
  const hung = hungOf(node);
  if (isKnown(facts.systemPods)) {
    const condition = isKnown(facts.nodes)
      ? readyCondition(facts.nodes.value.find(({ metadata }) => metadata.name === node.name))
      : undefined;
    // Unknown: the kubelet is silent, so what the API says of the node's pods is old.
    if (condition?.status === 'Unknown') return nodeNotReady(condition);
    const pod = facts.systemPods.value.find(
      ({ metadata }) => metadata.name === node.agent?.name && metadata.namespace === node.agent.namespace,
    );
    const trouble =
      pod === undefined || node.agent === undefined ? noPod(node) : podTrouble(pod, node.agent.container, now);
    // A node without a network is not ready because its agent is not; any other complaint of the kubelet comes first.
    if (
      condition?.status === 'False' &&
      (trouble === undefined || (trouble.kind === 'notReady' && !/network|cni/i.test(condition.message ?? '')))
    ) {
      return nodeNotReady(condition);
    }
    if (
      hung !== undefined &&
      (trouble?.kind === 'notReady' || (trouble?.kind === 'starting' && isStuck(hung, pod, node, now)))
    ) {
      return hung;
    }
    if (trouble !== undefined) return trouble;
  }
  return hung ?? unreadOf(node);
}

/** One that starts refuses connections until it is up; one that takes them and never answers will not get better. */
const isStuck = (hung: AgentTrouble, pod: Pod | undefined, { agent }: NodeSnapshot, now: number): boolean =>
  hung.kind === 'hung' &&
  hung.why.missing === 'timeout' &&
  !pod?.metadata.deletionTimestamp &&
  now - Date.parse(startOf(pod, agent?.container) ?? '') > minutes;

const startOf = (pod: Pod | undefined, container: string | undefined): string | undefined =>
  pod?.status?.containerStatuses?.find(({ name }) => name === container)?.state?.running?.startedAt;

const readyCondition = (node: Node | undefined) => node?.status?.conditions?.find(({ type }) => type === 'Ready');

const nodeNotReady = ({ reason, message }: { readonly reason?: string; readonly message?: string }): AgentTrouble => ({
  kind: 'nodeNotReady',
  reason: reason ?? 'not ready',
  seen: message ?? '',
});

/** The snapshot names an agent for every node that has such a pod, so its absence is the API's word. */
const noPod = ({ agent, name }: NodeSnapshot): AgentTrouble | undefined =>
  agent === undefined
    ? { kind: 'noPod', seen: `no agent pod with spec.nodeName ${name}` }
    : agent.ready
      ? undefined
      : { kind: 'notReady', seen: `pod ${agent.name} is not ready` };

function podTrouble(pod: Pod, container: string, now: number): AgentTrouble | undefined {
  const { status, metadata } = pod;
  const failing = status?.initContainerStatuses?.find((one) => !one.ready && (isFailing(one) || isBlocked(one)));
  if (failing !== undefined) {
    return { kind: 'initFailing', container: failing.name, words: lastWords(failing), seen: seen(pod, failing) };
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
    if (podAge < startMs && !(agent && isBlocked(agent))) return { kind: 'starting', seen: seen(pod, agent) };
    const scheduled = status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False');
    const reason = agent?.state?.waiting?.reason ?? status?.reason ?? scheduled?.reason ?? status?.phase ?? 'no status';
    return {
      kind: 'notStarted',
      reason,
      seen: agent?.state?.waiting?.message ?? scheduled?.message ?? seen(pod, agent),
    };
  }
  const lastEnd = Date.parse(agent.lastState?.terminated?.finishedAt ?? '');
  const flapping = (agent.restartCount ?? 0) >= 3 && now - lastEnd < recentMs;
  if (isFailing(agent) || (flapping && !agent.ready))
    return { kind: 'crashing', words: lastWords(agent), seen: seen(pod, agent) };
  if (agent.ready) return flapping ? { kind: 'restarted', words: lastWords(agent), seen: seen(pod, agent) } : undefined;
  const age = now - Date.parse(agent.state?.running?.startedAt ?? '');
  return { kind: age < startMs ? 'starting' : 'notReady', seen: seen(pod, agent) };
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

/** What is read without the agent process, through the same exec. */
const hostFacts = [
  'kernel',
  'cgroupPrograms',
  'interfaces',
  'iptables',
  'listeners',
  'ipvs',
  'ipsets',
  'startedConfig',
] as const;
const mapFacts = ['mapFrontends', 'mapSizes'] as const;

function hungOf({ facts }: NodeSnapshot): AgentTrouble | undefined {
  const { status } = facts;
  if (isKnown(status) || (status.missing !== 'timeout' && status.missing !== 'unreachable')) return undefined;
  const mapsRead = mapFacts.some((name) => 'value' in facts[name]);
  return mapsRead || hostFacts.some((name) => 'value' in facts[name])
    ? { kind: 'hung', why: status, mapsRead }
    : undefined;
}

/** What only the kube-proxy pod says, or needs more than the exec to be there. */
const elsewhere: ReadonlySet<NodeFactName> = new Set([
  'proxyRules',
  'proxyTable',
  'apiProbe',
  'dnsProbe',
  'proxyHealth',
]);

/** Why nothing of what is asked through the agent's container came back; undefined: something did. */
export function whyUnread(node: NodeSnapshot): Missing | undefined {
  const lacking = lackingOf(node);
  return lacking?.find(({ missing }) => missing !== 'notCollected' && missing !== 'absent') ?? lacking?.[0];
}

function unreadOf(node: NodeSnapshot): AgentTrouble | undefined {
  const why = whyUnread(node);
  return why === undefined ? undefined : { kind: 'unread', why };
}

/** Why each fact is missing; undefined as soon as one is known. */
function lackingOf({ facts }: NodeSnapshot): Missing[] | undefined {
  const asked = Object.entries(facts).filter(([name]) => !elsewhere.has(name as NodeFactName));
  const lacking = asked.flatMap(([, fact]): Missing[] => ('missing' in fact ? [fact] : []));
  return lacking.length < asked.length ? undefined : lacking;
}
