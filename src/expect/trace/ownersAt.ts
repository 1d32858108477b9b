import { type Fact, isKnown, valueOf } from '../../model/Fact.ts';
import type { Pod, Service } from '../../model/kubernetes.ts';
import { bracketed, canonicalAddress, type Protocol } from '../../model/lb/address.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import { podAddresses } from '../lb/hostPortClaims.ts';
import type { TraceSource } from './traceWay.ts';
import { addressesOf } from '../lb/serviceAddresses.ts';

/** An address as people find it in logs. */
export interface TypedAddress {
  /** As it was typed. */
  readonly typed: string;
  /** A canonical address, or the name of a node. */
  readonly host: string;
  readonly isAddress: boolean;
  /** undefined: all. */
  readonly port: number | undefined;
  /** undefined: all. */
  readonly protocol: Protocol | undefined;
}

/** Which frontends are meant: those at this address, or those that nodes have at their own addresses. */
export interface FrontendFilter extends Pick<TypedAddress, 'typed' | 'port' | 'protocol'> {
  /** undefined: NodePorts and hostPorts, at whichever address of a node. */
  readonly address: string | undefined;
}

/** Who answers at an address, by the API's objects. */
export type OwnerAt =
  | { readonly kind: 'service'; readonly service: Service; readonly filter: FrontendFilter }
  | { readonly kind: 'hostPort'; readonly pod: Pod; readonly filter: FrontendFilter }
  /** Nobody for whom an agent translates; `why` is a sentence without its end. */
  | { readonly kind: 'nobody'; readonly why: string };

/**
 * Who answers at an address: a Service by its ClusterIP, external IP, load balancer or node port, or a pod by its
 * hostPort. Services come first, as in the agents. Pure.
 */
export function ownerAt(snapshot: Snapshot, typed: TypedAddress, source: TraceSource): OwnerAt {
  const services = valueOf(snapshot.facts.services) ?? [];
  const filter = { typed: typed.typed, port: typed.port, protocol: typed.protocol };
  const byAddress = services.find((one) => addressesOf(one).some((own) => canonicalAddress(own) === typed.host));
  const names = nodesAt(snapshot, typed.host);
  if (byAddress !== undefined && (names.length === 0 || hasPort(byAddress, typed)))
    return ofService(byAddress, typed, { ...filter, address: typed.host });
  if (names.length === 0) return { kind: 'nobody', why: whyNobody(snapshot, typed) };
  if (typed.port === undefined)
    return { kind: 'nobody', why: `${typed.host} is node ${names.join(', ')}: a port must be named` };
  const byNodePort = services.find(({ spec }) =>
    (spec?.ports ?? []).some(({ nodePort, protocol }) => nodePort === typed.port && fits(protocol, typed)),
  );
  const ofNode = { ...filter, address: undefined };
  if (byNodePort !== undefined) {
    const why = source === 'external' ? whyNotServedAt(snapshot, typed, byNodePort) : undefined;
    return why === undefined ? { kind: 'service', service: byNodePort, filter: ofNode } : { kind: 'nobody', why };
  }
  const pod = (valueOf(snapshot.facts.pods) ?? []).find((one) => hasHostPort(one, names, typed));
  if (pod !== undefined) return { kind: 'hostPort', pod, filter: ofNode };
  const unread = unreadOf(snapshot.facts.pods, 'pods');
  return {
    kind: 'nobody',
    why: `Nobody answers at ${typed.typed}: no Service has the node port ${typed.port}, and no pod on ${names.join(', ')} has it as its hostPort${unread}`,
  };
}

function ofService(service: Service, typed: TypedAddress, filter: FrontendFilter): OwnerAt {
  if (hasPort(service, typed)) return { kind: 'service', service, filter };
  const ports = (service.spec?.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`);
  return {
    kind: 'nobody',
    why: `Nobody answers at ${typed.typed}: ${typed.host} is an address of Service ${nameIn(service)}, which does not have that port; it has ${ports.join(', ') || 'none'}`,
  };
}

const nameIn = ({ metadata }: Service | Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const hasPort = ({ spec }: Service, typed: TypedAddress): boolean =>
  typed.port === undefined ||
  (spec?.ports ?? []).some(({ port, protocol }) => port === typed.port && fits(protocol, typed));

const fits = (protocol: string | undefined, typed: TypedAddress): boolean =>
  typed.protocol === undefined || typed.protocol === (protocol ?? 'TCP');

/** Names of nodes that are called so, or have that address. */
function nodesAt({ facts, nodes }: Snapshot, host: string): readonly string[] {
  const byObject = (valueOf(facts.nodes) ?? []).flatMap(({ metadata, status }) =>
    metadata.name === host || (status?.addresses ?? []).some(({ address }) => canonicalAddress(address) === host)
      ? [metadata.name]
      : [],
  );
  const byAgent = nodes.flatMap(({ name, facts: { nodeAddresses } }) =>
    (valueOf(nodeAddresses) ?? []).some(({ address }) => canonicalAddress(address) === host) ? [name] : [],
  );
  return [...new Set([...byObject, ...byAgent])];
}

/**
 * Agents serve NodePorts at one address of each device, or at those of nodeport-addresses; from the node itself, and
 * from its pods, every address of it will do. undefined: they are served there, or nobody says.
 */
function whyNotServedAt({ nodes }: Snapshot, { typed, host }: TypedAddress, service: Service): string | undefined {
  const having = nodes.flatMap(({ name, facts }) => {
    const rows = valueOf(facts.nodeAddresses) ?? [];
    return rows.some(({ address }) => canonicalAddress(address) === host) ? [{ name, rows }] : [];
  });
  const isServed = having.some(({ rows }) =>
    rows.some(({ address, nodePort }) => nodePort && canonicalAddress(address) === host),
  );
  const [first] = having;
  if (first === undefined || isServed) return undefined;
  const served = first.rows.flatMap(({ address, nodePort }) => (nodePort ? [address] : []));
  return `Nobody answers at ${typed} from outside: ${host} is an address of ${first.name} at which its agent serves no NodePorts, such as that of ${nameIn(service)}; it does at ${served.join(', ') || 'none'} (nodeport-addresses chooses others)`;
}

function hasHostPort({ spec, status }: Pod, nodes: readonly string[], typed: TypedAddress): boolean {
  if (spec?.hostNetwork === true || status?.phase !== 'Running' || !nodes.includes(spec?.nodeName ?? '')) return false;
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(({ ports = [] }) =>
    ports.some(({ hostPort, protocol }) => hostPort === typed.port && fits(protocol, typed)),
  );
}

function whyNobody({ facts }: Snapshot, { typed, host, isAddress }: TypedAddress): string {
  if (!isAddress) return `Nobody answers at ${typed}: there is no node ${host}`;
  const pod = (valueOf(facts.pods) ?? []).find((one) => podAddresses(one).includes(host));
  if (pod !== undefined) return directly(host, nameIn(pod));
  const endpoint = (valueOf(facts.endpointSlices) ?? []).find(({ endpoints }) =>
    (endpoints ?? []).some(({ addresses }) => addresses.some((own) => canonicalAddress(own) === host)),
  );
  if (endpoint !== undefined)
    return `${bracketed(host)} is an endpoint itself (EndpointSlice ${endpoint.metadata.namespace ?? ''}/${endpoint.metadata.name}): connections to it are not load-balanced`;
  return `Nobody answers at ${typed}: no Service, no node and no pod has the address ${host}${unreadOf(facts.services, 'Services')}`;
}

const directly = (host: string, name: string): string =>
  `${bracketed(host)} is the address of pod ${name} itself: connections to it are not load-balanced`;

const unreadOf = (fact: Fact<unknown>, what: string): string =>
  isKnown(fact) ? '' : ` as far as is known: the ${what} could not be read`;
