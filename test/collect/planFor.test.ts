import { describe, expect, test } from 'vitest';
import { planFor, type PlanOptions } from '../../src/collect/planFor.ts';
import type { FactNames, Inputs } from '../../src/core/View.ts';
import { tableParity } from '../../src/expect/parity/tableParity.ts';
import { answersOf } from '../../src/knowledge/nodeCommands.ts';

const options: PlanOptions = {
  nodes: new Set(['n1']),
  ciliumNamespace: 'cilium',
  nodeTimeoutMs: 1,
  runTimeoutMs: 2,
  concurrency: 3,
  probe: true,
};
const wish = (requires: FactNames, optional?: FactNames): Inputs => ({ requires, ...(optional && { optional }) });
const frame = ['version', 'nodes', 'daemonSets', 'systemPods'];

describe('what is read is what the checks need and want, and the frame of a snapshot', () => {
  test('nothing wanted', () => {
    const plan = planFor([], options);
    expect([...plan.documents]).toEqual(frame);
    expect([...plan.answers]).toEqual(['status']);
  });

  test('each thing once, and all answers of a fact', () => {
    const plan = planFor(
      [
        wish({ cluster: ['services'], node: ['iptables'] }),
        wish({ cluster: ['services'], node: ['kernel'] }, { cluster: ['pods'], node: ['metrics'] }),
      ],
      options,
    );
    expect([...plan.documents]).toEqual([...frame, 'services', 'pods']);
    expect([...plan.answers]).toEqual([
      'status',
      'iptablesNft',
      'ip6tablesNft',
      'iptablesLegacy',
      'ip6tablesLegacy',
      'kernel',
      'metrics',
    ]);
  });

  test('what derived facts are made of', () => {
    const plan = planFor([{ ...wish({}), uses: [tableParity] }], options);
    expect(plan.documents).toContain('localRedirectPolicies');
    for (const answer of [...answersOf.startedConfig, ...answersOf.lbTable]) expect(plan.answers).toContain(answer);
  });

  test('the agents’ own tables only for those who can’t do without', () => {
    expect(planFor([wish({}, { node: ['agentTable'] })], options).answers).not.toContain('serviceList');
    expect(planFor([wish({ node: ['agentTable'] })], options).answers).toContain('serviceList');
    const ofFile = { ...options, readsOnce: true };
    expect(planFor([wish({}, { node: ['agentTable'] })], ofFile).answers).toContain('serviceList');
  });

  test('the DNS probe needs the addresses that it asks', () => {
    expect([...planFor([wish({ node: ['dnsProbe'] })], options).documents]).toEqual([
      ...frame,
      'kubeletConfig',
      'services',
      'endpointSlices',
    ]);
  });
});

test('without probes no packet is sent, and nothing is read for them', () => {
  const plan = planFor([wish({ node: ['apiProbe', 'dnsProbe', 'proxyHealth', 'kernel'] })], {
    ...options,
    probe: false,
  });
  expect([...plan.answers]).toEqual(['status', 'kernel']);
  expect([...plan.documents]).toEqual(frame);
});

test('limits are passed on', () => {
  expect(planFor([], options)).toMatchObject({
    nodes: new Set(['n1']),
    ciliumNamespace: 'cilium',
    nodeTimeoutMs: 1,
    runTimeoutMs: 2,
    concurrency: 3,
  });
});
