import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { agentTrouble } from './agentTrouble.ts';
import { kpr1002 } from './problems/KPR1002.ts';

export const agentsAnswer = defineCheck({
  id: 'agents-answer',
  title: 'Every running agent answers when it is asked',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1002],
  // The status is what this check is about: that it is missing must not keep it from running.
  optional: { node: ['status'] },
  uses: [agentTrouble],
  run: ({ nodes }) =>
    forEachNode(nodes, ({ name, facts: { status }, derived, evidence }) => {
      if (isKnown(status)) return pass;
      const trouble = derived(agentTrouble);
      if (trouble?.kind !== 'hung') return inconclusive(status);
      return finding(
        kpr1002,
        trouble.mapsRead ? 'hung' : 'hungUnread',
        { detail: status.detail },
        { nodes: [name], evidence: [evidence('status', status.detail)], since: trouble.since },
      );
    }),
});
