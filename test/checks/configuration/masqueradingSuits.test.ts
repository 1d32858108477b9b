import { expect, test } from 'vitest';
import { masqueradingSuits } from '../../../checks/configuration/masqueradingSuits.ts';
import type { DaemonSet } from '../../../src/model/kubernetes.ts';
import type { Change } from '../../../src/model/Intent.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { parseRoutes } from '../../../src/parse/parseRoutes.ts';
import { valueOf } from '../../parse/recorded.ts';
import { standardCases } from '../../support/standardCases.ts';

const masqueraded = (enabled: boolean, byBpf: string, change: Change = 'enable'): SnapshotChanges => {
  const config = new Map([...ciliumConfig, ['enable-bpf-masquerade', byBpf]]);
  const node = {
    status: { masquerading: { enabled, mode: byBpf === 'true' ? 'BPF' : 'iptables' } },
    startedConfig: config,
  };
  return { intent: anIntent(change), facts: { ciliumConfig: config }, nodes: { n1: node, n2: node } };
};

test.each<[string, SnapshotChanges, string[]]>([
  ['by iptables', masqueraded(true, 'false'), ['KPR7008 n1,n2']],
  ['by eBPF', masqueraded(true, 'true'), []],
  ['not at all', masqueraded(false, 'false'), ['skipped: nothing is masqueraded']],
  ['back to kube-proxy', masqueraded(true, 'false', 'rollback'), ['skipped: kube-proxy is not to be replaced']],
  [
    'what is not known',
    {
      ...masqueraded(true, 'false'),
      nodes: { n1: { status: aMissing('timeout') }, n2: { status: aMissing('timeout') } },
    },
    ['unknown n1 timeout', 'unknown n2 timeout'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(masqueradingSuits, aSnapshot(changes))).toEqual(expected);
});

const ztunnel: DaemonSet = { metadata: { name: 'ztunnel', namespace: 'istio-system' } };
const inMesh = (
  { facts, nodes, ...rest }: SnapshotChanges,
  settings: Readonly<Record<string, string>> = {},
  routes = '',
): SnapshotChanges => {
  const routes4 = valueOf(parseRoutes('ipv4')(`default via 172.30.0.1 dev eth0\n${routes}`));
  const all = Object.entries(nodes ?? {}).map(([name, node]) => {
    const started = new Map([
      ...(node.startedConfig instanceof Map ? node.startedConfig : []),
      ...Object.entries(settings),
    ]);
    return [name, { ...node, startedConfig: started, routes4 }] as const;
  });
  const config = new Map([
    ...(facts?.ciliumConfig instanceof Map ? facts.ciliumConfig : []),
    ...Object.entries(settings),
  ]);
  return { ...rest, facts: { ...facts, ciliumConfig: config, daemonSets: [ztunnel] }, nodes: Object.fromEntries(all) };
};

const calm = (changes: SnapshotChanges): SnapshotChanges =>
  Object.fromEntries(Object.entries(changes).filter(([name]) => name !== 'intent'));

test.each<[string, SnapshotChanges, string[]]>([
  ['by eBPF', inMesh(masqueraded(true, 'true')), ['KPR7008 n1,n2']],
  ['by eBPF, and nothing is to change', calm(inMesh(masqueraded(true, 'true'))), ['KPR7008 n1,n2']],
  ['by iptables, which is left at that', inMesh(masqueraded(true, 'false')), []],
  ['through the host’s routing', inMesh(masqueraded(true, 'true'), { 'enable-host-legacy-routing': 'true' }), []],
  ['with a route for its probes', inMesh(masqueraded(true, 'true'), {}, '169.254.7.127 dev lo\n'), []],
])('in the ambient mode of Istio, %s', (_, changes, expected) => {
  expect(codesOf(masqueradingSuits, aSnapshot(changes))).toEqual(expected);
});

standardCases(masqueradingSuits, {
  healthy: masqueraded(true, 'true'),
  faulty: { KPR7008: { byTwo: masqueraded(true, 'false'), ambient: inMesh(masqueraded(true, 'true')) } },
  notApplicable: {},
  hostile: { never: 'its finding says nothing of what was read' },
});
