import { defineCheck, type NodeView } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { type ForeignJump, foreignJumps } from '../../src/expect/kube-proxy/foreignJumps.ts';
import { masqueradesMarked } from '../../src/expect/kube-proxy/masqueradesMarked.ts';
import { chainOwner } from '../../src/knowledge/iptablesOwners.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { listed } from './listed.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';
import { kpr3007 } from './problems/KPR3007.ts';

/** What could not be read is leftover-iptables' to say. */
export const nothingMissesKubeProxy = defineCheck({
  id: 'nothing-misses-kube-proxy',
  title: 'No rule of others relies on chains of a kube-proxy that is gone',
  area: 'kubeProxy',
  phases: ['doctor', 'verify'],
  raises: [kpr3007],
  needs: { cluster: ['daemonSets', 'systemPods'], node: ['iptables'] },
  wants: { cluster: ['nodes', 'ciliumConfig'], node: ['status', 'proxyHealth'] },
  run({ snapshot, nodes }) {
    const scope = withoutKubeProxy(nodes, snapshot);
    if ('kind' in scope) return scope;
    return scope.judged.flatMap(({ node, unclear }) => (unclear === undefined ? findingsOf(node) : []));
  },
});

function findingsOf(node: NodeView<'iptables'>): Finding<'KPR3007'>[] {
  return node.facts.iptables.flatMap(({ tables }) => {
    if (!isKnown(tables)) return [];
    const jumps = foreignJumps(tables.value);
    const own = jumps.filter(({ table, target }) => chainOwner(table, target) === 'kubeProxy');
    const shared = jumps.filter((jump) => !own.includes(jump));
    return [
      ...(own.length > 0 ? [finding(kpr3007, 'staleChain', paramsOf(own), aboutOf(own, node))] : []),
      // While both chains work together, whoever uses them is served as ever.
      ...(shared.length > 0 && !masqueradesMarked(tables.value)
        ? [finding(kpr3007, 'deadMark', paramsOf(shared), aboutOf(shared, node))]
        : []),
    ];
  });
}

function aboutOf(jumps: readonly ForeignJump[], node: NodeView<'iptables'>) {
  const lines = jumps.slice(0, 3).map(({ rule }) => rule.line);
  return { nodes: [node.name], evidence: [node.evidence('iptables', lines.join('\n'))] };
}

const paramsOf = (jumps: readonly ForeignJump[]) => ({
  chains: listed([...new Set(jumps.map(({ chain }) => chain))]),
  targets: listed([...new Set(jumps.map(({ target }) => target))]),
});
