import type { Derivations } from '../../core/Derivations.ts';
import { agentConfigOnNode } from '../../expect/agent/agentConfigOnNode.ts';
import { answersForKubeProxy } from '../../expect/agent/combinedSettings.ts';
import { replacementMode } from '../../expect/agent/replacementMode.ts';
import { kubeProxyPresence } from '../../expect/kube-proxy/kubeProxyPresence.ts';
import { isCertain } from '../../expect/parity/Difference.ts';
import { tableParity } from '../../expect/parity/tableParity.ts';
import { isKnown } from '../../model/Fact.ts';
import type { NodeSnapshot } from '../../model/Snapshot.ts';
import { count } from '../../text/plural.ts';

/** What speaks against taking kube-proxy's rules away from a node. */
export interface Obstacle {
  /** `unknown`: what would tell was not read. */
  readonly kind: 'refused' | 'unknown';
  /** One sentence without full stop: what is so, and what to do first. */
  readonly why: string;
}

/** Empty: kube-proxy is gone from the node for certain, and Cilium's table there does all that it did. */
export function obstaclesOn(node: NodeSnapshot, derivations: Derivations): readonly Obstacle[] {
  return [...naming(node), ...presence(node, derivations), ...replacement(node), ...parity(node, derivations)];
}

const refused = (why: string): Obstacle => ({ kind: 'refused', why });
const unknown = (why: string): Obstacle => ({ kind: 'unknown', why });

/**
 * The API server takes no other names (kubernetes: pkg/apis/core/validation, ValidateNodeName); a file that somebody
 * made may hold any.
 */
function naming({ name }: NodeSnapshot): readonly Obstacle[] {
  return /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)
    ? []
    : [refused('Kubernetes gives no node such a name, so what was read is not to be trusted: read the cluster itself')];
}

function presence(node: NodeSnapshot, derivations: Derivations): readonly Obstacle[] {
  const { proxyHealth } = node.facts;
  const found = derivations.on(kubeProxyPresence, node.name);
  switch (found.kind) {
    case 'runs':
      return [refused('kube-proxy still runs there and would write its rules again (kubectl kpr explain KPR3001)')];
    case 'unclear':
      return [unknown(`whether kube-proxy is gone is not known: ${found.why}`)];
    case 'none':
      break;
    default:
      return found satisfies never;
  }
  if (!isKnown(proxyHealth)) {
    return [
      unknown(`port 10256, on which a kube-proxy that no pod shows would answer, was not read: ${proxyHealth.detail}`),
    ];
  }
  switch (proxyHealth.value.kind) {
    case 'nobody':
      return [];
    case 'cilium':
      return healthIsCilium(node.name, derivations)
        ? []
        : [refused('something answers on port 10256 as kube-proxy up to 1.27 does, and Cilium is not configured to')];
    case 'kubeProxy':
      return [refused('kube-proxy answers on port 10256')];
    case 'other':
      return [refused(`something unknown answers on port 10256, where kube-proxy would: ${proxyHealth.value.excerpt}`)];
    default:
      return proxyHealth.value satisfies never;
  }
}

/** Whether the agent itself is to answer on kube-proxy's health port. */
export function healthIsCilium(node: string, derivations: Derivations): boolean {
  const config = derivations.on(agentConfigOnNode, node);
  return !('missing' in config) && answersForKubeProxy(config.settings);
}

/** What the agent itself says: its configuration does not prove what it does. */
function replacement({ facts }: NodeSnapshot): readonly Obstacle[] {
  if (!isKnown(facts.status))
    return [unknown(`the agent does not say whether it replaces kube-proxy: ${facts.status.detail}`)];
  const mode = facts.status.value.kpr?.mode;
  if (mode === undefined) return [unknown('the agent does not say whether it replaces kube-proxy')];
  return replacementMode(mode) === 'on'
    ? []
    : [refused(`kube-proxy replacement is not in effect there (${mode}), so nobody else would serve Services`)];
}

function parity({ name }: NodeSnapshot, derivations: Derivations): readonly Obstacle[] {
  const table = derivations.on(tableParity, name);
  if (!table.judged) return [unknown(`its load-balancing table was not compared with the API: ${table.why.detail}`)];
  const certain = table.differences.filter(isCertain).length;
  if (certain > 0) {
    return [
      refused(
        `its load-balancing table differs from the API in ${count(certain, 'row')} (kubectl kpr doctor --check tables-match)`,
      ),
    ];
  }
  const { nodePortAddresses, hostPorts, redirects } = table.expected.unknown;
  const unread = [...new Set([nodePortAddresses, hostPorts, redirects])].filter((why) => why !== undefined);
  const others = table.differences.length;
  return [
    ...unread.map((why) => unknown(`some rows of its load-balancing table were not judged: ${why}`)),
    ...(others === 0
      ? []
      : [unknown(`${count(others, 'row')} of its load-balancing table cannot be judged right now; try again`)]),
  ];
}
