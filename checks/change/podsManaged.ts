import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass } from '../../src/core/Outcome.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { missing } from '../../src/model/Fact.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { canonicalAddress } from '../../src/model/lb/address.ts';
import { listFirst } from '../../src/text/names.ts';
import { count } from '../../src/text/plural.ts';
import { kpr8007 } from './problems/KPR8007.ts';

/** A pod that has just started may be in one of two answers only. */
const settledAfterMs = 60_000;

/** A pod of another CNI has an address that the agent did not give, and none of its programs. */
export const podsManaged = defineCheck({
  id: 'pods-managed',
  title: 'Agents manage every pod of their nodes',
  phases: ['preflight'],
  raises: [kpr8007],
  requires: { cluster: ['pods'], node: ['status'] },
  uses: [agentConfigOnNode],
  run({ frame, cluster, nodes, evidence }) {
    const change = frame.intent?.change;
    if (change !== 'enable' && change !== 'remove-kube-proxy')
      return notApplicable('no node is to do without kube-proxy');
    const settledBy = Date.parse(frame.takenAt) - settledAfterMs;
    const pods = Map.groupBy(
      cluster.pods.filter((pod) => isOnPodNetwork(pod, settledBy)),
      nodeOf,
    );
    return forEachNode(nodes, (node): Outcome<'KPR8007'> => {
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      const other = otherGiver(config.settings);
      if (other !== undefined) return notApplicable(other);
      const { allocated } = node.facts.status;
      if (allocated === undefined)
        return inconclusive(missing('absent', 'its status does not tell which addresses it gave'));
      const unmanaged = (pods.get(node.name) ?? []).filter(({ status }) => !allocated.has(addressIn(status)));
      if (unmanaged.length === 0) return pass;
      const params = { count: count(unmanaged.length, 'pod'), pods: listFirst(unmanaged.map(nameOf), 3) };
      const lines = unmanaged
        .slice(0, 3)
        .map((pod) => `${nameOf(pod)} has ${pod.status?.podIP ?? ''}, not of this agent`);
      const seen = {
        ...evidence('pods', { lines, of: unmanaged.map(({ metadata }) => metadata.name) }),
        node: node.name,
      };
      return finding(kpr8007, 'foreignPods', params, {
        nodes: [node.name],
        objects: unmanaged.map(refOf),
        evidence: [seen],
      });
    });
  },
});

const isOnPodNetwork = ({ metadata, spec, status }: Pod, settledBy: number): boolean =>
  spec?.hostNetwork !== true &&
  status?.phase === 'Running' &&
  metadata.deletionTimestamp === undefined &&
  (status.podIP ?? '') !== '' &&
  Date.parse(status.startTime ?? '') <= settledBy;

/** Why the agent's list of addresses tells nothing of pods. */
function otherGiver({ chaining, ipam }: AgentSettings): string | undefined {
  if (chaining.value !== 'none')
    return `pods have their addresses from the CNI that Cilium is chained to (${chaining.value})`;
  return ipam.value === 'delegated-plugin' ? 'pods have their addresses from a plugin of their own' : undefined;
}

const addressIn = (status: Pod['status']): string => canonicalAddress(status?.podIP ?? '') ?? '';

const nodeOf = ({ spec }: Pod): string => spec?.nodeName ?? '';

const nameOf = ({ metadata }: Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const refOf = ({ metadata: { namespace = '', name } }: Pod) => ({ kind: 'Pod', namespace, name });
