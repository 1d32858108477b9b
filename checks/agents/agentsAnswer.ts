import { defineOldCheck as defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { agentTrouble } from './agentTrouble.ts';
import { kpr1002 } from './problems/KPR1002.ts';

export const agentsAnswer = defineCheck({
  id: 'agents-answer',
  title: 'Every running agent answers when it is asked',
  area: 'agents',
  phases: ['doctor', 'verify'],
  raises: [kpr1002],
  // The status is what this check is about: that it is missing must not keep it from running.
  needs: {},
  wants: { cluster: ['nodes', 'systemPods'], node: ['status', 'kernel', 'mapSizes'] },
  run({ snapshot, nodes }) {
    if (nodes.length === 0) return skip('no node to examine');
    return nodes.flatMap((view): (Finding<'KPR1002'> | Undecided)[] => {
      const { name, snapshot: node } = view;
      const { status } = node.facts;
      if (isKnown(status)) return [];
      const trouble = agentTrouble(node, snapshot);
      if (trouble?.kind !== 'hung') return [undecided(status, name)];
      return [
        finding(
          kpr1002,
          trouble.mapsRead ? 'hung' : 'hungUnread',
          { detail: status.detail },
          { nodes: [name], evidence: [view.evidence('status', status.detail)] },
        ),
      ];
    });
  },
});
