import { defineOldCheck as defineCheck, skip } from '../../src/core/OldCheck.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { type AgentTrouble, agentTrouble } from './agentTrouble.ts';
import { kpr1001 } from './problems/KPR1001.ts';

export const agentsReady = defineCheck({
  id: 'agents-ready',
  title: 'An agent is ready on every node that should run one',
  area: 'agents',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1001],
  needs: { cluster: ['nodes', 'systemPods'] },
  wants: { node: ['status', 'kernel'] },
  run(input) {
    const { snapshot, nodes } = input;
    if (nodes.length === 0) return skip('no node should run an agent');
    return nodes.flatMap(({ name, snapshot: node }) => {
      const trouble = agentTrouble(node, snapshot);
      if (trouble === undefined) return [];
      const objects = node.agent ? [{ kind: 'Pod', namespace: node.agent.namespace, name: node.agent.name }] : [];
      const of = (excerpt: string): Evidence => ({
        ...input.evidence(trouble.kind === 'nodeNotReady' ? 'nodes' : 'systemPods', excerpt),
        node: name,
      });
      return findingOf(trouble, name, of, objects);
    });
  },
});

function findingOf(
  trouble: AgentTrouble,
  node: string,
  evidence: (excerpt: string) => Evidence,
  pod: readonly ObjectRef[],
): Finding<'KPR1001'>[] {
  // Pods are not the finding's objects: equal findings of many nodes shall be one.
  const about = (excerpt: string) => ({ nodes: [node], evidence: [evidence(excerpt || (pod[0]?.name ?? ''))] });
  switch (trouble.kind) {
    case 'hung':
    case 'unread':
      return []; // Other checks name these: agents-answer and nodes-read.
    case 'nodeNotReady':
      return [finding(kpr1001, 'nodeNotReady', { reason: trouble.reason }, about(trouble.seen))];
    case 'notStarted':
      return [finding(kpr1001, 'notStarted', { reason: trouble.reason }, about(trouble.seen))];
    case 'initFailing':
      return [
        finding(kpr1001, 'initFailing', { container: trouble.container, words: trouble.words }, about(trouble.seen)),
      ];
    case 'crashing':
      return [finding(kpr1001, 'crashing', { words: trouble.words }, about(trouble.seen))];
    case 'restarted':
      return [finding(kpr1001, 'restarted', { words: trouble.words }, about(trouble.seen))];
    case 'noPod':
    case 'starting':
    case 'notReady':
      return [finding(kpr1001, trouble.kind, {}, about(trouble.seen))];
    default:
      return trouble satisfies never;
  }
}
