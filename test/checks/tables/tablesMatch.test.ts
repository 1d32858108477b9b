import { describe, expect, test } from 'vitest';
import { tablesMatch } from '../../../checks/tables/tablesMatch.ts';
import { Derivations } from '../../../src/core/Derivations.ts';
import { unknownsOf, verdictOf } from '../../../src/core/verdict.ts';
import type { Phase } from '../../../src/core/Phase.ts';
import type { Service } from '../../../src/model/kubernetes.ts';
import type { LbTable } from '../../../src/model/lb/LbTable.ts';
import type { Snapshot } from '../../../src/model/Snapshot.ts';
import { buildReport } from '../../../src/report/buildReport.ts';
import type { ReportDocument } from '../../../src/report/ReportDocument.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  resultOf,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aFrontendKey } from '../../support/keys.ts';
import { aSlice } from '../../support/healthy.ts';
import { backend, cart, cartKey, cartSlice, type Row, shopFacts, tableWith } from '../../support/shopTables.ts';
import { clusterWith } from '../../support/defectScene.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';
import { cases } from '../../expect/defects/cases.ts';
import type { DefectReference } from '../../../src/expect/defects/Defect.ts';

const right = tableWith({});

/** n1 holds what it should; n2 as given. */
const shop = (n2: NodeChanges, facts: ReturnType<typeof shopFacts> = shopFacts(), n1: LbTable = right): Snapshot =>
  aSnapshot({ facts, nodes: { n1: { lbTable: n1 }, n2: { lbTable: right, ...n2 } } });
const holding = (...rows: readonly Row[]): Snapshot => shop({ lbTable: tableWith(...rows) });

const options = { failOn: 'error', strict: false, allowUnknown: new Set<string>(), interrupted: false } as const;
const exitCodeOf = (phase: Phase, snapshot: Snapshot): number =>
  verdictOf([resultOf(tablesMatch, snapshot)], { ...options, isAnyNodeRead: true, phase }).exitCode;

const reportOn = (snapshot: Snapshot): ReportDocument =>
  buildReport([resultOf(tablesMatch, snapshot)], new Derivations(snapshot), {
    ...options,
    phase: 'doctor',
    toolVersion: '',
    durationMs: 0,
  });
/** The sentences that people read. */
const messagesOf = (snapshot: Snapshot): string[] => reportOn(snapshot).findings.map(({ message }) => message);
const detailsOf = (snapshot: Snapshot): string[] =>
  unknownsOf(resultOf(tablesMatch, snapshot)).map(({ node, why }) => `${node} ${why.missing}: ${why.detail}`);

test('tables that hold what the API asks for', () => {
  expect(resultOf(tablesMatch, shop({}))).toMatchObject({ result: 'pass' });
});

const sticky = (affinityTimeout: number): LbTable =>
  tableWith({ flags: 'ClusterIP+sessionAffinity+non-routable', affinityTimeout });

describe('what is wrong in the maps of one node', () => {
  test.each<[string, readonly Row[], string, string]>([
    [
      'a frontend is gone',
      [],
      'KPR4001 n2',
      'The map has no row for default/cart (ClusterIP 10.96.10.1:80/TCP), so connections to it are not balanced; which step lost it is not known',
    ],
    [
      'a backend is gone',
      [{ backends: [backend(1)] }],
      'KPR4002 n2',
      'default/cart (ClusterIP 10.96.10.1:80/TCP) gets 1 of 2 ready backends, without 10.244.7.2:8080/TCP; which step lost it is not known',
    ],
    [
      'a backend is stale',
      [{ backends: [backend(1), backend(2), backend(9)] }],
      'KPR4003 n2',
      '1 of 3 new connections to default/cart (ClusterIP 10.96.10.1:80/TCP) go to 10.244.7.9:8080/TCP, which the API no longer has; which step lost it is not known',
    ],
    [
      'all backends are stale',
      [{ backends: [backend(8), backend(9)] }],
      'KPR4003 n2',
      'all new connections to default/cart (ClusterIP 10.96.10.1:80/TCP) go to 10.244.7.8:8080/TCP, 10.244.7.9:8080/TCP, which the API no longer has; which step lost it is not known',
    ],
    [
      'a row that nobody asks for',
      [{}, { key: '10.96.66.6:80/TCP' }],
      'KPR4004 n2',
      'The map serves ClusterIP 10.96.66.6:80/TCP, which no Service asks for; which step lost it is not known',
    ],
    [
      'a slot is gone',
      [{ lost: [2] }],
      'KPR4005 n2',
      'The row of default/cart (ClusterIP 10.96.10.1:80/TCP) is damaged: slot 2 missing',
    ],
    [
      'affinity that nobody asked for',
      [{ flags: 'ClusterIP+sessionAffinity+non-routable', affinityTimeout: 10_800 }],
      'KPR4006 n2',
      'default/cart (ClusterIP 10.96.10.1:80/TCP) has sessionAffinity ClientIP instead of None',
    ],
    [
      'source ranges that nobody asked for',
      [{ sourceRanges: ['10.0.0.0/8'] }],
      'KPR4006 n2',
      'default/cart (ClusterIP 10.96.10.1:80/TCP) has sourceRanges 10.0.0.0/8 instead of none',
    ],
  ])('%s', (_, rows, code, message) => {
    const snapshot = holding(...rows);
    expect(codesOf(tablesMatch, snapshot)).toEqual([code]);
    expect(messagesOf(snapshot)).toEqual([message]);
  });

  test.each(['doctor', 'verify'] as const)('fails %s', (phase) => {
    expect(exitCodeOf(phase, holding())).toBe(1);
  });

  test('expected, found and evidence let a person see it', () => {
    const [one] = findingsOf(tablesMatch, holding({ backends: [backend(1), backend(9)] }));
    expect(one).toMatchObject({
      objects: [{ kind: 'Service', namespace: 'default', name: 'cart' }],
      expected: '10.244.7.1:8080/TCP, 10.244.7.2:8080/TCP',
      found: '10.244.7.1:8080/TCP, 10.244.7.9:8080/TCP',
      evidence: [
        {
          node: 'n2',
          command: 'cilium-dbg bpf lb list',
          lines: [`${cartKey} -> 10.244.7.1:8080/TCP, 10.244.7.9:8080/TCP`],
        },
      ],
    });
  });

  test('a timeout of affinity that differs', () => {
    const facts = shopFacts([
      cart({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } }),
    ]);
    const snapshot = shop({ lbTable: sticky(10_800) }, facts, sticky(600));
    expect(messagesOf(snapshot)).toEqual([
      'default/cart (ClusterIP 10.96.10.1:80/TCP) has affinityTimeout 10800 s instead of 600 s',
    ]);
  });

  describe('entries by which affinity sticks to backends', () => {
    const facts = shopFacts([cart({ sessionAffinity: 'ClientIP' })]);
    const flags = 'ClusterIP+sessionAffinity+non-routable';
    const having = (row: Row) => shop({ lbTable: tableWith({ flags, ...row }) }, facts, sticky(10_800));
    test.each<[string, Row, string[]]>([
      ['all are there', {}, []],
      [
        'none is',
        { notSticky: [1, 2] },
        ['default/cart (ClusterIP 10.96.10.1:80/TCP) has affinityMatch for none instead of for all 2 backends'],
      ],
      [
        'one is',
        { notSticky: [2] },
        [
          'default/cart (ClusterIP 10.96.10.1:80/TCP) has affinityMatch for 1 of 2 backends instead of for all 2 backends',
        ],
      ],
    ])('%s', (_, row, messages) => {
      expect(messagesOf(having({ affinityTimeout: 10_800, ...row }))).toEqual(messages);
    });

    test('a backend that takes no connections needs none', () => {
      const [ending] = [cartSlice([1])];
      const one = shopFacts([cart({ sessionAffinity: 'ClientIP' })], [ending]);
      const row = { flags, affinityTimeout: 10_800, backends: [backend(1)], count: 1 };
      const left = tableWith({ ...row, backends: [backend(1), backend(2)], notSticky: [2] });
      expect(messagesOf(shop({ lbTable: left }, one, tableWith(row)))).toEqual([]);
    });
  });

  test('wildcard rows are Cilium’s own matter', () => {
    const wildcard = { key: '10.96.10.1:0/ANY', backends: [] };
    expect(codesOf(tablesMatch, holding({}, wildcard))).toEqual([]);
    expect(codesOf(tablesMatch, holding({}))).toEqual([]);
  });
});

describe('the step that lost it', () => {
  const stale = tableWith({ backends: [backend(1), backend(2), backend(9)] });
  test.each([
    ['agent and map', stale, 'lost between the API and the agent, whose own table has it wrong, too'],
    ['map only', right, 'lost between the agent, whose own table is right, and the map'],
  ])('%s', (_, agentTable, layer) => {
    expect(findingsOf(tablesMatch, shop({ lbTable: stale, agentTable }))[0]?.params).toMatchObject({ layer });
  });
});

const { takenAt } = aSnapshot();
const before = (minutes: number): string => new Date(Date.parse(takenAt) - minutes * 60_000).toISOString();
const staleHere = tableWith({ backends: [backend(1), backend(2), backend(9)] });
const stateOf = (status: string, forSeconds: number): NodeChanges => ({
  frontendStates: [
    { frontend: aFrontendKey(cartKey), type: 'ClusterIP', service: 'default/cart', status, forSeconds, error: '' },
  ],
});
const madeAt = (creationTimestamp: string) => shopFacts([cart({}, { creationTimestamp })]);
const slicesOf = (time: string) =>
  shopFacts(
    [cart()],
    [cartSlice([1, 2], { annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': time } })],
  );

describe('since when a row differs', () => {
  test.each<[string, Snapshot, { readonly at: string; readonly bound: string } | undefined]>([
    [
      'the agent wrote it, and it is gone: since then at most',
      shop({ lbTable: tableWith(), agentTable: right, ...stateOf('Done', 599) }),
      { at: before(10), bound: 'atMost' },
    ],
    [
      'the agent tried in vain: since then at least',
      shop({ lbTable: tableWith(), agentTable: right, ...stateOf('Error', 600) }),
      { at: before(10), bound: 'atLeast' },
    ],
    [
      'the agent has an endpoint that slices have not had since their last change',
      shop({ lbTable: staleHere, agentTable: staleHere }, slicesOf(before(90))),
      { at: before(90), bound: 'atLeast' },
    ],
    ['what only the map has may be there since just now', shop({ lbTable: staleHere, agentTable: right }), undefined],
    [
      'no row is missing for longer than its Service exists',
      shop({ lbTable: tableWith() }, madeAt(before(40))),
      { at: before(40), bound: 'atMost' },
    ],
    ['nobody says anything', shop({ lbTable: tableWith() }, madeAt('')), undefined],
  ])('%s', (_, snapshot, since) => {
    expect(findingsOf(tablesMatch, snapshot)[0]?.since).toEqual(since);
  });
});

/** `default/shop-1`, `shop-2`, …, and the row of each, changed. */
const numbered = (i: number): Service =>
  cart({ clusterIP: `10.96.20.${i}`, clusterIPs: [`10.96.20.${i}`] }, { name: `shop-${i}` });
const rowOf = (i: number, change: Row = {}): Row => ({
  key: `10.96.20.${i}:80/TCP`,
  backends: [`10.244.8.${i}:8080/TCP`],
  ...change,
});

/** What a node holds of a NodePort with these endpoints. */
function nodePortRows(address: string, ...lasts: readonly number[]): Row[] {
  const backends = lasts.map((last) => backend(last));
  return [
    { backends },
    { key: '0.0.0.0:31080/TCP', flags: 'NodePort+non-routable', backends },
    { key: `${address}:31080/TCP`, flags: 'NodePort', backends },
  ];
}

/** That many Services, all of them on n1; n2 holds these rows. */
const many = (count: number, n2: readonly Row[]): Snapshot => {
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const slices = numbers.map((i) =>
    aSlice(`shop-${i}`, [`10.244.8.${i}`], {
      metadata: { name: `shop-${i}-a`, namespace: 'default', labels: { 'kubernetes.io/service-name': `shop-${i}` } },
    }),
  );
  const facts = shopFacts(numbers.map(numbered), slices);
  return shop({ lbTable: tableWith(...n2) }, facts, tableWith(...numbers.map((i) => rowOf(i))));
};

describe('as few findings as say it', () => {
  test('three Services are named one by one', () => {
    expect(findingsOf(tablesMatch, many(3, [])).map(({ objects }) => objects.map(({ name }) => name))).toEqual([
      ['shop-1'],
      ['shop-2'],
      ['shop-3'],
    ]);
  });

  test('more have one cause', () => {
    const snapshot = many(12, []);
    expect(findingsOf(tablesMatch, snapshot)).toHaveLength(1);
    expect(findingsOf(tablesMatch, snapshot)[0]?.objects).toHaveLength(12);
    expect(messagesOf(snapshot)).toEqual([
      'The map lacks rows of 12 Services, so connections to them are not balanced; which step lost it is not known',
    ]);
    expect(findingsOf(tablesMatch, snapshot)[0]?.evidence[0]?.lines.at(-1)).toBe('and 7 more rows');
  });

  test.each([
    [
      'KPR4004',
      many(
        0,
        [1, 2, 3, 4].map((i) => rowOf(i)),
      ),
      'The map serves 4 frontends that no Service asks for;',
    ],
    [
      'KPR4005',
      many(
        4,
        [1, 2, 3, 4].map((i) => rowOf(i, { lost: [1] })),
      ),
      'The rows of 4 Services are damaged',
    ],
    [
      'KPR4006',
      many(
        4,
        [1, 2, 3, 4].map((i) => rowOf(i, { sourceRanges: ['10.0.0.0/8'] })),
      ),
      '4 Services have other properties in the map than in the API',
    ],
  ])('%s of many is one', (code, snapshot, message) => {
    expect(codesOf(tablesMatch, snapshot)).toEqual([`${code} n2`]);
    expect(messagesOf(snapshot)[0]).toContain(message);
  });

  test('different faults are told apart', () => {
    const snapshot = many(3, [rowOf(1, { backends: ['10.244.8.99:8080/TCP'] }), rowOf(2, { lost: [1] })]);
    expect(codesOf(tablesMatch, snapshot).sort()).toEqual(['KPR4001 n2', 'KPR4003 n2', 'KPR4005 n2']);
  });

  test('the same on two nodes is one finding with both', () => {
    const table = tableWith();
    const snapshot = shop({ lbTable: table }, shopFacts(), table);
    expect(codesOf(tablesMatch, snapshot)).toEqual(['KPR4001 n1,n2']);
  });

  test('rows of one Service are one finding; its sentence is true of the rows that it names', () => {
    const nodePort = cart({
      type: 'NodePort',
      ports: [{ port: 80, nodePort: 31_080, protocol: 'TCP' }],
    });
    const [, ...stale] = nodePortRows('172.30.0.12', 8, 9);
    const rows = [{ backends: [backend(1), backend(2), backend(9)] }, ...stale];
    const healthy = tableWith(...nodePortRows('172.30.0.11', 1, 2));
    const snapshot = shop({ lbTable: tableWith(...rows) }, shopFacts([nodePort]), healthy);
    expect(messagesOf(snapshot)).toEqual([
      'all new connections to default/cart (NodePort 0.0.0.0:31080/TCP, NodePort 172.30.0.12:31080/TCP) go to 10.244.7.8:8080/TCP, 10.244.7.9:8080/TCP, which the API no longer has; which step lost it is not known',
    ]);
    expect(findingsOf(tablesMatch, snapshot)[0]?.evidence[0]?.lines).toHaveLength(3);
  });
});

describe('what is on its way', () => {
  const young = { lbTable: tableWith(), agent: { startedAt: '2026-11-21T09:59:30Z' } };

  test('is said, and no fault; a gate does not pass on it', () => {
    const snapshot = shop(young);
    expect(codesOf(tablesMatch, snapshot)).toEqual(['KPR4009 n2']);
    expect(messagesOf(snapshot)).toEqual(['Rows differ for the moment (Services: 1): the agent started 30 s before']);
    expect(detailsOf(snapshot)).toEqual(['n2 notCollected: 1 row is settling']);
    expect(exitCodeOf('doctor', snapshot)).toBe(0);
    expect(exitCodeOf('verify', snapshot)).toBe(3);
  });

  test('does not hide what is wrong elsewhere', () => {
    const snapshot = shop(young, shopFacts(), tableWith({ lost: [1] }));
    expect(codesOf(tablesMatch, snapshot).sort()).toEqual(['KPR4005 n1', 'KPR4009 n2']);
    expect(exitCodeOf('verify', snapshot)).toBe(1);
  });
});

const starting: NodeChanges = {
  lbTable: tableWith(),
  agent: { startedAt: '2026-11-21T09:59:30Z' },
  pendingInitializers: ['k8s-endpoints'],
};
const everywhere = (node: NodeChanges, changes: SnapshotChanges = {}): Snapshot =>
  aSnapshot({ facts: shopFacts(), nodes: { n1: node, n2: node }, ...changes });

describe('where no node is left that serves, nobody looks at a moment', () => {
  test('agents that start everywhere at once are an error while connections are lost', () => {
    const snapshot = everywhere(starting);
    expect(codesOf(tablesMatch, snapshot)).toEqual(['KPR4009 n1,n2']);
    expect(messagesOf(snapshot)).toEqual([
      'No node serves some Services as the API requires, and each waits for its agent (Services here: 1): the agent started 30 s before and waits for k8s-endpoints',
    ]);
    expect(exitCodeOf('doctor', snapshot)).toBe(1);
  });

  test('one that waits beside one that is right is a moment', () => {
    expect(exitCodeOf('doctor', shop(starting))).toBe(0);
  });

  test('a Service that changes is on its way to all of them', () => {
    const facts = shopFacts([cart({}, { creationTimestamp: '2026-11-21T09:59:58Z' })]);
    const snapshot = everywhere({ lbTable: tableWith() }, { facts });
    expect(codesOf(tablesMatch, snapshot)).toEqual(['KPR4009 n1,n2']);
    expect(exitCodeOf('doctor', snapshot)).toBe(0);
  });

  test('rows that cost nobody a connection are no harm', () => {
    const more = { ...starting, lbTable: tableWith({}, { key: '10.96.66.6:80/TCP' }) };
    expect(exitCodeOf('doctor', everywhere(more))).toBe(0);
  });
});

const state = (status: string, error = '') => [
  { frontend: aFrontendKey(cartKey), type: 'ClusterIP', service: 'default/cart', status, forSeconds: 5, error },
];

describe('a young agent is judged by what it says', () => {
  const young = { ...starting, pendingInitializers: [] };

  test.each<[string, NodeChanges, string]>([
    ['it has listed everything, and calls the row done', { ...young, frontendStates: state('Done') }, 'KPR4001 n2'],
    ['it failed: the map is full', { ...starting, frontendStates: state('Error', 'no space left') }, 'KPR4001 n2'],
    [
      'it was started again and again',
      { ...starting, agent: { startedAt: '2026-11-21T09:59:30Z', restarts: 3, lastEnd: '2026-11-21T09:59:28Z' } },
      'KPR4001 n2',
    ],
    [
      'its calls of the API server fail',
      { ...starting, status: { kubernetes: { state: 'Failure', message: 'i/o timeout' } } },
      'KPR4001 n2',
    ],
    ['a slot is gone', { ...starting, lbTable: tableWith({ lost: [2] }) }, 'KPR4005 n2'],
    ['nothing of the kind', young, 'KPR4009 n2'],
  ])('%s', (_, n2, code) => {
    expect(codesOf(tablesMatch, shop(n2))).toEqual([code]);
  });

  test('the finding says why that is no excuse', () => {
    const [one] = findingsOf(tablesMatch, shop({ ...young, frontendStates: state('Done') }));
    expect(one?.evidence[0]?.lines.at(-1)).toBe(
      'the agent started 30 s before, has listed all Services and endpoints, and calls this row done',
    );
  });
});

describe('what a file can’t be asked again', () => {
  const origin = { kind: 'capture', file: 'x.kpr', context: '', server: '' } as const;

  test('is unknown, not for the moment', () => {
    const snapshot = { ...shop(starting), origin };
    expect(codesOf(tablesMatch, snapshot)).toEqual(['unknown n2 notCollected']);
    expect(detailsOf(snapshot)).toEqual([
      'n2 notCollected: 1 row differs from the API (10.96.10.1:80/TCP), permanently or only for the moment: the agent started 30 s before and waits for k8s-endpoints, and a file can’t be read again',
    ]);
    expect(exitCodeOf('verify', snapshot)).toBe(3);
  });

  test('and firm where it can be told apart', () => {
    const broken = { ...starting, lbTable: tableWith({ lost: [1] }) };
    expect(codesOf(tablesMatch, { ...shop(broken), origin })).toEqual(['KPR4005 n2']);
  });
});

describe('what can’t be judged is unknown', () => {
  test('without Services, everything', () => {
    const snapshot = aSnapshot({ facts: { services: aMissing('forbidden') } });
    expect(codesOf(tablesMatch, snapshot)).toEqual(['unknown forbidden']);
    expect(exitCodeOf('verify', snapshot)).toBe(3);
  });

  test('without its maps, the node', () => {
    const snapshot = shop({ lbTable: aMissing('timeout') });
    expect(codesOf(tablesMatch, snapshot)).toEqual(['unknown n2 timeout']);
  });

  test('a node that the API does not have', () => {
    const healthy = shop({});
    const facts = { ...healthy.facts, nodes: { value: [], source: '' } };
    expect(codesOf(tablesMatch, { ...healthy, facts })).toEqual(['unknown n1 absent', 'unknown n2 absent']);
  });

  test('a hung agent’s maps are judged, as far as nobody has to ask the agent', () => {
    const hung = { status: aMissing('timeout'), nodeAddresses: aMissing('timeout') };
    const lost = { ...hung, lbTable: tableWith(), agent: { startedAt: '2026-11-21T09:59:30Z' } };
    expect(codesOf(tablesMatch, shop(lost))).toEqual(['KPR4001 n2']);
    expect(exitCodeOf('verify', shop(lost))).toBe(1);
  });

  test('a row of which a line was not understood is no finding', () => {
    const whole = tableWith({ backends: [backend(1)] });
    const snapshot = shop({ lbTable: { ...whole, doubtful: new Set([cartKey]) } });
    expect(codesOf(tablesMatch, snapshot)).toEqual(['unknown n2 unparsed']);
    expect(detailsOf(snapshot)[0]).toContain('a line about this frontend was not understood');
    expect(exitCodeOf('verify', snapshot)).toBe(3);
  });

  test('nor is one that is gone where a line of nobody knows which row was not understood', () => {
    const snapshot = shop({ lbTable: { ...tableWith(), unattributed: 1 } });
    expect(codesOf(tablesMatch, snapshot)).toEqual(['unknown n2 unparsed']);
  });
});

test('endpoints of another slice count, too', () => {
  const facts = shopFacts([cart()], [cartSlice([1]), cartSlice([2], { name: 'cart-fghij' })]);
  expect(codesOf(tablesMatch, shop({}, facts))).toEqual([]);
});

test('a bug in the comparison is unknown, and the report is there all the same', () => {
  const snapshot = shop({ lbTable: { ...right, unreadable: 'what is not read must not be compared' } });
  expect(detailsOf(snapshot)).toEqual([expect.stringContaining('unparsed: this check has a bug')]);
  expect(reportOn(snapshot).coverage.frontends).toBeNull();
  expect(reportOn(shop({})).coverage.frontends).toMatchObject({ total: 4, verified: 4, nodes: 2, asked: 4, served: 4 });
});

const four = (change: Row): Snapshot =>
  many(
    4,
    [1, 2, 3, 4].map((i) => rowOf(i, change)),
  );
const orphans = many(
  0,
  [1, 2, 3, 4].map((i) => rowOf(i)),
);

/** Where a known defect of this release explains what differs. */
const byDefect = (reference: DefectReference, version: string): Snapshot =>
  clusterWith(cases[reference]?.here ?? {}, version);

test('rows of one hostPort that nobody asks for are one finding, whatever their addresses', () => {
  const flags = 'HostPort';
  const rows = ['0.0.0.0:9500/TCP', '172.30.0.12:9500/TCP', '0.0.0.0:9501/TCP'].map((key): Row => ({ key, flags }));
  expect(messagesOf(holding({}, ...rows))).toEqual([
    'The map serves HostPort 0.0.0.0:9500/TCP, HostPort 172.30.0.12:9500/TCP, which no Service asks for; which step lost it is not known',
    'The map serves HostPort 0.0.0.0:9501/TCP, which no Service asks for; which step lost it is not known',
  ]);
});

const left = (address: string): Row => ({
  key: `${address}:31816/TCP/i`,
  backends: [backend(1)],
  flags: 'NodePort+Local+two-scopes',
});

test('rows that every release leaves behind are one note over all nodes, with nothing to do', () => {
  const snapshot = shop(
    { lbTable: tableWith({}, left('172.30.0.12')) },
    shopFacts(),
    tableWith({}, left('172.30.0.11')),
  );
  expect(codesOf(tablesMatch, snapshot)).toEqual(['KPR4004 n1,n2']);
  expect(messagesOf(snapshot)).toEqual([
    'The map still has rows of deleted NodePorts, which nothing looks up (unreported, cilium pkg/loadbalancer/reconciler)',
  ]);
  expect(exitCodeOf('verify', snapshot)).toBe(0);
});

standardCases(tablesMatch, {
  // It looks at the other two to say since when rows differ; the comparison itself is derived.
  requiredUnseen: ['cluster nodes'],
  healthy: shop({}),
  faulty: {
    KPR4001: { one: holding(), many: many(12, []), byDefect: byDefect('#41521', '1.18.2') },
    KPR4002: {
      one: holding({ backends: [backend(1)] }),
      many: four({ backends: [] }),
      byDefect: byDefect('#41116', '1.18.0'),
    },
    KPR4003: {
      one: holding({ backends: [backend(8), backend(9)] }),
      many: four({ backends: ['10.244.8.99:8080/TCP'] }),
      byDefect: byDefect('#45198', '1.19.2'),
    },
    KPR4004: {
      one: holding({}, { key: '10.96.66.6:80/TCP' }),
      many: orphans,
      byDefect: byDefect('#46747', '1.19.5'),
      left: byDefect('pkg/loadbalancer/reconciler', '1.20.2'),
    },
    KPR4005: { one: holding({ lost: [2] }), many: four({ lost: [1] }), byDefect: byDefect('#44895', '1.19.2') },
    KPR4006: {
      one: holding({ sourceRanges: ['10.0.0.0/8'] }),
      many: four({ sourceRanges: ['10.0.0.0/8'] }),
      byDefect: byDefect('#41534', '1.18.1'),
    },
    KPR4009: {
      settling: shop({ lbTable: tableWith(), agent: { startedAt: '2026-11-21T09:59:30Z' } }),
      everywhere: everywhere(starting),
    },
  },
  notApplicable: noNode,
  hostile: (text) => shop({ lbTable: tableWith() }, shopFacts([cart({}, { name: text })])),
});
