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
import { refusesReplacement, replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { imageVersion, newestOf, parseVersion } from '../../src/knowledge/version.ts';
import { type Missing, missing, valueOf } from '../../src/model/Fact.ts';
import type { DaemonSet } from '../../src/model/kubernetes.ts';
import type { AgentStatus, KprStatus } from '../../src/model/NodeFacts.ts';
import type { CiliumInstallation } from '../../src/model/Snapshot.ts';
import { kpr1003 } from './problems/KPR1003.ts';

const key = 'kube-proxy-replacement';

export const kprInEffect = defineCheck({
  id: 'kpr-in-effect',
  title: 'Where kube-proxy replacement is requested, it is in effect',
  phases: ['doctor', 'verify'],
  raises: [kpr1003],
  requires: { cluster: ['ciliumConfig'], node: ['status'] },
  optional: { cluster: ['daemonSets'] },
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
  { readonly cluster: readonly ['daemonSets'] },
  NoFacts,
  typeof agentConfigOnNode | typeof commonSettings
>;

/** What is wrong with the option itself, whatever agents make of it. */
function ofValue({ cluster, frame, nodes, derived, evidence }: View): Finding<'KPR1003'>[] {
  const settings = derived(commonSettings);
  if ('missing' in settings) return [];
  const value = settings.replacement.text;
  if (value !== undefined) {
    const statuses = nodes.map(({ facts }) => facts.status);
    if (!isRefused(value, statuses, agentImage(valueOf(cluster.daemonSets) ?? [], frame.cilium))) return [];
    const seen = [evidence('ciliumConfig', `${key}: ${JSON.stringify(value)}`)];
    return [finding(kpr1003, 'invalidValue', { value: JSON.stringify(value) }, { evidence: seen })];
  }
  // Helm's names are no option names; the agent passes over them in silence.
  const misnamed = misnamedReplacement(cluster.ciliumConfig);
  if (misnamed === undefined) return [];
  const seen = [evidence('ciliumConfig', `${misnamed.key}: ${misnamed.text}`)];
  return [finding(kpr1003, 'wrongKey', { key: misnamed.key }, { evidence: seen })];
}

function inEffect({ name, facts, derived, evidence }: View['nodes'][number]): Judgement<'KPR1003'> {
  const { kpr } = facts.status;
  if (kpr === undefined)
    return inconclusive(missing('notCollected', 'the agent’s status says nothing about kube-proxy replacement'));
  const about = { nodes: [name], expected: 'True', found: kpr.mode, evidence: [evidence('status', summary(kpr))] };
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

/** Whether the newest agents that run or are to run do not start with it. */
function isRefused(value: string, statuses: readonly AgentStatus[], image: string | undefined): boolean {
  const versions = statuses.map(({ version }) => parseVersion(version)).concat(imageVersion(image));
  const newest = newestOf(versions.filter((version) => version !== undefined));
  return newest !== undefined && refusesReplacement(value, newest);
}

const agentImage = (daemonSets: readonly DaemonSet[], cilium: CiliumInstallation): string | undefined =>
  daemonSets
    .find(({ metadata }) => cilium.agentDaemonSets.includes(metadata.name))
    ?.spec?.template?.spec?.containers?.find(({ name }) => name === 'cilium-agent')?.image;

/** `kube-proxy-replacement: true` switches all of these on. */
const featuresOff = (kpr: KprStatus): string[] => [
  ...(kpr.nodePort === undefined ? ['NodePort'] : []),
  ...(kpr.externalIPs ? [] : ['externalIPs']),
  ...(kpr.hostPort ? [] : ['HostPort']),
  ...(kpr.socketLb ? [] : ['socket LB']),
];

const summary = (kpr: KprStatus): string =>
  `mode ${kpr.mode}, NodePort ${kpr.nodePort ? 'on' : 'off'}, externalIPs ${kpr.externalIPs ? 'on' : 'off'}, HostPort ${kpr.hostPort ? 'on' : 'off'}, socket LB ${kpr.socketLb ? 'on' : 'off'}`;
