import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import {
  forEachNode,
  inconclusive,
  type Judgement,
  notApplicable,
  objectionsIn,
  pass,
  passUnless,
} from '../../src/core/Outcome.ts';
import type { ClusterView, NoFacts } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { commonSettings } from '../../src/expect/agent/commonSettings.ts';
import { misnamedReplacement } from '../../src/expect/agent/misnamedReplacement.ts';
import { replacementInstead, replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { type Missing, missing } from '../../src/model/Fact.ts';
import type { KprStatus } from '../../src/model/NodeFacts.ts';
import { kpr1003 } from './problems/KPR1003.ts';

export const kprInEffect = defineCheck({
  id: 'kpr-in-effect',
  title: 'Where kube-proxy replacement is requested, it is in effect',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1003],
  requires: { cluster: ['ciliumConfig'], node: ['status'] },
  uses: [agentConfigOnNode, commonSettings],
  run(view) {
    const values = ofValue(view);
    const requested = view.nodes.filter(({ derived }) => {
      const config = derived(agentConfigOnNode);
      return !('missing' in config) && [config.settings, config.next].some(isRequested);
    });
    if (requested.length > 0) return passUnless([...values, ...objectionsIn(forEachNode(requested, inEffect))]);
    return values.length > 0 ? passUnless(values) : notApplicable('kube-proxy replacement is not requested');
  },
});

type View = ClusterView<
  { readonly cluster: readonly ['ciliumConfig']; readonly node: readonly ['status'] },
  NoFacts,
  NoFacts,
  typeof agentConfigOnNode | typeof commonSettings
>;

/** What is wrong with the option itself, whatever agents make of it. */
function ofValue({ cluster, nodes, derived, evidence }: View): Finding<'KPR1003'>[] {
  const settings = derived(commonSettings);
  if ('missing' in settings) return [];
  if (settings.replacement.text !== undefined) return [];
  // Helm's names are no option names; the agent passes over them in silence.
  const misnamed = misnamedReplacement(cluster.ciliumConfig);
  if (misnamed === undefined) return [];
  const seen = [evidence('ciliumConfig', `${misnamed.key}: ${misnamed.text}`)];
  const running = nodes.some(({ facts }) => replacementMode(facts.status.kpr?.mode ?? '') === 'on') ? 'on' : 'off';
  const instead = replacementInstead(misnamed.text, running) ?? 'true';
  return [finding(kpr1003, 'wrongKey', { key: misnamed.key, instead }, { evidence: seen })];
}

function inEffect({ name, agent, facts, derived, evidence }: View['nodes'][number]): Judgement<'KPR1003'> {
  const { kpr } = facts.status;
  if (kpr === undefined)
    return inconclusive(missing('notCollected', 'the agent’s status says nothing about kube-proxy replacement'));
  const about = {
    nodes: [name],
    expected: 'True',
    found: kpr.mode,
    evidence: [evidence('status', summary(kpr))],
    // Its mode is that of its start.
    since: agent?.startedAt,
  };
  if (replacementMode(kpr.mode) === 'on') {
    const off = featuresOff(kpr);
    return off.length === 0 ? pass : finding(kpr1003, 'partly', { features: off.join(', ') }, about);
  }
  const config = derived(agentConfigOnNode);
  // What would be in effect now is not what it started with.
  const early = !('missing' in config) && !isRequested(config.settings);
  return finding(kpr1003, early ? 'notRestarted' : 'notInEffect', { mode: kpr.mode }, about);
}

const isRequested = (settings: AgentSettings | Missing): boolean =>
  !('missing' in settings) && settings.replacement.value === 'on';

/** `kube-proxy-replacement: true` switches all of these on. */
const featuresOff = (kpr: KprStatus): string[] => [
  ...(kpr.nodePort === undefined ? ['NodePort'] : []),
  ...(kpr.externalIPs ? [] : ['externalIPs']),
  ...(kpr.hostPort ? [] : ['HostPort']),
  ...(kpr.socketLb === false ? ['socket LB'] : []),
];

const summary = (kpr: KprStatus): string =>
  `mode ${kpr.mode}, NodePort ${kpr.nodePort ? 'on' : 'off'}, externalIPs ${kpr.externalIPs ? 'on' : 'off'}, HostPort ${kpr.hostPort ? 'on' : 'off'}, socket LB ${kpr.socketLb === undefined ? 'not told' : kpr.socketLb ? 'on' : 'off'}`;
