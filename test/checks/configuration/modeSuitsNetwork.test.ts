import { expect, test } from 'vitest';
import { modeSuitsNetwork } from '../../../checks/configuration/modeSuitsNetwork.ts';
import type { Change } from '../../../src/model/Intent.ts';
import type { Node } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const configured = (change: Change, set: Readonly<Record<string, string>>, providerID = ''): SnapshotChanges => {
  const config = new Map([...ciliumConfig, ...Object.entries(set)]);
  const nodes = ['n1', 'n2'].map((name): Node => ({ metadata: { name }, spec: { providerID } }));
  return {
    intent: anIntent(change),
    facts: { ciliumConfig: config, nodes },
    nodes: { n1: { startedConfig: config }, n2: { startedConfig: config } },
  };
};
const off = { 'kube-proxy-replacement': 'false' };
const dsr = { 'bpf-lb-mode': 'dsr' };
const native = { ...dsr, 'routing-mode': 'native' };
const xdp = { 'bpf-lb-acceleration': 'native' };
const vxlan = { ...dsr, 'routing-mode': 'tunnel', 'tunnel-protocol': 'vxlan' };

const nodePort = { acceleration: 'Native' };
const attached = (changes: SnapshotChanges): SnapshotChanges => ({
  ...changes,
  nodes: {
    n1: { ...changes.nodes?.['n1'], status: { kpr: { nodePort } } },
    n2: { ...changes.nodes?.['n2'], status: { kpr: { nodePort } } },
  },
});

test.each<[string, SnapshotChanges, string[]]>([
  ['DSR over VXLAN, which nobody looks at as yet', configured('enable', { ...off, ...vxlan }), ['KPR7006 n1,n2']],
  ['an algorithm that there is not', configured('enable', { ...off, 'bpf-lb-algorithm': 'rr' }), ['KPR7006 n1,n2']],
  ['DSR without a tunnel', configured('enable', { ...off, ...native }), []],
  ['DSR on a network that checks', configured('upgrade', native, 'aws:///a/i-1'), ['KPR7006 n1,n2']],
  ['XDP that nobody has tried', configured('enable', { ...off, ...xdp }), ['KPR7006 n1,n2']],
  ['XDP where it can be had', configured('enable', { ...off, 'bpf-lb-acceleration': 'best-effort' }), []],
  ['XDP that is in effect', attached(configured('upgrade', xdp)), []],
  ['SNAT there', configured('upgrade', {}, 'aws:///a/i-1'), []],
  ['DSR on hardware of one’s own', configured('upgrade', native, 'metal3://x'), []],
  [
    'what is not known',
    {
      ...configured('enable', off),
      facts: { ciliumConfig: aMissing('forbidden') },
      nodes: { n1: { startedConfig: aMissing('timeout') }, n2: {} },
    },
    ['unknown n1 notCollected', 'unknown n2 forbidden'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(modeSuitsNetwork, aSnapshot(changes))).toEqual(expected);
});

standardCases(modeSuitsNetwork, {
  healthy: { intent: anIntent('enable') },
  faulty: {
    KPR7006: {
      refused: configured('enable', { ...off, ...vxlan }),
      drivers: configured('enable', { ...off, ...xdp }),
      sourceChecks: configured('remove-kube-proxy', native, 'gce://p/z/n'),
    },
  },
  notApplicable: { intent: anIntent('rollback') },
  hostile: (text) => configured('enable', { ...off, 'bpf-lb-algorithm': text }),
});
