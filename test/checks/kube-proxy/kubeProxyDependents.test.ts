import { expect, test } from 'vitest';
import { nothingMissesKubeProxy } from '../../../checks/kube-proxy/nothingMissesKubeProxy.ts';
import { nothingNeedsKubeProxy } from '../../../checks/kube-proxy/nothingNeedsKubeProxy.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { DaemonSet } from '../../../src/model/kubernetes.ts';
import { aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { healthyFacts } from '../../support/healthy.ts';
import { dump, fixture, nat } from './iptablesDumps.ts';
import { kubeProxyDaemonSet, kubeProxyPod } from './kubeProxyObjects.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const portmap = [
  ':CNI-DN-abc - [0:0]',
  ':KUBE-MARK-MASQ - [0:0]',
  '-A PREROUTING -j CNI-DN-abc',
  '-A CNI-DN-abc -s 10.244.1.0/24 -p tcp -m tcp --dport 8080 -j KUBE-MARK-MASQ',
  '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
];
const masquerading = [
  ':KUBE-POSTROUTING - [0:0]',
  '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
];
const [chain = '', jump = '', act = ''] = masquerading;
const intoService = [
  ':MINE - [0:0]',
  ':KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]',
  '-A PREROUTING -j MINE',
  '-A MINE -p tcp -m tcp --dport 6443 -j KUBE-SVC-NPX46M4PTMTKRN6Y',
];
const services = [':KUBE-SERVICES - [0:0]', '-A KUBE-SERVICES -d 10.96.0.1/32 -j REJECT'];
const byHand = [...services, '-A PREROUTING -s 192.0.2.0/24 -j KUBE-SERVICES'];
const byKubeProxy = [...services, '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'];
const on = (...lines: string[]): SnapshotChanges => ({ nodes: { n2: { iptables: [dump(nat(...lines))] } } });

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  [
    'the chains of the kubelet and of Cilium',
    { nodes: { n2: { iptables: [dump(fixture('cilium-alone-1.18.txt'))] } } },
    [],
  ],
  ['only kube-proxy’s own rules', { nodes: { n2: { iptables: [dump(fixture('with-kube-proxy-1.36.txt'))] } } }, []],
  ['a host port that is masqueraded as ever', on(...portmap, ...masquerading), []],
  ['a host port whose mark nobody acts on', on(...portmap), ['KPR3007 n2']],
  ['the chain that acts on it is no longer linked', on(...portmap, chain, act), ['KPR3007 n2']],
  ['the chain that acts on it is empty', on(...portmap, chain, jump), ['KPR3007 n2']],
  [
    'as kube-proxy --cleanup leaves it',
    { nodes: { n2: { iptables: [dump(fixture('cleanup-failed-1.36.txt'))] } } },
    ['KPR3007 n2'],
  ],
  ['a rule that leads into a chain of a Service', on(...intoService), ['KPR3007 n2']],
  [
    'the same from a built-in chain',
    on(':KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]', '-A OUTPUT -p tcp -m tcp --dport 6443 -j KUBE-SVC-NPX46M4PTMTKRN6Y'),
    ['KPR3007 n2'],
  ],
  ['a rule of a built-in chain that kube-proxy does not write', on(...byHand), ['KPR3007 n2']],
  ['the same in kube-proxy’s own words', on(...byKubeProxy), []],
  [
    'while kube-proxy runs there',
    {
      nodes: {
        n2: { iptables: [dump(nat(...portmap))], proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } },
      },
    },
    [],
  ],
])('after kube-proxy: %s', (_, changes, expected) => {
  expect(codesOf(nothingMissesKubeProxy, aSnapshot(changes))).toEqual(expected);
});

test('the two are told apart, with the chains that need it', () => {
  const both = aSnapshot(on(...portmap, ...intoService));
  expect(findingsOf(nothingMissesKubeProxy, both)).toMatchObject([
    { variant: 'staleChain', severity: 'warning', params: { chains: 'MINE', targets: 'KUBE-SVC-NPX46M4PTMTKRN6Y' } },
    { variant: 'deadMark', severity: 'warning', params: { chains: 'CNI-DN-abc', targets: 'KUBE-MARK-MASQ' } },
  ]);
});

const cache = (args: readonly string[], hostNetwork = true): DaemonSet => ({
  metadata: { name: 'node-local-dns', namespace: 'kube-system' },
  spec: { template: { spec: { hostNetwork, containers: [{ name: 'node-cache', args }] } } },
  status: { desiredNumberScheduled: 2 },
});
const facts = healthyFacts(['n1', 'n2']);
const withProxy = (daemonSets: readonly DaemonSet[], ...lines: string[]): SnapshotChanges => ({
  facts: {
    daemonSets: [...(valueOf(facts.daemonSets) ?? []), kubeProxyDaemonSet(), ...daemonSets],
    systemPods: [...(valueOf(facts.systemPods) ?? []), kubeProxyPod('n1'), kubeProxyPod('n2')],
  },
  nodes: { n2: { iptables: [dump(nat(...lines))] } },
});

test.each<[string, SnapshotChanges, string[]]>([
  ['without kube-proxy', {}, ['skipped: kube-proxy runs nowhere']],
  ['nothing but kube-proxy', withProxy([]), []],
  [
    'a rule that leads to kube-proxy’s beside its own',
    withProxy([], ...byHand, ...byKubeProxy.slice(-1)),
    ['KPR3007 n2'],
  ],
  ['a host port that kube-proxy’s chains masquerade', withProxy([], ...portmap, ...masquerading), ['KPR3007 n2']],
  [
    'a DNS cache beside kube-proxy’s iptables mode',
    withProxy([cache(['-localip', '169.254.20.10,10.96.0.10', '-conf', '/etc/Corefile'])]),
    ['KPR3007 kube-system/node-local-dns'],
  ],
  [
    'the same in one word',
    withProxy([cache(['--localip=169.254.20.10,10.96.0.10'])]),
    ['KPR3007 kube-system/node-local-dns'],
  ],
  ['a DNS cache under its own address only', withProxy([cache(['-localip', '169.254.20.10'])]), []],
  [
    'a DNS cache as Cilium wants it',
    withProxy([
      cache(['-localip', '169.254.20.10,10.96.0.10', '-setupinterface=false', '-setupiptables=false'], false),
    ]),
    [],
  ],
])('before kube-proxy is removed: %s', (_, changes, expected) => {
  expect(codesOf(nothingNeedsKubeProxy, aSnapshot(changes))).toEqual(expected);
});

standardCases(nothingNeedsKubeProxy, {
  requiredUnseen: ['cluster systemPods'],
  healthy: withProxy([]),
  faulty: {
    KPR3007: {
      chains: withProxy([], ...portmap, ...masquerading),
      nodeLocalDns: withProxy([cache(['-localip', '169.254.20.10,10.96.0.10'])]),
      deadMark: { raisedBy: nothingMissesKubeProxy },
      staleChain: { raisedBy: nothingMissesKubeProxy },
    },
  },
  notApplicable: {},
  hostile: (text) => withProxy([cache([`--localip=10.96.0.10,${text}`])]),
});

standardCases(nothingMissesKubeProxy, {
  requiredUnseen: ['cluster daemonSets', 'cluster systemPods'],
  faulty: {
    KPR3007: {
      chains: { raisedBy: nothingNeedsKubeProxy },
      nodeLocalDns: { raisedBy: nothingNeedsKubeProxy },
      deadMark: on(...portmap),
      staleChain: on(...intoService),
    },
  },
  notApplicable: noNode,
  hostile: { never: 'the kernel takes no other names of chains than such as can be read' },
});
