import { beforeAll, expect, test } from 'vitest';
import { known, valueOf } from '../../src/model/Fact.ts';
import type { EndpointSlice, Pod } from '../../src/model/kubernetes.ts';

import type { ReachProbe } from '../../src/model/NodeFacts.ts';
import type { NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
import { reportOf, snapshotOf } from '../support/readRecording.ts';
import { tried } from '../support/tried.ts';

let recorded: Snapshot;
beforeAll(async () => {
  recorded = await snapshotOf('test/fixtures/recordings/healthy-1.19.kpr');
});

/** The recorded cluster, where these nodes do not reach their own pods, and Services have pods that are not ready. */
function edited(lost: readonly string[], homes: Readonly<Record<string, readonly string[]>>): Snapshot {
  const names = recorded.nodes.map(({ name }) => name);
  const { nodes } = tried({
    nodes: names,
    answer: (from, to, kind) => (from === to && kind !== 'node' && lost.includes(to) ? 'timeout' : 'open'),
  });
  return {
    ...recorded,
    facts: {
      ...recorded.facts,
      endpointSlices: known(
        (valueOf(recorded.facts.endpointSlices) ?? []).map((slice) => moved(slice, homes)),
        'edited',
      ),
      pods: known((valueOf(recorded.facts.pods) ?? []).map(unready), 'edited'),
    },
    nodes: recorded.nodes.map((node) => withProbe(node, nodes[node.name]?.reachProbe)),
  };
}

const unready = (pod: Pod): Pod => ({ ...pod, status: { ...pod.status, conditions: [] } });

const withProbe = (node: NodeSnapshot, probe: ReachProbe | undefined): NodeSnapshot =>
  probe === undefined ? node : { ...node, facts: { ...node.facts, reachProbe: known(probe, 'edited') } };

function moved(slice: EndpointSlice, homes: Readonly<Record<string, readonly string[]>>): EndpointSlice {
  const to = homes[slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''];
  if (to === undefined) return slice;
  const endpoints = to.map((nodeName, i) => ({
    addresses: [`10.244.9.${i + 1}`],
    nodeName,
    conditions: { ready: false, serving: false, terminating: false },
  }));
  return { ...slice, endpoints };
}

/** Services without a ready backend, and the nodes of what they follow from. */
function told(snapshot: Snapshot): Readonly<Record<string, string>> {
  const { findings } = reportOf(snapshot, 'doctor');
  return Object.fromEntries(
    findings
      .filter(({ code, objects }) => code === 'KPR5011' && objects.some(({ name }) => name in services))
      .flatMap(({ objects, effectOf }) => {
        const cause = effectOf === undefined ? undefined : findings[effectOf];
        return objects.map(({ name }) => [name, cause === undefined ? '' : `${cause.code} ${cause.nodes.join()}`]);
      }),
  );
}

const services = { httpd: ['n2'], 'httpd-lb': ['n1'] } as const;

test.each<[readonly string[], Readonly<Record<string, string>>]>([
  [['n2'], { httpd: 'KPR1017 n2', 'httpd-lb': '' }],
  [['n1'], { httpd: '', 'httpd-lb': 'KPR1017 n1' }],
  [[], { httpd: '', 'httpd-lb': '' }],
])('where %s does not reach its pods, Services follow from that by the nodes of their pods', (lost, expected) => {
  expect(told(edited(lost, services))).toEqual(expected);
});

test('where both do, they follow from what both are told of together', () => {
  const both = told(edited(['n1', 'n2'], services));
  expect(both).toEqual({
    httpd: expect.stringMatching(/^KPR1017 .*n2/),
    'httpd-lb': expect.stringMatching(/^KPR1017 n1/),
  });
});

test('what was tried is counted, and who told how it ended', () => {
  const { reach } = reportOf(edited(['n2'], services), 'doctor');
  // Each asks three places of its own and four of the other; n2 gets no answer of its own three.
  expect(reach).toEqual({ planned: 14, nodes: 2, tried: 14, answered: 11, failed: 3, mostFromOne: 7 });
});
