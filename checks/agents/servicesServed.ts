import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, type Judgement, objectionsIn, pass, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { commonSettings } from '../../src/expect/agent/commonSettings.ts';
import { replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { apiServers } from '../../src/expect/api-server/apiServers.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import { ownChains } from '../../src/model/iptablesChains.ts';
import { endpointParams } from '../api-endpoint/endpointParams.ts';
import { abandonedNodes } from './abandonedNodes.ts';
import { kpr1004 } from './problems/KPR1004.ts';

export const servicesServed = defineCheck({
  id: 'services-served',
  title: 'On every node somebody serves Services: Cilium or kube-proxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1004],
  requires: { cluster: ['systemPods', 'daemonSets'], node: ['status'] },
  optional: { cluster: ['nodes', 'pods'], node: ['proxyHealth', 'iptables', 'ipvs'] },
  uses: [kubeProxyPresence, agentConfigOnNode, commonSettings, apiServers],
  run({ cluster, frame, nodes, derived, evidence }) {
    const common = derived(commonSettings);
    const around: Surroundings = {
      api: endpointParams(derived(apiServers)),
      isWantedElsewhere: !('missing' in common) && common.replacement.value === 'on',
    };
    const left = abandonedNodes(cluster, frame).map(({ node, why, wanted, sign }) => {
      const about = { nodes: [node], evidence: [{ ...evidence('nodes', { lines: [sign], of: [node] }), node }] };
      return wanted === undefined
        ? finding(kpr1004, 'noAgentAffinity', { why }, about)
        : finding(kpr1004, 'noAgent', { why, wanted }, about);
    });
    const judged = forEachNode(nodes, (node) => judgeNode(node, around));
    if ('kind' in judged && judged.kind === 'notApplicable') return left.length === 0 ? judged : passUnless(left);
    return passUnless([...left, ...objectionsIn(judged)]);
  },
});

type View = NodeView<
  'status',
  'proxyHealth' | 'iptables' | 'ipvs',
  never,
  typeof kubeProxyPresence | typeof agentConfigOnNode
>;

interface Surroundings {
  /** Where the API server is to be found. */
  readonly api: ReturnType<typeof endpointParams>;
  /** Whether cilium-config asks for the replacement. */
  readonly isWantedElsewhere: boolean;
}

function judgeNode(node: View, around: Surroundings): Judgement<'KPR1004'> {
  const { status, proxyHealth } = node.facts;
  const { kpr } = status;
  if (kpr === undefined)
    return inconclusive(missing('notCollected', 'the agent’s status says nothing about kube-proxy replacement'));
  if (replacementMode(kpr.mode) !== 'off') return pass;
  const sign = signOfProxy(node);
  if (sign === 'serving') return pass;
  if (typeof sign === 'object') return inconclusive(missing('notCollected', sign.why));
  const evidence = [node.evidence('status', `KubeProxyReplacement: ${kpr.mode}`)];
  if (isKnown(proxyHealth)) evidence.push(node.evidence('proxyHealth', 'nobody answers on 127.0.0.1:10256'));
  const about = {
    nodes: [node.name],
    found: `kube-proxy replacement ${kpr.mode}`,
    evidence,
    // Its mode is that of its start.
    since: node.agent?.startedAt,
  };
  return findingOf(node, sign, around, about);
}

function findingOf(
  { facts, derived }: View,
  sign: 'nobody' | 'stale',
  { api, isWantedElsewhere }: Surroundings,
  about: Pick<Finding, 'nodes' | 'evidence'> & { readonly found: string; readonly since: string | undefined },
): Finding<'KPR1004'> {
  const config = derived(agentConfigOnNode);
  const now = 'missing' in config || 'missing' in config.next ? undefined : config.next.replacement;
  if (now?.origin.kind === 'nodeConfig' && now.value === 'off' && isWantedElsewhere)
    return finding(kpr1004, 'exempted', { config: `${now.origin.namespace}/${now.origin.name}` }, about);
  const variant = sign === 'nobody' && facts.status.kpr?.socketLb === true ? 'onlyInside' : sign;
  return finding(kpr1004, variant, api, about);
}

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
  const chains = tables.flatMap((known) => known ?? []).flatMap(ownChains);
  if (chains.some((chain) => chain.name === 'KUBE-SERVICES' && chain.rules.length > 0)) return true;
  return tables.includes(undefined) ? undefined : false;
}
