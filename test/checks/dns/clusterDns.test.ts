import { expect, test } from 'vitest';
import { clusterDnsAnswers } from '../../../checks/dns/clusterDnsAnswers.ts';
import { clusterDnsReady } from '../../../checks/dns/clusterDnsReady.ts';
import { known, valueOf } from '../../../src/model/Fact.ts';
import type { Deployment, EndpointSlice, Pod, Service } from '../../../src/model/kubernetes.ts';
import type { DnsProbe } from '../../../src/model/NodeFacts.ts';
import {
  aMissing,
  aSnapshot,
  type ClusterChanges,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aService, aSlice, ciliumConfig, healthyFacts } from '../../support/healthy.ts';
import { aFrontendKey } from '../../support/keys.ts';
import { standardCases } from '../../support/standardCases.ts';

const facts = healthyFacts(['n1', 'n2']);
const services = valueOf(facts.services) ?? [];
const slices = valueOf(facts.endpointSlices) ?? [];
const deployments = valueOf(facts.deployments) ?? [];
const others = services.filter(({ metadata }) => metadata.name !== 'kube-dns');
const otherSlices = slices.filter(({ metadata }) => metadata.namespace !== 'kube-system');

const scaled = ({ metadata, spec }: Deployment, replicas: number): Deployment => ({
  metadata,
  spec: { ...spec, replicas },
});
const coredns = (replicas: number) =>
  deployments.map((one) => (one.metadata.name === 'coredns' ? scaled(one, replicas) : one));
const notReady: EndpointSlice = aSlice('kube-dns', [], {
  metadata: { name: 'kube-dns-1', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
  endpoints: [{ addresses: ['10.244.0.10'], conditions: { ready: false, serving: false } }],
  ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
});
const without: ClusterChanges = { endpointSlices: otherSlices };

/** A DNS Service of another make, with its endpoints. */
function dnsOf(
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  port: string,
): ClusterChanges {
  const service: Service = aService(
    name,
    { clusterIP: '10.96.0.10', ports: [{ name: port, port: 53, protocol: 'UDP' }] },
    { namespace, labels },
  );
  const slice = aSlice(name, ['10.244.0.10'], {
    metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
    ports: [{ name: port, port: 5353, protocol: 'UDP' }],
  });
  return { services: [...others, service], endpointSlices: [...otherSlices, slice] };
}

const tcpOnly = (labels: Service['metadata']['labels'], namespace = 'kube-system'): ClusterChanges => ({
  services: [
    ...others,
    aService(
      'kube-dns',
      { clusterIP: '10.96.0.10', ports: [{ name: 'dns-tcp', port: 53 }] },
      {
        namespace,
        labels: labels ?? {},
      },
    ),
  ],
});
const withoutUdp = tcpOnly({ 'k8s-app': 'kube-dns' });

test.each<[string, ClusterChanges, string[]]>([
  ['healthy', {}, []],
  ['a Service without UDP', withoutUdp, ['KPR6001 kube-system/kube-dns']],
  ['a tenant’s Service without UDP', tcpOnly({ 'k8s-app': 'kube-dns' }, 'aaa'), ['KPR6001']],
  ['no Service', { services: others }, ['KPR6001']],
  ['scaled to 0', { ...without, deployments: coredns(0) }, ['KPR6001 kube-system/kube-dns,kube-system/coredns']],
  ['no endpoint', without, ['KPR6001 kube-system/kube-dns']],
  ['no endpoint ready', { endpointSlices: [...otherSlices, notReady] }, ['KPR6001 kube-system/kube-dns']],
  ['Deployments not read', { ...without, deployments: aMissing('forbidden') }, ['KPR6001 kube-system/kube-dns']],
  ['EndpointSlices not read', { endpointSlices: aMissing('forbidden') }, ['unknown forbidden']],
  ['OpenShift', dnsOf('openshift-dns', 'dns-default', {}, 'dns'), []],
  [
    'a tenant’s Service with its name and label',
    dnsOf('aaa', 'kube-dns', { 'k8s-app': 'kube-dns' }, 'dns'),
    ['KPR6001'],
  ],
  ['RKE2', dnsOf('kube-system', 'rke2-coredns-rke2-coredns', { 'k8s-app': 'kube-dns' }, 'udp-53'), []],
  ['by hand', dnsOf('kube-system', 'coredns', {}, ''), []],
])('server: %s', (_, changes, expected) => {
  expect(codesOf(clusterDnsReady, aSnapshot({ facts: changes }))).toEqual(expected);
});

const kubeletsTold = (kubelet: string): ClusterChanges => ({
  kubeletConfig: { metadata: { name: 'kubelet-config', namespace: 'kube-system' }, data: { kubelet } },
});
const withResolver: ClusterChanges = {
  services: [
    ...services,
    aService(
      'resolver',
      { clusterIP: '10.96.0.53', clusterIPs: ['10.96.0.53'], ports: [{ port: 53, protocol: 'UDP' }] },
      { namespace: 'networking' },
    ),
  ],
};
const atResolver = ['KPR6001 networking/resolver'];
test.each<[string, ClusterChanges, string[]]>([
  ['the Service that they name', kubeletsTold('clusterDNS: [10.96.0.53]'), atResolver],
  ['one that bears the label', kubeletsTold('clusterDNS:\n- 10.96.0.10\n'), []],
  ['a cache on nodes, and the Service', kubeletsTold('clusterDNS: [169.254.20.10, "10.96.0.53"]'), atResolver],
  ['a cache on nodes alone', kubeletsTold('clusterDNS: [169.254.20.10]'), []],
  ['an address that no Service has', kubeletsTold('clusterDNS: [10.96.0.99]'), []],
  ['nothing', kubeletsTold('kind: KubeletConfiguration'), []],
  ['what is no address', kubeletsTold('clusterDNS: [None, 7, {a: b}]'), []],
  ['what is no YAML', kubeletsTold('a: ['), []],
  ['not there', { kubeletConfig: undefined }, []],
  ['not to be read', { kubeletConfig: aMissing('forbidden') }, []],
])('cluster DNS by the configuration of kubelets: %s', (_, changes, expected) => {
  expect(codesOf(clusterDnsReady, aSnapshot({ facts: { ...withResolver, ...changes } }))).toEqual(expected);
});

const kubeadmWith = (configuration: string): ClusterChanges => ({
  kubeadmConfig: {
    metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
    data: { ClusterConfiguration: configuration },
  },
});
const subnets = (text: string): ClusterChanges => kubeadmWith(`networking: {serviceSubnet: "${text}"}`);
const askedElsewhere = ['KPR6001 kube-system/kube-dns'];
test.each<[string, string, ClusterChanges, string[]]>([
  ['an address of the range of Services', '[10.96.0.99]', subnets('10.96.0.0/16'), askedElsewhere],
  ['one of the second range', '["fd00::99"]', subnets('10.96.0.0/16, fd00::/112'), askedElsewhere],
  ['beside one that is served', '[10.96.0.99, 10.96.0.10]', subnets('10.96.0.0/16'), []],
  ['a server outside of the cluster', '[192.0.2.53]', subnets('10.96.0.0/16'), []],
  ['a range that is not known', '[10.96.0.99]', kubeadmWith('networking: {}'), []],
  ['a range that is none', '[10.96.0.99]', subnets('10.96.0.0'), []],
])('kubelets send pods to what no Service has: %s', (_, addresses, kubeadm, expected) => {
  const facts = { ...kubeletsTold(`clusterDNS: ${addresses}`), ...kubeadm };
  expect(codesOf(clusterDnsReady, aSnapshot({ facts }))).toEqual(expected);
});

test.each<[string, ClusterChanges, object]>([
  [
    'scaled to 0',
    { ...without, deployments: coredns(0) },
    {
      variant: 'scaledToZero',
      params: { workload: 'Deployment kube-system/coredns', deployment: 'coredns', selector: 'k8s-app=kube-dns' },
    },
  ],
  [
    'not ready',
    { endpointSlices: [...otherSlices, notReady] },
    { variant: 'noReadyServer', params: { state: '1 endpoint, none ready' } },
  ],
])('what is said of it: %s', (_, changes, expected) => {
  expect(findingsOf(clusterDnsReady, aSnapshot({ facts: changes }))).toMatchObject([expected]);
});

const clusterIP = '10.96.0.10';
/** Probes of one node; what is not named answered. */
function probes(outcomes: Readonly<Record<string, DnsProbe['outcome']>>): readonly DnsProbe[] {
  return (['UDP', 'TCP'] as const).flatMap((protocol) =>
    [clusterIP, '10.244.0.10', '10.244.1.10'].map((server): DnsProbe => ({
      server,
      port: 53,
      protocol,
      via: server === clusterIP ? 'clusterIP' : 'endpoint',
      outcome: outcomes[`${protocol} ${server}`] ?? 'answered',
      detail: '',
    })),
  );
}
const refusing = (...servers: readonly string[]): readonly DnsProbe[] =>
  probes(
    Object.fromEntries(
      servers.flatMap((one) => [
        [`UDP ${one}`, 'refused' as const],
        [`TCP ${one}`, 'refused' as const],
      ]),
    ),
  );
const ipv6Unset = new Map([...ciliumConfig].filter(([key]) => key !== 'enable-ipv6'));
const on = (n2: NodeChanges): SnapshotChanges => ({ nodes: { n2 } });
const table = (rows: Readonly<Record<string, number>>) =>
  new Map(Object.entries(rows).map(([key, selectable]) => [aFrontendKey(key), { selectable }]));
const allTimeout = {
  'UDP 10.244.0.10': 'timeout',
  'UDP 10.244.1.10': 'timeout',
  'TCP 10.244.0.10': 'timeout',
  'TCP 10.244.1.10': 'timeout',
} as const;
const kubeDns = services.find(({ metadata }) => metadata.name === 'kube-dns');
const dualStack: ClusterChanges = {
  services: [
    ...others,
    aService('kube-dns', { ...kubeDns?.spec, clusterIPs: [clusterIP, 'fd00::a'] }, kubeDns?.metadata ?? {}),
  ],
};

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['lost in the datapath', on({ dnsProbe: probes({ [`UDP ${clusterIP}`]: 'timeout' }) }), ['KPR6002 n2']],
  [
    'servers out of reach',
    on({ dnsProbe: probes({ [`UDP ${clusterIP}`]: 'timeout', [`TCP ${clusterIP}`]: 'timeout', ...allTimeout }) }),
    ['KPR6002 n2'],
  ],
  ['one datagram to one server lost', on({ dnsProbe: probes({ 'UDP 10.244.0.10': 'timeout' }) }), []],
  [
    'one server lost',
    on({ dnsProbe: probes({ 'UDP 10.244.0.10': 'timeout', 'TCP 10.244.0.10': 'timeout' }) }),
    ['KPR6002 n2'],
  ],
  ['a frontend not in the table', on({ mapFrontends: table({ '10.96.0.10:53/TCP': 2 }) }), ['KPR6002 n2']],
  [
    'a frontend without backends',
    on({ mapFrontends: table({ '10.96.0.10:53/TCP': 2, '10.96.0.10:53/UDP': 0 }) }),
    ['KPR6002 n2'],
  ],
  ['rows of Cilium up to 1.16', on({ mapFrontends: table({ '10.96.0.10:53/ANY': 2 }) }), []],
  [
    'both at once are one finding',
    on({
      mapFrontends: table({}),
      dnsProbe: probes({ [`UDP ${clusterIP}`]: 'timeout', [`TCP ${clusterIP}`]: 'timeout' }),
    }),
    ['KPR6002 n2'],
  ],
  ['not probed, in the table', on({ dnsProbe: aMissing('notCollected') }), ['unknown n2 notCollected']],
  [
    'not probed, and not in the table',
    on({ dnsProbe: aMissing('notCollected'), mapFrontends: table({}) }),
    ['KPR6002 n2'],
  ],
  ['table not read, but it answers', on({ mapFrontends: aMissing('timeout') }), []],
  [
    'replacement off: kube-proxy’s table is not Cilium’s',
    on({ status: { kpr: { mode: 'False' } }, mapFrontends: table({}) }),
    [],
  ],
  [
    'no ready server: nobody could answer',
    { facts: without, ...on({ dnsProbe: probes({ [`UDP ${clusterIP}`]: 'timeout' }) }) },
    ['skipped: cluster DNS has no ready server that could answer (cluster-dns-ready)'],
  ],
  ['no Service', { facts: { services: others } }, ['skipped: there is no Service for cluster DNS (cluster-dns-ready)']],
  ['an IPv6 address where IPv6 is off', { facts: dualStack }, []],
  [
    'an IPv6 address where it is on',
    { facts: dualStack, ...on({ startedConfig: new Map([...ciliumConfig, ['enable-ipv6', 'true']]) }) },
    ['KPR6002 n2'],
  ],
  [
    'on is what an agent is that is told nothing',
    { facts: dualStack, ...on({ startedConfig: ipv6Unset }) },
    ['KPR6002 n2'],
  ],
  [
    'what nobody started with yet is not in effect',
    { facts: { ...dualStack, ciliumConfig: new Map([...ciliumConfig, ['enable-ipv6', 'true']]) } },
    [],
  ],
  [
    'an IPv6 address, and whether it is on is not known',
    {
      facts: { ...dualStack, ciliumConfig: aMissing('forbidden') },
      ...on({ startedConfig: aMissing('timeout') }),
    },
    ['unknown n2 notCollected'],
  ],
])('answers: %s', (_, changes, expected) => {
  expect(codesOf(clusterDnsAnswers, aSnapshot(changes))).toEqual(expected);
});

const own = { n1: '10.244.0.10', n2: '10.244.1.10' } as const;
/** The two DNS servers on these nodes. */
const serversOn = (first: string | undefined, second: string | undefined): ClusterChanges => ({
  endpointSlices: slices.map((slice) =>
    slice.metadata.namespace === 'kube-system'
      ? Object.assign({}, slice, { endpoints: [serverOn(own.n1, first), serverOn(own.n2, second)] })
      : slice,
  ),
});
const serverOn = (address: string, nodeName: string | undefined) => ({
  addresses: [address],
  conditions: { ready: true },
  ...(nodeName !== undefined && { nodeName }),
});
const placed = serversOn('n1', 'n2');
/** So that what n2 loses, it loses on the way to another node. */
const elsewhere = serversOn('n1', 'n1');

const failing = (all: readonly DnsProbe[], rcode: string): DnsProbe[] =>
  all.map((one) => Object.assign({}, one, { outcome: 'badAnswer', rcode, detail: `the server answered ${rcode}` }));
const ofEndpoint =
  (via: DnsProbe['via']) =>
  (one: DnsProbe): boolean =>
    one.via === via;
test.each<[string, NodeChanges, object]>([
  [
    'datapath',
    { dnsProbe: probes({ [`UDP ${clusterIP}`]: 'timeout' }) },
    { variant: 'datapath', severity: 'error', params: { clusterIP, protocols: 'UDP' } },
  ],
  [
    'servers',
    { dnsProbe: probes({ [`UDP ${clusterIP}`]: 'timeout', [`TCP ${clusterIP}`]: 'timeout', ...allTimeout }) },
    { variant: 'closed', severity: 'warning', params: { protocols: 'UDP and TCP', others: 'n1' } },
  ],
  [
    'servers, and whether pods are reached there is not known',
    {
      reachProbe: aMissing('notCollected'),
      dnsProbe: probes({ [`UDP ${clusterIP}`]: 'timeout', [`TCP ${clusterIP}`]: 'timeout', ...allTimeout }),
    },
    { variant: 'outOfReach', severity: 'error', params: { protocols: 'UDP and TCP', others: 'n1' } },
  ],
  [
    'servers without TCP',
    {
      dnsProbe: probes({ [`TCP ${clusterIP}`]: 'refused', 'TCP 10.244.0.10': 'refused', 'TCP 10.244.1.10': 'refused' }),
    },
    { variant: 'servers', severity: 'warning', params: { protocols: 'TCP' } },
  ],
  [
    'servers that are reached, and answer with an error',
    { dnsProbe: failing(probes({}), 'SERVFAIL') },
    { variant: 'answersBadly', severity: 'error', params: { rcodes: 'SERVFAIL' } },
  ],
  [
    'a server behind the ClusterIP that is none of those that were asked',
    {
      dnsProbe: failing(probes({}).filter(ofEndpoint('clusterIP')), 'SERVFAIL').concat(
        probes({}).filter(ofEndpoint('endpoint')),
      ),
    },
    { variant: 'answersBadly', params: { clusterIP } },
  ],
  [
    'one server that answers with an error',
    { dnsProbe: probes({}).flatMap((one) => (one.server === '10.244.1.10' ? failing([one], 'REFUSED') : one)) },
    { variant: 'oneAnswersBadly', severity: 'warning', params: { server: '10.244.1.10', rcodes: 'REFUSED' } },
  ],
  [
    'not told',
    { dnsProbe: probes({ [`UDP ${clusterIP}`]: 'timeout' }).filter(ofEndpoint('clusterIP')) },
    { variant: 'clusterIP', params: { protocols: 'UDP' } },
  ],
  [
    'one server',
    { dnsProbe: probes({ 'UDP 10.244.1.10': 'timeout', 'TCP 10.244.1.10': 'timeout' }) },
    { variant: 'oneServer', severity: 'warning', params: { server: '10.244.1.10' } },
  ],
  [
    'one server, which was chosen behind the ClusterIP',
    {
      dnsProbe: probes({
        [`TCP ${clusterIP}`]: 'timeout',
        'UDP 10.244.1.10': 'timeout',
        'TCP 10.244.1.10': 'timeout',
      }),
    },
    { variant: 'oneServer', severity: 'warning', params: { server: '10.244.1.10' } },
  ],
  [
    'one server at which nobody listens',
    { dnsProbe: probes({ 'UDP 10.244.1.10': 'refused', 'TCP 10.244.1.10': 'refused' }) },
    { variant: 'oneServer', severity: 'warning', params: { server: '10.244.1.10' } },
  ],
  ['no server listens', { dnsProbe: refusing(clusterIP, '10.244.0.10', '10.244.1.10') }, { variant: 'outOfReach' }],
  [
    'a server that lost one protocol, which may have been chosen',
    { dnsProbe: probes({ [`TCP ${clusterIP}`]: 'timeout', 'TCP 10.244.1.10': 'timeout' }) },
    { variant: 'servers', severity: 'warning', params: { protocols: 'TCP' } },
  ],
  [
    'table',
    { mapFrontends: table({}) },
    { variant: 'notInTable', params: { frontends: '10.96.0.10:53/UDP, 10.96.0.10:53/TCP' } },
  ],
  [
    'no backend',
    { mapFrontends: table({ '10.96.0.10:53/UDP': 0, '10.96.0.10:53/TCP': 2 }) },
    { variant: 'noBackend', params: { frontends: '10.96.0.10:53/UDP', count: '2' } },
  ],
])('who loses it: %s', (_, n2, expected) => {
  expect(findingsOf(clusterDnsAnswers, aSnapshot({ facts: elsewhere, nodes: { n2 } }))).toMatchObject([expected]);
});

const onBoth = (dnsProbe: readonly DnsProbe[]) => ({ n1: { dnsProbe }, n2: { dnsProbe } });
/** A third server, which nobody asked. */
const oneMore: ClusterChanges = {
  endpointSlices: slices.map((slice) =>
    slice.metadata.namespace === 'kube-system'
      ? Object.assign({}, slice, { endpoints: [...(slice.endpoints ?? []), serverOn('10.244.1.11', 'n2')] })
      : slice,
  ),
};
test.each<[string, SnapshotChanges, object]>([
  [
    'of one server, from no node: a pod that is no DNS server',
    { nodes: onBoth(refusing('10.244.1.10')) },
    { variant: 'oneRefuses', severity: 'warning', params: { server: '10.244.1.10', port: '53', label: 'k8s-app' } },
  ],
  [
    'of one server, which the ClusterIP may have met',
    {
      nodes: onBoth(refusing(clusterIP, '10.244.1.10')),
    },
    { variant: 'oneRefuses', nodes: ['n1', 'n2'] },
  ],
  [
    'of all servers: cluster DNS leads to another port',
    { nodes: onBoth(refusing(clusterIP, '10.244.0.10', '10.244.1.10')) },
    { variant: 'allRefuse', severity: 'error', params: { port: '53', clusterIP } },
  ],
  [
    'and one server was not asked, which the ClusterIP may have met',
    { facts: oneMore, nodes: onBoth(probes({ [`TCP ${clusterIP}`]: 'refused' })) },
    { variant: 'notAllAsked', severity: 'warning', params: { asked: '2', servers: '3' } },
  ],
])('nobody answers %s', (_, changes, expected) => {
  const [first] = findingsOf(clusterDnsAnswers, aSnapshot(changes));
  expect(first).toMatchObject(expected);
});

const cachePod: Pod = {
  metadata: { name: 'node-local-dns-x', namespace: 'kube-system', labels: { 'k8s-app': 'node-local-dns' } },
  spec: { nodeName: 'n2' },
};
const redirectTo = (serviceName: string): ClusterChanges => ({
  localRedirectPolicies: [
    {
      metadata: { name: 'cache', namespace: 'kube-system' },
      spec: {
        redirectFrontend: { serviceMatcher: { serviceName, namespace: 'kube-system' } },
        redirectBackend: { localEndpointSelector: { matchLabels: { 'k8s-app': 'node-local-dns' } }, toPorts: [] },
      },
    },
  ],
  systemPods: [...(valueOf(facts.systemPods) ?? []), cachePod],
});
const redirectsOn = new Map([...ciliumConfig, ['enable-local-redirect-policy', 'true']]);
const losingThere: NodeChanges = {
  dnsProbe: probes({ [`UDP ${clusterIP}`]: 'refused', [`TCP ${clusterIP}`]: 'refused' }),
};
const redirecting: SnapshotChanges = {
  facts: redirectTo('kube-dns'),
  nodes: { n2: { ...losingThere, startedConfig: redirectsOn } },
};
test.each<[string, SnapshotChanges, object]>([
  ['to a pod of the node', redirecting, { variant: 'redirected', nodes: ['n2'], params: { pods: 'node-local-dns-x' } }],
  [
    'to a pod of another node',
    { ...redirecting, nodes: { n1: redirecting.nodes?.['n2'] ?? {} } },
    { variant: 'datapath' },
  ],
  ['while redirects are off', { ...redirecting, nodes: { n2: losingThere } }, { variant: 'datapath' }],
  ['of another Service', { ...redirecting, facts: redirectTo('other') }, { variant: 'datapath' }],
])('nobody answers at the ClusterIP, and queries are redirected %s', (_, changes, expected) => {
  expect(findingsOf(clusterDnsAnswers, aSnapshot(changes))).toMatchObject([expected]);
});

test('whichever protocol is asked first on a node, one finding names both', () => {
  const lost = probes({ [`UDP ${clusterIP}`]: 'timeout', [`TCP ${clusterIP}`]: 'timeout', ...allTimeout });
  const nodes = { n1: { dnsProbe: lost }, n2: { dnsProbe: lost.toReversed() } };
  expect(codesOf(clusterDnsAnswers, aSnapshot({ nodes }))).toEqual(['KPR6002 n1,n2']);
});

const losing = (...servers: readonly string[]): readonly DnsProbe[] =>
  probes(
    Object.fromEntries(
      servers.flatMap((server) => [
        [`UDP ${server}`, 'timeout'],
        [`TCP ${server}`, 'timeout'],
      ]),
    ),
  );
const lostAll = losing(clusterIP, own.n1, own.n2);
const refused = lostAll.map((one): DnsProbe => ({ ...one, outcome: 'badAnswer', detail: 'Operation not permitted' }));
const reaching = {
  facts: placed,
  nodes: { n1: { dnsProbe: losing(own.n2) }, n2: { dnsProbe: losing(own.n1) } },
} satisfies SnapshotChanges;
/** Nobody tried anything else. */
const reachProbe = aMissing('notCollected');
const apart = {
  facts: placed,
  nodes: { n1: { ...reaching.nodes.n1, reachProbe }, n2: { ...reaching.nodes.n2, reachProbe } },
} satisfies SnapshotChanges;
const dropping = (line: string, packets: number): NodeChanges => ({
  iptables: [
    {
      backend: 'nft',
      family: 'ipv4',
      tables: known(
        [
          {
            name: 'filter',
            chains: [
              {
                name: line.split(' ')[1] ?? '',
                policy: 'ACCEPT',
                rules: [{ line, packets, bytes: 60, target: line.split(' ').at(-1), comment: undefined }],
              },
            ],
          },
        ],
        'iptables-nft-save -c',
      ),
    },
  ],
});
const webPods = ['n1', 'n2'].map((node, index) => ({
  metadata: { name: `web-${node}`, namespace: 'default' },
  spec: { nodeName: node },
  status: {
    phase: 'Running',
    podIPs: [{ ip: `10.244.${index + 1}.9` }],
    startTime: '2026-11-21T08:00:00Z',
    conditions: [{ type: 'Ready', status: 'True' }],
  },
}));
const forServer = dropping(`-A OUTPUT -d ${own.n1}/32 -j DROP`, 63);
const downLink: NodeChanges = {
  interfaces: [
    { name: 'eth0', up: true, addresses: ['172.30.0.12'] },
    { name: 'cilium_vxlan', up: false, addresses: [] },
  ],
};
const guard = (name: string, attachType = 'cgroup_inet4_connect'): NodeChanges => ({
  cgroupPrograms: [
    { name: 'cil_sock4_connect', attachType: 'cgroup_inet4_connect' },
    { name, attachType },
  ],
});

test.each<[string, SnapshotChanges, string[]]>([
  ['two nodes reach their own servers only', apart, ['error nodesApart n1,n2: n1 and n2']],
  ['and other pods of each other: a policy, then', reaching, ['info forbidden n1', 'info forbidden n2']],
  [
    'a link of Cilium is down on one of them',
    { ...apart, nodes: { ...apart.nodes, n2: { ...apart.nodes.n2, ...downLink } } },
    // Which is told by itself (KPR1019).
    ['error nodesApart n1,n2: n1 and n2'],
  ],
  [
    'only one of them loses the other’s',
    { facts: placed, nodes: { n1: { dnsProbe: losing(own.n2) } } },
    ['warning oneServer n1'],
  ],
  [
    'the other’s server is lost everywhere',
    { facts: placed, nodes: { n1: { dnsProbe: losing(own.n2) }, n2: { dnsProbe: losing(own.n2) } } },
    ['warning oneServer n1,n2'],
  ],
  [
    'where servers are is not known',
    { facts: serversOn(undefined, undefined), nodes: apart.nodes },
    ['warning oneServer n1', 'warning oneServer n2'],
  ],
  [
    'nodes do not reach their own servers, and reach the others’',
    { facts: placed, nodes: { n1: { dnsProbe: losing(own.n1) }, n2: { dnsProbe: losing(own.n2) } } },
    ['error fromItself n1', 'error fromItself n2'],
  ],
  ['one node reaches no server', on({ dnsProbe: lostAll }), ['error outOfReach n2: n1']],
  [
    'no node reaches a server',
    { nodes: { n1: { dnsProbe: lostAll }, n2: { dnsProbe: lostAll } } },
    ['error servers n1,n2'],
  ],
  [
    'a program of somebody else refuses',
    on({ dnsProbe: refused, ...guard('guard_connect4') }),
    // Which is told by itself (KPR1018).
    ['error outOfReach n2: n1'],
  ],
  [
    'a program of somebody else, and nobody refuses',
    on({ dnsProbe: lostAll, ...guard('guard_connect4') }),
    ['error outOfReach n2: n1'],
  ],
  [
    'programs for devices and traffic are not asked',
    on({ dnsProbe: refused, ...guard('sd_devices', 'cgroup_device') }),
    ['error outOfReach n2: n1'],
  ],
  [
    'a rule drops what goes to pods',
    on({ dnsProbe: lostAll, ...dropping('-A OUTPUT -d 10.244.0.0/16 -j DROP', 63) }),
    ['error stopped n2: the rule -A OUTPUT -d 10.244.0.0/16 -j DROP'],
  ],
  [
    'and to any pod, as those of both nodes show: which is told by itself (KPR1018)',
    { facts: { pods: webPods }, ...on({ dnsProbe: lostAll, ...dropping('-A OUTPUT -d 10.244.0.0/16 -j DROP', 63) }) },
    ['error outOfReach n2: n1'],
  ],
  [
    'a rule drops what goes to the servers alone',
    on({ dnsProbe: lostAll, ...forServer }),
    [`error stopped n2: the rule -A OUTPUT -d ${own.n1}/32 -j DROP`],
  ],
  [
    'a rule drops on one of two nodes that are apart',
    { ...apart, nodes: { ...apart.nodes, n2: { ...apart.nodes.n2, ...forServer } } },
    [`error nodesApartBy n1,n2: the rule -A OUTPUT -d ${own.n1}/32 -j DROP`],
  ],
  [
    'a rule that met no packet',
    on({ dnsProbe: lostAll, ...dropping('-A OUTPUT -d 10.244.0.0/16 -j DROP', 0) }),
    ['error outOfReach n2: n1'],
  ],
  [
    'a rule for somebody else',
    on({ dnsProbe: lostAll, ...dropping('-A OUTPUT -d 192.0.2.0/24 -j DROP', 63) }),
    ['error outOfReach n2: n1'],
  ],
  [
    'a rule for all others',
    on({ dnsProbe: lostAll, ...dropping('-A OUTPUT ! -d 192.0.2.0/24 -j DROP', 63) }),
    ['error outOfReach n2: n1'],
  ],
  [
    'a rule for another port',
    on({ dnsProbe: lostAll, ...dropping('-A OUTPUT -d 10.244.0.0/16 -p tcp --dport 80 -j DROP', 63) }),
    ['error outOfReach n2: n1'],
  ],
  [
    'a rule that lets pass',
    on({ dnsProbe: lostAll, ...dropping('-A OUTPUT -d 10.244.0.0/16 -j ACCEPT', 63) }),
    ['error outOfReach n2: n1'],
  ],
  ['a rule that drops and nothing is lost', on(dropping('-A OUTPUT -d 10.244.0.0/16 -j DROP', 63)), []],
  ['a link that is down and nothing is lost', on(downLink), []],
])('by the probes of all nodes: %s', (_, changes, expected) => {
  const found = findingsOf(clusterDnsAnswers, aSnapshot(changes));
  const seen = found.map(({ severity, variant, nodes, params: { obstacles, pairs, others: reachedBy } }) => {
    const more = obstacles ?? pairs ?? (variant === 'outOfReach' ? reachedBy : undefined);
    return `${severity} ${variant} ${nodes.join(',')}${more === undefined ? '' : `: ${more}`}`;
  });
  expect(seen).toEqual(expected);
});

test.each([
  ['between nodes', apart, 'network'],
  [
    'on a node with a rule for the servers',
    { ...apart, nodes: { ...apart.nodes, n2: { ...apart.nodes.n2, ...forServer } } },
    'host',
  ],
  ['on a node that reaches no server for a rule', on({ dnsProbe: lostAll, ...forServer }), 'host'],
  ['on the way from one node', on({ dnsProbe: lostAll }), 'network'],
])('where it lies: %s', (_, changes: SnapshotChanges, layer) => {
  expect(findingsOf(clusterDnsAnswers, aSnapshot(changes))).toMatchObject([{ layer }]);
});

const keptLocal = (slices: ClusterChanges): ClusterChanges => ({
  ...slices,
  services: [
    ...others,
    aService('kube-dns', { ...kubeDns?.spec, internalTrafficPolicy: 'Local' }, kubeDns?.metadata ?? {}),
  ],
});
const lostAtClusterIP = probes({ [`UDP ${clusterIP}`]: 'refused', [`TCP ${clusterIP}`]: 'refused' });
const emptyRows = table({ '10.96.0.10:53/UDP': 0, '10.96.0.10:53/TCP': 0 });
test.each<[string, ClusterChanges, NodeChanges, string[]]>([
  ['no server here, by the answers', keptLocal(elsewhere), { dnsProbe: lostAtClusterIP }, ['noServerHere']],
  [
    'no server here, by the table alone',
    keptLocal(elsewhere),
    { mapFrontends: emptyRows, dnsProbe: aMissing('notCollected') },
    ['noServerHere'],
  ],
  ['no server here, and yet an answer', keptLocal(elsewhere), {}, []],
  ['a server here', keptLocal(placed), { dnsProbe: lostAtClusterIP }, ['datapath']],
  [
    'whether a server is here is not said',
    keptLocal(serversOn('n1', undefined)),
    { dnsProbe: lostAtClusterIP },
    ['datapath'],
  ],
  ['the servers themselves do not answer', keptLocal(elsewhere), { dnsProbe: lostAll }, ['outOfReach']],
  ['another policy', elsewhere, { dnsProbe: lostAtClusterIP }, ['datapath']],
])('internalTrafficPolicy of cluster DNS is Local: %s', (_, facts, n2, expected) => {
  const found = findingsOf(clusterDnsAnswers, aSnapshot({ facts, ...on(n2) }));
  expect(found.map(({ variant, nodes }) => [variant, nodes])).toEqual(expected.map((variant) => [variant, ['n2']]));
});

const selecting = (value: string): Service[] => [
  ...others,
  aService('kube-dns', { ...kubeDns?.spec, selector: { 'k8s-app': value } }, kubeDns?.metadata ?? {}),
];
const lostInTable = probes({ [`UDP ${clusterIP}`]: 'timeout' });

standardCases(clusterDnsReady, {
  faulty: {
    KPR6001: {
      serviceMissing: { facts: { services: others } },
      noUdpPort: { facts: withoutUdp },
      scaledToZero: { facts: { ...without, deployments: coredns(0) } },
      noReadyServer: { facts: without },
      askedElsewhere: { facts: { ...kubeletsTold('clusterDNS: [10.96.0.99]'), ...subnets('10.96.0.0/16') } },
    },
  },
  notApplicable: { never: 'every cluster has DNS, or that is the finding' },
  hostile: (text) => ({ facts: { ...without, services: selecting(text) } }),
});

standardCases(clusterDnsAnswers, {
  faulty: {
    KPR6002: {
      notInTable: on({ mapFrontends: table({}) }),
      noBackend: on({ mapFrontends: table({ '10.96.0.10:53/UDP': 0, '10.96.0.10:53/TCP': 2 }) }),
      noServerHere: { facts: keptLocal(elsewhere), ...on({ dnsProbe: lostAtClusterIP }) },
      datapath: on({ dnsProbe: lostInTable }),
      servers: { nodes: { n1: { dnsProbe: lostAll }, n2: { dnsProbe: lostAll } } },
      clusterIP: on({ dnsProbe: lostInTable.filter(ofEndpoint('clusterIP')) }),
      answersBadly: on({ dnsProbe: failing(probes({}), 'SERVFAIL') }),
      oneAnswersBadly: on({
        dnsProbe: probes({}).flatMap((one) => (one.server === '10.244.1.10' ? failing([one], 'REFUSED') : one)),
      }),
      oneServer: { facts: elsewhere, ...on({ dnsProbe: losing(own.n2) }) },
      outOfReach: on({ dnsProbe: lostAll }),
      stopped: on({ dnsProbe: lostAll, ...forServer }),
      fromItself: { facts: placed, nodes: { n2: { dnsProbe: losing(own.n2) } } },
      nodesApart: apart,
      closed: { facts: elsewhere, ...on({ dnsProbe: lostAll }) },
      forbidden: reaching,
      redirected: redirecting,
      oneRefuses: { nodes: onBoth(refusing('10.244.1.10')) },
      allRefuse: { nodes: onBoth(refusing(clusterIP, '10.244.0.10', '10.244.1.10')) },
      notAllAsked: { facts: oneMore, nodes: onBoth(lostInTable) },
      nodesApartBy: { ...apart, nodes: { ...apart.nodes, n2: { ...apart.nodes.n2, ...forServer } } },
    },
  },
  notApplicable: { facts: { services: others } },
  hostile: (text) => ({
    facts: { services: selecting(text) },
    ...on({ dnsProbe: lostInTable.map((one) => Object.assign({}, one, { detail: text })) }),
  }),
});

const starvedOn = (lagMs: number, dnsProbe: readonly DnsProbe[]): NodeChanges => ({
  dnsProbe,
  reachProbe: { from: 'n1', tries: [], drops: [], lagMs },
});
const resultsOn = (n1: NodeChanges): string[] => codesOf(clusterDnsAnswers, aSnapshot({ nodes: { n1 } }));

test('what a node without a processor to spare did not hear in time is not known; what it was refused is', () => {
  const timedOut = probes({ 'UDP 10.244.1.10': 'timeout', 'TCP 10.244.1.10': 'timeout' });
  expect(resultsOn(starvedOn(0, timedOut))).toEqual(['KPR6002 n1']);
  expect(resultsOn(starvedOn(1400, timedOut))).toEqual(['unknown n1 timeout']);
  const refusing = probes({ 'UDP 10.244.1.10': 'refused', 'TCP 10.244.1.10': 'refused' });
  expect(resultsOn(starvedOn(1400, refusing))).toEqual(['KPR6002 n1']);
});
