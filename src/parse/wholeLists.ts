import { type Fact, isKnown, missing } from '../model/Fact.ts';
import type { ObjectMeta } from '../model/kubernetes.ts';
import type { ClusterFacts } from '../model/Snapshot.ts';
import { isAgentPod } from './findCilium.ts';

/**
 * Lists of which something shows that they are not whole are missing: what they do not name would be taken for what is
 * not there. Every API server keeps the Service `kubernetes` and its EndpointSlice in `default` (kubernetes:
 * pkg/controlplane/controller/kubernetesservice), and agents are pods among all pods.
 */
export function wholeLists(facts: ClusterFacts): ClusterFacts {
  const agents = isKnown(facts.systemPods) ? facts.systemPods.value.filter(isAgentPod) : [];
  const agentNames = new Set(agents.map(nameOf));
  return {
    ...facts,
    services: withOneOf(facts.services, 'the Service default/kubernetes', isKubernetes),
    endpointSlices: withOneOf(facts.endpointSlices, 'the EndpointSlice default/kubernetes', isKubernetes),
    pods:
      agents.length === 0
        ? facts.pods
        : withOneOf(facts.pods, 'any of the agents’ pods', (pod) => agentNames.has(nameOf(pod))),
  };
}

interface Named {
  readonly metadata: ObjectMeta;
}

const nameOf = ({ metadata }: Named): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const isKubernetes = (object: Named): boolean => nameOf(object) === 'default/kubernetes';

function withOneOf<T extends Named>(
  list: Fact<readonly T[]>,
  what: string,
  isOne: (object: T) => boolean,
): Fact<readonly T[]> {
  if (!isKnown(list) || list.value.some(isOne)) return list;
  return missing('unparsed', `${list.source} is not whole: it does not name ${what}`);
}
