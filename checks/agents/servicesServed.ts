import { defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { kubeProxyOn } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
import { kpr1004 } from './problems/KPR1004.ts';

export const servicesServed = defineCheck({
  id: 'services-served',
  title: 'On every node somebody serves Services: Cilium or kube-proxy',
  area: 'agents',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1004],
  needs: { cluster: ['systemPods', 'daemonSets'], node: ['status'] },
  wants: { cluster: ['nodes'], node: ['proxyHealth', 'iptables', 'ipvs'] },
  run({ snapshot, nodes }) {
    if (nodes.length === 0) return skip('no node to examine');
    return nodes.flatMap((node): (Finding<'KPR1004'> | Undecided)[] => {
      const { kpr } = node.facts.status;
      if (kpr === undefined) {
        return [
          undecided(missing('notCollected', 'the agent’s status says nothing about kube-proxy replacement'), node.name),
        ];
      }
      if (replacementMode(kpr.mode) !== 'off') return [];
      const sign = signOfProxy(node.snapshot, snapshot);
      if (sign === 'serving') return [];
      if (typeof sign === 'object') return [undecided(missing('notCollected', sign.why), node.name)];
      const evidence = [node.evidence('status', `KubeProxyReplacement: ${kpr.mode}`)];
      if (isKnown(node.snapshot.facts.proxyHealth))
        evidence.push(node.evidence('proxyHealth', 'nobody answers on 127.0.0.1:10256'));
      return [
        finding(kpr1004, sign, {}, { nodes: [node.name], found: `kube-proxy replacement ${kpr.mode}`, evidence }),
      ];
    });
  },
});

function signOfProxy(
  node: NodeSnapshot,
  snapshot: Snapshot,
): 'serving' | 'nobody' | 'stale' | { readonly why: string } {
  const presence = kubeProxyOn(node, snapshot);
  if (presence.kind === 'runs') return 'serving';
  if (presence.kind === 'unclear') return presence;
  const health = valueOf(node.facts.proxyHealth)?.kind;
  // An agent that replaces nothing answers no health checks: this is a kube-proxy, older than what
  // tells it from Cilium.
  if (health === 'cilium') return 'serving';
  const rules = hasRules(node);
  if (rules === false) return 'nobody';
  if (health === 'nobody') return rules ? 'stale' : 'nobody';
  return { why: 'neither kube-proxy’s health port nor its rules tell whether one runs outside of pods' };
}

/** Rules for Services in a backend of iptables, or virtual servers; undefined: could not be read. */
function hasRules({ facts }: NodeSnapshot): boolean | undefined {
  if ((valueOf(facts.ipvs)?.length ?? 0) > 0) return true;
  const tables = valueOf(facts.iptables)?.map((dump) => valueOf(dump.tables));
  if (tables === undefined) return undefined;
  const chains = tables.flatMap((known) => known ?? []).flatMap((table) => table.chains);
  if (chains.some(({ name, rules }) => name === 'KUBE-SERVICES' && rules.length > 0)) return true;
  return tables.includes(undefined) ? undefined : false;
}
