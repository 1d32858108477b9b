import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { isAmbient } from '../../src/expect/ambientMesh.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { RouteMap } from '../../src/model/NodeFacts.ts';
import { kpr7008 } from './problems/KPR7008.ts';

/**
 * Two that choose source ports without knowing of each other: netfilter for pods, eBPF for NodePorts (cilium issue
 * 23604). With bpf.masquerade one table serves both; but answers to the link-local address from which Istio's ambient
 * mode lets kubelets ask pods are lost then (istio issues 52208, 57911; cilium pull request 46625).
 */
export const masqueradingSuits = defineCheck({
  id: 'masquerading-suits',
  title: 'Pods and NodePorts are masqueraded by one and the same',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr7008],
  requires: { node: ['status'] },
  optional: { cluster: ['daemonSets'], node: ['routes4'] },
  uses: [agentConfigOnNode],
  run({ cluster, frame, nodes, evidence }) {
    const change = frame.intent?.change;
    const mesh = (valueOf(cluster.daemonSets) ?? []).filter(isAmbient);
    const isChanged = change !== undefined && change !== 'rollback';
    if (!isChanged && mesh.length === 0) return notApplicable('kube-proxy is not to be replaced');
    return forEachNode(nodes, (node): Outcome<'KPR7008'> => {
      const { masquerading } = node.facts.status;
      if (!masquerading.enabled) return notApplicable('nothing is masqueraded');
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      if ('missing' in config.next) return inconclusive(config.next);
      if (mesh.length > 0) {
        // Without eBPF host routing, which goes with it, answers pass netfilter.
        const isPast = config.next.bpfMasquerade.value && !config.next.hostLegacyRouting.value;
        if (!isPast || leadsProbesBack(valueOf(node.facts.routes4))) return pass;
        const names = mesh.map(({ metadata }) => metadata.name);
        const about = {
          nodes: [node.name],
          evidence: [evidence('daemonSets', { lines: [names.join(', ')], of: names })],
        };
        return finding(kpr7008, 'ambient', {}, about);
      }
      if (config.next.bpfMasquerade.value) return pass;
      const seen = node.evidence('status', `Masquerading: ${masquerading.mode}`);
      return finding(kpr7008, 'byTwo', {}, { nodes: [node.name], evidence: [seen] });
    });
  },
});

/** 169.254.7.127, from which Istio asks: a route for it alone is one that somebody made because of this. */
const probeSource = 0xa9_fe_07_7fn;

const leadsProbesBack = (routes: RouteMap | undefined): boolean =>
  routes?.findLast(({ from }) => from <= probeSource)?.isDefault === false;
