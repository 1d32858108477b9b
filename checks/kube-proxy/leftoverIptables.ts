import { defineCheck, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { leftoversIn, liveState } from '../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import { movedRules } from '../../src/expect/kube-proxy/movedRules.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { IptablesDump, IptablesTable } from '../../src/model/NodeFacts.ts';
import type { SecondReading } from '../../src/model/Snapshot.ts';
import { leftoverFindings, type NodeLeftovers } from './leftoverFindings.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';
import { kpr3003 } from './problems/KPR3003.ts';

export const leftoverIptables = defineCheck({
  id: 'leftover-iptables',
  title: 'No iptables rules of kube-proxy are left where it no longer runs',
  area: 'kubeProxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3003],
  needs: { cluster: ['services', 'endpointSlices', 'daemonSets', 'systemPods'], node: ['iptables'] },
  wants: { cluster: ['nodes', 'version', 'ciliumConfig'], node: ['status', 'proxyHealth', 'listeners'] },
  run({ snapshot, cluster, nodes }) {
    const scope = withoutKubeProxy(nodes, snapshot);
    if ('kind' in scope) return scope;
    const live = liveState(cluster.services, cluster.endpointSlices);
    const unknown: Undecided[] = [];
    const leftovers: NodeLeftovers[] = [];
    for (const { node, unclear } of scope.judged) {
      const listeners = valueOf(node.snapshot.facts.listeners) ?? [];
      const dumps = node.facts.iptables.flatMap((dump) => {
        if (!isKnown(dump.tables)) {
          unknown.push(undecided(dump.tables, node.name));
          return [];
        }
        const found = leftoversIn(dump.tables.value, live, { node: node.name, listeners });
        if (found === undefined) return [];
        const again = tablesAgain(snapshot.secondReading, node.name, dump);
        return { ...dump, found, moved: again && movedRules(dump.tables.value, again) };
      });
      if (dumps.length === 0) continue;
      // With kube-proxy alive these are its rules, not its remains.
      if (unclear !== undefined) unknown.push(undecided(unclear, node.name));
      else leftovers.push({ node, dumps });
    }
    return [...leftoverFindings(leftovers, snapshot), ...unknown];
  },
});

/** The same dump at the second look; undefined: there was none. */
function tablesAgain(
  second: SecondReading | undefined,
  node: string,
  { backend, family }: IptablesDump,
): readonly IptablesTable[] | undefined {
  const iptables = second?.nodes.get(node)?.iptables;
  if (iptables === undefined || !isKnown(iptables)) return undefined;
  const dump = iptables.value.find((one) => one.backend === backend && one.family === family);
  return dump && valueOf(dump.tables);
}
