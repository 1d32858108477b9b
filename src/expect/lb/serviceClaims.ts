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
import type { FrontendType } from '../../model/lb/lbFlags.ts';
import type { Claim, ServiceTraits } from './Claim.ts';
import type { ServiceBackend } from './endpointBackends.ts';
import type { CiliumBehaviour } from './versionGates.ts';
import type { ExpectNode } from './ExpectNode.ts';
import { matchesSelector, parseSelector } from './labelSelectors.ts';
import type { LbConfig } from './LbConfig.ts';
import { isForProxy } from './serviceProxyName.ts';
import { serviceTraits } from './serviceTraits.ts';

export interface ClaimContext {
  readonly node: ExpectNode;
  readonly config: LbConfig;
  readonly behaviour: CiliumBehaviour;
}

/** The frontends that a Service asks this node for; none where the Service is not Cilium's, or not this node's. */
export function serviceClaims(
  service: Service,
  backends: readonly ServiceBackend[],
  context: ClaimContext,
): readonly Claim[] {
  const { config, behaviour, node } = context;
  if (!isForCilium(service, config) || isHeadless(service) || !isExposedOn(service, node.labels)) return [];
  const { spec, status } = service;
  if (!spec || (spec.type === 'ExternalName' && !behaviour.unnamedPortsMatch)) return [];
  const traits = serviceTraits(service, config, behaviour);
  const claims: Claim[] = [];
  const add = (
    type: FrontendType,
    address: string,
    portOf: (port: ServicePort) => number | undefined,
    scopes: readonly Scope[],
  ): void => {
    if (!config.families.has(familyOf(address))) return;
    for (const scope of scopes) {
      for (const servicePort of spec.ports ?? []) {
        const port = portOf(servicePort) ?? 0;
        const protocol: Protocol | undefined = behaviour.protocolsApart
          ? protocolOf(servicePort.protocol ?? 'TCP')
          : 'ANY';
        if (port === 0 || protocol === undefined) continue;
        const portName = servicePort.name ?? '';
        claims.push({
          traits,
          address,
          port,
          protocol,
          scope,
          type,
          portName,
          backends,
          redirected: false,
          optional: undefined,
        });
      }
    }
  };
  const exposes = exposureOf(service);
  const scopes = scopesOf(traits);

  if (exposes('ClusterIP')) {
    const clusterIPs = (spec.clusterIPs ?? []).length > 0 ? (spec.clusterIPs ?? []) : [spec.clusterIP];
    for (const address of addresses(clusterIPs)) add('ClusterIP', address, own, ['external']);
  }
  const balancer = spec.type === 'LoadBalancer';
  if (config.kubeProxyReplacement && (balancer || spec.type === 'NodePort') && exposes('NodePort')) {
    for (const family of familiesOf(service, behaviour))
      add('NodePort', unspecified[family], (port) => port.nodePort, scopes);
  }
  const external = config.kubeProxyReplacement || behaviour.externalFrontendsWithoutKpr;
  if (
    external &&
    balancer &&
    exposes('LoadBalancer') &&
    (config.kubeProxyReplacement || !behaviour.loadBalancerNeedsKpr)
  ) {
    const ingress = (status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => (ipMode ?? 'VIP') === 'VIP');
    for (const address of addresses(ingress.map(({ ip }) => ip))) add('LoadBalancer', address, own, scopes);
  }
  if (external) for (const address of addresses(spec.externalIPs ?? [])) add('ExternalIPs', address, own, ['external']);
  return behaviour.nodePortConflicts
    ? claims.map((claim) => withConflict(claim, context)).filter((claim) => claim !== undefined)
    : claims;
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
function withConflict(claim: Claim, { node, config }: ClaimContext): Claim | undefined {
  const { type, port, address } = claim;
  if (type !== 'LoadBalancer' && type !== 'ExternalIPs') return claim;
  if (port < config.nodePortMin || port > config.nodePortMax) return claim;
  if (node.nodePortAddresses === undefined)
    return { ...claim, optional: 'the address may be one of the node, where NodePorts go before' };
  return node.nodePortAddresses.includes(address) ? undefined : claim;
}

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

function exposureOf({ metadata }: Service): (type: FrontendType) => boolean {
  const only = metadata.annotations?.['service.cilium.io/type'];
  const valid = only === 'ClusterIP' || only === 'NodePort' || only === 'LoadBalancer';
  return (type) => !valid || type === only;
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
