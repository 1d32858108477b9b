import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { isKubeProxyPod } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import type { NodeCoverage } from '../../src/model/Snapshot.ts';
import { kpr8007 } from './problems/KPR8007.ts';

/** A node on which no agent is to run has kube-proxy alone; the change takes it from there, too. */
export const nodesManaged = defineCheck({
  id: 'nodes-managed',
  title: 'Wherever kube-proxy serves, an agent of Cilium does, too',
  phases: ['preflight'],
  raises: [kpr8007],
  requires: { cluster: ['systemPods'] },
  run({ frame, cluster, evidence }) {
    const change = frame.intent?.change;
    if (change !== 'enable' && change !== 'remove-kube-proxy')
      return notApplicable('no node is to do without kube-proxy');
    const served = new Set(cluster.systemPods.filter(isKubeProxyPod).map(({ spec }) => spec?.nodeName ?? ''));
    return passUnless(
      frame.nodes.flatMap(({ name, coverage, agent }): readonly Finding<'KPR8007'>[] => {
        const why = whyNone(coverage, agent !== undefined);
        if (why === undefined || !served.has(name)) return [];
        const seen = {
          ...evidence('systemPods', { lines: [`a pod of kube-proxy runs on ${name}`], of: ['kube-proxy'] }),
          node: name,
        };
        return [finding(kpr8007, 'noAgent', { why }, { nodes: [name], evidence: [seen] })];
      }),
    );
  },
});

function whyNone(coverage: NodeCoverage, hasAgent: boolean): string | undefined {
  switch (coverage.kind) {
    case 'excluded':
      return coverage.why;
    case 'covered':
    case 'notSelected':
      return hasAgent ? undefined : 'it has no pod of an agent';
  }
}
