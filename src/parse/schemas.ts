import * as v from 'valibot';

/**
 * The shapes of model/kubernetes.ts, as far as a wrong one would make a reader of it fail. Loose: what is not named
 * here may be anything. What may be absent may be null, too: Go prints an unset list so.
 */
const text = v.nullish(v.string());
const count = v.nullish(v.number());
const flag = v.nullish(v.boolean());
const texts = v.nullish(v.array(v.string()));
const textMap = v.nullish(v.record(v.string(), v.string()));
const list = <const T extends v.GenericSchema>(item: T) => v.nullish(v.array(item));
const some = <const T extends v.ObjectEntries>(entries: T) => v.nullish(v.looseObject(entries));

const metadata = v.looseObject({
  name: v.string(),
  namespace: text,
  uid: text,
  labels: textMap,
  annotations: textMap,
  creationTimestamp: text,
  deletionTimestamp: text,
  ownerReferences: list(v.looseObject({ kind: v.string(), name: v.string() })),
});

const conditions = list(v.looseObject({ type: v.string(), status: v.string(), reason: text, message: text }));

const labelSelector = some({
  matchLabels: textMap,
  matchExpressions: list(v.looseObject({ key: v.string(), operator: v.string(), values: texts })),
});

const service = v.looseObject({
  metadata,
  spec: some({
    type: text,
    clusterIP: text,
    clusterIPs: texts,
    ipFamilies: texts,
    externalIPs: texts,
    ports: list(
      v.looseObject({
        name: text,
        protocol: text,
        port: v.number(),
        targetPort: v.nullish(v.union([v.number(), v.string()])),
        nodePort: count,
      }),
    ),
    selector: textMap,
    sessionAffinity: text,
    sessionAffinityConfig: some({ clientIP: some({ timeoutSeconds: count }) }),
    internalTrafficPolicy: text,
    externalTrafficPolicy: text,
    healthCheckNodePort: count,
    loadBalancerClass: text,
    loadBalancerSourceRanges: texts,
    trafficDistribution: text,
  }),
  status: some({
    loadBalancer: some({ ingress: list(v.looseObject({ ip: text, hostname: text, ipMode: text })) }),
    conditions,
  }),
});

const endpointSlice = v.looseObject({
  metadata,
  addressType: v.string(),
  endpoints: list(
    v.looseObject({
      addresses: v.array(v.string()),
      conditions: some({ ready: flag, serving: flag, terminating: flag }),
      nodeName: text,
      zone: text,
      hints: some({
        forZones: list(v.looseObject({ name: v.string() })),
        forNodes: list(v.looseObject({ name: v.string() })),
      }),
    }),
  ),
  ports: list(v.looseObject({ name: text, protocol: text, port: count })),
});

const container = v.looseObject({
  name: v.string(),
  image: text,
  command: texts,
  args: texts,
  env: list(
    v.looseObject({
      name: v.string(),
      value: text,
      valueFrom: some({ configMapKeyRef: some({ name: text, key: v.string() }), fieldRef: some({ fieldPath: text }) }),
    }),
  ),
  envFrom: list(v.looseObject({ prefix: text, configMapRef: some({ name: text }) })),
  ports: list(v.looseObject({ containerPort: v.number(), protocol: text, hostPort: count, hostIP: text })),
});

const podSpec = {
  nodeName: text,
  hostNetwork: flag,
  nodeSelector: textMap,
  tolerations: list(v.looseObject({ key: text, operator: text, value: text, effect: text })),
  containers: list(container),
  initContainers: list(container),
  volumes: list(
    v.looseObject({ name: v.string(), configMap: some({ name: text }), hostPath: some({ path: v.string() }) }),
  ),
  runtimeClassName: text,
};

const containerState = some({
  running: some({ startedAt: text }),
  waiting: some({ reason: text, message: text }),
  terminated: some({ exitCode: v.number(), reason: text, message: text, finishedAt: text }),
});

const containerStatuses = list(
  v.looseObject({
    name: v.string(),
    ready: flag,
    restartCount: count,
    state: containerState,
    lastState: containerState,
  }),
);

const pod = v.looseObject({
  metadata,
  spec: some(podSpec),
  status: some({
    phase: text,
    reason: text,
    message: text,
    podIP: text,
    podIPs: list(v.looseObject({ ip: text })),
    startTime: text,
    conditions,
    containerStatuses,
    initContainerStatuses: containerStatuses,
  }),
});

const node = v.looseObject({
  metadata,
  spec: some({
    podCIDRs: texts,
    providerID: text,
    taints: list(v.looseObject({ key: v.string(), value: text, effect: v.string() })),
  }),
  status: some({
    addresses: list(v.looseObject({ type: v.string(), address: v.string() })),
    conditions,
    nodeInfo: some({
      architecture: text,
      kernelVersion: text,
      kubeletVersion: text,
      operatingSystem: text,
      osImage: text,
    }),
  }),
});

const requirements = list(v.looseObject({ key: v.string(), operator: v.string(), values: texts }));

const template = some({
  metadata: some({ labels: textMap, annotations: textMap }),
  spec: some({
    ...podSpec,
    affinity: some({
      nodeAffinity: some({
        requiredDuringSchedulingIgnoredDuringExecution: some({
          nodeSelectorTerms: v.array(v.looseObject({ matchExpressions: requirements, matchFields: requirements })),
        }),
      }),
    }),
  }),
});

const daemonSet = v.looseObject({
  metadata,
  spec: some({ selector: labelSelector, template }),
  status: some({
    desiredNumberScheduled: count,
    updatedNumberScheduled: count,
    numberReady: count,
    observedGeneration: count,
    conditions,
  }),
});

const deployment = v.looseObject({
  metadata,
  spec: some({ replicas: count, selector: labelSelector, template }),
  status: some({ replicas: count, readyReplicas: count, availableReplicas: count, conditions }),
});

const ciliumNodeConfig = v.looseObject({
  metadata,
  spec: some({ nodeSelector: labelSelector, defaults: textMap }),
});

export const configMapSchema = v.looseObject({ metadata, data: textMap });

export const versionSchema = v.looseObject({ gitVersion: v.string(), major: text, minor: text });

/** Objects of each collection, by the name of its document. */
const redirectPorts = list(v.looseObject({ port: v.string(), protocol: text, name: text }));

const localRedirectPolicy = v.looseObject({
  metadata,
  spec: some({
    redirectFrontend: some({
      addressMatcher: some({ ip: v.string(), toPorts: redirectPorts }),
      serviceMatcher: some({ serviceName: v.string(), namespace: v.string(), toPorts: redirectPorts }),
    }),
    redirectBackend: some({ localEndpointSelector: labelSelector, toPorts: redirectPorts }),
    skipRedirectFromBackend: flag,
  }),
});

export const objectSchemas = {
  nodes: node,
  services: service,
  endpointSlices: endpointSlice,
  daemonSets: daemonSet,
  deployments: deployment,
  systemPods: pod,
  pods: pod,
  localRedirectPolicies: localRedirectPolicy,
  ciliumNodeConfigs: ciliumNodeConfig,
};
export type CollectionName = keyof typeof objectSchemas;
