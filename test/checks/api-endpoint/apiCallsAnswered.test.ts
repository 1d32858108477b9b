import { describe, expect, test } from 'vitest';
import { apiCallsAnswered } from '../../../checks/api-endpoint/apiCallsAnswered.ts';
import { apiEndpointAnswers } from '../../../checks/api-endpoint/apiEndpointAnswers.ts';
import { tablesMatch } from '../../../checks/tables/tablesMatch.ts';
import { Derivations } from '../../../src/core/Derivations.ts';
import { runChecks } from '../../../src/core/runChecks.ts';
import type { ContainerStatus } from '../../../src/model/kubernetes.ts';
import type { Snapshot } from '../../../src/model/Snapshot.ts';
import { buildReport } from '../../../src/report/buildReport.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { anAgentPod } from '../../support/healthy.ts';
import { backend, shopFacts, tableWith } from '../../support/shopTables.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const right = tableWith({});
const stale = tableWith({ backends: [backend(1), backend(9)] });
const shop = (n2: NodeChanges, more: SnapshotChanges = {}): Snapshot =>
  aSnapshot({
    ...more,
    facts: { ...shopFacts(), ...more.facts },
    nodes: { n1: { lbTable: right }, n2: { lbTable: right, ...n2 } },
  });

const failure = {
  status: {
    kubernetes: {
      state: 'Failure',
      message: 'Get "https://172.30.0.1:6443/version": dial tcp 172.30.0.1:6443: i/o timeout',
    },
  },
};
const refusals = (count: number, table = stale): NodeChanges => ({
  lbTable: table,
  metrics: {
    apiCalls: new Map([
      ['200', 900],
      ['403', count],
    ]),
  },
});
const logged = (count: number): NodeChanges => ({
  apiProbe: aMissing('notCollected'),
  failedCalls: { count, last: 'Get "https://172.30.0.1:6443/api/v1/services": dial tcp: i/o timeout' },
});

test.each<[string, NodeChanges, string[]]>([
  ['healthy', {}, []],
  ['the agent says that its calls fail', failure, ['KPR2002 n2']],
  ['its log says so again and again', logged(3), ['KPR2002 n2']],
  ['its log says so once', logged(1), []],
  ['nobody answers there at all, which another check names', { ...failure, apiProbe: { connect: 'timeout' } }, []],
  ['refused, and what it has is not what the API has', refusals(11), ['KPR2002 n2']],
  ['refused once, and it has all that the API has', refusals(11, right), []],
  ['refused, and the map alone is wrong', { ...refusals(11), agentTable: right }, []],
  ['an old table, and nothing refused', { lbTable: stale }, []],
  ['nothing known', { status: aMissing('timeout'), apiProbe: aMissing('timeout') }, ['unknown n2 timeout']],
])('%s', (_, n2, expected) => {
  expect(codesOf(apiCallsAnswered, shop(n2))).toEqual(expected);
});

test('how often each was refused makes no difference: they are one finding', () => {
  const said = [refusals(7), refusals(12)].map((n2) => findingsOf(apiCallsAnswered, shop(n2))[0]?.params);
  expect(said[0]).toBeDefined();
  expect(said[0]).toEqual(said[1]);
});

const operator = (finishedAt: string, message: string) => {
  const container: ContainerStatus = {
    name: 'cilium-operator',
    ready: true,
    restartCount: 1,
    lastState: { terminated: { exitCode: 1, message, finishedAt } },
  };
  const pod = anAgentPod('n1', {
    metadata: { name: 'cilium-operator-x', labels: { 'io.cilium/app': 'operator' } },
    containerStatuses: [container],
  });
  const systemPods = [anAgentPod('n1'), anAgentPod('n2'), pod];
  const [one] = findingsOf(apiCallsAnswered, shop(failure, { facts: { systemPods } }));
  return one?.evidence.flatMap(({ lines }) => lines).filter((line) => line.includes('operator'));
};

describe('an operator that has lost its lease is evidence of it', () => {
  const words = 'level=fatal msg="Leader election lost, shutting down."';

  test('just before', () => {
    expect(operator('2026-11-21T09:58:00Z', words)).toEqual([
      'cilium-operator-x: exit code 1: Leader election lost, shutting down.',
    ]);
  });
  test.each([
    ['an hour ago', '2026-11-21T08:58:00Z', words],
    ['for another reason', '2026-11-21T09:58:00Z', 'level=fatal msg="out of memory"'],
  ])('not %s', (_, at, message) => {
    expect(operator(at, message)).toEqual([]);
  });
});

const unanswered = (count: number): ReadonlyMap<string, number> =>
  new Map([
    ['200', 900],
    ['<error>', count],
  ]);

function readTwice(then: number, later: number): string[] {
  const first = shop({ metrics: { apiCalls: unanswered(then) } });
  const again = shop({ metrics: { apiCalls: unanswered(later) } });
  const nodes = new Map(again.nodes.map(({ name, facts }) => [name, facts]));
  return codesOf(apiCallsAnswered, { ...first, secondReading: { secondsLater: 6, facts: again.facts, nodes } });
}

describe('calls that got no answer between two readings', () => {
  test('say that it is lost now', () => {
    expect(readTwice(4, 7)).toEqual(['KPR2002 n2']);
  });
  test('those of an earlier time do not', () => {
    expect(readTwice(7, 7)).toEqual([]);
  });
});

test('stale rows follow from it, and no restart is offered while the agent would not come back', () => {
  const derivations = new Derivations(shop({ ...failure, lbTable: stale }));
  const report = buildReport(runChecks([apiCallsAnswered, tablesMatch, apiEndpointAnswers], derivations), derivations, {
    phase: 'doctor',
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '',
    durationMs: 0,
  });
  expect(report.findings.map(({ code }) => code)).toEqual(['KPR2002', 'KPR4003']);
  expect(JSON.stringify(report.findings)).not.toContain('delete pod');
});

standardCases(apiCallsAnswered, {
  faulty: {
    KPR2002: {
      lost: shop(failure),
      forbidden: shop(refusals(3)),
      refused: { raisedBy: apiEndpointAnswers },
      timeout: { raisedBy: apiEndpointAnswers },
      failed: { raisedBy: apiEndpointAnswers },
      certificate: { raisedBy: apiEndpointAnswers },
      localProxy: { raisedBy: apiEndpointAnswers },
      fromHere: { raisedBy: apiEndpointAnswers },
      throughService: { raisedBy: apiEndpointAnswers },
      outdated: { raisedBy: apiEndpointAnswers },
    },
  },
  notApplicable: noNode,
  hostile: (text) => shop({ status: { kubernetes: { state: 'Failure', message: text } } }),
});
