import { defineCheck } from '../../src/core/OldCheck.ts';
import { finding } from '../../src/core/Finding.ts';
import { writesSharedChains } from '../../src/expect/kubelet.ts';
import { harmlessChains, hasLeftovers } from '../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { listed } from './listed.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';
import { kpr3006 } from './problems/KPR3006.ts';

/** What could not be read is leftover-iptables' to say: there it may matter. */
export const harmlessRemains = defineCheck({
  id: 'harmless-remains',
  title: 'kube-proxy has left nothing behind, not even what does no harm',
  area: 'kubeProxy',
  phases: ['verify', 'preflight'],
  raises: [kpr3006],
  needs: { cluster: ['daemonSets', 'systemPods'], node: ['iptables'] },
  wants: { cluster: ['nodes', 'ciliumConfig'], node: ['status', 'proxyHealth'] },
  run({ snapshot, nodes }) {
    const scope = withoutKubeProxy(nodes, snapshot);
    if ('kind' in scope) return scope;
    return scope.judged.flatMap(({ node, unclear }) => {
      const dumps = node.facts.iptables.flatMap(({ tables }) => (isKnown(tables) ? [tables.value] : []));
      // Where others of its rules are in effect, these go with them.
      if (unclear !== undefined || dumps.some(hasLeftovers)) return [];
      // Of a kubelet whose version is not known it is assumed.
      const kubeletWritesShared = writesSharedChains(node.name, snapshot.facts.nodes).writes !== 'no';
      const names = [...new Set(dumps.flatMap((tables) => harmlessChains(tables, kubeletWritesShared)))].sort();
      if (names.length === 0) return [];
      const remains = names.length === 1 ? listed(names) : `${names.length} chains (${listed(names)})`;
      const lines = names.slice(0, 5).map((name) => `:${name}`);
      return [
        finding(
          kpr3006,
          'chains',
          { remains },
          { nodes: [node.name], evidence: [node.evidence('iptables', lines.join('\n'))] },
        ),
      ];
    });
  },
});
