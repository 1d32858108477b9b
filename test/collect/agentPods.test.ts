import { describe, expect, test } from 'vitest';
import { agentPods } from '../../src/collect/agentPods.ts';
import type { ContainerStatus, Pod } from '../../src/model/kubernetes.ts';
import { agentsByNode } from '../../src/parse/agentOf.ts';
import { agentPodsIn } from '../../src/parse/findCilium.ts';
import { anAgentPod } from '../support/healthy.ts';

const inState = (
  node: string,
  name: string,
  state: NonNullable<ContainerStatus['state']>,
  more: Partial<Pod['status']> = {},
): Pod =>
  anAgentPod(node, {
    metadata: { name },
    containerStatuses: [{ name: 'cilium-agent', ready: false, restartCount: 0, state }],
    ...more,
  });
const running = { running: { startedAt: '2026-11-21T08:00:00Z' } };
const waiting = { waiting: { reason: 'CrashLoopBackOff' } };

test('agents by node, in the order of their names', () => {
  expect(agentPods(['n10', 'n2', 'n1'].map((name) => anAgentPod(name))).map(({ node }) => node)).toEqual([
    'n1',
    'n2',
    'n10',
  ]);
});

test('an agent that runs is where commands are run', () => {
  expect(agentPods([anAgentPod('n1')])).toEqual([
    { node: 'n1', target: { namespace: 'kube-system', pod: 'cilium-n1', container: 'cilium-agent' } },
  ]);
});

describe('why there is no agent to ask', () => {
  test.each([
    ['it waits', inState('n1', 'cilium-a', waiting), 'CrashLoopBackOff'],
    ['it ended', inState('n1', 'cilium-a', { terminated: { exitCode: 1, reason: 'OOMKilled' } }), 'OOMKilled'],
    ['it was evicted', inState('n1', 'cilium-a', {}, { phase: 'Failed', reason: 'Evicted' }), 'Evicted'],
    ['it was not started', anAgentPod('n1', { phase: 'Pending', containerStatuses: [] }), 'Pending'],
  ])('%s', (_, pod, reason) => {
    const [agent] = agentPods([pod]);
    expect(agent?.target).toBeUndefined();
    expect(agent?.why).toBe(`the agent pod ${pod.metadata.name} does not run: ${reason}`);
  });
});

describe('other pods are no agents', () => {
  const { spec = {}, ...rest } = anAgentPod('n1');
  const { nodeName: _, ...unscheduled } = spec;
  test.each<[string, Pod]>([
    ['not scheduled', { ...rest, spec: unscheduled }],
    ['another label', anAgentPod('n1', { metadata: { labels: { 'k8s-app': 'cilium-envoy' } } })],
    ['the operator', { ...rest, spec: { ...spec, containers: [{ name: 'cilium-operator' }] } }],
  ])('%s', (_, pod) => {
    expect(agentPods(agentPodsIn('kube-system', [pod], undefined))).toEqual([]);
  });
});

describe('a node with two agent pods for a moment', () => {
  const old = inState('n1', 'cilium-old', running);
  const dead = inState('n1', 'cilium-dead', waiting);
  const other = inState('n1', 'cilium-new', running);

  test.each([
    ['the one that runs', [dead, old], 'cilium-old'],
    ['the one that runs, whatever the order', [old, dead], 'cilium-old'],
    ['the first of two that run', [old, other], 'cilium-old'],
  ])('%s is asked, and named by the report', (_, pods, name) => {
    expect(agentPods(pods).map(({ target }) => target?.pod)).toEqual([name]);
    expect(agentsByNode(pods, undefined, 'kube-system').get('n1')?.name).toBe(name);
  });
});
