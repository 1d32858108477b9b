import { expect, test } from 'vitest';
import type { RuleCondition, RuleGraph, Step } from '../../../src/parse/kubeproxy/RuleGraph.ts';
import { walkRules } from '../../../src/parse/kubeproxy/RuleGraph.ts';

const always: RuleCondition = { source: undefined, maybe: false, affinity: 0, unknown: undefined };
const backend: Step = { when: always, act: { kind: 'backend', address: '10.0.0.1', port: 80 } };
const balanced = { kind: 'balance', backends: ['10.0.0.1:80/TCP'] };
const passed = { kind: 'pass' };

const step = (act: Step['act'], when: Partial<RuleCondition> = {}): Step => ({ when: { ...always, ...when }, act });
const answerOf = (chains: Readonly<Record<string, readonly Step[]>>) => {
  const graph: RuleGraph = new Map(Object.entries(chains));
  return walkRules(graph, 'START', 'outside', 'TCP');
};

test.each<[string, Readonly<Record<string, readonly Step[]>>, object]>([
  ['nothing stands before the backend', { START: [backend] }, balanced],
  ['what is accepted goes no further', { START: [step({ kind: 'accept' }), backend] }, passed],
  ['what returns goes no further', { START: [step({ kind: 'return' }), backend] }, passed],
  ['what is dropped goes no further', { START: [step({ kind: 'drop' }), backend] }, { kind: 'drop' }],
  ['what is rejected goes no further', { START: [step({ kind: 'reject' }), backend] }, { kind: 'reject' }],
  [
    'acceptance ends the chain that jumped there, too',
    { START: [step({ kind: 'jump', target: 'SUB' }), backend], SUB: [step({ kind: 'accept' })] },
    passed,
  ],
  [
    'a chain that only returns leads back',
    { START: [step({ kind: 'jump', target: 'SUB' }), backend], SUB: [step({ kind: 'return' })] },
    balanced,
  ],
  [
    'goto does not lead back',
    { START: [step({ kind: 'goto', target: 'SUB' }), backend], SUB: [step({ kind: 'return' })] },
    passed,
  ],
  ['a rule for others does not count', { START: [step({ kind: 'accept' }, { source: 'pod' }), backend] }, balanced],
  ['what happens by chance ends nothing', { START: [step({ kind: 'accept' }, { maybe: true }), backend] }, balanced],
])('%s', (_, chains, answer) => {
  expect(answerOf(chains).answer).toEqual(answer);
});

test('a match that is not known leaves a doubt, and ends nothing', () => {
  expect(answerOf({ START: [step({ kind: 'accept' }, { unknown: '-m u32' }), backend] })).toMatchObject({
    answer: balanced,
    doubt: 'a match of START is not known: -m u32',
  });
});
