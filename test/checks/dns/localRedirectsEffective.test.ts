import { expect, test } from 'vitest';
import { localRedirectsEffective } from '../../../checks/dns/localRedirectsEffective.ts';
import type { CiliumLocalRedirectPolicy, DaemonSet } from '../../../src/model/kubernetes.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

type Frontend = NonNullable<CiliumLocalRedirectPolicy['spec']>['redirectFrontend'];
const dnsPorts = [
  { name: 'dns', port: '53', protocol: 'UDP' },
  { name: 'dns-tcp', port: '53', protocol: 'TCP' },
];
const policy = (redirectFrontend: Frontend, toPorts = dnsPorts): CiliumLocalRedirectPolicy => ({
  metadata: { name: 'node-local-dns', namespace: 'kube-system' },
  spec: {
    ...(redirectFrontend && { redirectFrontend }),
    redirectBackend: { localEndpointSelector: { matchLabels: { 'k8s-app': 'node-local-dns' } }, toPorts },
  },
});
const byAddress = (ip: string) => policy({ addressMatcher: { ip, toPorts: dnsPorts } });
const byService = (serviceName: string, toPorts = dnsPorts) =>
  policy({ serviceMatcher: { serviceName, namespace: 'kube-system', toPorts } });
const from = (namespace: string, one: CiliumLocalRedirectPolicy): CiliumLocalRedirectPolicy => ({
  ...one,
  metadata: { ...one.metadata, namespace },
});
const switchedOn: NodeChanges = { startedConfig: new Map([...ciliumConfig, ['enable-local-redirect-policy', 'true']]) };
const having = (one: CiliumLocalRedirectPolicy, node: NodeChanges = switchedOn): SnapshotChanges => ({
  facts: { localRedirectPolicies: [one] },
  nodes: { n1: node, n2: node },
});
const old: NodeChanges = { ...switchedOn, status: { version: '1.17.9' } };
const cache = (args: readonly string[], hostNetwork = true): DaemonSet => ({
  metadata: { name: 'node-local-dns', namespace: 'kube-system' },
  spec: { template: { spec: { hostNetwork, containers: [{ name: 'node-cache', args }] } } },
});
const bypassed: SnapshotChanges = { facts: { daemonSets: [cache(['-localip', '169.254.20.10,10.96.0.10'])] } };

test.each<[string, SnapshotChanges, string[]]>([
  ['by the address of a Service', having(byAddress('10.96.0.10')), ['KPR6003 n1,n2']],
  ['the same before 1.18', having(byAddress('10.96.0.10'), old), []],
  ['by an address that no Service has', having(byAddress('169.254.169.254')), []],
  ['by a Service', having(byService('kube-dns')), []],
  ['by a Service of another namespace', having(from('shop', byService('kube-dns'))), ['KPR6003 shop/node-local-dns']],
  ['by an address, from any namespace', having(from('shop', byAddress('169.254.169.254'))), []],
  ['by a Service that is not there', having(byService('coredns')), ['KPR6003 kube-system/node-local-dns']],
  [
    'by names of ports that the Service does not have',
    having(
      policy({ serviceMatcher: { serviceName: 'kube-dns', namespace: 'kube-system' } }, [
        { name: 'udp', port: '53', protocol: 'UDP' },
        { name: 'tcp', port: '53', protocol: 'TCP' },
      ]),
    ),
    ['KPR6003 kube-system/node-local-dns'],
  ],
  [
    'by a number that the Service does not have',
    having(byService('kube-dns', [{ name: 'dns', port: '5353', protocol: 'UDP' }])),
    ['KPR6003 kube-system/node-local-dns'],
  ],
  ['while redirects are switched off', having(byService('kube-dns'), {}), ['KPR6003 n1,n2']],
  [
    'policies were not read, and redirects are off',
    { facts: { localRedirectPolicies: aMissing('forbidden') } },
    ['skipped: there is no local redirect, and no DNS cache on nodes that needs one'],
  ],
  [
    'policies were not read, and redirects are on',
    { facts: { localRedirectPolicies: aMissing('forbidden') }, nodes: { n2: switchedOn } },
    ['unknown forbidden'],
  ],
  ['a cache that waits for the ClusterIP', bypassed, ['KPR6003 kube-system/node-local-dns']],
  [
    'a tenant’s DaemonSet that says to be one',
    {
      facts: {
        daemonSets: [{ ...cache(['-localip', '10.96.0.10']), metadata: { name: 'node-local-dns', namespace: 'shop' } }],
      },
    },
    ['skipped: there is no local redirect, and no DNS cache on nodes that needs one'],
  ],
  ['a cache with an address of its own', { facts: { daemonSets: [cache(['-localip', '169.254.20.10'])] } }, []],
  [
    'a cache for which kube-proxy leaves it',
    { ...bypassed, nodes: { n1: { status: { kpr: { mode: 'False' } } }, n2: { status: { kpr: { mode: 'False' } } } } },
    [],
  ],
  [
    'a cache in the pod network',
    { facts: { daemonSets: [cache(['-localip', '10.96.0.10'], false)] } },
    ['skipped: there is no local redirect, and no DNS cache on nodes that needs one'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(localRedirectsEffective, aSnapshot(changes))).toEqual(expected);
});

test('without the configuration it is not known whether redirects are switched on', () => {
  const unread = { ...having(byService('kube-dns'), { startedConfig: aMissing('timeout') }) };
  const facts = { ...unread.facts, ciliumConfig: aMissing('forbidden') };
  expect(codesOf(localRedirectsEffective, aSnapshot({ ...unread, facts }))).toEqual([
    'unknown n1 notCollected',
    'unknown n2 notCollected',
  ]);
});

test('the matcher that would have an effect is told', () => {
  expect(findingsOf(localRedirectsEffective, aSnapshot(having(byAddress('10.96.0.10'))))).toMatchObject([
    {
      params: {
        address: '10.96.0.10:53',
        services: 'kube-system/kube-dns',
        matcher: '{serviceName: kube-dns, namespace: kube-system}',
      },
    },
  ]);
});

standardCases(localRedirectsEffective, {
  healthy: having(byService('kube-dns')),
  faulty: {
    KPR6003: {
      addressIsServices: having(byAddress('10.96.0.10')),
      switchedOff: having(byService('kube-dns'), {}),
      otherNamespace: having(from('shop', byService('kube-dns'))),
      serviceMissing: having(byService('coredns')),
      portsDoNotMeet: having(byService('kube-dns', [{ name: 'dns', port: '5353', protocol: 'UDP' }])),
      cacheBypassed: bypassed,
    },
  },
  notApplicable: {},
  hostile: (text) => having(byService('kube-dns', [{ name: text, port: text, protocol: text }])),
});
