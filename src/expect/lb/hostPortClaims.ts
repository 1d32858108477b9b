import ipaddr from 'ipaddr.js';
import type { ContainerPort, Pod } from '../../model/kubernetes.ts';
import {
  canonicalAddress,
  type Family,
  familyOf,
  isUnspecified,
  type Protocol,
  protocolOf,
  unspecified,
} from '../../model/lb/address.ts';
import { backendKey } from '../../model/lb/keys.ts';
import type { Claim, ServiceTraits } from './Claim.ts';
import type { ServiceBackend } from './endpointBackends.ts';
import type { LbConfig } from './LbConfig.ts';
import type { Refusal, WhyRefused } from './Refusal.ts';
import { type Asked, type ClaimContext, refusalOf } from './serviceClaims.ts';

/** The frontends that the hostPorts of a pod ask its node for; pkg/loadbalancer/reflectors, upsertHostPort. */
export function hostPortClaims(pod: Pod, { node, config, behaviour }: ClaimContext): Asked {
  const { metadata, spec, status } = pod;
  if (spec?.nodeName !== node.name || spec.hostNetwork === true || status?.phase !== 'Running') return nothing;
  const ports = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].flatMap(
    (container) => container.ports ?? [],
  );
  if (!ports.some(({ hostPort = 0 }) => hostPort > 0)) return nothing;
  const podIPs = podAddresses(pod).filter((address) => config.families.has(familyOf(address)));
  const claims: Claim[] = [];
  const refused: Refusal[] = [];
  for (const hostPort of new Set(ports.map((port) => port.hostPort ?? 0))) {
    if (hostPort <= 0) continue;
    const why = hostPortRefusal(hostPort, config);
    const same = ports.filter((port) => port.hostPort === hostPort);
    const protocolFor = (port: ContainerPort): Protocol | undefined =>
      behaviour.protocolsApart ? protocolOf(port.protocol ?? 'TCP') : 'ANY';
    const backends = same.flatMap((port) =>
      podIPs.map((address) => backendOf(address, port.containerPort, protocolFor(port))),
    );
    const usable = uniqueByKey(backends.filter((backend) => backend !== undefined));
    for (const port of same) {
      const protocol = protocolFor(port);
      if (protocol === undefined) continue;
      for (const { address, loopback, written } of hostAddresses(port, podIPs)) {
        const claim: Claim = {
          traits: hostPortTraits(metadata.namespace ?? '', metadata.name, metadata.creationTimestamp ?? '', loopback),
          address,
          port: hostPort,
          protocol,
          scope: 'external',
          type: 'HostPort',
          portName: '',
          backends: usable,
          redirected: false,
          // The agent stops looking at it then, but an agent that starts now does not add it.
          optional: (metadata.deletionTimestamp ?? '') === '' ? undefined : 'its pod is terminating',
        };
        const refusal = why ?? (written === undefined ? undefined : { kind: 'zeroHostIP', hostIP: written });
        if (refusal === undefined) claims.push(claim);
        else refused.push(refusalOf(claim, refusal));
      }
    }
  }
  return { claims, refused };
}

const nothing: Asked = { claims: [], refused: [] };

/** A port of the NodePort range is passed over, with a warning in the agent’s log. */
function hostPortRefusal(
  port: number,
  { hostPorts, nodePortMin: min, nodePortMax: max }: LbConfig,
): WhyRefused | undefined {
  if (!hostPorts) return { kind: 'featureOff', feature: 'HostPort' };
  return port >= min && port <= max ? { kind: 'hostPortInRange', min, max } : undefined;
}

/** All addresses of a pod, canonical. */
export const podAddresses = ({ status }: Pod): readonly string[] => [
  ...new Set(
    [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)]
      .map((text) => canonicalAddress(text ?? ''))
      .filter((address) => address !== undefined),
  ),
];

interface HostAddress {
  readonly address: string;
  readonly loopback: boolean;
  /** The zero address as it is written out, of which the agent makes nothing; undefined: it is not. */
  readonly written?: string;
}

/**
 * Unset: every address of the node, in the pod's families. An explicit zero address yields nothing, although it
 * should be the same.
 */
function hostAddresses({ hostIP }: ContainerPort, podIPs: readonly string[]): readonly HostAddress[] {
  const address = canonicalAddress(hostIP ?? '');
  if (address === undefined) {
    const families = new Set<Family>(podIPs.map((ip) => familyOf(ip)));
    return [...families].map((family) => ({ address: unspecified[family], loopback: false }));
  }
  if (isUnspecified(address)) return [{ address, loopback: false, written: hostIP ?? address }];
  const loopback = ipaddr.parse(address).range() === 'loopback';
  return [{ address: loopback ? unspecified[familyOf(address)] : address, loopback }];
}

const backendOf = (address: string, port: number, protocol: Protocol | undefined): ServiceBackend | undefined =>
  protocol === undefined
    ? undefined
    : {
        key: backendKey(address, port, protocol),
        state: 'active',
        protocol,
        family: familyOf(address),
        portNames: [],
        nodeName: '',
        forZones: [],
        ambiguous: false,
      };

const uniqueByKey = (backends: readonly ServiceBackend[]): readonly ServiceBackend[] => [
  ...new Map(backends.map((backend) => [backend.key, backend])).values(),
];

const hostPortTraits = (namespace: string, name: string, createdAt: string, loopback: boolean): ServiceTraits => ({
  ...plainTraits,
  owner: { kind: 'Pod', namespace, name },
  createdAt,
  loopback,
});

/** Of services that the agent makes up itself. */
export const plainTraits: Omit<ServiceTraits, 'owner' | 'createdAt'> = {
  externalLocal: false,
  internalLocal: false,
  affinityTimeout: 0,
  sourceRanges: [],
  sourceRangesDeny: false,
  forwardingMode: undefined,
  algorithm: 'undef',
  delegatesIfLocal: false,
  loopback: false,
  distribution: 'none',
  loadBalancerClass: undefined,
  remote: 'none',
};
