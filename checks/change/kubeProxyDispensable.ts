import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Objection, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { isCertain } from '../../src/expect/parity/Difference.ts';
import { tableParity } from '../../src/expect/parity/tableParity.ts';
import { missing } from '../../src/model/Fact.ts';
import { count } from '../../src/text/plural.ts';
import { kpr8001 } from './problems/KPR8001.ts';

/**
 * kube-proxy may go only when every agent does its work already, would do so after its next start, and its table is
 * as the API requires: a ConfigMap alone changes no running agent.
 */
export const kubeProxyDispensable = defineCheck({
  id: 'kube-proxy-dispensable',
  title: 'Every agent replaces kube-proxy, will after its next start, and serves what the API asks for',
  phases: ['preflight'],
  raises: [kpr8001],
  requires: { node: ['status'] },
  uses: [agentConfigOnNode, tableParity],
  run({ frame, nodes }) {
    if (frame.intent?.change !== 'remove-kube-proxy') return notApplicable('kube-proxy is not to be removed');
    return forEachNode(nodes, (node) => passUnless([...nowOn(node), ...nextOn(node), ...parityOn(node)]));
  },
});

type View = NodeView<'status', never, never, typeof agentConfigOnNode | typeof tableParity>;
type Objections = readonly Objection<'KPR8001'>[];

/** By the agent itself: what it was told is not what it does. */
function nowOn(node: View): Objections {
  const { kpr } = node.facts.status;
  if (kpr === undefined)
    return [inconclusive(missing('absent', 'the agent says nothing about kube-proxy replacement'), node.name)];
  if (replacementMode(kpr.mode) === 'on') return [];
  const variant = wouldBeOn(node) ? 'notRestarted' : 'notReplacing';
  return [finding(kpr8001, variant, { mode: kpr.mode }, about(node, `KubeProxyReplacement: ${kpr.mode}`))];
}

function nextOn(node: View): Objections {
  const config = node.derived(agentConfigOnNode);
  if ('missing' in config) return [inconclusive(config, node.name)];
  if ('missing' in config.next) return [inconclusive(config.next, node.name)];
  const { kpr } = node.facts.status;
  const { replacement } = config.next;
  if (replacement.value === 'on' || kpr === undefined || replacementMode(kpr.mode) !== 'on') return [];
  const value = replacement.text ?? 'not set';
  return [finding(kpr8001, 'notAfterRestart', { value }, about(node, `kube-proxy-replacement: ${value}`))];
}

function wouldBeOn(node: View): boolean {
  const config = node.derived(agentConfigOnNode);
  return !('missing' in config) && !('missing' in config.next) && config.next.replacement.value === 'on';
}

function parityOn(node: View): Objections {
  const parity = node.derived(tableParity);
  if (!parity.judged) return [inconclusive(parity.why, node.name)];
  const certain = parity.differences.filter(isCertain).length;
  if (certain === 0) return [];
  return [finding(kpr8001, 'notAtParity', { rows: count(certain, 'row') }, { nodes: [node.name] })];
}

const about = (
  node: View,
  line: string,
): { readonly nodes: readonly string[]; readonly evidence: readonly Evidence[] } => ({
  nodes: [node.name],
  evidence: [node.evidence('status', line)],
});
