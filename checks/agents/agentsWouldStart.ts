import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, type Objection, passUnless } from '../../src/core/Outcome.ts';
import type { ClusterView, NodeView, NoFacts } from '../../src/core/View.ts';
import { commonSettings } from '../../src/expect/agent/commonSettings.ts';
import { type NextStart, nextStart, type StartRefusal } from '../../src/expect/agent/nextStart.ts';
import { refusesReplacement, replacementInstead } from '../../src/expect/agent/replacementMode.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { imageVersion, newestOf, parseVersion } from '../../src/knowledge/version.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { DaemonSet } from '../../src/model/kubernetes.ts';
import type { CiliumInstallation } from '../../src/model/Snapshot.ts';
import { count } from '../../src/text/plural.ts';
import { kpr1003 } from './problems/KPR1003.ts';
import { kpr1005 } from './problems/KPR1005.ts';

/** Before anybody restarts an agent: it reads its configuration once, when it starts. */
export const agentsWouldStart = defineCheck({
  id: 'agents-would-start',
  title: 'Agents that start again take their configuration, and go on to serve Services',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1005, kpr1003],
  requires: { cluster: ['ciliumConfig'] },
  optional: { cluster: ['daemonSets'], node: ['status'] },
  uses: [nextStart, commonSettings, replacementOnNode],
  run(view) {
    const common = ofCommonValue(view);
    if (view.nodes.length === 0 && common.length === 0) return notApplicable('no node to examine');
    return passUnless([...common, ...view.nodes.flatMap((node) => ofNode(node, view, common.length > 0))]);
  },
});

type View = ClusterView<
  { readonly cluster: readonly ['ciliumConfig'] },
  { readonly cluster: readonly ['daemonSets']; readonly node: readonly ['status'] },
  NoFacts,
  typeof nextStart | typeof commonSettings | typeof replacementOnNode
>;
type Node = NodeView<never, 'status', never, typeof nextStart | typeof replacementOnNode>;

const key = 'kube-proxy-replacement';

/** The mode itself, in a word of former versions: said once for the cluster. */
function ofCommonValue({ cluster, frame, nodes, derived, evidence }: View): Finding<'KPR1003'>[] {
  const settings = derived(commonSettings);
  const value = 'missing' in settings ? undefined : settings.replacement.text;
  if (value === undefined) return [];
  const versions = nodes.map(({ facts }) => parseVersion(valueOf(facts.status)?.version));
  const image = agentImage(valueOf(cluster.daemonSets) ?? [], frame.cilium);
  const newest = newestOf([...versions, imageVersion(image)].filter((version) => version !== undefined));
  if (newest === undefined || !refusesReplacement(value, newest)) return [];
  const about = { evidence: [evidence('ciliumConfig', `${key}: ${JSON.stringify(value)}`)] };
  const instead = replacementInstead(value, inEffect(nodes));
  return [
    instead === undefined
      ? finding(kpr1003, 'invalidUndecided', { value: JSON.stringify(value) }, about)
      : finding(kpr1003, 'invalidValue', { value: JSON.stringify(value), instead }, about),
  ];
}

/** What all agents that say anything do. */
function inEffect(nodes: readonly Node[]): 'on' | 'off' | undefined {
  const modes = new Set(
    nodes.flatMap(({ facts, derived }) => ('value' in facts.status ? [derived(replacementOnNode)] : [])),
  );
  const [one] = modes;
  return modes.size === 1 && (one === 'on' || one === 'off') ? one : undefined;
}

const agentImage = (daemonSets: readonly DaemonSet[], cilium: CiliumInstallation): string | undefined =>
  daemonSets
    .find(({ metadata }) => cilium.agentDaemonSets.includes(metadata.name))
    ?.spec?.template?.spec?.containers?.find(({ name }) => name === 'cilium-agent')?.image;

/** @param isSaid the mode itself is refused for all, which is said already */
function ofNode(node: Node, { evidence }: View, isSaid: boolean): Objection<'KPR1005'>[] {
  const next = node.derived(nextStart);
  if ('missing' in next) return [inconclusive(next, node.name)];
  const seen = (excerpt: string) => ({
    nodes: [node.name],
    evidence: [{ ...evidence('ciliumConfig', excerpt), node: node.name }],
  });
  const refusals = next.refusals.filter(
    ({ key: one, origin }) => !(isSaid && one === key && origin.kind !== 'nodeConfig'),
  );
  return [
    ...refusals.map((one) => ofRefusal(one, seen)),
    ...(next.leavesNobody && !isSaid
      ? [finding(kpr1005, 'nobodyServes', {}, { ...seen(`${key} is not true any more`), expected: 'true' })]
      : []),
    ...(next.leavesServices === undefined ? [] : [ofProxyName(next.leavesServices, seen)]),
  ];
}

function ofProxyName(
  { name, services }: NonNullable<NextStart['leavesServices']>,
  seen: (excerpt: string) => { readonly nodes: readonly string[] },
): Finding<'KPR1005'> {
  const about = seen(`k8s-service-proxy-name: ${JSON.stringify(name)}`);
  return finding(kpr1005, 'servicesLeft', { name, services: count(services, 'Service') }, about);
}

function ofRefusal(
  { key: option, text, why, started, origin }: StartRefusal,
  seen: (excerpt: string) => { readonly nodes: readonly string[] },
): Finding<'KPR1005'> {
  const by = origin.kind === 'nodeConfig' ? `CiliumNodeConfig ${origin.namespace}/${origin.name}` : 'cilium-config';
  const about = seen(`${option}: ${JSON.stringify(text)} (${by})`);
  const params = { key: option, value: JSON.stringify(text), why };
  // What an agent runs on, it takes; what it was refused with, it did not start with.
  return started === undefined || started === '' || started === text
    ? finding(kpr1005, 'refusedUnset', params, about)
    : finding(kpr1005, 'refused', { ...params, started }, about);
}
