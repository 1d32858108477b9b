import type { Service, ServicePort } from '../../model/kubernetes.ts';
import {
  canonicalAddress,
  type Family,
  familyOf,
  type Protocol,
  protocolOf,
  type Scope,
  unspecified,
} from '../../model/lb/address.ts';
import { frontendKey } from '../../model/lb/keys.ts';
import type { FrontendType } from '../../model/lb/lbFlags.ts';
import type { Claim, ServiceTraits } from './Claim.ts';
import type { ServiceBackend } from './endpointBackends.ts';
import type { CiliumBehaviour } from './versionGates.ts';
import type { ExpectNode } from './ExpectNode.ts';
import { matchesSelector, parseSelector } from './labelSelectors.ts';
import type { LbConfig } from './LbConfig.ts';
import type { Feature, Refusal, WhyRefused } from './Refusal.ts';
import { isForProxy, serviceProxyNameLabel } from './serviceProxyName.ts';
import { serviceTraits } from './serviceTraits.ts';

export interface ClaimContext {
  readonly node: ExpectNode;
  readonly config: LbConfig;
  readonly behaviour: CiliumBehaviour;
}

/** What objects ask a node for, and what of it the agent does not make. */
export interface Asked {
  readonly claims: readonly Claim[];
  readonly refused: readonly Refusal[];
}

/** The frontends that a Service asks this node for, and why there are none where the agent makes none. */
export function serviceClaims(service: Service, backends: readonly ServiceBackend[], context: ClaimContext): Asked {
  const { config, behaviour } = context;
  const { spec, status } = service;
  if (!spec) return { claims: [], refused: [] };
  const whole = wholeRefusal(service, context);
  const traits = serviceTraits(service, config, behaviour);
  const claims: Claim[] = [];
  const refused: Refusal[] = [];
  const ask = (
    type: FrontendType,
    address: string,
    portOf: (port: ServicePort) => number | undefined,
    scopes: readonly Scope[],
    off: WhyRefused | undefined,
  ): void => {
    const family = familyOf(address);
    const why = whole ?? off ?? (config.families.has(family) ? undefined : { kind: 'familyOff', family });
    for (const scope of why === undefined ? scopes : one) {
      for (const servicePort of spec.ports ?? []) {
        const port = portOf(servicePort) ?? 0;
        const protocol: Protocol | undefined = behaviour.protocolsApart
          ? protocolOf(servicePort.protocol ?? 'TCP')
          : 'ANY';
        if (port === 0 || protocol === undefined) continue;
        const portName = servicePort.name ?? '';
        const asked = { address, port, protocol, type, portName };
        const claim = { traits, ...asked, scope, backends, redirected: false, optional: undefined };
        const refusal = why ?? nodeAddressRefusal(claim, context);
        if (refusal === undefined) claims.push(withConflict(claim, context));
        else refused.push(refusalOf(claim, refusal));
      }
    }
  };
  const hidden = hiddenBy(service);
  const scopes = scopesOf(traits);

  const clusterIPs = (spec.clusterIPs ?? []).length > 0 ? (spec.clusterIPs ?? []) : [spec.clusterIP];
  for (const address of addresses(clusterIPs)) ask('ClusterIP', address, own, one, hidden('ClusterIP'));
  const balancer = spec.type === 'LoadBalancer';
  if (balancer || spec.type === 'NodePort') {
    const why = hidden('NodePort') ?? off('NodePort', config.kubeProxyReplacement);
    for (const family of familiesOf(service, behaviour))
      ask('NodePort', unspecified[family], (port) => port.nodePort, scopes, why);
  }
  const external = config.kubeProxyReplacement || behaviour.externalFrontendsWithoutKpr;
  if (balancer) {
    const isOn = external && (config.kubeProxyReplacement || !behaviour.loadBalancerNeedsKpr);
    const why = hidden('LoadBalancer') ?? off('LoadBalancer', isOn);
    const ingress = (status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => (ipMode ?? 'VIP') === 'VIP');
    for (const address of addresses(ingress.map(({ ip }) => ip))) ask('LoadBalancer', address, own, scopes, why);
  }
  for (const address of addresses(spec.externalIPs ?? []))
    ask('ExternalIPs', address, own, one, off('ExternalIPs', external));
  return { claims, refused };
}

const one: readonly Scope[] = ['external'];

const off = (feature: Feature, isOn: boolean): WhyRefused | undefined =>
  isOn ? undefined : { kind: 'featureOff', feature };

/** @param claim of which only what identifies it counts */
export function refusalOf({ address, port, protocol, type, portName, traits }: Claim, why: WhyRefused): Refusal {
  const key = frontendKey(address, port, protocol, 'external');
  return { key, owner: traits.owner, type, address, port, protocol, portName, why };
}

/** Why no frontend of a Service is made at all. */
export function wholeRefusal(
  service: Service,
  {
    config,
    behaviour,
    node,
  }: Pick<ClaimContext, 'config' | 'behaviour'> & { readonly node: Pick<ExpectNode, 'labels'> },
): WhyRefused | undefined {
  if (!isForCilium(service, config))
    return {
      kind: 'otherProxy',
      label: service.metadata.labels?.[serviceProxyNameLabel],
      wanted: config.serviceProxyName,
    };
  if (isHeadless(service)) return { kind: 'headless' };
  if (service.spec?.type === 'ExternalName' && !behaviour.unnamedPortsMatch) return { kind: 'externalName' };
  return isExposedOn(service, node.labels) ? undefined : { kind: 'keptOffNode' };
}

/** Each once, without what is no address. */
const addresses = (texts: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(texts.map((text) => canonicalAddress(text ?? '')).filter((address) => address !== undefined)),
];

const own = (port: ServicePort): number => port.port;

/**
 * Two scopes where exactly one of the policies is Local: NodePorts and load balancers then answer differently
 * inside and outside.
 */
const scopesOf = ({ externalLocal, internalLocal }: ServiceTraits): readonly Scope[] =>
  externalLocal === internalLocal ? ['external'] : ['external', 'internal'];

/** A node address in the NodePort range belongs to NodePorts (cilium/cilium#44730). */
function nodeAddressRefusal(claim: Claim, { node, config, behaviour }: ClaimContext): WhyRefused | undefined {
  if (!behaviour.nodePortConflicts || !mayConflict(claim, config)) return undefined;
  const { nodePortMin: min, nodePortMax: max } = config;
  return node.nodePortAddresses?.includes(claim.address) === true ? { kind: 'nodeAddress', min, max } : undefined;
}

/** Whether the row is there decides nothing where the address is a node's: that node refuses it. */
function withConflict(claim: Claim, { node, config, behaviour }: ClaimContext): Claim {
  if (!behaviour.nodePortConflicts || !mayConflict(claim, config)) return claim;
  if (node.nodePortAddresses === undefined)
    return { ...claim, optional: 'the address may be one of the node, where NodePorts go before' };
  return node.clusterAddresses.has(claim.address)
    ? { ...claim, optional: 'the address is another node’s, where NodePorts go before' }
    : claim;
}

const mayConflict = ({ type, port }: Claim, { nodePortMin, nodePortMax }: LbConfig): boolean =>
  (type === 'LoadBalancer' || type === 'ExternalIPs') && port >= nodePortMin && port <= nodePortMax;

export const isForCilium = ({ metadata }: Service, { serviceProxyName }: LbConfig): boolean =>
  isForProxy(metadata, serviceProxyName);

export const isHeadless = ({ metadata, spec }: Service): boolean =>
  metadata.labels?.['service.kubernetes.io/headless'] !== undefined || spec?.clusterIP?.toLowerCase() === 'none';

/**
 * Annotations that keep a Service off nodes; the selector goes before, and one that cannot be read keeps it off none.
 */
export function isExposedOn({ metadata }: Service, labels: Readonly<Record<string, string>>): boolean {
  const selectorText = metadata.annotations?.['service.cilium.io/node-selector'];
  if (selectorText !== undefined) {
    const selector = parseSelector(selectorText);
    return selector === undefined || matchesSelector(selector, labels);
  }
  const value = metadata.annotations?.['service.cilium.io/node'];
  return value === undefined || labels['service.cilium.io/node'] === value;
}

/** Which types of frontends an annotation leaves out. */
function hiddenBy({ metadata }: Service): (type: FrontendType) => WhyRefused | undefined {
  const only = metadata.annotations?.['service.cilium.io/type'];
  if (only !== 'ClusterIP' && only !== 'NodePort' && only !== 'LoadBalancer') return () => undefined;
  return (type) => (type === only ? undefined : { kind: 'otherTypeOnly', only });
}

function familiesOf({ spec }: Service, behaviour: CiliumBehaviour): readonly Family[] {
  const named = (spec?.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (named.length > 0) return named.map((family) => (family === 'IPv4' ? 'ipv4' : 'ipv6'));
  const texts = (spec?.clusterIPs ?? []).length > 0 ? (spec?.clusterIPs ?? []) : [spec?.clusterIP ?? ''];
  const families = new Set<Family>();
  for (const text of texts) {
    const address = canonicalAddress(text);
    if (address !== undefined) families.add(behaviour.guessesIPv6 ? familyOf(address) : 'ipv4');
  }
  return [...families];
}
