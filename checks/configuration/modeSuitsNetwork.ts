import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, passUnless } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { refusalsOf } from '../../src/expect/agent/nextStart.ts';
import type { Version } from '../../src/knowledge/version.ts';
import { providerOf } from '../../src/expect/kube-proxy/healthAskers.ts';
import { dsrOverhead, roomFor } from '../../src/expect/lb/dsrRoom.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { Node } from '../../src/model/kubernetes.ts';
import { kpr7006 } from './problems/KPR7006.ts';

/**
 * Without the replacement an agent does not look at how it is to balance, so that what it would refuse shows only when
 * it is turned on; and a network may drop what DSR sends (cilium: Documentation/network/kubernetes/kubeproxy-free.rst).
 */
export const modeSuitsNetwork = defineCheck({
  id: 'mode-suits-network',
  title: 'Agents take their load-balancing mode when they replace kube-proxy, and the network lets it pass',
  phases: ['preflight'],
  raises: [kpr7006],
  requires: { cluster: ['nodes'] },
  optional: { node: ['status', 'interfaces'] },
  uses: [agentConfigOnNode],
  run({ frame, cluster, nodes }) {
    const change = frame.intent?.change;
    const objects = new Map(cluster.nodes.map((node) => [node.metadata.name, node]));
    return forEachNode(nodes, (node): Outcome<'KPR7006'> => {
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      if ('missing' in config.next) return inconclusive(config.next);
      const { next, version } = config;
      if (change === undefined || change === 'rollback' || (change !== 'enable' && next.replacement.value !== 'on'))
        return notApplicable('kube-proxy is not to be replaced');
      const about = { nodes: [node.name] };
      const object = objects.get(node.name);
      const provider = object === undefined ? undefined : checkingProvider(object);
      const { mode, acceleration } = next;
      const overhead = dsrOverhead(next);
      const room = overhead === undefined ? undefined : roomFor(overhead, node.facts.interfaces, object);
      const taken = valueOf(node.facts.status)?.kpr?.nodePort?.acceleration;
      const found = [
        ...refusedThen(next, version).map(({ key, text, why }): Finding<'KPR7006'> =>
          finding(kpr7006, 'refused', { key, text, why }, about),
        ),
        ...(mode.value === 'snat' || provider === undefined
          ? []
          : [finding(kpr7006, 'sourceChecks', { mode: mode.value, provider }, about)]),
        ...(acceleration.value === 'native' && taken !== 'Native' ? [finding(kpr7006, 'drivers', {}, about)] : []),
        ...(room?.kind === 'short' ? [finding(kpr7006, 'room', { mode: mode.value, ...room.params }, about)] : []),
      ];
      return found.length === 0 && room?.kind === 'unknown' ? inconclusive(room.why) : passUnless(found);
    });
  },
});

/** Where the replacement is asked for already, agents-would-start tells the same. */
function refusedThen(next: AgentSettings, version: Version): ReturnType<typeof refusalsOf> {
  const { replacement } = next;
  return replacement.value === 'on'
    ? []
    : refusalsOf({ ...next, replacement: { ...replacement, value: 'on', text: 'true' } }, version);
}

/** Their networks look at where packets come from unless somebody tells them not to. By spec.providerID. */
const checkingProviders: ReadonlyMap<string, string> = new Map([
  ['aws', 'AWS (source/destination check of each network interface)'],
  ['gce', 'Google Cloud (canIpForward of each instance)'],
  ['azure', 'Azure (IP forwarding of each network interface)'],
  ['openstack', 'OpenStack (port security)'],
]);

const checkingProvider = (node: Node): string | undefined => checkingProviders.get(providerOf(node));
