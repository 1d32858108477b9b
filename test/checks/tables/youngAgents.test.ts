import { beforeAll, describe, expect, test } from 'vitest';
import { agentsReady } from '../../../checks/agents/agentsReady.ts';
import { tablesMatch } from '../../../checks/tables/tablesMatch.ts';
import { isKnown, known } from '../../../src/model/Fact.ts';
import type { NodeFacts } from '../../../src/model/NodeFacts.ts';
import type { AgentPod, NodeSnapshot, Snapshot } from '../../../src/model/Snapshot.ts';
import { codesOf, findingsOf } from '../../support/aSnapshot.ts';
import { captureOf, snapshotOf } from '../../support/readRecording.ts';

/** A recorded healthy cluster whose agents start half a minute before it is read, while rows of theirs are wrong. */
let recorded: Snapshot;
beforeAll(async () => {
  recorded = await snapshotOf(captureOf({ name: 'healthy-1.19' }));
});

const live = { kind: 'live', context: 'test', server: 'https://172.30.0.1:6443', kubectl: 'kubectl' } as const;

const secondsBefore = (seconds: number): string =>
  new Date(Date.parse(recorded.takenAt) - seconds * 1000).toISOString();

const changed = (
  change: (node: NodeSnapshot) => { readonly agent?: Partial<AgentPod>; readonly facts?: Partial<NodeFacts> },
): Snapshot => ({
  ...recorded,
  origin: live,
  nodes: recorded.nodes.map((node) => {
    const { agent, facts } = change(node);
    return Object.assign({}, node, {
      agent: node.agent && { ...node.agent, startedAt: secondsBefore(27), ...agent },
      facts: { ...node.facts, ...facts },
    });
  }),
});

/** Every frontend of the Service at this port is gone from the maps. */
function without(port: string, { lbTable }: NodeFacts): Partial<NodeFacts> {
  if (!isKnown(lbTable)) throw new Error('the recording has a table');
  const left = [...lbTable.value.frontends.values()].filter(({ key }) => !key.includes(`:${port}/`));
  expect(left.length).toBeLessThan(lbTable.value.frontends.size);
  return {
    lbTable: known({ ...lbTable.value, frontends: new Map(left.map((one) => [one.key, one])) }, lbTable.source),
  };
}

/** The same twice, so long after each other. */
const readTwice = (first: Snapshot, secondsLater: number): Snapshot => ({
  ...first,
  secondReading: {
    secondsLater,
    facts: first.facts,
    nodes: new Map(first.nodes.map(({ name, facts }) => [name, facts])),
  },
});

const waiting = (...names: readonly string[]): Partial<NodeFacts> => ({ pendingInitializers: known(names, '') });

describe('agents that started half a minute ago', () => {
  test('as they were recorded: nothing is wrong', () => {
    expect(
      codesOf(
        tablesMatch,
        changed(() => ({})),
      ),
    ).toEqual([]);
  });

  test('a full map: the agent says that it could not write the row', () => {
    const snapshot = changed(({ facts }) => {
      const { frontendStates } = facts;
      if (!isKnown(frontendStates)) throw new Error('the recording has them');
      const states = frontendStates.value.map((one) =>
        one.frontend.includes(':53/')
          ? { ...one, status: 'Error', error: 'update failed: argument list too long' }
          : one,
      );
      return { facts: { ...without('53', facts), frontendStates: known(states, frontendStates.source) } };
    });
    expect([...new Set(findingsOf(tablesMatch, snapshot).map(({ code }) => code))]).toEqual(['KPR4001']);
  });

  test('rows that are still missing 12 s later, from agents that have listed everything', () => {
    const snapshot = changed(({ facts }) => ({ facts: { ...without('53', facts), ...waiting() } }));
    expect(codesOf(tablesMatch, readTwice(snapshot, 12))).toEqual(['KPR4001 n1,n2']);
  });

  test('one agent that waits for the API still, the other is right', () => {
    const snapshot = changed(({ name, facts }) =>
      name === 'n2' ? { facts: { ...without('53', facts), ...waiting('k8s-endpoints') } } : {},
    );
    expect(codesOf(tablesMatch, readTwice(snapshot, 12))).toEqual(['KPR4009 n2']);
  });

  test('both wait: nobody serves, and that is no moment', () => {
    const snapshot = changed(({ facts }) => ({ facts: { ...without('53', facts), ...waiting('k8s-endpoints') } }));
    expect(findingsOf(tablesMatch, readTwice(snapshot, 12)).map(({ severity }) => severity)).toEqual(['error']);
  });

  test('they ended before, again and again: each start is no new excuse', () => {
    const snapshot = changed(({ facts }) => ({
      agent: { restarts: 3, lastEnd: secondsBefore(28) },
      facts: { ...without('53', facts), ...waiting('k8s-endpoints') },
    }));
    expect(codesOf(tablesMatch, readTwice(snapshot, 2))).toEqual(['KPR4001 n1,n2']);
  });

  test('in a file nobody can tell', () => {
    const snapshot = {
      ...changed(({ facts }) => ({ facts: { ...without('53', facts), ...waiting('k8s-endpoints') } })),
      origin: recorded.origin,
    };
    expect(new Set(codesOf(tablesMatch, snapshot))).toEqual(
      new Set(['unknown n1 notCollected', 'unknown n2 notCollected']),
    );
  });

  test('their pods are ready', () => {
    expect(
      codesOf(
        agentsReady,
        changed(() => ({})),
      ),
    ).toEqual([]);
  });
});
