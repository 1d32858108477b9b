import { rulesSeen } from '../../src/expect/rulesSeen.ts';
import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { type ForeignJump, foreignJumps } from '../../src/expect/kube-proxy/foreignJumps.ts';
import { kubeProxyGone } from '../../src/expect/kube-proxy/kubeProxyGone.ts';
import { masqueradesMarked } from '../../src/expect/kube-proxy/masqueradesMarked.ts';
import { ChainOwners } from '../../src/knowledge/owners/ownerOfChain.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { listed } from './listed.ts';
import { whereLeft } from './withoutKubeProxy.ts';
import { kpr3007 } from './problems/KPR3007.ts';

/** What could not be read is leftover-iptables' to say. */
export const nothingMissesKubeProxy = defineCheck({
  id: 'nothing-misses-kube-proxy',
  title: 'No rule of others relies on chains of a kube-proxy that is gone',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3007],
  requires: { cluster: ['daemonSets', 'systemPods'], node: ['iptables'] },
  uses: [kubeProxyGone],
  run: ({ nodes }) => {
    const owners = new ChainOwners();
    return forEachNode(nodes, (node) => {
      const left = whereLeft(node);
      if (left.kind === 'notApplicable') return left;
      const findings = findingsOf(node, owners);
      return findings.length > 0 && left.unclear !== undefined ? inconclusive(left.unclear) : passUnless(findings);
    });
  },
});

function findingsOf(node: NodeView<'iptables'>, owners: ChainOwners): Finding<'KPR3007'>[] {
  return node.facts.iptables.flatMap(({ tables }) => {
    if (!isKnown(tables)) return [];
    const jumps = foreignJumps(tables.value, owners);
    const own = jumps.filter(({ table, target }) => owners.of(table, target) === 'kubeProxy');
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
  return { nodes: [node.name], evidence: [node.evidence('iptables', rulesSeen(node.facts.iptables, lines))] };
}

const paramsOf = (jumps: readonly ForeignJump[]) => ({
  chains: listed([...new Set(jumps.map(({ chain }) => chain))]),
  targets: listed([...new Set(jumps.map(({ target }) => target))]),
});
