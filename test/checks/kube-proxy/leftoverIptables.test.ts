import { expect, test } from 'vitest';
import { leftoverIptables } from '../../../checks/kube-proxy/leftoverIptables.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { EndpointSlice, Service } from '../../../src/model/kubernetes.ts';
import type { IptablesDump } from '../../../src/model/NodeFacts.ts';
import {
  aMissing,
  aSnapshot,
  type ClusterChanges,
  codesOf,
  findingsOf,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aService, aSlice, healthyFacts } from '../../support/healthy.ts';
import { dump, filter, fixture, nat } from './iptablesDumps.ts';
import { kubeProxyDaemonSet, kubeProxyPod } from './kubeProxyObjects.ts';
import { standardCases } from '../../support/standardCases.ts';

const withProxy = dump(fixture('with-kube-proxy-1.36.txt'));
const withProxyIpv6 = dump(fixture('with-kube-proxy-1.36-ipv6.txt'), 'nft', 'ipv6');

// The Services behind the recorded rules.
const http = { ports: [{ name: 'http', port: 80, protocol: 'TCP' }] };
const services: readonly Service[] = [
  ...(valueOf(healthyFacts(['n1', 'n2']).services) ?? []).map((one) =>
    one.metadata.name === 'kube-dns'
      ? aService(
          'kube-dns',
          { ...one.spec, ports: [...(one.spec?.ports ?? []), { name: 'metrics', port: 9153, protocol: 'TCP' }] },
          one.metadata,
        )
      : one,
  ),
  aService('httpd', { ...http, clusterIP: '10.96.147.70', clusterIPs: ['10.96.147.70'] }),
  aService('httpd-np', {
    ports: [{ name: 'http', port: 80, nodePort: 31_080 }],
    clusterIP: '10.96.211.172',
    clusterIPs: ['10.96.211.172'],
  }),
  aService('httpd-local', { ...http, clusterIP: '10.96.90.25', clusterIPs: ['10.96.90.25'] }),
  aService('empty', { clusterIP: '10.96.117.35', clusterIPs: ['10.96.117.35'] }),
];
const pods = ['10.244.0.221', '10.244.1.129', '10.244.1.218'];
const httpPorts = { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] };
const dnsPorts = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  { name: 'metrics', port: 9153, protocol: 'TCP' },
];
const slicesWith = (httpd: readonly string[]): readonly EndpointSlice[] => [
  aSlice('kubernetes', ['172.30.0.1'], { ports: [{ name: 'https', port: 6443 }] }),
  aSlice('kube-dns', ['10.244.0.163', '10.244.1.128'], {
    metadata: { name: 'kube-dns-1', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    ports: dnsPorts,
  }),
  ...['httpd', 'httpd-np', 'httpd-local'].map((name) => aSlice(name, httpd, httpPorts)),
];
const live: ClusterChanges = { services, endpointSlices: slicesWith(pods) };
const onBoth = (...iptables: IptablesDump[]): SnapshotChanges['nodes'] & object => ({
  n1: { iptables },
  n2: { iptables },
});
const proxyFacts: ClusterChanges = {
  ...live,
  daemonSets: [...(valueOf(healthyFacts(['n1', 'n2']).daemonSets) ?? []), kubeProxyDaemonSet()],
  systemPods: [...(valueOf(healthyFacts(['n1', 'n2']).systemPods) ?? []), kubeProxyPod('n1')],
};

const canaryOnly = dump(
  nat(
    ':KUBE-PROXY-CANARY - [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    ':KUBE-POSTROUTING - [0:0]',
    '[0:0] -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
  ),
);
const others = dump(
  nat(
    ':KUBE-HOSTPORTS - [0:0]',
    ':KUBE-HP-NPX46M4PTMTKRN6Y - [0:0]',
    ':CNI-DN-abc - [0:0]',
    '-A PREROUTING -j KUBE-HOSTPORTS',
    '-A CNI-DN-abc -j KUBE-MARK-MASQ',
    '-A KUBE-HP-NPX46M4PTMTKRN6Y -j DNAT --to-destination 10.9.9.9:80',
  ) +
    filter(
      ':KUBE-ROUTER-INPUT - [0:0]',
      ':KUBE-NWPLCY-DEFAULT - [0:0]',
      ':DOCKER - [0:0]',
      '-A INPUT -j KUBE-ROUTER-INPUT',
    ),
);
const throughOthers = dump(
  nat(
    ':CNI-DN-abc - [0:0]',
    ':KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]',
    '-A PREROUTING -j CNI-DN-abc',
    '-A CNI-DN-abc -j KUBE-SVC-NPX46M4PTMTKRN6Y',
    '-A KUBE-SVC-NPX46M4PTMTKRN6Y -j DNAT --to-destination 10.9.9.9:80',
  ),
);
const unlinked = dump(
  filter(':KUBE-PROXY-FIREWALL - [0:0]', '-A KUBE-PROXY-FIREWALL -d 192.0.2.7/32 -p tcp -m tcp --dport 80 -j DROP'),
);

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['the chains of the kubelet and of Cilium', { nodes: onBoth(dump(fixture('cilium-alone-1.18.txt'))) }, []],
  ['chains of others with similar names', { nodes: onBoth(others) }, []],
  ['what kube-proxy --cleanup leaves and does no harm', { nodes: onBoth(canaryOnly) }, []],
  ['chains to which nothing leads', { nodes: onBoth(unlinked) }, []],
  ['chains to which only others lead', { nodes: onBoth(throughOthers) }, []],
  ['what kube-proxy --cleanup leaves where it fails', { nodes: onBoth(dump(fixture('cleanup-failed-1.36.txt'))) }, []],
  ['rules left on one node', { facts: live, nodes: { n2: { iptables: [withProxy] } } }, ['KPR3003 n2']],
  ['rules left everywhere, once', { facts: live, nodes: onBoth(withProxy, withProxyIpv6) }, ['KPR3003 n1,n2']],
  ['kube-proxy still there on one node', { facts: proxyFacts, nodes: onBoth(withProxy) }, ['KPR3003 n2']],
  [
    'kube-proxy still there as a process',
    {
      facts: live,
      nodes: {
        n1: { iptables: [withProxy], proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } },
        n2: { iptables: [withProxy], proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } },
      },
    },
    ['skipped: kube-proxy still runs, so its own are in use (kube-proxy-absent)'],
  ],
  [
    'in k3s, where that cannot be told',
    {
      distribution: 'k3s',
      facts: live,
      nodes: { n2: { iptables: [withProxy], proxyHealth: aMissing('notCollected') } },
    },
    ['unknown n2 notCollected'],
  ],
  [
    'replacement off',
    {
      facts: { ...live, ciliumConfig: new Map() },
      nodes: {
        n1: { iptables: [withProxy], status: { kpr: { mode: 'False' } } },
        n2: { iptables: [withProxy], status: { kpr: { mode: 'False' } } },
      },
    },
    ['skipped: kube-proxy replacement is off, so kube-proxy’s own are in use'],
  ],
  ['rules not read', { nodes: { n2: { iptables: aMissing('timeout') } } }, ['unknown n2 timeout']],
  [
    'one backend not read',
    { nodes: { n2: { iptables: [dump(nat()), { backend: 'legacy', family: 'ipv4', tables: aMissing('unparsed') }] } } },
    ['unknown n2 unparsed'],
  ],
  ['Services not read', { facts: { services: aMissing('forbidden') } }, ['unknown forbidden']],
])('%s', (_, changes, expected) => {
  expect(codesOf(leftoverIptables, aSnapshot(changes))).toEqual(expected);
});

const left = (facts: ClusterChanges, ...iptables: IptablesDump[]) =>
  findingsOf(leftoverIptables, aSnapshot({ facts, nodes: { n2: { iptables } } }));

test('targets that still exist: left over, and right until the next change', () => {
  expect(left(live, withProxy, withProxyIpv6)).toMatchObject([
    {
      variant: 'live',
      severity: 'error',
      params: {
        where: 'nft IPv4 and IPv6',
        saveCommands: 'iptables-nft-save -c; ip6tables-nft-save -c',
        proxyVersion: 'v1.36.3',
      },
    },
  ]);
});

test('targets that are gone', () => {
  const found = left({ ...live, endpointSlices: slicesWith(['10.244.1.200']) }, withProxy);
  expect(found).toMatchObject([{ variant: 'stale', params: { where: 'nft IPv4', target: '10.244.1.218:8080' } }]);
  expect(found[0]?.evidence[0]?.lines.join()).toContain('3 targets that are gone');
});

test('chains of Services that are gone are counted', () => {
  const found = left({ ...live, services: services.filter(({ metadata }) => metadata.name !== 'httpd-np') }, withProxy);
  expect(found[0]?.evidence[0]?.lines.join()).toContain('2 of Services that are gone');
});

test('a rule that refuses a Service which has a backend by now', () => {
  const endpointSlices = [...slicesWith(pods), aSlice('empty', ['10.244.1.77'])];
  expect(left({ ...live, endpointSlices }, withProxy)).toMatchObject([
    {
      variant: 'refusing',
      objects: [{ kind: 'Service', namespace: 'default', name: 'empty' }],
      params: { victims: 'default/empty, which has ready backends' },
    },
  ]);
});

const withRule = (rule: string) =>
  dump(
    filter(
      ':KUBE-SERVICES - [0:0]',
      ':KUBE-EXTERNAL-SERVICES - [0:0]',
      ':KUBE-PROXY-FIREWALL - [0:0]',
      '-A OUTPUT -j KUBE-SERVICES',
      '-A INPUT -j KUBE-EXTERNAL-SERVICES',
      '-A INPUT -j KUBE-PROXY-FIREWALL',
      rule,
    ),
  );
const withNatRule = (rule: string) =>
  dump(
    nat(
      ':KUBE-SERVICES - [0:0]',
      ':KUBE-NODEPORTS - [0:0]',
      ':KUBE-EXT-XPGD46QRK7WJZT7O - [0:0]',
      ':KUBE-SVC-XPGD46QRK7WJZT7O - [0:0]',
      '-A PREROUTING -j KUBE-SERVICES',
      '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
      rule,
    ),
  );
const reject = '-j REJECT --reject-with icmp-port-unreachable';
const balancer: Service = {
  ...aService('balanced', { ...http, type: 'LoadBalancer', clusterIP: '10.96.5.5', clusterIPs: ['10.96.5.5'] }),
  status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
};
const withBalancer = (loadBalancerSourceRanges: readonly string[] = []): ClusterChanges => ({
  services: [...services, { ...balancer, spec: { ...balancer.spec, loadBalancerSourceRanges } }],
  endpointSlices: [...slicesWith(pods), aSlice('balanced', pods, httpPorts)],
});
const listening = [
  { address: '*', port: 31_999 },
  { address: '127.0.0.1', port: 31_998 },
  { address: '0.0.0.0', port: 31_080 },
];

test.each<[string, IptablesDump, string, (string | undefined)?, ClusterChanges?]>([
  [
    'the address belongs to another Service by now',
    withRule(
      `-A KUBE-SERVICES -d 10.96.147.70/32 -p tcp -m comment --comment "old/gone:http has no endpoints" -m tcp --dport 80 ${reject}`,
    ),
    'refusing',
    'default/httpd, which has ready backends',
  ],
  [
    'a node port',
    withRule(
      `-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/httpd-np:http has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 31080 ${reject}`,
    ),
    'refusing',
    'default/httpd-np, which has ready backends',
  ],
  [
    'no local endpoint then, one now',
    withRule(
      '-A KUBE-SERVICES -d 10.96.90.25/32 -p tcp -m comment --comment "default/httpd-local:http has no local endpoints" -m tcp --dport 80 -j DROP',
    ),
    'refusing',
    'default/httpd-local, which has ready backends',
  ],
  [
    'another protocol',
    withRule(
      `-A KUBE-SERVICES -d 10.96.147.70/32 -p udp -m comment --comment "default/httpd:http has no endpoints" -m udp --dport 80 ${reject}`,
    ),
    'live',
  ],
  [
    'a Service that still has none',
    withRule(
      `-A KUBE-SERVICES -d 10.96.117.35/32 -p tcp -m comment --comment "default/empty has no endpoints" -m tcp --dport 80 ${reject}`,
    ),
    'live',
  ],
  [
    'a port that was a node port and on which a process listens',
    withRule(
      `-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/gone has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 31999 ${reject}`,
    ),
    'refusing',
    'port 31999, where a process of the node listens',
  ],
  [
    'the same of UDP, of which listeners are not known',
    withRule(
      `-A KUBE-EXTERNAL-SERVICES -p udp -m comment --comment "default/gone has no endpoints" -m addrtype --dst-type LOCAL -m udp --dport 31999 ${reject}`,
    ),
    'live',
  ],
  [
    'a process that listens on loopback only',
    withRule(
      `-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/gone has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 31998 ${reject}`,
    ),
    'live',
  ],
  [
    'a load balancer’s firewall of a Service that has none any more',
    withRule(
      '-A KUBE-PROXY-FIREWALL -d 192.0.2.7/32 -p tcp -m comment --comment "default/balanced:http traffic not accepted by KUBE-FW-XPGD46QRK7WJZT7O" -m tcp --dport 80 -j DROP',
    ),
    'refusing',
    'default/balanced, which has ready backends',
    withBalancer(),
  ],
  [
    'a load balancer’s firewall of a Service that has one',
    withRule(
      '-A KUBE-PROXY-FIREWALL -d 192.0.2.7/32 -p tcp -m comment --comment "default/balanced:http traffic not accepted by KUBE-FW-XPGD46QRK7WJZT7O" -m tcp --dport 80 -j DROP',
    ),
    'live',
    undefined,
    withBalancer(['198.51.100.0/24']),
  ],
  [
    'an address that another Service has by now',
    withNatRule(
      '-A KUBE-SERVICES -d 10.96.147.70/32 -p tcp -m comment --comment "ns1/svc1:p80 cluster IP" -m tcp --dport 80 -j KUBE-SVC-XPGD46QRK7WJZT7O',
    ),
    'diverting',
    'default/httpd, which has these addresses now',
  ],
  [
    'a node port that another Service has by now',
    withNatRule(
      '-A KUBE-NODEPORTS -p tcp -m comment --comment "ns1/svc1:p80" -m tcp --dport 31080 -j KUBE-EXT-XPGD46QRK7WJZT7O',
    ),
    'diverting',
    'default/httpd-np, which has these addresses now',
  ],
  [
    'a node port for clients on the node, where a process listens by now',
    withNatRule(
      '-A KUBE-NODEPORTS -d 127.0.0.0/8 -p tcp -m comment --comment "ns1/svc1:p80" -m tcp --dport 31999 -m nfacct --nfacct-name  localhost_nps_accepted_pkts -j KUBE-EXT-XPGD46QRK7WJZT7O',
    ),
    'diverting',
    'port 31999, where a process of the node listens',
  ],
])('whom rules harm: %s', (_, rules, variant, victims, facts = live) => {
  const snapshot = aSnapshot({ facts, nodes: { n2: { iptables: [rules], listeners: listening } } });
  const [found] = findingsOf(leftoverIptables, snapshot);
  expect(found?.variant).toBe(variant);
  expect(found?.params['victims']).toBe(victims);
});

test('a drop for want of a local endpoint is right where there still is none', () => {
  const rule =
    '-A KUBE-SERVICES -d 10.96.90.25/32 -p tcp -m comment --comment "default/httpd-local:http has no local endpoints" -m tcp --dport 80 -j DROP';
  expect(
    findingsOf(leftoverIptables, aSnapshot({ facts: live, nodes: { n1: { iptables: [withRule(rule)] } } })),
  ).toMatchObject([{ variant: 'live', nodes: ['n1'] }]);
});

const countedDump = (packets: number) =>
  dump(
    nat(
      ':KUBE-SERVICES - [0:0]',
      ':KUBE-SEP-A6JE5PUQC3YWRHJB - [0:0]',
      `[${packets * 9}:1] -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES`,
      '[0:0] -A KUBE-SERVICES -j KUBE-SEP-A6JE5PUQC3YWRHJB',
      `[${packets}:1] -A KUBE-SEP-A6JE5PUQC3YWRHJB -p tcp -m tcp -j DNAT --to-destination 10.244.1.129:8080`,
    ),
  );
test.each<[string, IptablesDump | undefined, string]>([
  ['there was no second look', undefined, ''],
  ['packets met them meanwhile', countedDump(9), ', in use'],
  ['no packet did', countedDump(7), ', idle while looked at'],
  ['they were written anew meanwhile', countedDump(0), ', idle while looked at'],
  ['only what leads to them was passed', dump(fixture('cleanup-failed-1.36.txt')), ', idle while looked at'],
])('whether they are in use: %s', (_, again, use) => {
  const first = aSnapshot({ facts: live, nodes: { n2: { iptables: [countedDump(7)] } } });
  const n2 = aSnapshot({ nodes: { n2: { iptables: again === undefined ? [] : [again] } } }).nodes.find(
    ({ name }) => name === 'n2',
  );
  const secondReading = again && n2 && { secondsLater: 2, facts: first.facts, nodes: new Map([['n2', n2.facts]]) };
  const [found] = findingsOf(leftoverIptables, { ...first, ...(secondReading && { secondReading }) });
  expect(found?.params['use']).toBe(use);
  expect(found?.evidence[0]?.lines.join().includes('2 packets met them within seconds')).toBe(use === ', in use');
});

test('nodes with different numbers of rules are one finding', () => {
  const found = findingsOf(
    leftoverIptables,
    aSnapshot({ facts: live, nodes: { n1: { iptables: [withProxy] }, n2: { iptables: [withProxy, withProxyIpv6] } } }),
  );
  expect(found).toMatchObject([
    { nodes: ['n1', 'n2'], params: { rules: expect.stringMatching(/^\d+ to \d+ rules each$/) } },
  ]);
});

test('the evidence shows rules to what is gone, not to what only begins like it, however many there are', () => {
  const gone = Array.from({ length: 20_000 }, (_, n) => `10.9.${n >> 8}.${n & 255}:80`);
  const rules = ['10.9.0.0:8080', ...gone].map(
    (target) => `-A KUBE-SEP-A6JE5PUQC3YWRHJB -p tcp -m tcp -j DNAT --to-destination ${target}`,
  );
  const reached = nat(
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-SEP-A6JE5PUQC3YWRHJB - [0:0]',
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A KUBE-SERVICES -j KUBE-SEP-A6JE5PUQC3YWRHJB',
    ...rules,
  );
  const facts = { ...live, endpointSlices: slicesWith(['10.9.0.0']) };
  const [found] = findingsOf(leftoverIptables, aSnapshot({ facts, nodes: { n1: { iptables: [dump(reached)] } } }));
  expect(found?.variant).toBe('stale');
  expect(found?.evidence[0]?.lines.slice(1)).toEqual(rules.slice(1, 3));
});

const diverted = withNatRule(
  '-A KUBE-SERVICES -d 10.96.147.70/32 -p tcp -m comment --comment "ns1/svc1:p80 cluster IP" -m tcp --dport 80 -j KUBE-SVC-XPGD46QRK7WJZT7O',
);
const refusedBy = (service: Service): ClusterChanges => ({
  services: [...services.filter(({ metadata }) => metadata.name !== 'empty'), service],
  endpointSlices: [...slicesWith(pods), aSlice(service.metadata.name, ['10.244.1.77'])],
});
const empty = { clusterIP: '10.96.117.35', clusterIPs: ['10.96.117.35'] };
const onN2 = (facts: ClusterChanges, ...iptables: IptablesDump[]): SnapshotChanges => ({
  facts,
  nodes: { n2: { iptables } },
});
const off = { iptables: [withProxy], status: { kpr: { mode: 'False' } } };

standardCases(leftoverIptables, {
  requiredUnseen: ['cluster daemonSets', 'cluster systemPods'],
  faulty: {
    KPR3003: {
      refusing: onN2(refusedBy(aService('empty', empty)), withProxy),
      diverting: onN2(live, diverted),
      stale: onN2({ ...live, endpointSlices: slicesWith(['10.244.1.200']) }, withProxy),
      live: onN2(live, withProxy),
    },
  },
  notApplicable: { facts: { ...live, ciliumConfig: new Map() }, nodes: { n1: off, n2: off } },
  hostile: (text) => onN2(refusedBy(aService(text, empty)), withProxy),
});
