import { serviceRef } from './OwnerRef.ts';
import type { Service } from '../../model/kubernetes.ts';
import { canonicalCidr } from '../../model/lb/address.ts';
import type { ServiceTraits } from './Claim.ts';
import type { CiliumBehaviour } from './versionGates.ts';
import type { LbConfig } from './LbConfig.ts';
import type { TrafficDistribution } from './selectBackends.ts';

type Annotations = Readonly<Record<string, string>>;

/** Reads the properties and annotations that Cilium honours; what is invalid counts as not set, as there. */
export function serviceTraits(
  { metadata, spec }: Service,
  config: LbConfig,
  behaviour: CiliumBehaviour,
): ServiceTraits {
  const annotations = metadata.annotations ?? {};
  const internalLocal = config.internalTrafficPolicy && spec?.internalTrafficPolicy === 'Local';
  const timeout = spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 0;
  return {
    owner: serviceRef({ metadata }),
    createdAt: metadata.creationTimestamp ?? '',
    externalLocal: spec?.externalTrafficPolicy === 'Local',
    internalLocal,
    affinityTimeout: spec?.sessionAffinity === 'ClientIP' ? timeout || 10_800 : 0,
    sourceRanges: (spec?.loadBalancerSourceRanges ?? [])
      .map((range) => canonicalCidr(range))
      .filter((range) => range !== undefined),
    sourceRangesDeny: annotations['service.cilium.io/src-ranges-policy']?.toLowerCase() === 'deny',
    forwardingMode: config.modeAnnotation ? forwardingModeOf(annotations, behaviour) : undefined,
    algorithm: config.algorithmAnnotation ? algorithmOf(annotations) : 'undef',
    delegatesIfLocal: annotations['service.cilium.io/proxy-delegation']?.toLowerCase() === 'delegate-if-local',
    loopback: false,
    distribution: internalLocal ? 'none' : distributionOf(annotations, spec?.trafficDistribution, behaviour),
    loadBalancerClass: spec?.loadBalancerClass,
    remote: remoteOf(annotations),
  };
}

function forwardingModeOf(annotations: Annotations, behaviour: CiliumBehaviour): ServiceTraits['forwardingMode'] {
  switch ((annotations['service.cilium.io/forwarding-mode'] ?? '').toLowerCase()) {
    case 'dsr':
      return 'dsr';
    case 'snat':
      return 'snat';
    case 'hybrid':
      // Read without a protocol, so it never means DSR.
      return behaviour.hybridMarksTcp ? 'snat' : undefined;
    default:
      return undefined;
  }
}

function algorithmOf(annotations: Annotations): ServiceTraits['algorithm'] {
  const value = annotations['service.cilium.io/lb-algorithm'];
  return value === 'random' || value === 'maglev' ? value : 'undef';
}

function distributionOf(
  annotations: Annotations,
  field: string | undefined,
  behaviour: CiliumBehaviour,
): TrafficDistribution {
  if (field === 'PreferClose' || (behaviour.preferSameNode && field === 'PreferSameZone')) return 'zone';
  if (behaviour.preferSameNode && field === 'PreferSameNode') return 'node';
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ??
    annotations['service.kubernetes.io/topology-mode'] ??
    '';
  return mode === '' || mode === 'disabled' || mode === 'Disabled' ? 'none' : 'zone';
}

function remoteOf(annotations: Annotations): ServiceTraits['remote'] {
  const global = annotations['service.cilium.io/global'] ?? annotations['io.cilium/global-service'];
  if (global?.toLowerCase() !== 'true') return 'none';
  const affinity = annotations['service.cilium.io/affinity'] ?? annotations['io.cilium/service-affinity'];
  return affinity?.toLowerCase() === 'remote' ? 'mayReplace' : 'mayAdd';
}
