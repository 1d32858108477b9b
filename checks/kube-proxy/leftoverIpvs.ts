import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { lazily } from '../../src/core/lazily.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { kubeProxyGone } from '../../src/expect/kube-proxy/kubeProxyGone.ts';
import { kubeProxyServers } from '../../src/expect/kube-proxy/kubeProxyServers.ts';
import { type ServicesByFrontend, servicesByFrontend } from '../../src/expect/lb/servicesByFrontend.ts';
import { ipvsLink, kubeProxyIpsets } from '../../src/knowledge/iptablesOwners.ts';
import { valueOf } from '../../src/model/Fact.ts';
import { count, plural } from '../../src/text/plural.ts';
import { proxyVersion } from './proxyVersion.ts';
import { whereLeft } from './withoutKubeProxy.ts';
import { kpr3005 } from './problems/KPR3005.ts';

export const leftoverIpvs = defineCheck({
  id: 'leftover-ipvs',
  title: 'No IPVS state of kube-proxy is left where it no longer runs',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3005],
  requires: { cluster: ['services', 'daemonSets', 'systemPods'] },
  optional: { cluster: ['version'], node: ['interfaces', 'ipvs', 'ipsets'] },
  uses: [kubeProxyGone],
  run({ cluster, nodes }) {
    const served = lazily(() => servicesByFrontend(cluster.services));
    return forEachNode(nodes, (node) => {
      const left = whereLeft(node);
      if (left.kind === 'notApplicable') return left;
      const found = remainsOn(node, served, proxyVersion(cluster.version));
      if (found !== undefined) return left.unclear === undefined ? found : inconclusive(left.unclear);
      const unread = Object.values(node.facts).find((fact) => 'missing' in fact);
      return unread !== undefined && 'missing' in unread ? inconclusive(unread) : pass;
    });
  },
});

function remainsOn(
  node: NodeView<never, 'interfaces' | 'ipvs' | 'ipsets'>,
  served: () => ServicesByFrontend,
  proxyVersion: string,
): Finding<'KPR3005'> | undefined {
  const { interfaces, ipsets } = node.facts;
  const link = valueOf(interfaces)?.find(({ name }) => name === ipvsLink);
  const { own: servers } = kubeProxyServers(node.facts, served);
  const sets = (valueOf(ipsets) ?? []).filter((name) => kubeProxyIpsets.has(name));
  const params = {
    addresses: counted(link?.addresses.length ?? 0, 'address'),
    servers: counted(servers.length, 'virtual server'),
    sets: counted(sets.length, 'ipset'),
    proxyVersion,
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
