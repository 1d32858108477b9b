import { defineOldCheck as defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { missing } from '../../src/model/Fact.ts';
import { agentTrouble, isUnread } from '../agents/agentTrouble.ts';
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
      const trouble = isUnread(node) ? agentTrouble(node, snapshot) : undefined;
      if (trouble === undefined) return [];
      // An agent that is not there can't be asked: that is the cause, and the check of agents names it.
      if (trouble.kind !== 'unread') return [undecided(missing('absent', `no ready agent to ask on ${name}`), name)];
      const { why } = trouble;
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
        finding(
          kpr9002,
          why.missing === 'notCollected' ? 'notInArchive' : why.missing === 'timeout' ? 'timeout' : 'unreachable',
          { detail },
          { nodes: [name], evidence },
        ),
      ];
    });
  },
});
