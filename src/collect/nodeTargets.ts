import { isIP } from 'node:net';
import { apiServerAddresses } from '../expect/api-server/apiServerAddresses.ts';
import { findClusterDns } from '../expect/clusterDns.ts';
import { proxyCommands } from '../knowledge/nodeCommands.ts';
import { isKnown, missing, type Missing, valueOf } from '../model/Fact.ts';
import { isClusterOwned } from '../model/clusterOwned.ts';
import { isInPart } from '../model/NodesPart.ts';
import type { Pod } from '../model/kubernetes.ts';
import type { AnswerName, RawDocuments } from '../model/raw.ts';
import type { ClusterFacts } from '../model/Snapshot.ts';
import type { DocumentReader } from '../parse/DocumentReader.ts';
import { agentNamespaceByPods, agentNamespaces, agentPodsIn } from '../parse/findCilium.ts';
import { agentPods, type AgentTarget } from './agentPods.ts';
import type { DnsTarget, ServerTarget } from './agentScript.ts';
import { onlyDocuments } from './documents/documentLists.ts';
import type { CollectPlan } from './RawSource.ts';

/** More API servers than that are not dialled. */
const maxServers = 8;
/** More servers of cluster DNS than that are not asked directly; most clusters have fewer. */
const maxDnsEndpoints = 8;

/** Where to send each probe, or why it can’t be sent anywhere. */
export interface Probes {
  readonly dns: readonly DnsTarget[] | Missing;
  readonly servers: readonly ServerTarget[] | Missing;
}

export interface Nodes {
  /** All nodes that have one, whichever are asked. */
  readonly withAgent: ReadonlySet<string>;
  readonly targets: readonly NodeTarget[];
  readonly probes: Probes;
}

/**
 * Who is asked, and where each is told to send its probes. Where that cannot be told, nobody is.
 * @param before where to send probes, when that is known already
 */
export function nodesIn(documents: RawDocuments, plan: CollectPlan, reader: DocumentReader, before?: Probes): Nodes {
  const forProbes = before === undefined ? (['services', 'endpointSlices', 'kubeletConfig'] as const) : [];
  const facts = reader.read(onlyDocuments(documents, ['systemPods', 'daemonSets', ...forProbes]));
  const pods = valueOf(facts.systemPods) ?? [];
  const agents = agentsAmong(pods, facts, plan);
  return {
    withAgent: new Set(agents.flatMap(({ spec }) => spec?.nodeName ?? [])),
    targets: targetsOf(agents, pods, plan),
    probes: before ?? { dns: dnsTargetsFrom(facts), servers: serverTargetsFrom(facts) },
  };
}

/** None where it cannot be told whose pods bear the agents' label; whoever reads the documents says so. */
function agentsAmong(
  pods: readonly Pod[],
  { daemonSets }: Pick<ClusterFacts, 'daemonSets'>,
  { ciliumNamespace }: CollectPlan,
): readonly Pod[] {
  const listed = valueOf(daemonSets);
  const namespaces = listed === undefined ? [agentNamespaceByPods(pods)] : agentNamespaces(listed, pods);
  const [only, another] = ciliumNamespace === undefined ? namespaces : [ciliumNamespace];
  return only === undefined || another !== undefined ? [] : agentPodsIn(only, pods, listed);
}

/** Who is asked on a node: its agent, its kube-proxy, or both. */
export interface NodeTarget {
  readonly node: string;
  readonly agent: AgentTarget | undefined;
  readonly kubeProxy: Pod | undefined;
}

export const isSame = (a: NodeTarget, b: NodeTarget): boolean =>
  a.node === b.node &&
  a.agent?.target?.pod === b.agent?.target?.pod &&
  a.agent?.target?.namespace === b.agent?.target?.namespace &&
  a.agent?.why === b.agent?.why &&
  a.kubeProxy?.metadata.name === b.kubeProxy?.metadata.name &&
  a.kubeProxy?.metadata.namespace === b.kubeProxy?.metadata.namespace;

/** Nodes with an agent and, where kube-proxy is asked at all, those that have nothing but a kube-proxy. */
function targetsOf(agents: readonly Pod[], pods: readonly Pod[], plan: CollectPlan): readonly NodeTarget[] {
  const byNode = new Map(agentPods(agents).map((agent) => [agent.node, agent]));
  const asksKubeProxy = Object.keys(proxyCommands).some((name) => plan.answers.has(name as AnswerName));
  const alone = asksKubeProxy ? pods.filter(isRunningKubeProxy).map(({ spec }) => spec?.nodeName ?? '') : [];
  const kubeProxies = kubeProxiesOn(pods);
  return [...new Set([...byNode.keys(), ...alone])]
    .filter((node) => (plan.nodes === undefined || plan.nodes.has(node)) && isInPart(node, plan.part))
    .map((node) => ({ node, agent: byNode.get(node), kubeProxy: kubeProxies.get(node) }));
}

const isRunningKubeProxy = ({ metadata, spec, status }: Pod): boolean =>
  spec?.nodeName !== undefined &&
  isClusterOwned(metadata.namespace, spec) &&
  status?.phase === 'Running' &&
  (spec.containers ?? []).some(({ name }) => name === 'kube-proxy');

/** The first of each node. */
const kubeProxiesOn = (pods: readonly Pod[]): ReadonlyMap<string | undefined, Pod> =>
  new Map(
    pods
      .filter(isRunningKubeProxy)
      .toReversed()
      .map((pod) => [pod.spec?.nodeName, pod]),
  );

const both = (via: DnsTarget['via'], server: string, port: number): DnsTarget[] => [
  { via, protocol: 'UDP', server, port },
  { via, protocol: 'TCP', server, port },
];

/** Where to send the DNS probe, or why it can't be sent anywhere. */
function dnsTargetsFrom({
  services,
  endpointSlices,
  kubeletConfig,
}: Pick<ClusterFacts, 'services' | 'endpointSlices' | 'kubeletConfig'>): Probes['dns'] {
  if (!isKnown(services)) return services;
  if (!isKnown(endpointSlices)) return endpointSlices;
  const dns = findClusterDns(services.value, endpointSlices.value, kubeletConfig);
  if (dns === undefined) return missing('absent', 'no cluster DNS Service was found to ask');
  const targets = [
    ...dns.clusterIPs.filter((ip) => isIP(ip) !== 0).flatMap((ip) => both('clusterIP', ip, 53)),
    ...dns.endpoints
      .filter(({ address }) => isIP(address) !== 0)
      .slice(0, maxDnsEndpoints)
      .flatMap(({ address, port }) => both('endpoint', address, port)),
  ];
  return targets.length > 0 ? targets : missing('absent', 'cluster DNS has neither an address nor an endpoint to ask');
}

function serverTargetsFrom({
  services,
  endpointSlices,
}: Pick<ClusterFacts, 'services' | 'endpointSlices'>): Probes['servers'] {
  if (!isKnown(services)) return services;
  if (!isKnown(endpointSlices)) return endpointSlices;
  const addresses = apiServerAddresses(services.value, endpointSlices.value)
    .filter(({ address }) => isIP(address) !== 0)
    .slice(0, maxServers);
  return addresses.length > 0 ? addresses : missing('absent', 'no slice of default/kubernetes lists an API server');
}
