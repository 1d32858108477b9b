import { describe, expect, test } from 'vitest';
import { pass } from '../../src/core/Outcome.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import type { CheckResult } from '../../src/core/runChecks.ts';
import type { Severity } from '../../src/core/Problem.ts';
import { kpr1007 } from '../../checks/agents/problems/KPR1007.ts';
import { known, missing } from '../../src/model/Fact.ts';
import { buildReport, clusterOf, type ReportOptions } from '../../src/report/buildReport.ts';
import { orderFindings } from '../../src/report/orderFindings.ts';
import { renderJson } from '../../src/report/renderJson.ts';
import { aCheck, aFinding, aNode, aSnapshot, aStatus, evidenceOf } from '../core/snapshots.ts';
import { aSnapshot as healthySnapshot } from '../support/aSnapshot.ts';
import { problemOf } from '../support/problemOf.ts';
import { broken, healthy, unknowns } from './documents.ts';
import { schemaErrors } from './schema.ts';

const options: ReportOptions = {
  phase: 'doctor',
  failOn: 'error',
  strict: false,
  allowUnknown: new Set(),
  interrupted: false,
  toolVersion: '0.1.0',
  durationMs: 1400,
};
const timeout = missing('timeout', 'no answer within 10 s');
const snapshot = aSnapshot(
  [
    aNode('n1', { status: aStatus('1.19.6') }),
    aNode('n2', { status: aStatus('1.18.4') }),
    aNode('n3', { status: timeout }),
    aNode('w1', {}, { coverage: { kind: 'excluded', why: 'Windows' } }),
    aNode('n4', {}, { coverage: { kind: 'notSelected' } }),
  ],
  {
    facts: {
      version: known({ gitVersion: 'v1.36.3', major: 1, minor: 36 }, 'kubectl version'),
      services: known([], 'x'),
    },
  },
);
const check = aCheck('socket-lb', () => pass);
const failed = (...findings: Partial<Parameters<typeof aFinding>[0]>[]): CheckResult => ({
  check,
  result: 'fail',
  findings: findings.map((one) => aFinding(one)),
  unknowns: [],
});
const report = (results: readonly CheckResult[], more: Partial<ReportOptions> = {}, of = snapshot) =>
  buildReport(results, new Derivations(of), { ...options, ...more });

/** Nodes of which nothing came. */
const blind = aSnapshot([aNode('n1', { status: timeout }), aNode('n2', { status: timeout })]);

const everyResult: CheckResult[] = [
  { check, result: 'pass' },
  failed({
    nodes: ['n1', 'n2'],
    objects: [{ kind: 'Service', namespace: 'a', name: 'b' }],
    expected: 'x',
    evidence: [evidenceOf('n1')],
  }),
  { check, result: 'skipped', reason: 'off' },
  {
    check,
    result: 'unknown',
    unknowns: [
      { node: 'n3', fact: 'status', why: timeout, blockedBy: 'agent-answers' },
      { node: undefined, fact: 'services', why: missing('forbidden', 'may not list') },
    ],
    isPartial: false,
  },
];

describe('the published schema', () => {
  test.each([
    ['of every result', report(everyResult)],
    ['of an interrupted run', report(everyResult, { interrupted: true })],
    ['of nothing', report([])],
    ['of nodes that none could read', report(everyResult, {}, blind)],
    ['healthy', healthy],
    ['broken', broken],
    ['unknowns', unknowns],
  ])('holds for a report %s', (_, document) => {
    expect(schemaErrors(JSON.parse(renderJson(document)))).toEqual([]);
  });

  test.each([
    [
      'a pass with something unknown',
      { ...unknowns, checks: unknowns.checks.map((one) => Object.assign({}, one, { result: 'pass' })) },
    ],
    ['a key that is not published', { ...healthy, secret: 1 }],
    ['a missing key', { ...healthy, verdict: undefined }],
    ['a verdict that there is not', { ...healthy, verdict: 'ok' }],
  ])('refuses %s', (_, document) => {
    expect(schemaErrors(JSON.parse(JSON.stringify(document)))).not.toEqual([]);
  });
});

describe('where no node was read', () => {
  test.each([
    ['several', blind, 'None of the 2 nodes could be read; n1: no answer within 10 s'],
    ['one', aSnapshot([aNode('n3', { status: timeout })]), 'The node n3 could not be read: no answer within 10 s'],
    [
      'none that is to be examined',
      aSnapshot([aNode('w1', {}, { coverage: { kind: 'excluded', why: 'Windows' } })]),
      'There is no node to examine: no agent of Cilium is to run on any',
    ],
    [
      'none, for lists did not come',
      aSnapshot([], { facts: { systemPods: timeout, nodes: timeout } }),
      'There is no node to examine: nobody knows where agents are (no answer within 10 s)',
    ],
  ])('the verdict is an error, and says why: %s', (_, unread, message) => {
    const document = report(everyResult, {}, unread);
    expect(document).toMatchObject({ verdict: 'error', exitCode: 2, error: { message } });
    // What the API's objects tell is told all the same.
    expect(document.findings).toHaveLength(1);
  });
});

describe('what the report holds', () => {
  test('where no agent tells its version, that of their image', () => {
    const daemonSets = [
      {
        metadata: { name: 'cilium', namespace: 'kube-system' },
        spec: {
          template: { spec: { containers: [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.19.2' }] } },
        },
      },
    ];
    const silent = healthySnapshot({
      facts: { daemonSets },
      nodes: { n1: { status: timeout }, n2: { status: timeout } },
    });
    expect(clusterOf(silent)).toMatchObject({ ciliumVersions: ['1.19.2'] });
  });

  test('cluster and coverage', () => {
    expect(report([])).toMatchObject({
      cluster: {
        context: 'prod-1',
        kubernetesVersion: 'v1.36.3',
        ciliumVersions: ['1.18.4', '1.19.6'],
        nodes: 5,
        services: 0,
      },
      coverage: {
        nodes: {
          total: 5,
          covered: 3,
          read: 2,
          excluded: [{ node: 'w1', why: 'Windows' }],
          notSelected: ['n4'],
          notRead: [{ node: 'n3', reason: 'timeout', detail: 'no answer within 10 s' }],
        },
      },
    });
  });

  test('every check with its result and the reason', () => {
    expect(report(everyResult).checks).toMatchObject([
      { result: 'pass', unknown: [] },
      { result: 'fail', unknown: [] },
      { result: 'skipped', reason: 'off' },
      {
        result: 'unknown',
        reason: 'n3: no answer within 10 s (and 1 more)',
        unknown: [
          { node: 'n3', reason: 'timeout', blockedBy: 'agent-answers' },
          { node: null, reason: 'forbidden', blockedBy: null },
        ],
      },
    ]);
  });

  test('a finding with its texts filled and its commands where the user is', () => {
    const [one] = report([failed({ nodes: ['n1', 'n2'], params: { missing: 'connect4 is' } })]).findings;
    expect(one).toMatchObject({
      title: kpr1007.title,
      check: 'socket-lb',
      params: { missing: 'connect4 is' },
    });
    expect(one?.message).toContain('connect4 is');
    expect(one?.remedy.steps[0]?.commands).toEqual([
      { node: 'n1', command: 'kubectl --context=prod-1 -n kube-system delete pod cilium-n1' },
      { node: 'n2', command: 'kubectl --context=prod-1 -n kube-system delete pod cilium-n2' },
    ]);
    expect(one?.remedy.check).toMatch(/^kubectl --context=prod-1 -n kube-system exec /);
    expect(JSON.stringify(one)).not.toContain('{{');
  });

  test.each([
    ['kubectl get nodes', 'kubectl --context=prod-1 get nodes'],
    ['kubectl --context=prod-1 get nodes', 'kubectl --context=prod-1 get nodes'],
    ['uname -r', 'uname -r'],
  ])('the command of evidence is where the user is, too: %s', (command, expected) => {
    const [one] = report([failed({ evidence: [{ command, lines: [] }] })]).findings;
    expect(one?.evidence[0]?.command).toBe(expected);
  });

  test('a node whose kube-proxy pod alone answered was not read', () => {
    const proxyRules = known(
      { pod: 'kube-proxy-n1', iptables: [], nftTables: timeout, table: timeout },
      'iptables-save',
    );
    const nodes = [aNode('n1', { status: timeout, proxyRules })];
    expect(buildReport([], new Derivations(aSnapshot(nodes)), options).coverage.nodes).toMatchObject({
      read: 0,
      notRead: [{ node: 'n1' }],
    });
  });

  test('from an archive the commands are for whatever cluster kubectl is set to', () => {
    const archive = new Derivations({ ...snapshot, origin: { kind: 'sysdump', file: 'x.zip' } });
    const [one] = buildReport([failed({ nodes: ['n1'] })], archive, options).findings;
    expect(one?.remedy.steps[0]?.commands[0]?.command).toBe('kubectl -n kube-system delete pod cilium-n1');
    expect(buildReport([], archive, options)).toMatchObject({
      cluster: { context: null, server: null },
      source: { kind: 'sysdump', file: 'x.zip' },
    });
  });

  test('the same results give the same text', () => {
    expect(renderJson(report(everyResult))).toBe(renderJson(report(structuredCloneOf(everyResult))));
  });
});

const structuredCloneOf = (results: readonly CheckResult[]): CheckResult[] => results.map((one) => ({ ...one }));

const order = (...results: CheckResult[]): string[] =>
  orderFindings(results).map(({ finding, causes }) => [finding.code, ...causes].join(' < '));
const one = (code: string, severity: Severity, nodes: string[] = [], ...services: string[]): CheckResult =>
  failed({
    problem: problemOf(code),
    severity,
    nodes,
    objects: services.map((name) => ({ kind: 'Service', namespace: 'kube-system', name })),
  });

describe('the order of findings', () => {
  test.each([
    [
      'severity first',
      [one('KPR3002', 'info'), one('KPR3001', 'warning'), one('KPR5005', 'error')],
      ['KPR5005', 'KPR3001', 'KPR3002'],
    ],
    ['then the rule book', [one('KPR3003', 'error'), one('KPR1007', 'error')], ['KPR3003', 'KPR1007']],
    [
      'a cause goes before what it brings about',
      [one('KPR1001', 'error', ['n1']), one('KPR2002', 'error')],
      ['KPR2002', 'KPR1001 < KPR2002'],
    ],
    [
      'a warning that explains an error goes with it',
      [one('KPR5005', 'error'), one('KPR1015', 'error', ['n1']), one('KPR1005', 'warning', ['n1'])],
      ['KPR5005', 'KPR1005', 'KPR1015 < KPR1005'],
    ],
    [
      'what is wrong on another node explains nothing',
      [one('KPR1015', 'error', ['n1']), one('KPR1005', 'warning', ['n2'])],
      ['KPR1015', 'KPR1005'],
    ],
    [
      'chains of causes',
      [one('KPR2005', 'error', ['n1']), one('KPR1017', 'error', ['n1']), one('KPR1018', 'warning')],
      ['KPR1018', 'KPR1017 < KPR1018', 'KPR2005 < KPR1017'],
    ],
    [
      'a Service without backends has nothing to do with cluster DNS',
      [one('KPR6001', 'error', [], 'kube-dns'), one('KPR5011', 'info', [], 'empty')],
      ['KPR6001', 'KPR5011'],
    ],
    [
      'unless it is cluster DNS itself',
      [one('KPR6001', 'error', [], 'kube-dns'), one('KPR5011', 'info', [], 'empty', 'kube-dns')],
      ['KPR6001', 'KPR5011 < KPR6001'],
    ],
    [
      'a lost row of cluster DNS, on the same node',
      [one('KPR6002', 'error', ['n1'], 'kube-dns'), one('KPR4001', 'error', ['n1'], 'kube-dns')],
      ['KPR4001', 'KPR6002 < KPR4001'],
    ],
    [
      'cluster DNS that is asked for from nobody, or of another proxy, is lost on every node',
      [one('KPR6002', 'error', ['n1'], 'kube-dns'), one('KPR5009', 'error', [], 'kube-dns')],
      ['KPR5009', 'KPR6002 < KPR5009'],
    ],
    [
      'a lost row of another Service is another matter',
      [one('KPR6002', 'error', ['n1'], 'kube-dns'), one('KPR4001', 'error', ['n1'], 'cart')],
      ['KPR6002', 'KPR4001'],
    ],
    [
      'and so is a lost row on another node',
      [one('KPR6002', 'error', ['n1'], 'kube-dns'), one('KPR4001', 'error', ['n2'], 'kube-dns')],
      ['KPR6002', 'KPR4001'],
    ],
    [
      'cluster DNS without a server answers on no node',
      [one('KPR6002', 'error', ['n1']), one('KPR6001', 'error', [], 'kube-dns')],
      ['KPR6001', 'KPR6002 < KPR6001'],
    ],
  ])('%s', (_, results, expected) => {
    expect(order(...results)).toEqual(expected);
  });
});

describe('JSON', () => {
  test('nothing in it can act on a terminal, and its values are the same', () => {
    const document = { text: 'a\u001b[2J\u009b\u007f\u202e\u2066\ud800b\n"\\', list: ['\u{e0041}'] };
    const text = renderJson(document);
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u);
    expect(JSON.parse(text)).toEqual(document);
  });
});
