import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import { writesSharedChains } from '../../src/expect/kubelet.ts';
import { kubeProxyGone } from '../../src/expect/kube-proxy/kubeProxyGone.ts';
import { harmlessChains } from '../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import { rulesLeft } from '../../src/expect/kube-proxy/rulesLeft.ts';
import { ChainOwners } from '../../src/knowledge/owners/ownerOfChain.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { listed } from './listed.ts';
import { whereLeft } from './withoutKubeProxy.ts';
import { kpr3006 } from './problems/KPR3006.ts';

/** What could not be read is leftover-iptables' to say: there it may matter. */
export const harmlessRemains = defineCheck({
  id: 'harmless-remains',
  title: 'kube-proxy has left nothing behind, not even what does no harm',
  phases: ['verify', 'preflight'],
  raises: [kpr3006],
  requires: { cluster: ['daemonSets', 'systemPods'], node: ['iptables'] },
  optional: { cluster: ['nodes'] },
  uses: [kubeProxyGone, rulesLeft],
  run: ({ cluster, nodes }) => {
    const owners = new ChainOwners();
    return forEachNode(nodes, (node) => {
      const left = whereLeft(node);
      if (left.kind === 'notApplicable') return left;
      // Where others of its rules are in effect, these go with them.
      if (node.derived(rulesLeft)) return pass;
      const dumps = node.facts.iptables.flatMap(({ tables }) => (isKnown(tables) ? [tables.value] : []));
      // It is assumed of a kubelet whose version is not known.
      const kubeletWritesShared = writesSharedChains(node.name, cluster.nodes).writes !== 'no';
      const names = [...new Set(dumps.flatMap((tables) => harmlessChains(tables, kubeletWritesShared, owners)))].sort();
      if (names.length === 0) return pass;
      if (left.unclear !== undefined) return inconclusive(left.unclear);
      const remains = names.length === 1 ? listed(names) : `${names.length} chains (${listed(names)})`;
      const lines = names.slice(0, 5).map((name) => `:${name}`);
      const evidence = [node.evidence('iptables', lines.join('\n'))];
      return finding(kpr3006, 'chains', { remains }, { nodes: [node.name], evidence });
    });
  },
});
