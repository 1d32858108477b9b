import { expect, test } from 'vitest';
import { agentsAgree } from '../../../checks/agents/agentsAgree.ts';
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

const nodePort = (change: object): NodeChanges => ({ status: { kpr: { nodePort: change } } });
const three = (odd: NodeChanges): SnapshotChanges => ({ nodes: { n2: odd, n3: {} } });
const config = (key: string, value: string) => ({ ciliumConfig: new Map([...ciliumConfig, [key, value]]) });
const nodeConfig = {
  metadata: { name: 'dsr', namespace: 'kube-system' },
  spec: { nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n2' } }, defaults: { 'bpf-lb-mode': 'dsr' } },
};

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['version', three({ status: { version: '1.18.4' } }), ['version']],
  [
    'replacement off',
    three({ status: { kpr: { mode: 'False', nodePort: undefined, socketLb: false } } }),
    ['kube-proxy replacement, socket LB'],
  ],
  ['LB mode', three(nodePort({ mode: 'DSR' })), ['LB mode']],
  [
    'algorithm; the table size means nothing elsewhere',
    three(nodePort({ algorithm: 'Maglev', maglevTableSize: 16_381 })),
    ['LB algorithm'],
  ],
  ['acceleration', three(nodePort({ acceleration: 'Native' })), ['XDP acceleration']],
  ['NodePort range', three(nodePort({ portMax: 40_000 })), ['NodePort range']],
  ['socket LB in pods', three({ status: { kpr: { socketLbHostNamespaceOnly: true } } }), ['socket LB in pods']],
  ['case of letters', three(nodePort({ acceleration: 'disabled' })), []],
  ['dispatch, which means nothing in SNAT mode', three(nodePort({ dsrDispatch: 'Geneve' })), []],
  [
    'devices',
    three({ status: { kpr: { devices: [{ name: 'ens5', addresses: [] }], directRoutingDevice: 'ens5' } } }),
    [],
  ],
  ['what an agent does not say', three({ status: { version: undefined } }), []],
])('%s', (_, changes, what) => {
  const found = findingsOf(agentsAgree, aSnapshot(changes));
  expect(found.map((one) => one.params['what'])).toEqual(what);
  expect(found.map(({ nodes, severity }) => `${severity} ${nodes.join()}`)).toEqual(what.map(() => 'warning n2'));
});

test('one finding names all in which a node differs, with both sides', () => {
  const [found] = findingsOf(
    agentsAgree,
    aSnapshot(three({ status: { version: '1.18.4', kpr: { nodePort: { mode: 'DSR' } } } })),
  );
  expect(found).toMatchObject({ found: 'version 1.18.4, LB mode DSR', expected: 'version 1.19.6, LB mode SNAT' });
});

test.each<[string, SnapshotChanges, string[]]>([
  ['the image of the DaemonSet', { nodes: { n2: { status: { version: '1.18.4' } } } }, ['KPR1006 n2']],
  ['the default', { nodes: { n1: nodePort({ mode: 'DSR' }) } }, ['KPR1006 n1']],
  [
    'the configuration',
    { facts: config('bpf-lb-mode', 'dsr'), nodes: { n1: nodePort({ mode: 'DSR' }) } },
    ['KPR1006 n2'],
  ],
  [
    'the configured range',
    { facts: config('node-port-range', '30000,40000'), nodes: { n1: nodePort({ portMax: 40_000 }) } },
    ['KPR1006 n2'],
  ],
  ['socket LB by the replacement', { nodes: { n1: { status: { kpr: { socketLb: false } } } } }, ['KPR1006 n1']],
  [
    'nothing: both are named',
    { facts: { daemonSets: [] }, nodes: { n2: { status: { version: '1.18.4' } } } },
    ['KPR1006 n1', 'KPR1006 n2'],
  ],
])('in a tie decides: %s', (_, changes, expected) => {
  expect(codesOf(agentsAgree, aSnapshot(changes))).toEqual(expected);
});

test('what a CiliumNodeConfig asks for is a remark', () => {
  const snapshot = aSnapshot({ facts: { ciliumNodeConfigs: [nodeConfig] }, nodes: { n2: nodePort({ mode: 'DSR' }) } });
  expect(findingsOf(agentsAgree, snapshot)).toMatchObject([{ variant: 'intended', severity: 'info', nodes: ['n2'] }]);
});

test.each<[SnapshotChanges, string]>([
  [{ nodes: { n2: { status: aMissing('timeout') } } }, 'unknown n2 timeout'],
  [{ nodes: { n2: { coverage: { kind: 'excluded', why: 'windows' } } } }, 'skipped: fewer than two agents to compare'],
])('there must be two to compare (%#)', (changes, expected) => {
  expect(codesOf(agentsAgree, aSnapshot(changes))).toEqual([expected]);
});

const byHand = (type: string): SnapshotChanges => ({
  facts: {
    daemonSets: [
      {
        metadata: { name: 'cilium', namespace: 'kube-system' },
        spec: {
          updateStrategy: { type },
          template: { spec: { containers: [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.19.6' }] } },
        },
      },
    ],
  },
  nodes: { n2: { status: { version: '1.18.4' } } },
});

test('an update by hand that nobody finished fails the gate; one that is under way is a warning', () => {
  expect(findingsOf(agentsAgree, aSnapshot(byHand('OnDelete')))).toMatchObject([
    { variant: 'halfUpdated', severity: 'error', nodes: ['n2'] },
  ]);
  expect(findingsOf(agentsAgree, aSnapshot(byHand('RollingUpdate')))).toMatchObject([
    { variant: 'odd', severity: 'warning', nodes: ['n2'] },
  ]);
});

test('updated by hand, most are behind, or all: each of them is named, and not the one that is right', () => {
  const old = { status: { version: '1.18.4' } };
  const most = aSnapshot({ ...byHand('OnDelete'), nodes: { n1: old, n2: old, n3: {} } });
  expect(findingsOf(agentsAgree, most)).toMatchObject([{ variant: 'halfUpdated', nodes: ['n1', 'n2'] }]);
  const all = aSnapshot({ ...byHand('OnDelete'), nodes: { n1: old, n2: old } });
  expect(findingsOf(agentsAgree, all)).toMatchObject([{ variant: 'halfUpdated', nodes: ['n1', 'n2'] }]);
});

standardCases(agentsAgree, {
  faulty: {
    KPR1006: {
      odd: three(nodePort({ mode: 'DSR' })),
      halfUpdated: byHand('OnDelete'),
      intended: { facts: { ciliumNodeConfigs: [nodeConfig] }, nodes: { n2: nodePort({ mode: 'DSR' }) } },
    },
  },
  notApplicable: { nodes: { n2: { coverage: { kind: 'excluded', why: 'windows' } } } },
  hostile: (text) => three({ status: { version: `x${text}` } }),
});
