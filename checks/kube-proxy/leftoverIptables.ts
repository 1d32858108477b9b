import { defineCheck, type Undecided, undecided } from '../../src/core/Check.ts';
import { leftoversIn, liveState } from '../../src/expect/kubeProxyLeftovers.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { leftoverFindings, type NodeLeftovers } from './leftoverFindings.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';

export const leftoverIptables = defineCheck({
  id: 'leftover-iptables',
  title: 'No iptables rules of kube-proxy are left where it no longer runs',
  area: 'kubeProxy',
  phases: ['doctor', 'verify', 'preflight'],
  codes: ['KPR3003'],
  needs: { cluster: ['services', 'endpointSlices', 'daemonSets', 'systemPods'], node: ['iptables'] },
  wants: { cluster: ['nodes', 'version', 'ciliumConfig'], node: ['status', 'proxyHealth'] },
  run({ snapshot, cluster, nodes }) {
    const scope = withoutKubeProxy(nodes, snapshot);
    if ('kind' in scope) return scope;
    const live = liveState(cluster.services, cluster.endpointSlices);
    const unknown: Undecided[] = [];
    const leftovers: NodeLeftovers[] = [];
    for (const { node, unclear } of scope.judged) {
      const dumps = node.facts.iptables.flatMap((dump) => {
        if (!isKnown(dump.tables)) {
          unknown.push(undecided(dump.tables, node.name));
          return [];
        }
        const found = leftoversIn(dump.tables.value, node.name, live);
        return found === undefined ? [] : { ...dump, found };
      });
      if (dumps.length === 0) continue;
      // With kube-proxy alive these are its rules, not its remains.
      if (unclear !== undefined) unknown.push(undecided(unclear, node.name));
      else leftovers.push({ node, dumps });
    }
    return [...leftoverFindings(leftovers, snapshot), ...unknown];
  },
});
