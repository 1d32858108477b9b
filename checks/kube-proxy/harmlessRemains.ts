import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { harmlessChains, hasLeftovers } from '../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
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
      const kubeletWritesShared = doesKubeletWriteShared(node.snapshot, snapshot);
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

/**
 * Kubelets up to 1.26 write KUBE-MARK-MASQ and KUBE-POSTROUTING, too (kubernetes: feature gate IPTablesOwnershipCleanup).
 * Of one whose version is not known it is assumed.
 */
function doesKubeletWriteShared({ name }: NodeSnapshot, { facts }: Snapshot): boolean {
  const node = valueOf(facts.nodes)?.find(({ metadata }) => metadata.name === name);
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(node?.status?.nodeInfo?.kubeletVersion ?? '') ?? [];
  return major === undefined || (major === '1' && Number(minor) < 27);
}
