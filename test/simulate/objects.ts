import { hash } from 'node:crypto';
import type { DocumentName, RawDocuments } from '../../src/model/raw.ts';
import {
  type ClusterShape,
  dnsServers,
  recordedServer,
  type SimulatedNode,
  type SimulatedPod,
  type SimulatedService,
} from './ClusterShape.ts';
import { inOlderVersion, type Stage } from './Stages.ts';

type Json = Readonly<Record<string, unknown>>;

const started = '2026-11-21T08:00:00Z';

/** Who wrote which field, as API servers keep it of every object. */
const managedFields = (manager: string, fields: readonly string[]): readonly Json[] => [
  {
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: started,
    fieldsType: 'FieldsV1',
    fieldsV1: Object.fromEntries(fields.map((field) => [`f:${field}`, { '.': {}, 'f:name': {}, 'f:value': {} }])),
  },
];

const podFields = [
  'metadata',
  'labels',
  'ownerReferences',
  'containers',
  'dnsPolicy',
  'enableServiceLinks',
  'restartPolicy',
  'schedulerName',
  'securityContext',
  'conditions',
  'containerStatuses',
  'hostIP',
  'phase',
  'podIP',
  'podIPs',
  'startTime',
];
const serviceFields = [
  'labels',
  'annotations',
  'internalTrafficPolicy',
  'ports',
  'selector',
  'sessionAffinity',
  'type',
];
const nodeFields = [
  'annotations',
  'labels',
  'allocatable',
  'capacity',
  'conditions',
  'images',
  'nodeInfo',
  'addresses',
];

/** All objects of one kind, made when they are asked for. */
export interface Collection {
  readonly kind: string;
  readonly apiVersion: string;
  readonly count: number;
  readonly item: (index: number) => Json;
}

/** What an API server of this cluster holds, by path. */
export interface ApiObjects {
  readonly collections: ReadonlyMap<string, Collection>;
  readonly documents: ReadonlyMap<string, Json>;
}

export function apiObjects(shape: ClusterShape, recorded: RawDocuments, stage: Stage): ApiObjects {
  const { pods, services } = shape;
  const { nodes, fresh } = stage;
  const agentTemplate = templateOf(recorded, 'systemPods', 'cilium-');
  const agents = nodes.map((node) => {
    const pod = agentPod(agentTemplate, node, stage.agents.get(node) ?? '');
    if (stage.older.has(node)) return JSON.parse(inOlderVersion(JSON.stringify(pod))) as Json;
    return fresh.has(node) ? startingPod(pod) : pod;
  });
  const dns = dnsServers(shape);
  const operator = templateOf(recorded, 'systemPods', 'cilium-operator-');
  const system = [...agents, ...dns.map((pod) => workloadPod(pod, 'kube-system', { 'k8s-app': 'kube-dns' })), operator];
  const systemServices = [kubernetesService, dnsService];
  const systemSlices = [kubernetesSlice, dnsSlice(dns)];
  const nodeTemplate = templateOf(recorded, 'nodes', 'n1');
  const [daemonSet = {}] = daemonSets(recorded, nodes.length);
  return {
    collections: new Map([
      [
        '/api/v1/nodes',
        all(
          'NodeList',
          'v1',
          [],
          nodes.length,
          made(nodes, (node) => (fresh.has(node) ? freshNode : settledNode)(nodeObject(nodeTemplate, node))),
        ),
      ],
      ['/api/v1/services', all('ServiceList', 'v1', systemServices, services.length, made(services, serviceObject))],
      [
        '/apis/discovery.k8s.io/v1/endpointslices',
        all('EndpointSliceList', 'discovery.k8s.io/v1', systemSlices, services.length, made(services, sliceObject)),
      ],
      [
        '/api/v1/pods',
        all(
          'PodList',
          'v1',
          system,
          pods.length,
          made(pods, (pod) => workloadPod(pod, 'default', labelsFor(shape.servicesOf(pod)))),
        ),
      ],
      ['/api/v1/namespaces/kube-system/pods', list('PodList', 'v1', system)],
      ['/apis/apps/v1/daemonsets', list('DaemonSetList', 'apps/v1', daemonSets(recorded, nodes.length))],
      [
        '/apis/apps/v1/namespaces/kube-system/deployments',
        list('DeploymentList', 'apps/v1', recordedItems(recorded, 'deployments')),
      ],
      [
        '/apis/cilium.io/v2/ciliumnodes',
        all('CiliumNodeList', 'cilium.io/v2', [], nodes.length, made(nodes, ciliumNode)),
      ],
      ['/apis/cilium.io/v2/ciliumnodeconfigs', list('CiliumNodeConfigList', 'cilium.io/v2', [])],
    ]),
    documents: new Map([
      [
        '/apis/apps/v1/namespaces/kube-system/daemonsets/cilium',
        { apiVersion: 'apps/v1', kind: 'DaemonSet', ...daemonSet },
      ],
      ['/version', recordedObject(recorded, 'version')],
      ['/api/v1/namespaces/kube-system/configmaps/cilium-config', recordedObject(recorded, 'ciliumConfig')],
      ['/api/v1/namespaces/kube-system/configmaps/kubeadm-config', recordedObject(recorded, 'kubeadmConfig')],
      ['/api/v1/namespaces/kube-public/configmaps/cluster-info', recordedObject(recorded, 'clusterInfo')],
      ['/api/v1/namespaces/kube-system/configmaps/kubelet-config', kubeletConfig],
    ]),
  };
}

const list = (kind: string, apiVersion: string, items: readonly Json[]): Collection => ({
  kind,
  apiVersion,
  count: items.length,
  item: (at) => items[at] ?? {},
});

const all = (
  kind: string,
  apiVersion: string,
  first: readonly Json[],
  rest: number,
  make: (at: number) => Json,
): Collection => ({
  kind,
  apiVersion,
  count: first.length + rest,
  item: (at) => first[at] ?? make(at - first.length),
});

const made =
  <T>(of: readonly T[], make: (one: T) => Json) =>
  (at: number): Json => {
    const one = of[at];
    return one === undefined ? {} : make(one);
  };

function recordedItems(recorded: RawDocuments, name: DocumentName): readonly Json[] {
  const document = recorded[name];
  if ('missing' in document || !Array.isArray(document.value)) throw new Error(`nobody recorded ${name}`);
  return document.value as readonly Json[];
}

function recordedObject(recorded: RawDocuments, name: DocumentName): Json {
  const document = recorded[name];
  if ('missing' in document) throw new Error(`nobody recorded ${name}`);
  return document.value as Json;
}

function templateOf(recorded: RawDocuments, name: DocumentName, prefix: string): Json {
  const found = recordedItems(recorded, name).find((item) => nameOf(item).startsWith(prefix));
  if (found === undefined) throw new Error(`nobody recorded ${prefix} in ${name}`);
  return found;
}

const nameOf = (item: Json): string => String((item['metadata'] as Json)['name']);

const merged = (base: Json, key: string, changes: Json): Json => ({
  ...base,
  [key]: { ...(base[key] as Json), ...changes },
});

const daemonSets = (recorded: RawDocuments, nodes: number): readonly Json[] =>
  recordedItems(recorded, 'daemonSets')
    .filter((item) => nameOf(item) === 'cilium')
    .map((item) =>
      merged(item, 'status', {
        desiredNumberScheduled: nodes,
        currentNumberScheduled: nodes,
        numberReady: nodes,
        numberAvailable: nodes,
        updatedNumberScheduled: nodes,
      }),
    );

function nodeObject(template: Json, { name, address, podPrefix, zone }: SimulatedNode): Json {
  const { labels } = template['metadata'] as Json;
  const metadata = {
    name,
    uid: uidOf(`node-${name}`),
    labels: { ...(labels as Json), 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone },
    managedFields: managedFields('kubelet', nodeFields),
  };
  const addresses = [
    { type: 'InternalIP', address },
    { type: 'Hostname', address: name },
  ];
  const spec = { podCIDR: `${podPrefix}.0/24`, podCIDRs: [`${podPrefix}.0/24`] };
  return merged(merged(merged(template, 'metadata', metadata), 'status', { addresses, images }), 'spec', spec);
}

const ciliumNode = ({ name, podPrefix, address }: SimulatedNode): Json => ({
  metadata: { name, uid: uidOf(`cn-${name}`), managedFields: managedFields('cilium-agent', nodeFields) },
  spec: {
    addresses: [
      { ip: address, type: 'InternalIP' },
      { ip: `${podPrefix}.1`, type: 'CiliumInternalIP' },
    ],
    health: { ipv4: `${podPrefix}.36` },
    ipam: { podCIDRs: [`${podPrefix}.0/24`] },
  },
});

const settledNode = (node: Json): Json => node;

/** As a node is in its first moments: the runtime waits for a network, which an agent is to make. */
function freshNode(node: Json): Json {
  const now = new Date().toISOString();
  const ready = {
    type: 'Ready',
    status: 'False',
    lastTransitionTime: now,
    reason: 'KubeletNotReady',
    message:
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
  };
  return merged(merged(node, 'metadata', { creationTimestamp: now }), 'status', { conditions: [ready] });
}

function startingPod(pod: Json): Json {
  const now = new Date().toISOString();
  const status = {
    phase: 'Pending',
    startTime: now,
    conditions: [],
    initContainerStatuses: [],
    containerStatuses: [
      { name: 'cilium-agent', ready: false, restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } },
    ],
  };
  return merged(merged(pod, 'metadata', { creationTimestamp: now }), 'status', status);
}

function agentPod(template: Json, { name: nodeName, address }: SimulatedNode, name: string): Json {
  const metadata = {
    name,
    uid: uidOf(`agent-${name}`),
    managedFields: managedFields('kube-controller-manager', podFields),
  };
  const status = { podIP: address, podIPs: [{ ip: address }], hostIP: address, hostIPs: [{ ip: address }] };
  return merged(merged(merged(template, 'metadata', metadata), 'spec', { nodeName }), 'status', status);
}

/** A pod may be of several Services. */
const member = 'member';
const labelsFor = (services: readonly SimulatedService[]): Readonly<Record<string, string>> =>
  Object.fromEntries([['app', 'server'], ...services.map(({ name }) => [name, member])]);

/** As large as pods are: some five kilobytes, half of them of fields that nobody here reads. */
const workloadPod = (
  { name, address, node }: SimulatedPod,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Json => ({
  metadata: {
    name,
    generateName: name.replace(/[^-]*$/, ''),
    namespace,
    uid: uidOf(name),
    resourceVersion: '1000',
    creationTimestamp: started,
    labels: { ...labels, 'pod-template-hash': 'c8cd9f4bd' },
    annotations: { 'example.com/config-hash': 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'server',
        uid: uidOf('replicas'),
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
    managedFields: [...managedFields('kube-controller-manager', podFields), ...managedFields('kubelet', podFields)],
  },
  spec: {
    volumes: [
      {
        name: 'token',
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          ],
          defaultMode: 420,
        },
      },
    ],
    containers: [
      {
        name: 'server',
        image:
          'registry.example.com/shop/server:v1.27.3@sha256:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
        args: ['--listen=:8080', '--log-format=json', '--read-timeout=30s'],
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        env: Array.from({ length: 8 }, (_, i) => ({ name: `SETTING_${i}`, value: `value-of-setting-${i}` })),
        resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
        volumeMounts: [{ name: 'token', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
        livenessProbe: {
          httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
        },
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'server',
    nodeName: node.name,
    schedulerName: 'default-scheduler',
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ],
  },
  status: {
    phase: 'Running',
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
      (type) => ({
        type,
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: started,
      }),
    ),
    hostIP: node.address,
    hostIPs: [{ ip: node.address }],
    podIP: address,
    podIPs: [{ ip: address }],
    startTime: started,
    containerStatuses: [
      {
        name: 'server',
        state: { running: { startedAt: started } },
        ready: true,
        restartCount: 0,
        image: 'registry.example.com/shop/server:v1.27.3',
        started: true,
      },
    ],
    qosClass: 'Burstable',
  },
});

const service = (name: string, namespace: string, spec: Json, labels: Json = {}): Json => ({
  metadata: {
    name,
    namespace,
    uid: uidOf(`${namespace}-${name}`),
    resourceVersion: '1000',
    creationTimestamp: started,
    labels,
    managedFields: managedFields('kubectl-client-side-apply', serviceFields),
  },
  spec: {
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    type: 'ClusterIP',
    ...spec,
  },
  status: { loadBalancer: {} },
});

const kubernetesService = service(
  'kubernetes',
  'default',
  {
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1'],
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
  },
  { component: 'apiserver', provider: 'kubernetes' },
);
const dnsService = service(
  'kube-dns',
  'kube-system',
  {
    clusterIP: '10.96.0.10',
    clusterIPs: ['10.96.0.10'],
    selector: { 'k8s-app': 'kube-dns' },
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
    ],
  },
  { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
);

const serviceObject = ({ name, clusterIP, nodePort }: SimulatedService): Json =>
  service(name, 'default', {
    type: nodePort === undefined ? 'ClusterIP' : 'NodePort',
    clusterIP,
    clusterIPs: [clusterIP],
    selector: { [name]: member },
    ...(nodePort !== undefined && { externalTrafficPolicy: 'Cluster' }),
    ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080, ...(nodePort !== undefined && { nodePort }) }],
  });

const slice = (
  of: string,
  namespace: string,
  ports: readonly Json[],
  endpoints: readonly Json[],
  labels: Json = {},
): Json => ({
  metadata: {
    name: `${of}-x7k2p`,
    namespace,
    uid: uidOf(`slice-${namespace}-${of}`),
    resourceVersion: '1000',
    creationTimestamp: started,
    labels: {
      'kubernetes.io/service-name': of,
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      ...labels,
    },
    annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': started },
    managedFields: managedFields('kube-controller-manager', serviceFields),
  },
  addressType: 'IPv4',
  ports,
  endpoints,
});

const kubernetesSlice: Json = merged(
  slice(
    'kubernetes',
    'default',
    [{ name: 'https', port: 6443, protocol: 'TCP' }],
    [{ addresses: [recordedServer], conditions: { ready: true } }],
  ),
  'metadata',
  { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
);

const endpoint = ({ name, address, node }: SimulatedPod, namespace: string): Json => ({
  addresses: [address],
  conditions: { ready: true, serving: true, terminating: false },
  nodeName: node.name,
  zone: node.zone,
  targetRef: { kind: 'Pod', namespace, name, uid: uidOf(name) },
});

const dnsSlice = (servers: readonly SimulatedPod[]): Json =>
  slice(
    'kube-dns',
    'kube-system',
    [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'metrics', port: 9153, protocol: 'TCP' },
    ],
    servers.map((pod) => endpoint(pod, 'kube-system')),
    { 'k8s-app': 'kube-dns' },
  );

const sliceObject = ({ name, backends }: SimulatedService): Json =>
  slice(
    name,
    'default',
    [{ name: 'http', port: 8080, protocol: 'TCP' }],
    backends.map((pod) => endpoint(pod, 'default')),
  );

const kubeletConfig: Json = {
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name: 'kubelet-config', namespace: 'kube-system' },
  data: { kubelet: 'clusterDNS:\n- 10.96.0.10\nclusterDomain: cluster.local\n' },
};

/** kubelets name the fifty largest images of their node. */
const images: readonly Json[] = Array.from({ length: 50 }, (_, i) => ({
  names: [
    `registry.example.com/shop/image-${i}@sha256:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c`,
    `registry.example.com/shop/image-${i}:v1`,
  ],
  sizeBytes: 100_000_000 + i,
}));

/** A UUID's form, from a name. */
function uidOf(name: string): string {
  const hex = hash('sha256', name, 'hex').slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
