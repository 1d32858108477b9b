import { expect, test } from 'vitest';
import { agentsWouldStart } from '../../../checks/agents/agentsWouldStart.ts';
import { configCurrent } from '../../../checks/agents/configCurrent.ts';
import { configThere } from '../../../checks/agents/configThere.ts';
import { kprInEffect } from '../../../checks/agents/kprInEffect.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { ciliumConfig, healthyFacts } from '../../support/healthy.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const now = (changes: Readonly<Record<string, string>>): SnapshotChanges => ({
  facts: { ciliumConfig: new Map([...ciliumConfig, ...Object.entries(changes)]) },
});
const on = (changes: Readonly<Record<string, string>>) => ({ startedConfig: new Map(Object.entries(changes)) });
const mode = (value: string): SnapshotChanges => now({ 'kube-proxy-replacement': value });
const versions = (version: string) => ({ n1: { status: { version } }, n2: { status: { version } } });
const nodeConfig = (defaults: Readonly<Record<string, string>>) => ({
  ciliumNodeConfigs: [
    {
      metadata: { name: 'own', namespace: 'kube-system' },
      spec: { nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n2' } }, defaults },
    },
  ],
});
const silent = { status: aMissing('unreachable') };
const unseen = { n1: { interfaces: aMissing('timeout') }, n2: { interfaces: aMissing('timeout') } };
const both = 'n1,n2';
/** The pods, of which that of the node does not stay up. */
const endedOn = (node: string): readonly Pod[] =>
  (valueOf(healthyFacts(['n1', 'n2']).systemPods) ?? []).map((pod) => {
    const [agent] = pod.status?.containerStatuses ?? [];
    if (pod.spec?.nodeName !== node || agent?.name !== 'cilium-agent') return pod;
    const terminated = { exitCode: 1, message: 'level=fatal msg="unable to determine direct routing device"' };
    const containerStatuses = [Object.assign({}, agent, { ready: false, lastState: { terminated } })];
    return Object.assign({}, pod, { status: { ...pod.status, containerStatuses } });
  });

test.each<[string, SnapshotChanges, string[]]>([
  ['an algorithm that nobody knows', now({ 'bpf-lb-algorithm': 'magelv' }), [`KPR1005 refusedUnset ${both}`]],
  [
    'and what it runs on',
    { ...now({ 'bpf-lb-algorithm': 'magelv' }), nodes: { n2: on({ 'bpf-lb-algorithm': 'maglev' }) } },
    ['KPR1005 refusedUnset n1', 'KPR1005 refused n2'],
  ],
  [
    'a table size that is no prime of Cilium’s',
    now({ 'bpf-lb-algorithm': 'maglev', 'bpf-lb-maglev-table-size': '1000' }),
    [`KPR1005 refusedUnset ${both}`],
  ],
  ['which without maglev does not matter', now({ 'bpf-lb-maglev-table-size': '1000' }), []],
  ['DSR with VXLAN', now({ 'bpf-lb-mode': 'dsr' }), [`KPR1005 refusedUnset ${both}`]],
  ['DSR with native routing', now({ 'bpf-lb-mode': 'dsr', 'routing-mode': 'native' }), []],
  [
    'DSR by Geneve with native routing, and VXLAN by default',
    now({ 'bpf-lb-mode': 'dsr', 'routing-mode': 'native', 'bpf-lb-dsr-dispatch': 'geneve' }),
    [`KPR1005 refusedUnset ${both}`],
  ],
  [
    'DSR by Geneve with native routing',
    now({
      'bpf-lb-mode': 'hybrid',
      'routing-mode': 'native',
      'bpf-lb-dsr-dispatch': 'geneve',
      'tunnel-protocol': 'geneve',
    }),
    [],
  ],
  ['DSR with Geneve', now({ 'bpf-lb-mode': 'dsr', 'tunnel-protocol': 'geneve', 'bpf-lb-dsr-dispatch': 'geneve' }), []],
  [
    'a tunnel of Geneve, but options in IP',
    now({ 'bpf-lb-mode': 'hybrid', 'tunnel-protocol': 'geneve' }),
    [`KPR1005 refusedUnset ${both}`],
  ],
  ['a range backwards', now({ 'node-port-range': '32767,30000' }), [`KPR1005 refusedUnset ${both}`]],
  ['a range', now({ 'node-port-range': '30000,31000' }), []],
  ['an acceleration of nobody', now({ 'bpf-lb-acceleration': 'on' }), [`KPR1005 refused ${both}`]],
  ['devices that no node has', now({ devices: 'eth7 ens+' }), [`KPR1005 refusedUnset ${both}`]],
  [
    'devices that one node lacks',
    { ...now({ devices: 'bond+' }), nodes: { n1: { interfaces: [{ name: 'bond0', up: true, addresses: [] }] } } },
    ['KPR1005 refusedUnset n2'],
  ],
  ['devices of which one is there', now({ devices: 'eth7,eth0' }), []],
  ['devices by the beginning of their names', now({ devices: 'et+' }), []],
  ['devices that are to be left out', now({ devices: '!eth7' }), []],
  ['devices, and nobody knows which there are', { ...now({ devices: 'eth7' }), nodes: unseen }, []],
  [
    'devices, of which an agent said when it ended that none is there',
    {
      ...now({ devices: 'eth7' }),
      facts: { ...now({ devices: 'eth7' }).facts, systemPods: endedOn('n2') },
      nodes: unseen,
    },
    ['KPR1005 refusedUnset n2'],
  ],
  [
    'Services of one name alone',
    { ...now({ 'k8s-service-proxy-name': 'cilium' }), nodes: { n1: on({}), n2: on({}) } },
    ['KPR1005 servicesLeft n1,n2'],
  ],
  [
    'Services of one name alone, as before',
    {
      ...now({ 'k8s-service-proxy-name': 'cilium' }),
      nodes: { n1: on({ 'k8s-service-proxy-name': 'cilium' }), n2: on({ 'k8s-service-proxy-name': 'cilium' }) },
    },
    [],
  ],
  [
    'Services of one name alone, and kube-proxy serves the others',
    {
      ...now({ 'k8s-service-proxy-name': 'cilium' }),
      nodes: {
        n1: { ...on({}), proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } },
        n2: { ...on({}), proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } },
      },
    },
    [],
  ],
  [
    'devices, while the replacement is off',
    now({ devices: 'eth7', 'kube-proxy-replacement': 'false' }),
    ['KPR1005 nobodyServes n1,n2'],
  ],
  ['a CiliumNodeConfig alone sets it', { facts: nodeConfig({ 'bpf-lb-mode': 'DSR' }) }, ['KPR1005 refusedUnset n2']],
  ['the replacement goes, and no kube-proxy is there', mode('false'), [`KPR1005 nobodyServes ${both}`]],
  [
    'it goes, and kube-proxy answers',
    {
      ...mode('false'),
      nodes: {
        n1: { proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } },
        n2: { proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } },
      },
    },
    [],
  ],
  [
    'it goes by a CiliumNodeConfig',
    { facts: nodeConfig({ 'kube-proxy-replacement': 'false' }) },
    ['KPR1005 nobodyServes n2'],
  ],
  ['strict, before 1.16', { facts: { ...mode('strict').facts, daemonSets: [] }, nodes: versions('1.15.9') }, []],
  [
    'True, before 1.19',
    { facts: { ...mode('True').facts, daemonSets: [] }, nodes: versions('1.18.4') },
    ['KPR1003 invalidValue '],
  ],
  ['True, from 1.19', mode('True'), []],
  ['strict, from 1.16', mode('strict'), ['KPR1003 invalidValue ']],
  [
    'probe, and nobody can be asked',
    { ...mode('probe'), nodes: { n1: silent, n2: silent } },
    ['KPR1003 invalidUndecided '],
  ],
  [
    'strict by a CiliumNodeConfig',
    { facts: nodeConfig({ 'kube-proxy-replacement': 'strict' }) },
    ['KPR1005 refused n2'],
  ],
])('%s', (_, changes, expected) => {
  const found = findingsOf(agentsWouldStart, aSnapshot(changes));
  expect(found.map(({ code, variant, nodes }) => `${code} ${variant} ${nodes.join()}`)).toEqual(expected);
});

test.each([
  ['strict', 'true'],
  ['disabled', 'false'],
  ['STRICT', 'true'],
  // What is left of these is what runs.
  ['probe', 'true'],
  ['nonsense', 'true'],
])('instead of %s, %s', (value, instead) => {
  const [one] = findingsOf(agentsWouldStart, aSnapshot(mode(value)));
  expect(one?.params['instead']).toBe(instead);
});

standardCases(agentsWouldStart, {
  faulty: {
    KPR1003: {
      invalidValue: mode('strict'),
      invalidUndecided: { ...mode('probe'), nodes: { n1: silent, n2: silent } },
      notInEffect: { raisedBy: kprInEffect },
      notRestarted: { raisedBy: kprInEffect },
      partly: { raisedBy: kprInEffect },
      wrongKey: { raisedBy: kprInEffect },
    },
    KPR1005: {
      refused: { ...now({ 'bpf-lb-mode': 'DSR' }), nodes: { n2: on({ 'bpf-lb-mode': 'snat' }) } },
      refusedUnset: now({ 'bpf-lb-mode': 'DSR' }),
      nobodyServes: mode('false'),
      servicesLeft: { ...now({ 'k8s-service-proxy-name': 'cilium' }), nodes: { n1: on({}), n2: on({}) } },
      changed: { raisedBy: configCurrent },
      counted: { raisedBy: configCurrent },
      operator: { raisedBy: configCurrent },
      helmName: { raisedBy: configCurrent },
      configGone: { raisedBy: configThere },
      strayNodeConfig: { raisedBy: configThere },
    },
  },
  notApplicable: noNode,
  hostile: (text) => now({ 'bpf-lb-mode': `x${text}`, 'kube-proxy-replacement': 'true' }),
});
