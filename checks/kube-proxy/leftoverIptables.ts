import { defineCheck } from '../../src/core/Check.ts';
import { inconclusive, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { kubeProxyGone } from '../../src/expect/kube-proxy/kubeProxyGone.ts';
import { leftoversIn, type LiveState, liveState } from '../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import { movedRules } from '../../src/expect/kube-proxy/movedRules.ts';
import { isKnown, type Missing, valueOf } from '../../src/model/Fact.ts';
import type { IptablesDump, IptablesTable, NodeFacts } from '../../src/model/NodeFacts.ts';
import { type LeftoverDump, leftoverFindings, type NodeLeftovers } from './leftoverFindings.ts';
import { kpr3003 } from './problems/KPR3003.ts';
import { proxyVersion } from './proxyVersion.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';

export const leftoverIptables = defineCheck({
  id: 'leftover-iptables',
  title: 'No iptables rules of kube-proxy are left where it no longer runs',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3003],
  requires: { cluster: ['services', 'endpointSlices', 'daemonSets', 'systemPods'], node: ['iptables'] },
  optional: { cluster: ['version'], node: ['listeners'] },
  reread: { node: ['iptables'] },
  uses: [kubeProxyGone],
  run({ cluster, nodes }) {
    const judged = withoutKubeProxy(nodes);
    if ('kind' in judged) return judged;
    const live = liveState(cluster.services, cluster.endpointSlices);
    const seen = judged.map(({ node, unclear }) => seenOn(node, unclear, live));
    const left = seen.filter(({ dumps }) => dumps.length > 0);
    return passUnless([
      ...leftoverFindings(
        left.filter(({ unclear }) => unclear === undefined),
        proxyVersion(cluster.version),
      ),
      ...seen.flatMap(({ node, unread }) => unread.map((why) => inconclusive(why, node.name))),
      // With kube-proxy alive these are its rules, not its remains.
      ...left.flatMap(({ node, unclear }) => (unclear === undefined ? [] : [inconclusive(unclear, node.name)])),
    ]);
  },
});

interface Seen extends NodeLeftovers {
  readonly unclear: Missing | undefined;
  readonly unread: readonly Missing[];
}

function seenOn(
  node: NodeView<'iptables', 'listeners', 'iptables'>,
  unclear: Missing | undefined,
  live: LiveState,
): Seen {
  const { name, facts, secondReading } = node;
  const today = { node: name, listeners: valueOf(facts.listeners) ?? [] };
  const dumps = facts.iptables.flatMap((dump): LeftoverDump[] => {
    if (!isKnown(dump.tables)) return [];
    const found = leftoversIn(dump.tables.value, live, today);
    const again = secondReading && tablesAgain(secondReading.iptables, dump);
    return found === undefined ? [] : [{ ...dump, found, moved: again && movedRules(dump.tables.value, again) }];
  });
  return { node, unclear, dumps, unread: facts.iptables.flatMap(({ tables }) => (isKnown(tables) ? [] : [tables])) };
}

/** The same dump at the second look; undefined: there was none. */
function tablesAgain(
  iptables: NodeFacts['iptables'],
  { backend, family }: IptablesDump,
): readonly IptablesTable[] | undefined {
  const dump = valueOf(iptables)?.find((one) => one.backend === backend && one.family === family);
  return dump && valueOf(dump.tables);
}
