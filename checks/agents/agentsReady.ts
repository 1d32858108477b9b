import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, type Judgement, pass } from '../../src/core/Outcome.ts';
import { type AgentTrouble, agentTrouble } from './agentTrouble.ts';
import { kpr1001 } from './problems/KPR1001.ts';

export const agentsReady = defineCheck({
  id: 'agents-ready',
  title: 'An agent is ready on every node that should run one',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1001],
  requires: { cluster: ['nodes', 'systemPods'] },
  uses: [agentTrouble],
  run: ({ nodes, evidence }) =>
    forEachNode(nodes, ({ name, agent, derived }) => {
      const trouble = derived(agentTrouble);
      if (trouble === undefined) return pass;
      // Pods are not the finding's objects: equal findings of many nodes shall be one.
      return judgementOf(trouble, (excerpt) => {
        const [fact, named] =
          trouble.kind === 'nodeNotReady' ? (['nodes', name] as const) : (['systemPods', agent?.name] as const);
        const lines = (excerpt || (agent?.name ?? '')).split('\n');
        const seen = { ...evidence(fact, { lines, ...(named !== undefined && { of: [named] }) }), node: name };
        return { nodes: [name], evidence: [seen], since: trouble.since };
      });
    }),
});

interface About {
  readonly nodes: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly since: string | undefined;
}

function judgementOf(trouble: AgentTrouble, about: (excerpt: string) => About): Judgement<'KPR1001'> {
  switch (trouble.kind) {
    case 'hung':
      return pass; // Its pod is ready; agents-answer names it.
    case 'nodeNotReady':
      return finding(kpr1001, 'nodeNotReady', { reason: trouble.reason }, about(trouble.seen));
    case 'notStarted':
      return finding(kpr1001, 'notStarted', { reason: trouble.reason }, about(trouble.seen));
    case 'initFailing': {
      const { container, words } = trouble;
      return finding(kpr1001, 'initFailing', { container, words }, about(trouble.seen));
    }
    case 'crashing':
      return finding(kpr1001, 'crashing', { words: trouble.words }, about(trouble.seen));
    case 'restarted':
      return finding(kpr1001, 'restarted', { words: trouble.words }, about(trouble.seen));
    case 'noPod':
    case 'starting':
    case 'notReady':
      return finding(kpr1001, trouble.kind, {}, about(trouble.seen));
    default:
      return trouble satisfies never;
  }
}
