import { describe, expect, test } from 'vitest';
import { inconclusive, notApplicable, pass, passUnless } from '../../src/core/Outcome.ts';
import type { AnyCheck } from '../../src/core/Check.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import { runChecks } from '../../src/core/runChecks.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { known, missing } from '../../src/model/Fact.ts';
import { aCheck, aFinding, aNode, aSnapshot, evidenceOf } from './snapshots.ts';
import { problemOf } from '../support/problemOf.ts';

const kernel = known('6.18.0', 'uname -r');
const timeout = missing('timeout', 'no answer within 10 s');
const readable = (name: string) => aNode(name, { kernel });
const hung = (name: string) => aNode(name, { kernel: timeout });
const excluded = (name: string) => aNode(name, {}, { coverage: { kind: 'excluded', why: 'Windows' } });

const resultsOf = (checks: readonly AnyCheck[], snapshot: Snapshot) => runChecks(checks, new Derivations(snapshot));

const passing = () => pass;
const failOn =
  (...names: string[]) =>
  () =>
    passUnless(names.map((node) => aFinding({ nodes: [node] })));

const folded = (...findings: ReturnType<typeof aFinding>[]) => {
  const [one] = resultsOf([aCheck('rule', () => passUnless(findings))], aSnapshot([readable('n1')]));
  return one?.result === 'fail' ? one.findings : [];
};

const raise = (id: string, code: string, nodes: string[]) =>
  aCheck(id, () => aFinding({ problem: problemOf(code), nodes }), { requires: {} });

describe('each check has exactly one result, and unknown is never a pass', () => {
  test.each([
    ['all read, nothing found', [readable('n1'), readable('n2')], passing, 'pass', 0],
    ['one node not read', [readable('n1'), hung('n2')], passing, 'unknown', 1],
    ['no node read', [hung('n1'), hung('n2')], passing, 'unknown', 2],
    ['a finding beside an unread node', [readable('n1'), hung('n2')], failOn('n1'), 'fail', 1],
    ['not applicable', [readable('n1')], () => notApplicable('off'), 'skipped', 0],
    ['not applicable where it was read', [readable('n1'), hung('n2')], () => notApplicable('off'), 'unknown', 1],
    ['inconclusive by the check itself', [readable('n1')], () => inconclusive(timeout, 'n1'), 'unknown', 1],
    ['excluded nodes are no gap', [readable('n1'), excluded('w1')], passing, 'pass', 0],
    ['no node to examine', [excluded('w1')], passing, 'unknown', 1],
  ] as const)('%s', (_, nodes, run, result, unknowns) => {
    const [one] = resultsOf([aCheck('rule', run)], aSnapshot(nodes));
    expect(one?.result).toBe(result);
    expect(one?.result === 'unknown' || one?.result === 'fail' ? one.unknowns.length : 0).toBe(unknowns);
  });

  test('a check that throws is unknown, and the others are judged', () => {
    const buggy = aCheck('buggy', () => {
      throw new TypeError('x is undefined');
    });
    const [one, other] = resultsOf([buggy, aCheck('rule', passing)], aSnapshot([readable('n1')]));
    expect(one).toMatchObject({
      result: 'unknown',
      unknowns: [{ why: { detail: expect.stringContaining('x is undefined') } }],
    });
    expect(other?.result).toBe('pass');
  });

  test('a missing cluster fact makes it unknown, and the check is not run', () => {
    const check = aCheck(
      'rule',
      () => {
        throw new Error('ran');
      },
      { requires: { cluster: ['services'], node: ['kernel'] } },
    );
    const [one] = resultsOf(
      [check],
      aSnapshot([readable('n1')], { facts: { services: missing('forbidden', 'no list') } }),
    );
    expect(one).toMatchObject({ result: 'unknown', unknowns: [{ node: undefined, fact: 'services' }] });
  });

  test('a check sees covered nodes with all that it needs, and of their facts only those', () => {
    const seen: unknown[] = [];
    const check = aCheck('rule', ({ nodes }) => {
      seen.push(...nodes.map(({ name, facts }) => [name, facts]));
      return pass;
    });
    resultsOf([check], aSnapshot([readable('n1'), hung('n2'), excluded('w1')]));
    expect(seen).toEqual([['n1', { kernel: '6.18.0' }]]);
  });

  test('evidence carries the command that a person can repeat', () => {
    const check = aCheck('rule', ({ nodes }) =>
      passUnless(nodes.map((node) => aFinding({ evidence: [node.evidence('kernel', '6.18')] }))),
    );
    expect(resultsOf([check], aSnapshot([readable('n1')]))).toMatchObject([
      { findings: [{ evidence: [{ node: 'n1', command: 'uname -r', lines: ['6.18'] }] }] },
    ]);
  });
});

describe('folding', () => {
  test('findings that differ by their node only are one, with the evidence of three nodes', () => {
    const names = ['n1', 'n2', 'n3', 'n4'];
    // Two pieces of evidence each: three nodes are kept, not three pieces.
    const findings = names.map((node) => aFinding({ nodes: [node], evidence: [evidenceOf(node), evidenceOf(node)] }));
    const [one, ...others] = folded(...findings);
    expect(others).toEqual([]);
    expect(one?.nodes).toEqual(names);
    expect(one?.evidence.map(({ node }) => node)).toEqual(['n1', 'n1', 'n2', 'n2', 'n3', 'n3']);
  });

  test.each([
    ['params', { params: { missing: 'connect6 is' } }],
    ['severity', { severity: 'warning' }],
    ['objects', { objects: [{ kind: 'Service', name: 'a' }] }],
    ['found', { found: 'x' }],
  ] as const)('different %s stay apart', (_, more) => {
    expect(folded(aFinding({ nodes: ['n1'] }), aFinding({ nodes: ['n2'], ...more }))).toHaveLength(2);
  });

  test('the order in which params were written does not matter', () => {
    const one = aFinding({ params: { a: '1', b: '2' } });
    expect(folded(one, aFinding({ params: { b: '2', a: '1' } }))).toHaveLength(1);
  });
});

describe('blockers', () => {
  test.each([
    ['no agent is there', 'KPR1001'],
    ['its agent hangs', 'KPR1002'],
    ['it could not be read', 'KPR9002'],
  ])('what is unknown on a node names the failed check that explains it: %s', (_, code) => {
    const results = resultsOf(
      [raise('explaining', code, ['n2']), aCheck('rule', passing)],
      aSnapshot([readable('n1'), hung('n2')]),
    );
    expect(results[1]).toMatchObject({ result: 'unknown', unknowns: [{ node: 'n2', blockedBy: 'explaining' }] });
  });

  test.each(['KPR1003', 'KPR4001', 'KPR9001', 'KPR9003'])(
    '%s on a node does not explain that it was not read',
    (code) => {
      const results = resultsOf(
        [raise('other', code, ['n2']), aCheck('rule', passing)],
        aSnapshot([readable('n1'), hung('n2')]),
      );
      expect(results[1]).not.toHaveProperty('unknowns.0.blockedBy');
    },
  );

  test('another node’s fault explains nothing', () => {
    const results = resultsOf(
      [raise('agent-answers', 'KPR1002', ['n1']), aCheck('rule', passing)],
      aSnapshot([readable('n1'), hung('n2')]),
    );
    expect(results[1]).toMatchObject({ result: 'unknown', unknowns: [{ node: 'n2' }] });
    expect(results[1]).not.toHaveProperty('unknowns.0.blockedBy');
  });

  test('missing permissions explain what was forbidden, also for the cluster as a whole', () => {
    const needsServices = aCheck('rule', passing, { requires: { cluster: ['services'] } });
    const snapshot = aSnapshot([readable('n1')], {
      facts: { services: missing('forbidden', 'may not list services') },
    });
    // The check that finds it may stand last.
    const [first] = resultsOf([needsServices, raise('permissions', 'KPR9001', [])], snapshot);
    expect(first).toMatchObject({ unknowns: [{ node: undefined, blockedBy: 'permissions' }] });
  });

  test('a check does not block itself', () => {
    const check = aCheck('agent-answers', () => aFinding({ problem: problemOf('KPR1002'), nodes: ['n2'] }));
    expect(resultsOf([check], aSnapshot([readable('n1'), hung('n2')]))[0]).not.toHaveProperty('unknowns.0.blockedBy');
  });
});
