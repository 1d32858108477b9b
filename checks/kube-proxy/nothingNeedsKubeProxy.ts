import { isClusterOwnedDaemonSet } from '../../src/model/clusterOwned.ts';
import { rulesSeen } from '../../src/expect/rulesSeen.ts';
import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { foreignJumps } from '../../src/expect/kube-proxy/foreignJumps.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { ChainOwners } from '../../src/knowledge/owners/ownerOfChain.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { DaemonSet } from '../../src/model/kubernetes.ts';
import { listed } from './listed.ts';
import { kpr3007 } from './problems/KPR3007.ts';

export const nothingNeedsKubeProxy = defineCheck({
  id: 'nothing-needs-kube-proxy',
  title: 'Nothing else needs kube-proxy’s chains',
  phases: ['preflight'],
  raises: [kpr3007],
  requires: { cluster: ['daemonSets', 'systemPods'], node: ['iptables'] },
  uses: [kubeProxyPresence],
  run({ cluster, nodes, evidence }) {
    const running = nodes.filter(({ derived }) => derived(kubeProxyPresence).kind === 'runs');
    if (running.length === 0) return notApplicable('kube-proxy runs nowhere');
    const owners = new ChainOwners();
    const jumps = running.flatMap((node): Finding<'KPR3007'>[] => {
      const found = node.facts.iptables.flatMap(({ tables }) =>
        isKnown(tables) ? foreignJumps(tables.value, owners) : [],
      );
      if (found.length === 0) return [];
      const chains = listed([...new Set(found.map(({ chain }) => chain))]);
      const targets = listed([...new Set(found.map(({ target }) => target))]);
      const lines = found.slice(0, 3).map(({ rule }) => rule.line);
      const about = {
        nodes: [node.name],
        evidence: [node.evidence('iptables', rulesSeen(node.facts.iptables, lines))],
      };
      return [finding(kpr3007, 'chains', { chains, targets }, about)];
    });
    const caches = cluster.daemonSets.flatMap((one): Finding<'KPR3007'>[] => {
      const addresses = interceptedBy(one);
      if (addresses === undefined) return [];
      const { namespace = '', name } = one.metadata;
      const about = {
        objects: [{ kind: 'DaemonSet', namespace, name }],
        evidence: [evidence('daemonSets', { lines: [`${namespace}/${name}: -localip ${addresses}`], of: [name] })],
      };
      return [finding(kpr3007, 'nodeLocalDns', { what: `${namespace}/${name}`, addresses }, about)];
    });
    return passUnless([...jumps, ...caches]);
  },
});

/**
 * The addresses that a node-local DNS cache takes over on its node, with an interface and rules of its own:
 * 169.254.20.10, and beside kube-proxy's iptables mode that of cluster DNS (kubernetes/dns: cmd/node-cache). undefined:
 * it takes none over.
 */
function interceptedBy(one: DaemonSet): string | undefined {
  const { hostNetwork, containers = [] } = one.spec?.template?.spec ?? {};
  if (hostNetwork !== true || !isClusterOwnedDaemonSet(one)) return undefined;
  const args = containers
    .filter(({ name, image }) => name === 'node-cache' || /\/k8s-dns-node-cache[:@]/.test(image ?? ''))
    .flatMap((cache) => (cache.command ?? []).concat(cache.args ?? []));
  if (args.some((arg) => /^--?setup(interface|iptables)=false$/.test(arg))) return undefined;
  const at = args.findIndex((arg) => /^--?localip\b/.test(arg));
  const [, inline] = /^--?localip=(.*)$/.exec(args[at] ?? '') ?? [];
  const addresses = (inline ?? args[at + 1] ?? '').split(',');
  const others = addresses.filter((address) => address !== '' && !address.startsWith('169.254.'));
  return at === -1 || others.length === 0 ? undefined : others.join(', ');
}
