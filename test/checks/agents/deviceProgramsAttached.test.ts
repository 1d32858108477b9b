import { expect, test } from 'vitest';
import { deviceProgramsAttached } from '../../../checks/agents/deviceProgramsAttached.ts';
import type { DevicePrograms } from '../../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type NodeChanges } from '../../support/aSnapshot.ts';
import { healthyNode } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const { devicePrograms } = healthyNode('n1', 1).facts;
const healthy: readonly DevicePrograms[] = 'value' in devicePrograms ? devicePrograms.value : [];
const without = (device: string, ...hooks: readonly string[]): NodeChanges => ({
  devicePrograms: healthy.map((one) =>
    one.device === device ? { device, programs: one.programs.filter(({ hook }) => !hooks.includes(hook)) } : one,
  ),
});
const withProgram = (device: string, hook: 'ingress' | 'xdp', name: string): readonly DevicePrograms[] =>
  healthy.map((one) => (one.device === device ? { device, programs: [...one.programs, { hook, name }] } : one));
const native: NodeChanges = { status: { kpr: { nodePort: { acceleration: 'Native' } } } };
const nativeRouting: NodeChanges = {
  status: { routing: { interHost: 'Native' } },
  devicePrograms: healthy.filter(({ device }) => device !== 'cilium_vxlan'),
};

test.each<[string, NodeChanges, string | undefined]>([
  ['healthy', {}, undefined],
  ['nothing at ingress', without('eth0', 'ingress'), 'inbound: ingress of eth0'],
  ['nothing at all', without('eth0', 'ingress', 'egress'), 'inbound: ingress and egress of eth0'],
  ['nothing at egress', without('eth0', 'egress'), 'outbound: egress of eth0'],
  ['a link of Cilium', without('cilium_host', 'egress'), 'own: egress of cilium_host'],
  ['the tunnel', without('cilium_vxlan', 'ingress'), 'own: ingress of cilium_vxlan'],
  ['another’s program in its place', { devicePrograms: [...foreignOnly()] }, 'inbound: ingress of eth0'],
  ['another’s program beside it', { devicePrograms: withProgram('eth0', 'ingress', 'flow_monitor') }, undefined],
  ['a device of nobody’s', { devicePrograms: [...healthy, { device: 'docker0', programs: [] }] }, undefined],
  ['native routing, which has no tunnel', nativeRouting, undefined],
  ['XDP as asked', { ...native, devicePrograms: withProgram('eth0', 'xdp', 'cil_xdp_entry') }, undefined],
  ['no XDP, though asked', native, 'xdp: xdp of eth0'],
])('%s', (_, n2, expected) => {
  const found = findingsOf(deviceProgramsAttached, aSnapshot({ nodes: { n2 } }));
  expect(found.map((one) => `${one.variant}: ${one.params['places']}`)).toEqual(
    expected === undefined ? [] : [expected],
  );
});

function foreignOnly(): readonly DevicePrograms[] {
  return healthy.map((one) =>
    one.device === 'eth0'
      ? {
          device: 'eth0',
          programs: [
            { hook: 'ingress', name: 'flow_monitor' },
            ...one.programs.filter(({ hook }) => hook === 'egress'),
          ],
        }
      : one,
  );
}

const on = (n2: NodeChanges) => codesOf(deviceProgramsAttached, aSnapshot({ nodes: { n2 } }));

test('what is not known is no pass; what nobody asked is not judged', () => {
  expect(on({ devicePrograms: aMissing('timeout') })).toEqual(['unknown n2 timeout']);
  expect(on({ devicePrograms: healthy.filter(({ device }) => device !== 'eth0') })).toEqual(['unknown n2 absent']);
  // Lost, where the other node has it; an older capture holds it of none.
  expect(on({ devicePrograms: aMissing('notCollected') })).toEqual(['unknown n2 notCollected']);
  const nobody: NodeChanges = { devicePrograms: aMissing('notCollected') };
  expect(codesOf(deviceProgramsAttached, aSnapshot({ nodes: { n1: nobody, n2: nobody } }))).toEqual([
    'skipped: devices were not asked for their programs',
  ]);
});

const off: NodeChanges = { status: { kpr: { mode: 'False' } } };

standardCases(deviceProgramsAttached, {
  faulty: {
    KPR1008: {
      inbound: { nodes: { n2: without('eth0', 'ingress') } },
      outbound: { nodes: { n2: without('eth0', 'egress') } },
      own: { nodes: { n2: without('cilium_host', 'egress') } },
      xdp: { nodes: { n2: native } },
    },
  },
  notApplicable: { nodes: { n1: off, n2: off } },
  hostile: (text) => ({
    nodes: { n2: { devicePrograms: [{ device: 'eth0', programs: [{ hook: 'ingress', name: text }] }] } },
  }),
});
