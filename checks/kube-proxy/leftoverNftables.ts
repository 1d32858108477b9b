import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import { kubeProxyGone } from '../../src/expect/kube-proxy/kubeProxyGone.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import { proxyVersion } from './proxyVersion.ts';
import { whereLeft } from './withoutKubeProxy.ts';
import { kpr3004 } from './problems/KPR3004.ts';

export const leftoverNftables = defineCheck({
  id: 'leftover-nftables',
  title: 'No nftables tables of kube-proxy are left where it no longer runs',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3004],
  requires: { cluster: ['daemonSets', 'systemPods'] },
  optional: { cluster: ['version'], node: ['nftTables'] },
  uses: [kubeProxyGone],
  run({ cluster, nodes }) {
    const version = valueOf(cluster.version);
    const image = `registry.k8s.io/kube-proxy:${proxyVersion(cluster.version)}`;
    return forEachNode(nodes, (node) => {
      const left = whereLeft(node);
      if (left.kind === 'notApplicable') return left;
      const { nftTables } = node.facts;
      if (!isKnown(nftTables)) {
        // Before 1.29 kube-proxy had no such mode.
        if (version?.major === 1 && version.minor < 29) return pass;
        if (nftTables.missing !== 'absent') return inconclusive(nftTables);
        const otherWay = `kubectl debug node/NODE --profile=sysadmin -it --image=${image} -- nft list tables shows them, --allow-unknown leftover-nftables goes without`;
        return inconclusive(missing('absent', `${nftTables.detail}; ${otherWay}`));
      }
      const tables = nftTables.value.map(({ family }) => `${family} kube-proxy`);
      if (tables.length === 0) return pass;
      if (left.unclear !== undefined) return inconclusive(left.unclear);
      return finding(
        kpr3004,
        'tables',
        {
          tables: tables.join(' and '),
          list: tables.map((table) => `list table ${table}`).join('; '),
          delete: tables.map((table) => `delete table ${table}`).join('; '),
          proxyVersion: proxyVersion(cluster.version),
        },
        {
          nodes: [node.name],
          evidence: [node.evidence('nftTables', tables.map((table) => `table ${table}`).join('\n'))],
        },
      );
    });
  },
});
