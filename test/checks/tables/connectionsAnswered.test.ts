import { describe, expect, test } from 'vitest';
import { connectionsAnswered } from '../../../checks/tables/connectionsAnswered.ts';
import type {
  TriedConnection,
  ConnectEnd,
  ConnectOrigin,
  Connections,
  ConnectTarget,
} from '../../../src/model/Connections.ts';
import { missing } from '../../../src/model/Fact.ts';
import { aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { standardCases } from '../../support/standardCases.ts';

const open: ConnectEnd = { outcome: 'open', ms: 1, detail: '' };
const refused: ConnectEnd = { outcome: 'refused', ms: 1, detail: 'Connection refused' };
const late: ConnectEnd = { outcome: 'timeout', ms: 2000, detail: 'Connection timed out' };

const n1: ConnectOrigin = { kind: 'node', node: 'n1' };
const n2: ConnectOrigin = { kind: 'node', node: 'n2' };
const here: ConnectOrigin = { kind: 'here' };
const pod: ConnectOrigin = { kind: 'pod', namespace: 'shop', name: 'client', node: 'n2', container: 'sh' };

const place = { address: '10.244.1.7', port: 8080, protocol: 'TCP' } as const;
const cart: ConnectTarget = {
  place: { address: '10.96.0.9', port: 80, protocol: 'TCP' },
  type: 'ClusterIP',
  owner: { kind: 'Service', namespace: 'shop', name: 'cart' },
  atNode: undefined,
  backends: [{ place, node: 'n1' }],
};
const nodePort = (atNode: string, port = 31_080): ConnectTarget => ({
  ...cart,
  type: 'NodePort',
  place: { address: atNode === 'n1' ? '172.30.0.11' : '172.30.0.12', port, protocol: 'TCP' },
  atNode,
});

const tried = (
  origin: ConnectOrigin,
  target: ConnectTarget,
  end: ConnectEnd,
  directly?: ConnectEnd,
): TriedConnection => ({
  origin,
  target,
  ends: [end],
  directly: directly === undefined ? [] : [{ place, node: 'n1', end: directly }],
});
const after = (...all: readonly TriedConnection[]): SnapshotChanges => ({
  connections: {
    tried: all,
    unable: [],
    pairs: all.length,
    planned: all.length,
    ratePerSecond: 50,
  } satisfies Connections,
});

describe('what connections tell', () => {
  test.each<[string, readonly TriedConnection[], readonly string[]]>([
    ['all is answered', [tried(n1, cart, open), tried(here, nodePort('n1'), open)], []],
    ['backends answer directly', [tried(n1, cart, late, open)], ['translation error n1']],
    ['refused, and backends answer', [tried(n1, cart, refused, open)], ['translation error n1']],
    ['the same on two nodes', [tried(n1, cart, late, open), tried(n2, cart, late, open)], ['translation error n1,n2']],
    ['backends are silent, too', [tried(n2, cart, late, late)], ['way warning n2']],
    ['backends refuse, too', [tried(n2, cart, refused, refused)], ['refused info n2']],
    ['from a pod', [tried(pod, cart, late, open)], ['translation error n2']],
    [
      'a node does not answer from outside',
      [tried(here, nodePort('n1'), refused), tried(here, nodePort('n2'), open)],
      ['outsideNode error n1'],
    ],
    [
      'one address does not',
      [tried(here, nodePort('n1'), late), tried(here, nodePort('n1', 31_081), open), tried(here, nodePort('n2'), open)],
      ['outsideAddress error n1'],
    ],
    [
      'a Service does not, anywhere',
      [tried(here, nodePort('n1', 31_081), late), tried(here, nodePort('n1'), open), tried(here, nodePort('n2'), open)],
      ['outsideService warning '],
    ],
    [
      'an address that no node has does not',
      [tried(here, { ...cart, type: 'LoadBalancer' }, late), tried(here, nodePort('n1'), open)],
      ['outsideRoute warning '],
    ],
    ['nothing does', [tried(here, nodePort('n1'), late), tried(here, nodePort('n2'), late)], ['outsideAll warning ']],
  ])('%s', (_, all, expected) => {
    expect(
      findingsOf(connectionsAnswered, aSnapshot(after(...all))).map(
        ({ variant, severity, nodes }) => `${variant} ${severity} ${nodes.join()}`,
      ),
    ).toEqual(expected);
  });

  test('a part of the connections', () => {
    const some: TriedConnection = { ...tried(n1, cart, late, open), ends: [open, late, open] };
    expect(findingsOf(connectionsAnswered, aSnapshot(after(some))).map(({ params }) => params['share'])).toEqual([
      '1 of 3',
    ]);
  });
});

test('a place from where nothing could be tried is unknown, and so is that there was nothing to try', () => {
  const unable = [{ origin: n2, why: missing('timeout', 'no answer') }];
  const some = { tried: [tried(n1, cart, open)], unable, pairs: 2, planned: 2, ratePerSecond: 50 };
  expect(codesOf(connectionsAnswered, aSnapshot({ connections: some }))).toEqual(['unknown n2 timeout']);
  expect(codesOf(connectionsAnswered, aSnapshot(after()))).toEqual(['unknown absent']);
});

const starved = (node: string, ...all: readonly TriedConnection[]): SnapshotChanges => ({
  ...after(...all),
  nodes: { [node]: { reachProbe: { lagMs: 2400 } } },
});

describe('a node that had no processor to spare', () => {
  test.each<[string, SnapshotChanges, readonly string[]]>([
    [
      'what it asked and was not answered in time is unknown',
      starved('n2', tried(n2, cart, late, open)),
      ['unknown n2 timeout'],
    ],
    ['what its pods did not answer in time, too', starved('n1', tried(n2, cart, late, late)), ['unknown n2 timeout']],
    [
      'and what was asked of it from outside',
      starved('n2', tried(here, nodePort('n2'), late), tried(here, nodePort('n1'), open)),
      ['unknown timeout'],
    ],
    ['what is refused is refused', starved('n2', tried(n2, cart, refused, open)), ['KPR4010 n2']],
    ['other nodes are none of it', starved('n3', tried(n2, cart, late, open)), ['KPR4010 n2']],
    ['what is answered all the same is answered', starved('n2', tried(n2, cart, open)), []],
  ])('%s', (_, changes, expected) => {
    expect(codesOf(connectionsAnswered, aSnapshot(changes))).toEqual(expected);
  });
});

standardCases(connectionsAnswered, {
  healthy: after(tried(n1, cart, open)),
  faulty: {
    KPR4010: {
      translation: after(tried(n1, cart, late, open)),
      way: after(tried(n1, cart, late, late)),
      refused: after(tried(n1, cart, refused, refused)),
      outsideNode: after(tried(here, nodePort('n1'), refused), tried(here, nodePort('n2'), open)),
      outsideAddress: after(
        tried(here, nodePort('n1'), late),
        tried(here, nodePort('n1', 31_081), open),
        tried(here, nodePort('n2'), open),
      ),
      outsideService: after(
        tried(here, nodePort('n1', 31_081), late),
        tried(here, nodePort('n1'), open),
        tried(here, nodePort('n2'), open),
      ),
      outsideRoute: after(tried(here, { ...cart, type: 'LoadBalancer' }, late), tried(here, nodePort('n1'), open)),
      outsideAll: after(tried(here, nodePort('n1'), late)),
    },
  },
  notApplicable: {},
  hostile: (text) => after(tried(n1, cart, { ...late, detail: text }, { ...open, detail: text })),
});
