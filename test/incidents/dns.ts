import type { CiliumLocalRedirectPolicy, DaemonSet, Pod } from '../../src/model/kubernetes.ts';
import type { DnsProbe } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import type { NodeChanges } from '../support/aSnapshot.ts';
import { type Incident, seen } from './Incident.ts';
import { cluster, holding, type Scene, without } from './scene.ts';

const udp = { name: 'dns', port: '53', protocol: 'UDP' };
const tcp = { name: 'dns-tcp', port: '53', protocol: 'TCP' };
type Frontend = NonNullable<NonNullable<CiliumLocalRedirectPolicy['spec']>['redirectFrontend']>;
const policy = (
  redirectFrontend: Frontend,
  toPorts: readonly { readonly port: string }[] = [udp, tcp],
): CiliumLocalRedirectPolicy => ({
  metadata: { name: 'nodelocaldns', namespace: 'kube-system' },
  spec: {
    redirectFrontend,
    redirectBackend: { localEndpointSelector: { matchLabels: { 'k8s-app': 'node-local-dns' } }, toPorts },
  },
});
const ofService = (toPorts: readonly { readonly port: string }[] = [udp, tcp]): Frontend => ({
  serviceMatcher: { serviceName: 'kube-dns', namespace: 'kube-system', toPorts },
});
const ofAddress = (ip: string): Frontend => ({ addressMatcher: { ip, toPorts: [udp, tcp] } });

const cachePod = (node: string, ip: string, ready = true): Pod => ({
  metadata: { name: `node-local-dns-${node}`, namespace: 'kube-system', labels: { 'k8s-app': 'node-local-dns' } },
  spec: {
    nodeName: node,
    containers: [
      {
        name: 'node-cache',
        ports: [
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
        ],
      },
    ],
  },
  status: {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
  },
});
const caches = [cachePod('n1', '10.244.0.53'), cachePod('n2', '10.244.1.53')];
const redirected = (one: CiliumLocalRedirectPolicy, scene: Scene = {}): Snapshot =>
  cluster({
    pods: caches,
    settings: { 'enable-local-redirect-policy': 'true' },
    facts: { localRedirectPolicies: [one] },
    ...scene,
  });

const cacheDaemonSet = (args: readonly string[], hostNetwork: boolean): DaemonSet => ({
  metadata: { name: 'node-local-dns', namespace: 'kube-system' },
  spec: { template: { spec: { hostNetwork, containers: [{ name: 'node-cache', args }] } } },
  status: { desiredNumberScheduled: 2 },
});

const probes = (outcome: (server: string, protocol: string) => Partial<DnsProbe>): NodeChanges => ({
  dnsProbe: (['UDP', 'TCP'] as const).flatMap((protocol) =>
    ['10.96.0.10', '10.244.0.10', '10.244.1.10'].map((server): DnsProbe =>
      Object.assign(answered(server, protocol), outcome(server, protocol)),
    ),
  ),
});
function answered(server: string, protocol: DnsProbe['protocol']): DnsProbe {
  const via = server === '10.96.0.10' ? 'clusterIP' : 'endpoint';
  return { server, port: 53, via, protocol, outcome: 'answered', detail: '' };
}
const lost = { outcome: 'timeout' } as const;

const kernel = (release: string, options: Readonly<Record<string, string>>): NodeChanges => ({
  kernel: release,
  kernelOptions: new Map(Object.entries(options)),
});
const closing = { CONFIG_INET_DIAG: 'y', CONFIG_INET_UDP_DIAG: 'm', CONFIG_INET_DIAG_DESTROY: 'y' };

export const dnsIncidents: readonly Incident[] = [
  seen(
    'cilium/cilium#13040',
    'the DNS cache of nodes waits for an address whose packets never leave the socket',
    'KPR6003 kube-system/node-local-dns',
    {
      scenario: cluster({ daemonSets: [cacheDaemonSet(['-localip', '169.254.20.10,10.96.0.10'], true)] }),
      sibling: cluster({ daemonSets: [cacheDaemonSet(['-localip', '169.254.20.10'], true)] }),
    },
  ),
  seen(
    ['cilium/cilium#39813', 'lablabs/k8s-nodelocaldns-helm#14'],
    'a redirect of DNS names ports that the Service does not have, and redirects nothing',
    'KPR6003 kube-system/nodelocaldns',
    {
      scenario: redirected(policy(ofService([{ ...udp, port: '5353' }]), [{ ...udp, port: '5353' }])),
      sibling: redirected(policy(ofService())),
    },
  ),
  seen('rancher/rke2#9448', 'a redirect takes the address of DNS and leaves its row empty', 'KPR4002 n2', {
    scenario: redirected(policy(ofService()), { rows: holding('10.96.0.10:53/UDP', []) }),
    sibling: redirected(policy(ofService()), { distribution: 'rke2' }),
  }),
  seen(
    ['cilium/cilium#43080', 'cilium/cilium#43454'],
    'DNS is redirected to a cache that is not ready while it is rolled out',
    'KPR1012 n2',
    {
      scenario: redirected(policy(ofService()), {
        version: '1.18.5',
        pods: [cachePod('n1', '10.244.0.53'), cachePod('n2', '10.244.1.53', false)],
      }),
      sibling: redirected(policy(ofService()), { version: '1.18.9' }),
    },
  ),
  seen(
    ['cilium/cilium#36852', 'cilium/cilium#35098'],
    'Talos forwards the queries of cluster DNS to the host, and eBPF host routing bypasses that',
    'KPR6002 n1,n2',
    {
      scenario: cluster({
        distribution: 'talos',
        all: probes(() => ({ outcome: 'badAnswer', rcode: 'SERVFAIL', detail: 'the server answered SERVFAIL' })),
      }),
      sibling: cluster({ distribution: 'talos', all: { status: { routing: { intraHost: 'Legacy' } } } }),
    },
  ),
  seen(
    [
      'cilium/cilium#27300',
      'cilium/cilium#35773',
      'cilium/cilium#48244',
      'cilium/cilium#48096',
      'haproxy/haproxy#2654',
    ],
    'proxies go on asking a DNS server that is gone, since the kernel of their node cannot close their sockets',
    'KPR6004 n2',
    {
      scenario: cluster({ n2: kernel('5.10.0-28', { CONFIG_INET_DIAG: 'm', CONFIG_INET_UDP_DIAG: 'm' }) }),
      sibling: cluster({ n2: kernel('5.10.0-28', closing) }),
    },
  ),
  seen('cilium/cilium#25875', 'queries of DNS time out now and then: one server of two is out of reach', 'KPR6002 n2', {
    scenario: cluster({ n2: probes((server) => (server === '10.244.0.10' ? lost : {})) }),
    sibling: cluster({
      n2: probes((server, protocol) => (server === '10.244.0.10' && protocol === 'UDP' ? lost : {})),
    }),
  }),
  seen(
    ['docs: kube-proxy free, limitations', 'cilium/cilium#12859'],
    'no kernel of the cluster has what closes sockets of backends that are gone',
    'KPR6004 n1,n2',
    {
      scenario: cluster({ all: kernel('5.15.0-91', { CONFIG_INET_DIAG: 'y', CONFIG_INET_UDP_DIAG: 'y' }) }),
      sibling: cluster({ all: kernel('5.15.0-91', closing) }),
    },
  ),
  seen(
    ['kubernetes/ingress-nginx#9222', 'cilium/cilium#40336', 'cilium/cilium#31012'],
    'agents are told not to close sockets of pods, and proxies go on asking a DNS server that is gone',
    'KPR6004 n1,n2',
    {
      scenario: cluster({ settings: { 'bpf-lb-sock-terminate-pod-connections': 'false' } }),
      sibling: cluster({ settings: { 'bpf-lb-sock-terminate-pod-connections': 'true' } }),
    },
  ),
  seen(
    ['cilium/cilium#43800', 'cilium/cilium#45522'],
    'from 1.18 on a redirect by the address of a Service has no effect',
    'KPR6003 n1,n2',
    {
      scenario: redirected(policy(ofAddress('10.96.0.10')), { version: '1.19.6' }),
      sibling: redirected(policy(ofAddress('169.254.20.10')), { version: '1.19.6' }),
    },
  ),
  seen('cilium/cilium#45412', 'a redirect is deleted, and the rows of DNS go with it', 'KPR4001 n1,n2', {
    scenario: cluster({ version: '1.17.12', rows: without(({ key = '' }) => key.startsWith('10.96.0.10:')) }),
    sibling: cluster({ version: '1.17.12', services: [], all: kernel('6.6.0', closing) }),
  }),
];
