import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { kpr7008 } from './problems/KPR7008.ts';

/**
 * Two that choose source ports without knowing of each other: netfilter for pods, eBPF for NodePorts (cilium issue
 * 23604). With bpf.masquerade one table serves both.
 */
export const masqueradingSuits = defineCheck({
  id: 'masquerading-suits',
  title: 'Pods and NodePorts are masqueraded by one and the same',
  phases: ['preflight'],
  raises: [kpr7008],
  requires: { node: ['status'] },
  uses: [agentConfigOnNode],
  run({ frame, nodes }) {
    const change = frame.intent?.change;
    if (change === undefined || change === 'rollback') return notApplicable('kube-proxy is not to be replaced');
    return forEachNode(nodes, (node): Outcome<'KPR7008'> => {
      const { masquerading } = node.facts.status;
      if (!masquerading.enabled) return notApplicable('nothing is masqueraded');
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      if ('missing' in config.next) return inconclusive(config.next);
      if (config.next.bpfMasquerade.value) return pass;
      const seen = node.evidence('status', `Masquerading: ${masquerading.mode}`);
      return finding(kpr7008, 'byTwo', {}, { nodes: [node.name], evidence: [seen] });
    });
  },
});
