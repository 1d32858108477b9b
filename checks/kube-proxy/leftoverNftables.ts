import { defineCheck, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import { proxyVersion } from './proxyVersion.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';
import { kpr3004 } from './problems/KPR3004.ts';

export const leftoverNftables = defineCheck({
  id: 'leftover-nftables',
  title: 'No nftables tables of kube-proxy are left where it no longer runs',
  area: 'kubeProxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3004],
  needs: { cluster: ['daemonSets', 'systemPods'] },
  wants: { cluster: ['nodes', 'version', 'ciliumConfig'], node: ['status', 'proxyHealth', 'nftTables'] },
  run({ snapshot, nodes }) {
    const scope = withoutKubeProxy(nodes, snapshot);
    if ('kind' in scope) return scope;
    const version = valueOf(snapshot.facts.version);
    const image = `registry.k8s.io/kube-proxy:${proxyVersion(snapshot)}`;
    return scope.judged.flatMap(({ node, unclear }): (Finding<'KPR3004'> | Undecided)[] => {
      const { nftTables } = node.snapshot.facts;
      if (!isKnown(nftTables)) {
        // Before 1.29 kube-proxy had no such mode.
        if (version?.major === 1 && version.minor < 29) return [];
        if (nftTables.missing !== 'absent') return [undecided(nftTables, node.name)];
        const otherWay = `kubectl debug node/NODE --profile=sysadmin -it --image=${image} -- nft list tables shows them, --allow-unknown leftover-nftables goes without`;
        return [undecided(missing('absent', `${nftTables.detail}; ${otherWay}`), node.name)];
      }
      const tables = nftTables.value.map(({ family }) => `${family} kube-proxy`);
      if (tables.length === 0) return [];
      if (unclear !== undefined) return [undecided(unclear, node.name)];
      return [
        finding(
          kpr3004,
          'tables',
          {
            tables: tables.join(' and '),
            list: tables.map((table) => `list table ${table}`).join('; '),
            delete: tables.map((table) => `delete table ${table}`).join('; '),
            proxyVersion: proxyVersion(snapshot),
          },
          {
            nodes: [node.name],
            evidence: [node.evidence('nftTables', tables.map((table) => `table ${table}`).join('\n'))],
          },
        ),
      ];
    });
  },
});
