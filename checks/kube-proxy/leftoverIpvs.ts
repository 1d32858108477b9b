import { defineCheck, type NodeView, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { kubeProxyServers, type ServedPorts, servedPorts } from '../../src/expect/kube-proxy/kubeProxyServers.ts';
import { ipvsLink, kubeProxyIpsets } from '../../src/knowledge/iptablesOwners.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { count, plural } from '../../src/text/plural.ts';
import { proxyVersion } from './proxyVersion.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';
import { kpr3005 } from './problems/KPR3005.ts';

export const leftoverIpvs = defineCheck({
  id: 'leftover-ipvs',
  title: 'No IPVS state of kube-proxy is left where it no longer runs',
  area: 'kubeProxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3005],
  needs: { cluster: ['services', 'daemonSets', 'systemPods'] },
  wants: {
    cluster: ['nodes', 'version', 'ciliumConfig'],
    node: ['status', 'proxyHealth', 'interfaces', 'ipvs', 'ipsets'],
  },
  run({ snapshot, cluster, nodes }) {
    const scope = withoutKubeProxy(nodes, snapshot);
    if ('kind' in scope) return scope;
    const served = servedPorts(cluster.services);
    return scope.judged.flatMap(({ node, unclear }): (Finding<'KPR3005'> | Undecided)[] => {
      const found = remainsOn(node, served, snapshot);
      if (found !== undefined) return unclear === undefined ? [found] : [undecided(unclear, node.name)];
      const { interfaces, ipvs, ipsets } = node.snapshot.facts;
      const unread = [interfaces, ipvs, ipsets].find((fact) => !isKnown<unknown>(fact));
      return unread === undefined || isKnown<unknown>(unread) ? [] : [undecided(unread, node.name)];
    });
  },
});

function remainsOn(node: NodeView<never>, served: ServedPorts, snapshot: Snapshot): Finding<'KPR3005'> | undefined {
  const { interfaces, ipsets } = node.snapshot.facts;
  const link = valueOf(interfaces)?.find(({ name }) => name === ipvsLink);
  const { own: servers } = kubeProxyServers(node.snapshot.facts, served);
  const sets = (valueOf(ipsets) ?? []).filter((name) => kubeProxyIpsets.has(name));
  const params = {
    addresses: counted(link?.addresses.length ?? 0, 'address'),
    servers: counted(servers.length, 'virtual server'),
    sets: counted(sets.length, 'ipset'),
    proxyVersion: proxyVersion(snapshot),
  };
  const evidence = [
    ...(link === undefined
      ? []
      : [node.evidence('interfaces', `${ipvsLink}: ${link.addresses.slice(0, 3).join(', ') || 'no address'}`)]),
    ...servers
      .slice(0, 1)
      .map(({ protocol, address, port, destinations }) =>
        node.evidence('ipvs', `${protocol} ${address}:${port}, ${destinations} destinations`),
      ),
    ...(sets.length === 0 ? [] : [node.evidence('ipsets', sets.slice(0, 5).join(', '))]),
  ];
  const about = { nodes: [node.name], evidence };
  if (link !== undefined) return finding(kpr3005, 'dummyLink', params, about);
  if (servers.length > 0) return finding(kpr3005, 'virtualServers', params, about);
  return sets.length > 0 ? finding(kpr3005, 'ipsets', params, about) : undefined;
}

const counted = (number: number, noun: string): string =>
  number === 0 ? `no ${plural(0, noun)}` : count(number, noun);
