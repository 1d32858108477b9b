import * as v from 'valibot';
import { isDnsLabel, isDnsSubdomain } from './kubernetesNames.ts';

/**
 * The objects of the Kubernetes API as far as this program reads them: the shapes by which an answer is judged, and
 * the types that follow from them. Names are those of the API's JSON, so that an answer fits as it is. Members that are
 * not named here may be anything. What may be absent is absent: the `null` that Go prints for an unset list is taken
 * out before (parse/withoutNulls.ts).
 */

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;
type Shaped<T extends v.GenericSchema> = DeepReadonly<v.InferOutput<T>>;

const text = v.exactOptional(v.string());
const count = v.exactOptional(v.number());
const flag = v.exactOptional(v.boolean());
const texts = v.exactOptional(v.array(v.string()));
const textMap = v.exactOptional(v.record(v.string(), v.string()));
const list = <const T extends v.GenericSchema>(item: T) => v.exactOptional(v.array(item));
const some = <const T extends v.ObjectEntries>(entries: T) => v.exactOptional(v.object(entries));

const subdomain = v.pipe(v.string(), v.check(isDnsSubdomain, 'Kubernetes gives no such name'));
const label = v.pipe(v.string(), v.check(isDnsLabel, 'Kubernetes gives no such name'));

const metadata = v.object({
  name: subdomain,
  namespace: v.exactOptional(label),
  uid: text,
  resourceVersion: text,
  labels: textMap,
  annotations: textMap,
  creationTimestamp: text,
  deletionTimestamp: text,
  /** Reduced to the times (collect/trimObjects.ts). */
  managedFields: list(v.object({ time: text })),
  ownerReferences: list(v.object({ kind: v.string(), name: v.string(), uid: text, controller: flag })),
});
export type ObjectMeta = Shaped<typeof metadata>;

const requirement = v.object({
  key: v.string(),
  /** `In`, `NotIn`, `Exists`, `DoesNotExist`. */
  operator: v.string(),
  values: texts,
});
export type LabelSelectorRequirement = Shaped<typeof requirement>;

const labelSelector = v.object({ matchLabels: textMap, matchExpressions: list(requirement) });
export type LabelSelector = Shaped<typeof labelSelector>;

/** `status` is `True`, `False` or `Unknown`. */
const conditions = list(
  v.object({ type: v.string(), status: v.string(), reason: text, message: text, lastTransitionTime: text }),
);

// ---- Service -------------------------------------------------------------------------------------------------------

const servicePort = v.object({
  name: text,
  /** `TCP` when absent. */
  protocol: text,
  port: v.number(),
  nodePort: count,
});
export type ServicePort = Shaped<typeof servicePort>;

const serviceSpec = v.object({
  /** `ClusterIP` (also when absent), `NodePort`, `LoadBalancer`, `ExternalName`. */
  type: text,
  clusterIP: text,
  clusterIPs: texts,
  ipFamilies: texts,
  externalIPs: texts,
  ports: list(servicePort),
  selector: textMap,
  sessionAffinity: text,
  sessionAffinityConfig: some({ clientIP: some({ timeoutSeconds: count }) }),
  internalTrafficPolicy: text,
  externalTrafficPolicy: text,
  healthCheckNodePort: count,
  loadBalancerClass: text,
  loadBalancerSourceRanges: texts,
  publishNotReadyAddresses: flag,
  trafficDistribution: text,
});

const serviceStatus = v.object({
  loadBalancer: some({
    ingress: list(
      v.object({
        ip: text,
        /** `VIP` (also when absent) or `Proxy`. */
        ipMode: text,
      }),
    ),
  }),
  conditions,
});

/**
 * Rows of one object: as many as a map of Cilium has by default for all of them (bpf-lb-map-max). An object of some
 * kilobytes can ask for millions, and takes no memory for them.
 */
const maxRows = 65_536;
const tooMany = 'it asks for more rows than a map holds';

const service = v.pipe(
  v.object({ metadata, spec: v.exactOptional(serviceSpec), status: v.exactOptional(serviceStatus) }),
  v.check(({ spec = {}, status }) => {
    const ingress = status?.loadBalancer?.ingress ?? [];
    const addresses = (spec.clusterIPs ?? []).length + (spec.externalIPs ?? []).length + ingress.length;
    return (spec.ports ?? []).length * addresses <= maxRows;
  }, tooMany),
);
export type Service = Shaped<typeof service>;

// ---- EndpointSlice -------------------------------------------------------------------------------------------------

const endpointConditions = v.object({ ready: flag, serving: flag, terminating: flag });
export type EndpointConditions = Shaped<typeof endpointConditions>;

const places = list(v.object({ name: v.string() }));

const endpoint = v.object({
  addresses: v.array(v.string()),
  conditions: v.exactOptional(endpointConditions),
  nodeName: v.exactOptional(subdomain),
  zone: text,
  hints: some({ forZones: places, forNodes: places }),
});
export type Endpoint = Shaped<typeof endpoint>;

const endpointPort = v.object({ name: text, protocol: text, port: count });
export type EndpointPort = Shaped<typeof endpointPort>;

const endpointSlice = v.pipe(
  v.object({
    metadata,
    /** `IPv4`, `IPv6`, `FQDN`. */
    addressType: v.string(),
    endpoints: list(endpoint),
    ports: list(endpointPort),
  }),
  v.check(({ endpoints = [], ports = [] }) => {
    const addresses = endpoints.reduce((sum, one) => sum + one.addresses.length, 0);
    return addresses * ports.length <= maxRows;
  }, tooMany),
);
export type EndpointSlice = Shaped<typeof endpointSlice>;

// ---- Pod -----------------------------------------------------------------------------------------------------------

const envVar = v.object({
  name: v.string(),
  value: text,
  valueFrom: some({ configMapKeyRef: some({ name: text, key: v.string() }) }),
});

const containerPort = v.object({
  name: text,
  containerPort: v.number(),
  protocol: text,
  hostPort: count,
  hostIP: text,
});
export type ContainerPort = Shaped<typeof containerPort>;

const container = v.object({
  name: label,
  image: text,
  command: texts,
  args: texts,
  env: list(envVar),
  envFrom: list(v.object({ prefix: text, configMapRef: some({ name: text }) })),
  ports: list(containerPort),
});
export type Container = Shaped<typeof container>;

const podSpec = v.object({
  nodeName: v.exactOptional(subdomain),
  hostNetwork: flag,
  runtimeClassName: text,
  nodeSelector: textMap,
  containers: list(container),
  initContainers: list(container),
});
export type PodSpec = Shaped<typeof podSpec>;

const containerState = v.object({
  running: some({ startedAt: text }),
  waiting: some({ reason: text, message: text }),
  terminated: some({ exitCode: v.number(), reason: text, message: text, finishedAt: text }),
});

const containerStatus = v.object({
  name: v.string(),
  ready: flag,
  restartCount: count,
  state: v.exactOptional(containerState),
  lastState: v.exactOptional(containerState),
});
export type ContainerStatus = Shaped<typeof containerStatus>;

const pod = v.object({
  metadata,
  spec: v.exactOptional(podSpec),
  status: some({
    phase: text,
    reason: text,
    podIP: text,
    podIPs: list(v.object({ ip: text })),
    startTime: text,
    conditions,
    containerStatuses: list(containerStatus),
    initContainerStatuses: list(containerStatus),
  }),
});
export type Pod = Shaped<typeof pod>;

// ---- Node ----------------------------------------------------------------------------------------------------------

const node = v.object({
  metadata,
  spec: some({ providerID: text, taints: list(v.object({ key: v.string(), effect: text })) }),
  status: some({
    addresses: list(v.object({ type: v.string(), address: v.string() })),
    conditions,
    nodeInfo: some({ kubeletVersion: text, operatingSystem: text, osImage: text, kernelVersion: text }),
  }),
});
export type Node = Shaped<typeof node>;

// ---- Workloads and configuration -----------------------------------------------------------------------------------

const nodeSelectorTerm = v.object({ matchExpressions: list(requirement), matchFields: list(requirement) });
export type NodeSelectorTerm = Shaped<typeof nodeSelectorTerm>;

const podTemplate = v.object({
  metadata: some({ labels: textMap }),
  spec: some({
    ...podSpec.entries,
    affinity: some({
      nodeAffinity: some({
        requiredDuringSchedulingIgnoredDuringExecution: some({ nodeSelectorTerms: v.array(nodeSelectorTerm) }),
      }),
    }),
  }),
});
export type PodTemplate = Shaped<typeof podTemplate>;

const template = v.exactOptional(podTemplate);

const daemonSet = v.object({
  metadata,
  /** `updateStrategy.type`: `RollingUpdate` or `OnDelete`. */
  spec: some({ template, updateStrategy: some({ type: text }) }),
  /** Nodes that are to have a pod of it, and nodes that have one. */
  status: some({ desiredNumberScheduled: count, currentNumberScheduled: count }),
});
export type DaemonSet = Shaped<typeof daemonSet>;

const deployment = v.object({ metadata, spec: some({ replicas: count, template }) });
export type Deployment = Shaped<typeof deployment>;

export const configMap = v.object({ metadata, data: textMap });
export type ConfigMap = Shaped<typeof configMap>;

// ---- Cilium --------------------------------------------------------------------------------------------------------

const ciliumNodeConfig = v.object({
  metadata,
  spec: some({ nodeSelector: v.exactOptional(labelSelector), defaults: textMap }),
});
export type CiliumNodeConfig = Shaped<typeof ciliumNodeConfig>;

/**
 * By what other nodes know a node. Each has an endpoint of Cilium's own, by which all others see whether they reach it,
 * whatever policies say, and ranges of addresses for its pods, but where a cloud gives it single ones.
 */
const ciliumNode = v.object({
  metadata,
  spec: some({
    health: some({ ipv4: text, ipv6: text }),
    addresses: list(v.object({ type: text, ip: text })),
    ipam: some({
      podCIDRs: list(v.string()),
      pools: some({ allocated: list(v.object({ pool: text, cidrs: list(v.string()) })) }),
    }),
  }),
});
export type CiliumNode = Shaped<typeof ciliumNode>;

/** A port of a redirect; the number is text in the API. */
const redirectPort = v.object({ port: v.string(), protocol: text, name: text });
export type RedirectPort = Shaped<typeof redirectPort>;

const localRedirectPolicy = v.object({
  metadata,
  spec: some({
    redirectFrontend: some({
      addressMatcher: some({ ip: v.string(), toPorts: list(redirectPort) }),
      serviceMatcher: some({ serviceName: subdomain, namespace: label, toPorts: list(redirectPort) }),
    }),
    redirectBackend: some({
      localEndpointSelector: v.exactOptional(labelSelector),
      toPorts: list(redirectPort),
    }),
  }),
});
export type CiliumLocalRedirectPolicy = Shaped<typeof localRedirectPolicy>;

/** The shape of the objects of each collection, by the name of its document. */
export const collections = {
  nodes: node,
  services: service,
  endpointSlices: endpointSlice,
  daemonSets: daemonSet,
  deployments: deployment,
  systemPods: pod,
  pods: pod,
  localRedirectPolicies: localRedirectPolicy,
  ciliumNodeConfigs: ciliumNodeConfig,
  ciliumNodes: ciliumNode,
} as const;
export type CollectionName = keyof typeof collections;
