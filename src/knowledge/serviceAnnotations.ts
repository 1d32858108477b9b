/** What a value may be. `words` are compared as Cilium does: exactly, or without regard to case. */
export type AnnotationValue =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly ignoreCase: boolean }
  | { readonly kind: 'selector' }
  /** 0 to 65535 */
  | { readonly kind: 'number' }
  | { readonly kind: 'any' };

export interface ServiceAnnotation {
  readonly on: 'Service' | 'EndpointSlice';
  readonly value: AnnotationValue;
  /** What becomes of the Service when the value is none of these, as the end of a sentence. */
  readonly otherwise: string;
  /** Whether it then is open to more than its author meant. */
  readonly exposes?: boolean;
  /**
   * Without this setting of the agents it has no effect. Agents that replace kube-proxy also report it as honoured
   * (from 1.17 on).
   */
  readonly needs?: (
    | { readonly setting: 'loadBalancerL7'; readonly value: 'envoy' }
    | { readonly setting: 'algorithmAnnotation' | 'modeAnnotation'; readonly value: true }
  ) & { readonly helm: string };
  /** N of the first Cilium 1.N that reads it, where that is later than the oldest one known here. */
  readonly since?: number;
  /** Whether agents list it among the annotations that they honour (cilium: pkg/status/status_collector.go). */
  readonly reported?: boolean;
  /** Without `service.cilium.io/global: "true"` beside it it has no effect. */
  readonly needsGlobal?: boolean;
}

const words = (ignoreCase: boolean, ...list: readonly string[]): AnnotationValue => ({
  kind: 'words',
  words: list,
  ignoreCase,
});
const boolean = words(true, 'true', 'false');
const envoy = { setting: 'loadBalancerL7', value: 'envoy', helm: 'loadBalancer.l7.backend=envoy' } as const;

/**
 * `service.cilium.io/*` of Cilium 1.16 to 1.20 (pkg/annotation/k8s.go, operator/pkg/ciliumenvoyconfig/annotations.go),
 * and what their readers make of values (pkg/loadbalancer/reflectors/conversions.go, pkg/annotation/clustermesh.go).
 */
export const serviceAnnotations: Readonly<Record<string, ServiceAnnotation>> = {
  global: { on: 'Service', value: boolean, otherwise: 'the Service is not global' },
  'global-sync-endpoint-slices': {
    on: 'Service',
    value: boolean,
    otherwise: 'remote EndpointSlices are not synchronised',
  },
  shared: {
    on: 'Service',
    value: boolean,
    otherwise: 'its backends are not shared with other clusters',
    needsGlobal: true,
  },
  affinity: {
    on: 'Service',
    value: words(true, 'local', 'remote', 'none', ''),
    otherwise: 'no cluster is preferred',
    needsGlobal: true,
  },
  'lb-algorithm': {
    on: 'Service',
    value: words(false, 'random', 'maglev'),
    otherwise: 'the algorithm of the whole cluster is used',
    needs: { setting: 'algorithmAnnotation', value: true, helm: 'bpf.lbAlgorithmAnnotation=true' },
    reported: true,
  },
  'forwarding-mode': {
    on: 'Service',
    value: words(true, 'dsr', 'snat', 'hybrid'),
    otherwise: 'the mode of the whole cluster is used',
    needs: { setting: 'modeAnnotation', value: true, helm: 'bpf.lbModeAnnotation=true' },
    reported: true,
  },
  type: {
    on: 'Service',
    value: words(false, 'ClusterIP', 'NodePort', 'LoadBalancer'),
    otherwise: 'every kind of frontend is opened, as without it',
    exposes: true,
    reported: true,
  },
  // Compared with the label of the same name on nodes, so that any text may be right.
  node: { on: 'Service', value: { kind: 'any' }, otherwise: '', reported: true },
  'node-selector': {
    on: 'Service',
    value: { kind: 'selector' },
    otherwise: 'the Service is opened on every node',
    exposes: true,
    reported: true,
  },
  'src-ranges-policy': {
    on: 'Service',
    value: words(true, 'allow', 'deny'),
    otherwise: 'loadBalancerSourceRanges is taken for a list of what is allowed',
    exposes: true,
    reported: true,
  },
  'proxy-delegation': {
    on: 'Service',
    value: words(true, 'none', 'delegate-if-local'),
    otherwise: 'nothing is delegated',
    reported: true,
  },
  'lb-l7': {
    on: 'Service',
    value: words(false, 'enabled', 'disabled'),
    otherwise: 'it is balanced at layer 4',
    needs: envoy,
  },
  'lb-l7-algorithm': {
    on: 'Service',
    value: words(true, 'round_robin', 'least_request', 'random', 'ring_hash', 'maglev'),
    otherwise: 'round_robin is used',
    needs: envoy,
  },
  weight: { on: 'EndpointSlice', value: { kind: 'number' }, otherwise: 'the weight is 100', since: 20 },
};

export const servicePrefix = 'service.cilium.io/';

/** Names of before 1.13 that are still read. */
export const annotationAliases: Readonly<Record<string, string>> = {
  'io.cilium/global-service': 'service.cilium.io/global',
  'io.cilium/shared-service': 'service.cilium.io/shared',
  'io.cilium/service-affinity': 'service.cilium.io/affinity',
};

/** Keys that people write and that never existed, with what they mean. */
export const mistakenAnnotations: Readonly<Record<string, string>> = {
  'session-affinity': 'spec.sessionAffinity: ClientIP of the Service',
  'affinity-timeout': 'spec.sessionAffinityConfig.clientIP.timeoutSeconds of the Service',
  'lb-mode': 'service.cilium.io/forwarding-mode',
  'lb-l4': 'nothing: layer 4 needs no annotation',
  'lb-l7-enabled': 'service.cilium.io/lb-l7: "enabled"',
  'lb-l7-protocol': 'service.cilium.io/lb-l7: "enabled"',
};
