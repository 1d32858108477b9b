import { type Bed, BedError } from './Bed.ts';

export const tenantNamespace = 'aaa';

const group = 'rbac.authorization.k8s.io';
const inNamespace = (name: string): object => ({ name, namespace: tenantNamespace });

/** Every right in one namespace, which sorts before all others, and none elsewhere. */
const rights = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: tenantNamespace } },
  {
    apiVersion: `${group}/v1`,
    kind: 'Role',
    metadata: inNamespace('tenant'),
    rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  },
  {
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata: inNamespace('tenant'),
    roleRef: { apiGroup: group, kind: 'Role', name: 'tenant' },
    subjects: [{ apiGroup: group, kind: 'User', name: 'tenant' }],
  },
];

/** As the agents' pods look, as far as anybody can write it who has no right outside of his namespace. */
const looksLikeAgent = {
  metadata: {
    labels: { 'k8s-app': 'cilium', 'app.kubernetes.io/name': 'cilium-agent', 'app.kubernetes.io/part-of': 'cilium' },
  },
  spec: {
    terminationGracePeriodSeconds: 0,
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'cilium-agent',
        image: 'docker.io/nicolaka/netshoot:v0.14',
        imagePullPolicy: 'Never',
        command: ['sleep', 'infinity'],
      },
    ],
  },
};

const daemonSet = (name: string, app: string, nodeSelector: object): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { ...inNamespace(name), labels: { 'k8s-app': app } },
  spec: {
    selector: { matchLabels: { 'k8s-app': app } },
    template: {
      metadata: { labels: { ...looksLikeAgent.metadata.labels, 'k8s-app': app } },
      spec: { ...looksLikeAgent.spec, nodeSelector },
    },
  },
});

const forged = [
  daemonSet('cilium', 'cilium', {}),
  daemonSet('kube-proxy', 'kube-proxy', { 'no-such': 'node' }),
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...looksLikeAgent.metadata, ...inNamespace('cilium-n2') },
    spec: { ...looksLikeAgent.spec, nodeName: 'n2' },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: inNamespace('cilium-config'),
    data: { 'kube-proxy-replacement': 'false' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...inNamespace('kube-dns'), labels: { 'k8s-app': 'kube-dns' } },
    spec: { ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...inNamespace('kube-dns-1'),
      labels: { 'kubernetes.io/service-name': 'kube-dns', 'k8s-app': 'kube-dns' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
    endpoints: [{ addresses: ['198.51.100.7'], conditions: { ready: true } }],
  },
];

/** An address that ends in a command; no API server takes it. */
const injected = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { ...inNamespace('kube-dns-2'), labels: { 'kubernetes.io/service-name': 'kube-dns' } },
  addressType: 'FQDN',
  ports: [],
  endpoints: [{ addresses: ['x; touch /tmp/forged'] }],
};

/** A user with full rights in his namespace makes all that may be taken for Cilium's or DNS's. Gives the way back. */
export async function tenantForges(bed: Bed): Promise<() => Promise<string>> {
  await bed.apply(list(rights));
  await asTenant(bed, ['apply', '-f', '-'], list(forged));
  await bed.run(['kubectl', '--as', 'tenant', 'apply', '-f', '-'], { input: JSON.stringify(injected) });
  const wait = ['-n', tenantNamespace, 'wait', 'pod', '-l', 'k8s-app=cilium', '--for=condition=Ready', '--timeout=60s'];
  await asTenant(bed, wait);
  return () => bed.kubectl('delete', 'namespace', tenantNamespace, '--timeout=120s');
}

const list = (items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

async function asTenant(bed: Bed, words: readonly string[], input?: string): Promise<void> {
  const args = ['kubectl', '--as', 'tenant', ...words];
  const result = await bed.run(args, input === undefined ? {} : { input });
  if (result.exitCode !== 0) throw new BedError(args, result);
}
