import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import { everything } from '../../src/core/everything.ts';
import { isGoneMeanwhile, leftInArchive, type Missing, missing, timeWasUp } from '../../src/model/Fact.ts';
import type { Origin } from '../../src/model/raw.ts';
import { withoutOwn } from '../../src/text/withoutOwn.ts';
import { whyUnread } from './whyUnread.ts';
import { agentTrouble } from '../agents/agentTrouble.ts';
import { kpr9002 } from './problems/KPR9002.ts';

export const nodesRead = defineCheck({
  id: 'nodes-read',
  title: 'Every node that should be examined could be read',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr9002],
  optional: everything,
  uses: [agentTrouble],
  run: ({ nodes, frame }) =>
    forEachNode(nodes, ({ name, agent, facts, derived }) => {
      const why = whyUnread(facts);
      if (why === undefined) return pass;
      const trouble = derived(agentTrouble)?.kind;
      // An agent that is not there can't be asked: that is an error already, which the check of agents names.
      const mayBeAsked =
        trouble === undefined || trouble === 'restarted' || (trouble === 'starting' && agent !== undefined);
      if (!mayBeAsked) return inconclusive(missing('absent', `no ready agent to ask on ${name}`));
      // Nothing but a missing permission, or nothing asked at all, says nothing about the node; nor does one that left.
      if (
        why.missing === 'forbidden' ||
        why.missing === 'unauthenticated' ||
        isGoneMeanwhile(why) ||
        (why.missing === 'notCollected' && (frame.origin === 'live' || isLeft(why)))
      )
        return inconclusive(why);
      const detail = withoutOwn(why.detail, [agent?.name, name]);
      const { namespace = frame.cilium.namespace, name: pod = '', container = 'cilium-agent' } = agent ?? {};
      const variant = trouble === 'starting' ? trouble : variantOf(why, frame.origin);
      const command = `kubectl -n ${namespace} exec ${pod} -c ${container} -- true`;
      return finding(
        kpr9002,
        variant,
        { detail: variant === 'timeUp' ? timeWasUp : detail },
        // What stands in a file, no command would tell.
        { nodes: [name], evidence: isLeft(why) ? [] : [{ node: name, command, lines: [why.detail] }] },
      );
    }),
});

const isLeft = ({ detail }: Missing): boolean => detail.startsWith(leftInArchive);

type Unread =
  | 'notInArchive'
  | 'leftInArchive'
  | 'collectorHung'
  | 'collectorFailed'
  | 'timeout'
  | 'timeUp'
  | 'unreachable';

/** Of a sysdump, what is missing was asked for by another program, which says how that ended. */
function variantOf(why: Missing, origin: Origin['kind']): Unread {
  if (isLeft(why)) return 'leftInArchive';
  const { missing, detail } = why;
  if (missing === 'notCollected') return 'notInArchive';
  if (origin === 'sysdump') return missing === 'timeout' ? 'collectorHung' : 'collectorFailed';
  if (missing !== 'timeout') return 'unreachable';
  return detail.endsWith(timeWasUp) ? 'timeUp' : 'timeout';
}
