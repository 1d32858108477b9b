import { expect, test } from 'vitest';
import { socketLbAttached } from '../../../checks/agents/socketLbAttached.ts';
import type { CgroupProgram } from '../../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type NodeChanges } from '../../support/aSnapshot.ts';
import { healthyNode } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const { cgroupPrograms } = healthyNode('n1', 1).facts;
const all: readonly CgroupProgram[] = 'value' in cgroupPrograms ? cgroupPrograms.value : [];
const without = (...hooks: string[]) => all.filter(({ name }) => !hooks.includes(name.replace('cil_sock', '')));
const only4 = all.filter(({ name }) => !name.includes('6'));
const only6 = all.filter(({ name }) => !name.includes('4'));
const noIPv6: NodeChanges = { interfaces: [{ name: 'lo', up: true, addresses: ['127.0.0.1'] }] };
const unread: NodeChanges = { interfaces: aMissing('timeout') };
/** As bpftool 7.1 without BTF, and older ones, print them. */
const short = all.map(({ name, attachType }) => ({
  name: name.slice(0, 15),
  attachType: attachType.replace(/^cgroup_(?:inet|udp)([46])_(\w+)$/, '$2$1'),
}));

test.each<[string, NodeChanges, string | undefined]>([
  ['healthy', {}, undefined],
  ['names cut, and of old', { cgroupPrograms: short }, undefined],
  ['a text of its status that does not say whether it is on', { status: { kpr: { socketLb: undefined } } }, undefined],
  ['none', { cgroupPrograms: [] }, 'detached: connect4, sendmsg4, recvmsg4, connect6, sendmsg6, recvmsg6 are'],
  ['connect4 detached', { cgroupPrograms: without('4_connect') }, 'detached: connect4 is'],
  ['sendmsg6 detached, IPv6 off', { cgroupPrograms: without('6_sendmsg') }, 'detached: sendmsg6 is'],
  [
    'another program at the same hook',
    { cgroupPrograms: [...without('4_connect'), { name: 'sd_fw_egress', attachType: 'cgroup_inet4_connect' }] },
    'detached: connect4 is',
  ],
  ['a twin detached', { cgroupPrograms: without('4_getpeername') }, 'incomplete: getpeername4 is'],
  ['a kernel without getpeername', { cgroupPrograms: without('4_getpeername', '6_getpeername') }, undefined],
  ['without bind protection', { cgroupPrograms: without('4_post_bind', '6_post_bind') }, undefined],
  ['a kernel without IPv6', { ...noIPv6, cgroupPrograms: only4 }, undefined],
  [
    'a kernel with IPv6',
    { cgroupPrograms: only4 },
    'detached: connect6, sendmsg6, recvmsg6, getpeername6, post_bind6 are',
  ],
  ['IPv6 is off, interfaces not read', { ...unread, cgroupPrograms: only4 }, undefined],
  [
    'IPv6 is on unless something else is set, interfaces not read',
    { ...unread, startedConfig: new Map(), cgroupPrograms: only4 },
    'detached: connect6, sendmsg6, recvmsg6, getpeername6, post_bind6 are',
  ],
  [
    'IPv6 only',
    {
      startedConfig: new Map([
        ['enable-ipv4', 'false'],
        ['enable-ipv6', 'true'],
      ]),
      cgroupPrograms: only6,
    },
    undefined,
  ],
  [
    'IPv6 only, connect6 detached',
    {
      startedConfig: new Map([
        ['enable-ipv4', 'false'],
        ['enable-ipv6', 'true'],
      ]),
      cgroupPrograms: only6.filter(({ name }) => !name.endsWith('connect')),
    },
    'detached: connect6 is',
  ],
])('%s', (_, n2, expected) => {
  const found = findingsOf(socketLbAttached, aSnapshot({ nodes: { n2 } }));
  expect(found.map((one) => `${one.variant}: ${one.params['missing']}`)).toEqual(
    expected === undefined ? [] : [expected],
  );
  expect(found.flatMap(({ nodes }) => nodes)).toEqual(expected === undefined ? [] : ['n2']);
});

test('not read is unknown, off is skipped', () => {
  expect(codesOf(socketLbAttached, aSnapshot())).toEqual([]);
  expect(codesOf(socketLbAttached, aSnapshot({ nodes: { n2: { cgroupPrograms: aMissing('timeout') } } }))).toEqual([
    'unknown n2 timeout',
  ]);
  const off = { status: { kpr: { socketLb: false } } };
  expect(codesOf(socketLbAttached, aSnapshot({ nodes: { n1: off, n2: off } }))).toEqual([
    'skipped: socket load balancing is off on every node',
  ]);
});

const unattached = { status: { kpr: { socketLb: false } } };

standardCases(socketLbAttached, {
  faulty: {
    KPR1007: {
      detached: { nodes: { n2: { cgroupPrograms: [] } } },
      incomplete: { nodes: { n2: { cgroupPrograms: without('4_getpeername') } } },
    },
  },
  notApplicable: { nodes: { n1: unattached, n2: unattached } },
  hostile: (text) => ({ nodes: { n2: { cgroupPrograms: [{ name: text, attachType: text }] } } }),
});
