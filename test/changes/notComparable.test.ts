import { expect, it } from 'vitest';
import { notComparable } from '../../src/changes/notComparable.ts';
import type { Baseline } from '../../src/model/Baseline.ts';
import { isKnown, known, type Missing, missing } from '../../src/model/Fact.ts';
import type { Node, Service } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { beforeOf } from '../expect/against/baselineSamples.ts';
import { sampleSnapshot } from '../support/sampleSnapshot.ts';

const now = (): Snapshot => sampleSnapshot('1.20.1');
const messageOf = (before: Baseline, after = now()): string | undefined =>
  notComparable(before, after, 'before.kpr')?.message;

const withUid = <O extends Service | Node>(object: O, uid: string): O =>
  Object.assign({}, object, { metadata: { ...object.metadata, uid } });

function withUids<T extends Baseline | Snapshot>(reading: T, service: string): T {
  const { services, nodes } = reading.facts;
  if (!isKnown(services) || !isKnown(nodes)) throw new Error('both are known');
  return {
    ...reading,
    facts: {
      ...reading.facts,
      services: known(
        services.value.map((one) => (one.metadata.name === 'kubernetes' ? withUid(one, service) : one)),
        '',
      ),
      nodes: known(
        nodes.value.map((one) => withUid(one, `of-${one.metadata.name}`)),
        '',
      ),
    },
  };
}

it('two readings of one cluster, the earlier one with kube-proxy’s rules', () => {
  expect(messageOf(beforeOf('iptables'))).toBeUndefined();
  // kube-proxy and eBPF of the same moment.
  expect(messageOf(beforeOf('iptables', { takenAt: now().takenAt }))).toBeUndefined();
});

it('another cluster', () => {
  const other = sampleSnapshot('1.19.6-dsr-maglev');
  expect(messageOf(beforeOf('iptables'), other)).toBe(
    'before.kpr is a capture of another cluster (context test, https://172.30.0.1:6443): their Services default/kubernetes have different UIDs.',
  );
});

it('only one of them is redacted', () => {
  const other = sampleSnapshot('1.19.6-dsr-maglev');
  const origin = { kind: 'capture', file: 'x.kpr', context: 'redacted', server: '', redacted: true } as const;
  expect(messageOf({ ...beforeOf('iptables'), origin }, other)).toBe(
    'before.kpr is redacted, and what it is to be compared with is not: the names of the one do not stand in the other.',
  );
  expect(messageOf(beforeOf('iptables'), { ...other, origin })).toContain('before.kpr is not redacted, and');
  // What was redacted before captures said so is told by nothing, and is comparable all the same.
  expect(messageOf({ ...beforeOf('iptables'), origin })).toBeUndefined();
});

it('swapped', () => {
  expect(messageOf(beforeOf('iptables', { takenAt: '2026-11-21T11:00:00Z' }))).toBe(
    'before.kpr was taken later (2026-11-21T11:00:00Z) than what it is to be compared with (2026-11-21T10:00:00Z).',
  );
});

const tables = (table: Missing): Baseline => {
  const before = beforeOf('iptables');
  return { ...before, nodes: before.nodes.map(({ name, kept }) => ({ name, kept, table })) };
};

it.each([
  [
    'nobody had any',
    tables(missing('absent', 'no rules of kube-proxy are on this node')),
    'before.kpr holds no rules of kube-proxy to compare with (n1: no rules of kube-proxy are on this node).',
  ],
  [
    'nobody could be read',
    tables(missing('forbidden', 'you may not exec')),
    'before.kpr holds no rules of kube-proxy to compare with (n1: you may not exec).',
  ],
  [
    'they were not in effect',
    beforeOf('iptables', { rules: (text) => text.replace(/^\S+ -A (?:PREROUTING|OUTPUT) .*KUBE-SERVICES$/gm, '') }),
    'kube-proxy was not in effect any more in before.kpr: nothing leads to its rules.',
  ],
] as const)('no rules of kube-proxy’s: %s', (_title, before, message) => {
  expect(messageOf(before)).toBe(message);
});

it('one node’s rules are enough to begin with', () => {
  expect(messageOf(beforeOf('iptables', { n2: { table: missing('timeout', 'no answer') } }))).toBeUndefined();
});

it.each(['services', 'endpointSlices'] as const)('%s were not read', (name) => {
  const before = beforeOf('iptables');
  const facts = { ...before.facts, [name]: missing('forbidden', `you may not list ${name}`) };
  expect(messageOf({ ...before, facts })).toMatch(
    `before.kpr does not say which Services and endpoints there were: you may`,
  );
});

it('a cluster is known by its nodes, too, when its Service was made anew', () => {
  expect(messageOf(withUids(beforeOf('iptables'), 'a'), withUids(now(), 'b'))).toBeUndefined();
});
