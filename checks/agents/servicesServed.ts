import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import { kpr1004 } from './problems/KPR1004.ts';

export const servicesServed = defineCheck({
  id: 'services-served',
  title: 'On every node somebody serves Services: Cilium or kube-proxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1004],
  requires: { cluster: ['systemPods', 'daemonSets'], node: ['status'] },
  optional: { node: ['proxyHealth', 'iptables', 'ipvs'] },
  uses: [kubeProxyPresence],
  run: ({ nodes }) =>
    forEachNode(nodes, (node) => {
      const { status, proxyHealth } = node.facts;
      if (status.kpr === undefined)
        return inconclusive(missing('notCollected', 'the agent’s status says nothing about kube-proxy replacement'));
      if (replacementMode(status.kpr.mode) !== 'off') return pass;
      const sign = signOfProxy(node);
      if (sign === 'serving') return pass;
      if (typeof sign === 'object') return inconclusive(missing('notCollected', sign.why));
      const evidence = [node.evidence('status', `KubeProxyReplacement: ${status.kpr.mode}`)];
      if (isKnown(proxyHealth)) evidence.push(node.evidence('proxyHealth', 'nobody answers on 127.0.0.1:10256'));
      const found = `kube-proxy replacement ${status.kpr.mode}`;
      return finding(kpr1004, sign, {}, { nodes: [node.name], found, evidence });
    }),
});

type View = NodeView<never, 'proxyHealth' | 'iptables' | 'ipvs', never, typeof kubeProxyPresence>;

function signOfProxy({ facts, derived }: View): 'serving' | 'nobody' | 'stale' | { readonly why: string } {
  const presence = derived(kubeProxyPresence);
  if (presence.kind === 'runs') return 'serving';
  if (presence.kind === 'unclear') return presence;
  const health = valueOf(facts.proxyHealth)?.kind;
  // An agent that replaces nothing answers no health checks: this is a kube-proxy, older than what tells it from
  // Cilium.
  if (health === 'cilium') return 'serving';
  const rules = hasRules(facts);
  if (rules === false) return 'nobody';
  if (health === 'nobody') return rules ? 'stale' : 'nobody';
  return { why: 'neither kube-proxy’s health port nor its rules tell whether one runs outside of pods' };
}

/** Rules for Services in a backend of iptables, or virtual servers; undefined: could not be read. */
function hasRules({ ipvs, iptables }: View['facts']): boolean | undefined {
  if ((valueOf(ipvs)?.length ?? 0) > 0) return true;
  const tables = valueOf(iptables)?.map((dump) => valueOf(dump.tables));
  if (tables === undefined) return undefined;
  const chains = tables.flatMap((known) => known ?? []).flatMap((table) => table.chains);
  if (chains.some(({ name, rules }) => name === 'KUBE-SERVICES' && rules.length > 0)) return true;
  return tables.includes(undefined) ? undefined : false;
}
