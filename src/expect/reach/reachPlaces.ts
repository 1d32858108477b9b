import { isKnown, valueOf } from '../../model/Fact.ts';
import type { Node, Pod } from '../../model/kubernetes.ts';
import { canonicalAddress, type Family, familyOf } from '../../model/lb/address.ts';
import type { ReachPlace } from '../../model/NodeFacts.ts';
import type { ClusterFacts } from '../../model/Snapshot.ts';
import { findClusterDns } from '../clusterDns.ts';

/** What others may ask of a node to see whether they reach its pods. */
export interface NodePlaces {
  readonly node: string;
  /** undefined: it bears no label of one. */
  readonly zone: string | undefined;
  readonly places: readonly ReachPlace[];
}

export const reachDocuments = [
  'nodes',
  'pods',
  'systemPods',
  'services',
  'endpointSlices',
  'kubeletConfig',
  'ciliumNodes',
] as const;
type ReachFacts = Pick<ClusterFacts, (typeof reachDocuments)[number]>;

/** Of each family, so that one that has just gone decides nothing. */
const podsOfNode = 2;
/** Of Cilium's health endpoint by default; at any other somebody is there to refuse. */
const healthPort = 4240;
const kubeletPort = 10_250;
/** Where a pod names no port: it is there to refuse. */
const anyPort = 80;

/**
 * The places of each node that is ready and has an agent: Cilium's health endpoint, two pods (servers of cluster DNS
 * rather than others, ready ones rather than others, those with a port of their own rather than others), and the node
 * itself, of each family that pods have. Pods in the network of their host say nothing about that of pods.
 */
export function reachPlaces(facts: ReachFacts, agents: ReadonlySet<string>): readonly NodePlaces[] {
  const pods = podPlaces(facts, agents);
  const health = healthPlaces(facts);
  const families = new Set([...pods.values(), ...health.values()].flat().map(({ address }) => familyOf(address)));
  return (valueOf(facts.nodes) ?? [])
    .filter((node) => agents.has(node.metadata.name) && isReady(node.status?.conditions))
    .map((node) => {
      const { name, labels } = node.metadata;
      const places = [...(health.get(name) ?? []), ...(pods.get(name) ?? []), ...hostPlaces(node, families)];
      return { node: name, zone: labels?.['topology.kubernetes.io/zone'], places };
    });
}

type Conditions = NonNullable<NonNullable<Pod['status']>['conditions']>;

const isReady = (conditions: Conditions | undefined): boolean =>
  (conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

function healthPlaces({ ciliumNodes }: ReachFacts): ReadonlyMap<string, readonly ReachPlace[]> {
  const nodes = (valueOf(ciliumNodes) ?? []).map(({ metadata: { name }, spec }): [string, ReachPlace[]] => {
    const addresses = [spec?.health?.ipv4, spec?.health?.ipv6].flatMap((one) => canonicalAddress(one ?? '') ?? []);
    return [name, addresses.map((address) => ({ node: name, kind: 'health', address, port: healthPort }))];
  });
  return new Map(nodes);
}

const hostPlaces = ({ metadata, status }: Node, families: ReadonlySet<Family>): ReachPlace[] =>
  (status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP')
    .flatMap(({ address }) => canonicalAddress(address) ?? [])
    .filter((address) => families.has(familyOf(address)))
    .map((address) => ({ node: metadata.name, kind: 'node', address, port: kubeletPort }));

interface Candidate {
  readonly place: ReachPlace;
  readonly rank: number;
}

/** By node, the best of each family; a cluster may have a hundred thousand pods. */
function podPlaces(facts: ReachFacts, agents: ReadonlySet<string>): ReadonlyMap<string, readonly ReachPlace[]> {
  const dns = dnsPorts(facts);
  const best = new Map<string, Candidate[]>();
  const pods = isKnown(facts.pods) ? facts.pods.value : (valueOf(facts.systemPods) ?? []);
  for (const pod of pods) {
    const node = pod.spec?.nodeName;
    if (node === undefined || !agents.has(node) || !isOnPodNetwork(pod)) continue;
    for (const address of addressesOf(pod)) {
      const family = familyOf(address);
      const rank = rankOf(pod, dns.has(address));
      const known = best.get(`${node} ${family}`);
      if (known !== undefined && known.length === podsOfNode && rank >= (known.at(-1)?.rank ?? 0)) continue;
      const port = dns.get(address) ?? portOf(pod) ?? anyPort;
      const next = [...(known ?? []), { place: { node, kind: 'pod' as const, address, port }, rank }];
      best.set(`${node} ${family}`, next.sort((a, b) => a.rank - b.rank).slice(0, podsOfNode));
    }
  }
  return Map.groupBy(
    [...best.values()].flatMap((all) => all.map(({ place }) => place)),
    ({ node }) => node,
  );
}

const isOnPodNetwork = ({ metadata, spec, status }: Pod): boolean =>
  spec?.hostNetwork !== true && metadata.deletionTimestamp === undefined && status?.phase === 'Running';

const addressesOf = ({ status }: Pod): readonly string[] =>
  (status?.podIPs ?? [{ ip: status?.podIP }]).flatMap(({ ip }) => canonicalAddress(ip ?? '') ?? []);

/** The lower, the surer is an answer. */
function rankOf(pod: Pod, isDns: boolean): number {
  const notReady = isReady(pod.status?.conditions) ? 0 : 4;
  return notReady + (isDns ? 0 : portOf(pod) === undefined ? 2 : 1);
}

const portOf = ({ spec }: Pod): number | undefined =>
  (spec?.containers ?? []).flatMap(({ ports }) => ports ?? []).find(({ protocol = 'TCP' }) => protocol === 'TCP')
    ?.containerPort;

/** By address, the port of cluster DNS. */
function dnsPorts({ services, endpointSlices, kubeletConfig }: ReachFacts): ReadonlyMap<string, number> {
  if (!isKnown(services) || !isKnown(endpointSlices)) return new Map();
  const dns = findClusterDns(services.value, endpointSlices.value, kubeletConfig);
  return new Map((dns?.endpoints ?? []).map(({ address, port }) => [canonicalAddress(address) ?? address, port]));
}
