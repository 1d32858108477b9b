import { describe, expect, test } from 'vitest';
import { compareSnapshots, doubts, hasDifferences } from '../../src/changes/compareSnapshots.ts';
import type { StateChange } from '../../src/changes/Changes.ts';
import type { CgroupProgram } from '../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, type ClusterChanges, type NodeChanges } from '../support/aSnapshot.ts';

const program = (hook: string, name = `cil_sock_${hook}`): CgroupProgram => ({ name, attachType: hook });
const programs = ['cgroup_inet4_connect', 'cgroup_inet6_connect'].map((hook) => program(hook));

function between(
  before: { readonly facts?: ClusterChanges; readonly n1?: NodeChanges },
  after: { readonly facts?: ClusterChanges; readonly n1?: NodeChanges },
) {
  const taken = ({ facts = {}, n1 = {} }: typeof before) => aSnapshot({ facts, nodes: { n1, n2: {} } });
  return compareSnapshots(taken(before), taken(after));
}

const configured = (size: string): ClusterChanges => ({
  ciliumConfig: new Map([
    ['bpf-lb-map-max', size],
    ['cluster-id', '0'],
  ]),
});

const allOf = (changes: ReturnType<typeof between>): readonly StateChange[] => [
  ...changes.cluster.changes,
  ...changes.nodes.flatMap(({ states }) => states),
];

describe('“the same” is not said when one of these changed', () => {
  test('nothing changed', () => {
    expect(allOf(between({}, {}))).toEqual([]);
  });

  test('a key of Cilium’s configuration', () => {
    const changes = between({ facts: configured('64') }, { facts: configured('65536') });
    expect(allOf(changes)).toEqual([{ kind: 'configuration', name: 'bpf-lb-map-max', before: '64', after: '65536' }]);
    expect(hasDifferences(changes)).toBe(true);
  });

  test('a program of socket LB that fell off', () => {
    const changes = between({ n1: { cgroupPrograms: programs } }, { n1: { cgroupPrograms: programs.slice(1) } });
    expect(allOf(changes)).toEqual([
      { kind: 'program', name: 'cgroup_inet4_connect', before: 'cil_sock_cgroup_inet4_connect', after: undefined },
    ]);
    expect(hasDifferences(changes)).toBe(true);
  });

  test('Cilium’s version', () => {
    const changes = between({ n1: { status: { version: '1.19.6' } } }, { n1: { status: { version: '1.19.7' } } });
    expect(allOf(changes)).toMatchObject([{ kind: 'cilium' }]);
  });
});

test('what one reading lacks is a doubt; what neither can have is none', () => {
  const unread = aMissing('notCollected', 'no file of the archive holds it');
  const lacking = { n1: { cgroupPrograms: unread } };
  const whatOf = (changes: ReturnType<typeof between>): readonly string[] => doubts(changes).map(({ what }) => what);
  expect(whatOf(between(lacking, {}))).toContain('attached programs');
  expect(whatOf(between(lacking, lacking))).not.toContain('attached programs');
  const refused = { n1: { cgroupPrograms: aMissing('timeout', 'no answer') } };
  expect(whatOf(between(refused, refused))).toContain('attached programs');
});
