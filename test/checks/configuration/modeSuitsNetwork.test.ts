import { expect, test } from 'vitest';
import { modeSuitsNetwork } from '../../../checks/configuration/modeSuitsNetwork.ts';
import type { Change } from '../../../src/model/Intent.ts';
import type { Node } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const status = { addresses: [{ type: 'InternalIP', address: '172.30.0.9' }] };

const configured = (
  change: Change,
  set: Readonly<Record<string, string>>,
  { providerID = '', mtu = 9000 }: { readonly providerID?: string; readonly mtu?: number | undefined } = {},
): SnapshotChanges => {
  const config = new Map([...ciliumConfig, ...Object.entries(set)]);
  const nodes = ['n1', 'n2'].map((name): Node => ({ metadata: { name }, spec: { providerID }, status }));
  const node = {
    startedConfig: config,
    interfaces: [
      { name: 'docker0', up: true, mtu: 1500, addresses: ['172.17.0.1'] },
      { name: 'eth0', up: true, mtu, addresses: ['172.30.0.9'] },
    ],
  };
  return { intent: anIntent(change), facts: { ciliumConfig: config, nodes }, nodes: { n1: node, n2: node } };
};
const off = { 'kube-proxy-replacement': 'false' };
const dsr = { 'bpf-lb-mode': 'dsr' };
const native = { ...dsr, 'routing-mode': 'native' };
const geneve = { ...native, 'bpf-lb-dsr-dispatch': 'geneve' };
const hybrid = { 'bpf-lb-mode': 'hybrid' };
const told = { 'enable-pmtu-discovery': 'true' };
const ipv6 = { 'enable-ipv6': 'true' };
const withGeneve = new Map([...ciliumConfig, ...Object.entries(geneve)]);
const xdp = { 'bpf-lb-acceleration': 'native' };
const vxlan = { ...dsr, 'routing-mode': 'tunnel', 'tunnel-protocol': 'vxlan' };

const unmeasured: SnapshotChanges = {
  ...configured('upgrade', geneve),
  nodes: { n1: { startedConfig: withGeneve }, n2: { startedConfig: withGeneve } },
};

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
  ['DSR on a network that checks', configured('upgrade', native, { providerID: 'aws:///a/i-1' }), ['KPR7006 n1,n2']],
  ['XDP that nobody has tried', configured('enable', { ...off, ...xdp }), ['KPR7006 n1,n2']],
  ['XDP where it can be had', configured('enable', { ...off, 'bpf-lb-acceleration': 'best-effort' }), []],
  ['XDP that is in effect', attached(configured('upgrade', xdp)), []],
  ['Geneve where its headers have room', configured('upgrade', geneve, { mtu: 1562 }), []],
  ['Geneve where they have none', configured('upgrade', geneve, { mtu: 1561 }), ['KPR7006 n1,n2']],
  ['Geneve of hybrid', configured('upgrade', { ...geneve, ...hybrid }, { mtu: 1500 }), ['KPR7006 n1,n2']],
  ['Geneve of IPv6', configured('upgrade', { ...geneve, ...ipv6 }, { mtu: 1593 }), ['KPR7006 n1,n2']],
  ['Geneve where clients are told', configured('upgrade', { ...geneve, ...told }, { mtu: 1500 }), []],
  ['an option in UDP', configured('upgrade', native, { mtu: 1500 }), ['KPR7006 n1,n2']],
  ['no UDP with options', configured('upgrade', { ...native, ...hybrid }, { mtu: 1500 }), []],
  ['DSR by a device of no MTU', unmeasured, ['unknown n1 unparsed', 'unknown n2 unparsed']],
  ['SNAT there', configured('upgrade', {}, { providerID: 'aws:///a/i-1' }), []],
  ['DSR on hardware of one’s own', configured('upgrade', native, { providerID: 'metal3://x' }), []],
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
      sourceChecks: configured('remove-kube-proxy', native, { providerID: 'gce://p/z/n' }),
      room: configured('enable', { ...off, ...geneve }, { mtu: 1500 }),
    },
  },
  notApplicable: { intent: anIntent('rollback') },
  hostile: (text) => configured('enable', { ...off, 'bpf-lb-algorithm': text }),
});
