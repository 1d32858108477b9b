import { defineOldCheck as defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { type Missing, missing } from '../../src/model/Fact.ts';
import { agentTrouble, whyUnread } from '../agents/agentTrouble.ts';
import { kpr9002 } from './problems/KPR9002.ts';

export const nodesRead = defineCheck({
  id: 'nodes-read',
  title: 'Every node that should be examined could be read',
  area: 'examination',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr9002],
  needs: {},
  wants: { cluster: ['nodes', 'systemPods'], node: ['status', 'kernel'] },
  run({ snapshot, nodes }) {
    if (nodes.length === 0) return skip('no node to examine');
    return nodes.flatMap(({ name, snapshot: node }): (Finding<'KPR9002'> | Undecided)[] => {
      const why = whyUnread(node);
      if (why === undefined) return [];
      const trouble = agentTrouble(node, snapshot)?.kind ?? 'unread';
      // An agent that is not there can't be asked: that is an error already, which the check of agents names.
      if (trouble !== 'unread' && trouble !== 'starting' && trouble !== 'restarted')
        return [undecided(missing('absent', `no ready agent to ask on ${name}`), name)];
      // Nothing but a missing permission, or nothing asked at all, says nothing about the node.
      if (why.missing === 'forbidden' || (why.missing === 'notCollected' && snapshot.origin.kind === 'live'))
        return [undecided(why, name)];
      const detail = [node.agent?.name, name].reduce<string>(
        (text, own) => (own ? text.replaceAll(own, '…') : text),
        why.detail,
      );
      const evidence = [
        {
          node: name,
          command: `kubectl -n ${node.agent?.namespace ?? snapshot.cilium.namespace} exec ${node.agent?.name ?? ''} -c ${node.agent?.container ?? 'cilium-agent'} -- true`,
          lines: [why.detail],
        },
      ];
      return [
        finding(kpr9002, trouble === 'starting' ? trouble : variantOf(why), { detail }, { nodes: [name], evidence }),
      ];
    });
  },
});

function variantOf({ missing }: Missing): 'notInArchive' | 'timeout' | 'unreachable' {
  if (missing === 'notCollected') return 'notInArchive';
  return missing === 'timeout' ? 'timeout' : 'unreachable';
}
