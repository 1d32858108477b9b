import { describe, expect, test } from 'vitest';
import { knownFindings } from '../../src/core/knownFindings.ts';
import { runChecks } from '../../src/core/runChecks.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import { suppress, type Suppression } from '../../src/core/suppress.ts';
import { verdictOf } from '../../src/core/verdict.ts';
import { checks } from '../../checks/index.ts';
import { kpr5004 } from '../../checks/services/problems/KPR5004.ts';
import { kpr5011 } from '../../checks/services/problems/KPR5011.ts';
import type { Problem } from '../../src/core/Problem.ts';
import { annotatedSuppressions, parseSuppressions } from '../../src/parse/parseSuppressions.ts';
import { parseSuppressionLine } from '../../src/core/suppressionLine.ts';
import { aCheck, aFinding, aNode, aSnapshot } from './snapshots.ts';

const web = { kind: 'Service', namespace: 'shop', name: 'web' };
const cart = { kind: 'Service', namespace: 'shop', name: 'cart' };
const a = (more: Partial<Suppression> = {}): Suppression => ({
  code: 'KPR1007',
  object: undefined,
  node: undefined,
  reason: 'known',
  until: '2027-01-01',
  by: 's.yaml',
  of: 'user',
  ...more,
});
const derivations = new Derivations(aSnapshot([aNode('n1', {}), aNode('n2', {})]));
const found = (...findings: [ReturnType<typeof aFinding>, ...ReturnType<typeof aFinding>[]]) =>
  runChecks([aCheck('wrong', () => findings)], derivations);
const everything = {
  phase: 'verify',
  failOn: 'error',
  strict: false,
  allowUnknown: 'all',
  interrupted: false,
  isAnyNodeRead: true,
} as const;

/** How many findings about a Service are, by it or by the user. */
const suppressedBy = (of: Suppression['of'], problem: Problem) => {
  const one = { ...aFinding({ objects: [web] }), problem, code: problem.code };
  const by = a({ code: problem.code, object: web, of });
  return suppress(found(one), [by, a({ code: 'wrong', object: web, of })], '2026-11-28').suppressed.length;
};

describe('what is suppressed', () => {
  test('does not fail the run, and its check has not passed', () => {
    const { results, suppressed, unused } = suppress(found(aFinding({ severity: 'error' })), [a()], '2026-11-28');
    expect(suppressed).toHaveLength(1);
    expect(unused).toEqual([]);
    expect(results[0]?.result).toBe('fail');
    expect(verdictOf(results, everything).exitCode).toBe(0);
    expect(verdictOf(found(aFinding({ severity: 'error' })), everything).exitCode).toBe(1);
  });

  test('is suppressed on its last day, and not after it', () => {
    const results = found(aFinding({ severity: 'error' }));
    expect(suppress(results, [a({ until: '2026-11-28' })], '2026-11-28').suppressed).toHaveLength(1);
    const { suppressed, expired, unused } = suppress(results, [a({ until: '2026-11-27' })], '2026-11-28');
    expect({ suppressed, expired: expired.length, unused }).toEqual({ suppressed: [], expired: 1, unused: [] });
  });

  test('on one node leaves the others', () => {
    const results = found(aFinding({ severity: 'error', nodes: ['n1', 'n2'] }));
    const { results: left, suppressed } = suppress(results, [a({ node: 'n2' })], '2026-11-28');
    expect(suppressed.map(({ finding }) => finding.nodes)).toEqual([['n2']]);
    expect(left[0]).toMatchObject({ result: 'fail', findings: [{ nodes: ['n1'] }] });
  });

  test('by a Service is about that Service alone', () => {
    const own = a({ object: web });
    const of = (...objects: (typeof web)[]) =>
      suppress(found(aFinding({ objects })), [own], '2026-11-28').suppressed.length;
    expect([of(web), of(cart), of(web, cart), of()]).toEqual([1, 0, 0, 0]);
  });

  test('the owner of a Service hides what is its own harm alone', () => {
    // Its address is a node’s, and takes the place of what listens there: the API server’s port, say.
    expect([suppressedBy('owner', kpr5004), suppressedBy('user', kpr5004)]).toEqual([0, 1]);
    expect(suppressedBy('owner', kpr5011)).toBe(1);
  });

  test('what is not needed is said; of what was not run nobody knows', () => {
    const results = found(aFinding({}));
    const other = a({ object: cart });
    expect(suppress(results, [other, a({ code: 'KPR9004' })], '2026-11-28').unused).toEqual([other]);
  });
});

const parse = (...suppressions: object[]) => parseSuppressions({ schemaVersion: 1, suppressions }, 's.yaml');

test('owners suppress what is about Services and their own rows, and nothing that others may suffer', () => {
  const problems = new Set(checks.flatMap(({ raises }) => raises));
  const byOwners = [...problems].filter(({ harmsOnlyItsObjects }) => harmsOnlyItsObjects === true);
  const tables = ['KPR4001', 'KPR4002', 'KPR4003', 'KPR4006', 'KPR4009'];
  const services = '5001 5002 5005 5006 5007 5008 5009 5010 5011 5012 5013'.split(' ').map((number) => `KPR${number}`);
  expect(byOwners.map(({ code }) => code).toSorted()).toEqual([...tables, ...services]);
});

describe('a file', () => {
  const one = { code: 'KPR1007', reason: 'known', until: '2027-01-01' };

  test('is read whole', () => {
    expect(parse({ ...one, service: 'shop/web', node: 'n1' })).toEqual({
      ok: true,
      suppressions: [a({ object: web, node: 'n1' })],
    });
  });

  test.each([
    ['no reason', { ...one, reason: ' ' }],
    ['no day', { code: 'KPR1007', reason: 'known' }],
    ['no day that exists', { ...one, until: 'soon' }],
    ['a key that is not known', { ...one, namespace: 'shop' }],
    ['a Service without its namespace', { ...one, service: 'web' }],
  ])('with %s is refused', (_, entry) => {
    expect(parse(entry)).toMatchObject({ ok: false, why: expect.stringContaining('suppressions.0') as unknown });
  });
});

const service = (text: string) => ({
  metadata: { namespace: 'shop', name: 'web', annotations: { 'kubectl-kpr/suppress': text } },
});

test('an annotation suppresses for its Service, or is said not to be understood', () => {
  expect(annotatedSuppressions([service('KPR1007 until 2027-01-01: known\nKPR5011 until then')])).toEqual({
    suppressions: [a({ object: web, by: 'Service shop/web', of: 'owner' })],
    malformed: [{ service: 'shop/web', line: 'KPR5011 until then' }],
  });
});

test('an annotation with more lines than a Service has faults counts for nothing', () => {
  const lines = Array.from({ length: 9000 }, () => 'KPR5011 until 2027-01-01: known');
  const { suppressions, malformed } = annotatedSuppressions([service(lines.join('\n'))]);
  expect(suppressions).toEqual([]);
  expect(malformed).toEqual([{ service: 'shop/web', line: expect.stringContaining('9000 lines') as unknown }]);
});

test('annotations as long as the API takes them hold nobody up', () => {
  const long = `KPR5011 until 2027-01-01: a${' '.repeat(250_000)}b`;
  expect(annotatedSuppressions([service(long), service(`${' '.repeat(250_000)}a`)]).malformed).toHaveLength(2);
  const many = Array.from({ length: 50_000 }, (_, i) => a({ object: { ...web, name: `web-${i}` }, of: 'owner' }));
  const findings = many.slice(0, 5000).map(({ object = web }) => aFinding({ objects: [object] }));
  const results = found(aFinding({ objects: [web] }), ...findings);
  expect(suppress(results, many, '2027-02-01')).toMatchObject({ expired: { length: 50_000 } });
  expect(suppress(results, many, '2026-11-28').unused).toHaveLength(50_000);
}, 20_000);

test.each([
  'KPR1007 until 2027-02-31x: known',
  'KPR1007 until 2027-13-01: known',
  'KPR1007: known',
  'KPR1007 until 2027-01-01:',
])('a line without a code, a day and a reason is none: %s', (line) => {
  expect(parseSuppressionLine(line)).toBeUndefined();
});

test('a code is a code in small letters, too', () => {
  expect(parseSuppressionLine('kpr1007 until 2027-01-01: known, and planned')).toEqual({
    code: 'KPR1007',
    until: '2027-01-01',
    reason: 'known, and planned',
  });
});

describe('what is new', () => {
  const before = aFinding({ severity: 'warning', nodes: ['n1'], objects: [web] });
  const then = knownFindings([before]);

  test.each([
    ['the same with other numbers', { ...before, params: { n: '7' } }, true],
    ['less bad', { ...before, severity: 'info' as const }, true],
    ['worse', { ...before, severity: 'error' as const }, false],
    ['on one more node', { ...before, nodes: ['n1', 'n2'] }, false],
    ['about another object', { ...before, objects: [cart] }, false],
    ['another variant', { ...before, variant: 'other' }, false],
  ])('%s: known %s', (_, finding, known) => {
    expect(then.isKnown(finding)).toBe(known);
  });

  test('a finding of many objects on many nodes holds nobody up', { timeout: 5000 }, () => {
    const nodes = Array.from({ length: 5000 }, (_, i) => `n${i}`);
    const objects = Array.from({ length: 5000 }, (_, i) => ({ ...web, name: `web-${i}` }));
    const all = { ...before, nodes, objects };
    const remembered = knownFindings([all]);
    expect(remembered.isKnown({ ...all, nodes: nodes.slice(0, 100) })).toBe(true);
    expect(remembered.isKnown({ ...all, nodes: [...nodes.slice(0, 100), 'another'] })).toBe(false);
    expect(remembered.gone([before])).toEqual([all]);
  });

  test('what is not found any more is gone', () => {
    expect(then.gone([])).toEqual([before]);
    expect(then.gone([{ ...before, nodes: ['n1', 'n2'] }])).toEqual([]);
  });
});
