import { describe, expect, test } from 'vitest';
import { coveredNodes, Derivations } from '../../../src/core/Derivations.ts';
import { type Difference, isFirm } from '../../../src/expect/parity/Difference.ts';
import { tableParity } from '../../../src/expect/parity/tableParity.ts';
import { known, type Missing } from '../../../src/model/Fact.ts';
import type { EndpointSlice, Service } from '../../../src/model/kubernetes.ts';
import type { LbTable } from '../../../src/model/lb/LbTable.ts';
import type { Snapshot } from '../../../src/model/Snapshot.ts';
import { aMissing, aSnapshot, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode } from '../../support/healthy.ts';
import { backend, cart, cartKey, cartSlice, shopFacts, tableWith } from '../../support/shopTables.ts';
import { aFrontendKey } from '../../support/keys.ts';

const capture = { kind: 'capture', file: 'x.kpr', context: '', server: '' } as const;
const right = tableWith({});
const without = tableWith();
const stale = (last: number): LbTable => tableWith({ backends: [backend(1), backend(last)] });

/** n1 holds what it should; n2 as given. */
const shop = (n2: NodeChanges, changes: SnapshotChanges = {}): Snapshot =>
  aSnapshot({
    ...changes,
    facts: { ...shopFacts(), ...changes.facts },
    nodes: { n1: { lbTable: right }, n2: { lbTable: right, ...n2 }, ...changes.nodes },
  });

interface Second {
  readonly table?: LbTable | Missing;
  readonly agent?: LbTable;
  readonly services?: readonly Service[] | Missing;
  readonly slices?: readonly EndpointSlice[];
  readonly secondsLater?: number;
  /** What the agent waits for by then; nothing unless said. */
  readonly waitsFor?: readonly string[] | Missing;
}

const of = <T extends object>(value: T | Missing) => ('missing' in value ? value : known(value, 'again'));

/** The same cluster, n2 read again. */
function readAgain(
  snapshot: Snapshot,
  { table = right, agent, services = [cart()], slices, secondsLater = 2, waitsFor }: Second,
): Snapshot {
  const node = snapshot.nodes.find(({ name }) => name === 'n2');
  if (node === undefined) throw new Error('there is no n2');
  const facts = 'missing' in services ? { services } : shopFacts(services, slices);
  return {
    ...snapshot,
    secondReading: {
      secondsLater,
      facts: {
        ...snapshot.facts,
        services: of(facts.services),
        ...('endpointSlices' in facts && { endpointSlices: of(facts.endpointSlices) }),
      },
      nodes: new Map([
        [
          'n2',
          {
            ...node.facts,
            lbTable: of(table),
            ...(agent && { agentTable: known(agent, 'again') }),
            ...(waitsFor && { pendingInitializers: of(waitsFor) }),
          },
        ],
      ]),
    },
  };
}

function paritiesOf(snapshot: Snapshot) {
  const derivations = new Derivations(snapshot);
  return coveredNodes(snapshot).map(({ name }) => derivations.on(tableParity, name));
}

const wordsOf = (difference: Difference): string =>
  isFirm(difference) ? `${difference.kind} ${difference.layer}` : `${difference.kind} ${difference.underlying.kind}`;

/** What differs on a node, or why nobody can tell. */
function verdict(snapshot: Snapshot, node = 'n2'): string[] {
  const one = new Derivations(snapshot).on(tableParity, node);
  return one.judged ? one.differences.map(wordsOf) : [`${one.why.missing}: ${one.why.detail}`];
}

describe('one reading', () => {
  test('what is as the API requires', () => {
    expect(verdict(shop({}), 'n1')).toEqual([]);
    expect(verdict(shop({}), 'n2')).toEqual([]);
  });

  test('what is not, on the node where it is not', () => {
    expect(verdict(shop({ lbTable: without }), 'n1')).toEqual([]);
    expect(verdict(shop({ lbTable: without }))).toEqual(['frontendMissing unknown']);
    expect(verdict(shop({ lbTable: stale(9) }))).toEqual(['backendsStale unknown']);
  });

  test('is computed once for a snapshot', () => {
    const derivations = new Derivations(shop({}));
    expect(derivations.on(tableParity, 'n2')).toBe(derivations.on(tableParity, 'n2'));
  });

  test.each([
    ['left out by --node', { kind: 'notSelected' }],
    ['no place for an agent', { kind: 'excluded', why: 'Windows' }],
  ] as const)('nodes that are not covered are not judged: %s', (_, coverage) => {
    expect(() => verdict(shop({ coverage, lbTable: without }))).toThrow('no node to examine');
  });
});

describe('what can’t be judged says why', () => {
  test.each<[string, NodeChanges, SnapshotChanges, string]>([
    ['Services', {}, { facts: { services: aMissing('forbidden', 'no') } }, 'forbidden: no'],
    ['EndpointSlices', {}, { facts: { endpointSlices: aMissing('timeout', 'slow') } }, 'timeout: slow'],
    ['the maps', { lbTable: aMissing('unparsed', 'cut') }, {}, 'unparsed: cut'],
    ['the node', {}, { facts: { nodes: [aNode('n1')] } }, 'absent: the API has no such node'],
    ['the nodes', {}, { facts: { nodes: aMissing('forbidden', 'no') } }, 'absent: the API has no such node'],
    [
      'the configuration',
      { startedConfig: aMissing('absent') },
      { facts: { ciliumConfig: aMissing('forbidden') } },
      'notCollected: neither the agent’s configuration nor cilium-config was read',
    ],
  ])('%s', (_, n2, changes, why) => {
    expect(verdict(shop(n2, changes))).toEqual([why]);
  });

  test('a node of its own does not take the others along', () => {
    expect(verdict(shop({ lbTable: aMissing('timeout') }), 'n1')).toEqual([]);
  });

  test('cilium-config stands in for what the agent started with', () => {
    expect(verdict(shop({ startedConfig: aMissing('absent'), lbTable: without }))).toEqual(['frontendMissing unknown']);
  });
});

describe('an agent that does not answer', () => {
  const hung = aMissing('timeout', 'no answer within 5 s');

  test('its maps are judged all the same, and nothing is settling: nothing gets better by waiting', () => {
    const agent = { startedAt: '2026-11-21T09:59:30Z' };
    expect(verdict(shop({ status: hung, lbTable: stale(9), agent }))).toEqual(['backendsStale unknown']);
  });

  test('has the version of the others', () => {
    const old = { status: { version: '1.16.5' } };
    const snapshot = shop({ status: hung }, { nodes: { n1: { ...old, lbTable: right } } });
    const [n1, n2] = paritiesOf(snapshot).map((one) => (one.judged ? one.expected.frontends : undefined));
    expect(n1?.has(aFrontendKey('10.96.10.1:80/ANY'))).toBe(true);
    expect([...(n2 ?? [])]).toEqual([...(n1 ?? [])]);
  });
});

describe('an agent that started just now', () => {
  test.each([
    ['10 s ago', '2026-11-21T09:59:50Z', 'settling backendsStale'],
    ['119 s ago', '2026-11-21T09:58:01Z', 'settling backendsStale'],
    ['2 minutes ago', '2026-11-21T09:58:00Z', 'backendsStale unknown'],
    ['in the future, by its clock', '2026-11-21T10:00:30Z', 'backendsStale unknown'],
    ['nobody knows when', undefined, 'backendsStale unknown'],
  ])('%s', (_, startedAt, expected) => {
    expect(verdict(shop({ lbTable: stale(9), agent: { startedAt } }))).toEqual([expected]);
  });
});

describe('two readings', () => {
  const first = shop({ lbTable: stale(9) });

  test('what only the first showed is gone', () => {
    expect(verdict(readAgain(first, { table: right }))).toEqual([]);
  });

  test('what only the second shows is settling', () => {
    expect(verdict(readAgain(first, { table: without }))).toEqual(['settling frontendMissing']);
    expect(verdict(readAgain(first, { table: stale(8) }))).toEqual(['settling backendsStale']);
  });

  test.each([
    ['the agent has it wrong, too', stale(9), 'backendsStale apiToAgent'],
    ['the agent has it right', right, 'backendsStale agentToMap'],
    ['the agent was not asked', undefined, 'backendsStale unknown'],
  ])('what both show is certain: %s', (_, agent, expected) => {
    expect(verdict(readAgain(first, { table: stale(9), ...(agent && { agent }) }))).toEqual([expected]);
  });

  test('a Service that changed in between is settling', () => {
    const services = [cart({ sessionAffinity: 'ClientIP' })];
    expect(verdict(readAgain(first, { table: stale(9), services }))).toContain('settling backendsStale');
  });

  test('endpoints that changed in between are settling; what the maps lack of them, too', () => {
    const again = readAgain(first, { table: stale(9), slices: [cartSlice([1, 3])] });
    expect(verdict(again)).toEqual(['settling backendsStale']);
  });

  test('another Service that changed is no excuse', () => {
    const services = [cart(), cart({ clusterIP: '10.96.10.2', clusterIPs: ['10.96.10.2'] }, { name: 'other' })];
    const again = readAgain(first, { table: stale(9), services });
    expect(verdict(again)).toContain('backendsStale unknown');
  });

  test('without a second answer the first stands', () => {
    expect(verdict(readAgain(first, { table: aMissing('timeout') }))).toEqual(['backendsStale unknown']);
    expect(verdict(readAgain(first, { table: right, services: aMissing('timeout') }))).toEqual([
      'backendsStale unknown',
    ]);
  });

  test('nodes that were not read again are judged by the first', () => {
    const both = shop({ lbTable: stale(9) }, { nodes: { n1: { lbTable: without } } });
    expect(verdict(readAgain(both, { table: right }), 'n1')).toEqual(['frontendMissing unknown']);
  });
});

describe('one reading, as in a capture, of endpoints that changed just before', () => {
  const trigger = 'endpoints.kubernetes.io/last-change-trigger-time';
  const changedAt = (time: string) =>
    shop(
      { lbTable: stale(9) },
      { facts: shopFacts([cart()], [cartSlice([1, 2], { annotations: { [trigger]: time } })]) },
    );

  test.each([
    ['5 s before', '2026-11-21T09:59:55Z', 'settling backendsStale'],
    ['9 s before', '2026-11-21T09:59:51Z', 'settling backendsStale'],
    ['10 s before', '2026-11-21T09:59:50Z', 'backendsStale unknown'],
    ['at no time', 'soon', 'backendsStale unknown'],
  ])('%s', (_, time, expected) => {
    expect(verdict(changedAt(time))).toEqual([expected]);
  });

  test('that were written just before, for what had changed long before', () => {
    const metadata = {
      annotations: { [trigger]: '2026-11-21T08:00:00Z' },
      managedFields: [{ time: '2026-11-21T09:59:55Z' }],
    };
    const facts = shopFacts([cart()], [cartSlice([1, 2], metadata)]);
    expect(verdict(shop({ lbTable: stale(9) }, { facts }))).toEqual(['settling backendsStale']);
  });

  test.each([
    ['5 s before', '2026-11-21T09:59:55Z', 'settling frontendMissing'],
    ['a minute before', '2026-11-21T09:59:00Z', 'frontendMissing unknown'],
  ])('and of a Service that was made %s', (_, creationTimestamp, expected) => {
    const facts = shopFacts([cart({}, { creationTimestamp })]);
    expect(verdict(shop({ lbTable: without }, { facts }))).toEqual([expected]);
  });

  test.each([
    ['9 s before', '2026-11-21T09:59:51Z', ['undecided frontendMissing']],
    ['10 s before', '2026-11-21T09:59:50Z', ['frontendMissing unknown']],
  ])('and of one that somebody wrote again %s, by its fields', (_, time, expected) => {
    const facts = shopFacts([
      cart(
        {},
        { creationTimestamp: '2026-11-21T08:00:00Z', managedFields: [{ time }, { time: '2026-11-21T09:00:00Z' }] },
      ),
    ]);
    expect(verdict({ ...shop({ lbTable: without }, { facts }), origin: capture })).toEqual(expected);
  });

  test.each([
    ['29 s before', '2026-11-21T09:59:31Z', 'undecided backendsStale'],
    ['30 s before', '2026-11-21T09:59:30Z', 'backendsStale unknown'],
  ])('a sysdump reads objects and maps at times of its own: %s', (_, time, expected) => {
    expect(verdict({ ...changedAt(time), origin: { kind: 'sysdump', file: 'x.zip' } })).toEqual([expected]);
  });

  test('a second reading knows better', () => {
    const slices = [cartSlice([1, 2], { annotations: { [trigger]: '2026-11-21T09:59:55Z' } })];
    expect(verdict(readAgain(changedAt('2026-11-21T09:59:55Z'), { table: stale(9), slices }))).toEqual([
      'backendsStale unknown',
    ]);
  });
});

test('the row of the difference is that of the Service', () => {
  const [difference] = paritiesOf(shop({ lbTable: without })).flatMap((one) => (one.judged ? one.differences : []));
  expect(difference).toMatchObject({
    frontend: cartKey,
    owner: { kind: 'Service', namespace: 'default', name: 'cart' },
  });
});

test('what was seen once, on a node that left before it was looked at again, is unknown', () => {
  const first = shop({ lbTable: stale(9) });
  const again = readAgain(first, {});
  const second = again.secondReading;
  if (second === undefined) throw new Error('nothing was read again');
  const facts = { ...second.facts, nodes: known([aNode('n1')], 'again') };
  const left: Snapshot = { ...again, secondReading: { ...second, facts, nodes: new Map() } };
  expect(verdict(left)).toEqual(['undecided backendsStale']);
  // Who is there still, and was not read again, is judged by what was seen.
  const silent: Snapshot = { ...again, secondReading: { ...second, nodes: new Map() } };
  expect(verdict(silent)).toEqual(['backendsStale unknown']);
});
