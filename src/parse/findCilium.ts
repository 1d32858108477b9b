import { KprError } from '../core/KprError.ts';
import type { DaemonSet, Deployment, Pod } from '../model/kubernetes.ts';
import type { CiliumInstallation } from '../model/Snapshot.ts';

const agentLabel = { key: 'k8s-app', value: 'cilium' };
export const agentContainer = 'cilium-agent';

/**
 * Agents bear this label and container whatever the release, its namespace and its DaemonSet are called (GKE: `anetd`).
 */
export const isAgentDaemonSet = ({ spec }: DaemonSet): boolean =>
  spec?.template?.metadata?.labels?.[agentLabel.key] === agentLabel.value && hasAgent(spec.template.spec?.containers);

export const isAgentPod = ({ metadata, spec }: Pod): boolean =>
  metadata.labels?.[agentLabel.key] === agentLabel.value && hasAgent(spec?.containers);

const hasAgent = (containers: readonly { readonly name: string }[] | undefined): boolean =>
  containers?.some(({ name }) => name === agentContainer) ?? false;

/** Whether a pod is one of a DaemonSet: its controller, by UID where both are known (redacted archives). */
const isOf =
  ({ metadata: { name, namespace, uid } }: DaemonSet) =>
  ({ metadata }: Pod): boolean =>
    (metadata.namespace ?? 'default') === (namespace ?? 'default') &&
    (metadata.ownerReferences ?? []).some(
      (owner) =>
        owner.kind === 'DaemonSet' &&
        owner.controller !== false &&
        owner.name === name &&
        (owner.uid === undefined || uid === undefined || owner.uid === uid),
    );

/**
 * The pods that are agents: of the DaemonSets of agents in that namespace, so that a pod with their label that somebody
 * else made is never asked in their place; outside of kube-system only those in the host's network, which a
 * person with rights in a namespace alone cannot start: the DaemonSet there may be that person's own. Where DaemonSets
 * may not be listed (undefined) any DaemonSet's pods there.
 */
export function agentPodsIn(
  namespace: string,
  pods: readonly Pod[],
  daemonSets: readonly DaemonSet[] | undefined,
): Pod[] {
  const owners = daemonSets?.filter(
    (one) => isAgentDaemonSet(one) && (one.metadata.namespace ?? 'default') === namespace,
  );
  const isOwned = (pod: Pod): boolean =>
    owners === undefined
      ? (pod.metadata.ownerReferences ?? []).some(({ kind }) => kind === 'DaemonSet')
      : owners.some((owner) => isOf(owner)(pod));
  // Agents are in the host's network, whatever the chart is told.
  const isTrusted = (pod: Pod): boolean => namespace === systemNamespace || pod.spec?.hostNetwork === true;
  return pods.filter((pod) => isAgentPod(pod) && namespaceOf(pod) === namespace && isTrusted(pod) && isOwned(pod));
}

/**
 * The namespaces in which agents may be. What a tenant can write decides nothing: kube-system goes before all others,
 * and of others those with pods in the host's network, which only who runs the cluster may start.
 */
export function agentNamespaces(daemonSets: readonly DaemonSet[], pods: readonly Pod[]): string[] {
  const agents = daemonSets.filter(isAgentDaemonSet);
  const all = [...new Set(agents.map(({ metadata }) => metadata.namespace ?? 'default'))].sort();
  if (all.includes(systemNamespace)) return [systemNamespace];
  if (all.length < 2) return all;
  const running = all.filter((namespace) =>
    agentPodsIn(namespace, pods, agents).some(
      ({ spec, status }) => spec?.hostNetwork === true && status?.phase === 'Running',
    ),
  );
  return running.length === 0 ? all : running;
}

const systemNamespace = 'kube-system';

/**
 * Where Cilium is installed, by its agents' DaemonSets. Throws KprError when there are none, or when they are in
 * several namespaces and `namespace` (--cilium-namespace) does not choose.
 */
export function findCilium(
  daemonSets: readonly DaemonSet[],
  pods: readonly Pod[],
  namespace: string | undefined,
  deployments: readonly Deployment[] = [],
): CiliumInstallation {
  const agents = daemonSets.filter(isAgentDaemonSet);
  const all = [...new Set(agents.map(({ metadata }) => metadata.namespace ?? 'default'))].sort();
  const namespaces = namespace === undefined ? agentNamespaces(daemonSets, pods) : all;
  const [only, another] = namespaces;
  if (only === undefined) {
    throw new KprError(
      'There is no Cilium in this cluster: no DaemonSet has pods with the label k8s-app=cilium and a container cilium-agent.',
      'Is it the right cluster? Another one: --context NAME.',
    );
  }
  if (namespace !== undefined && !namespaces.includes(namespace)) {
    throw new KprError(
      `There is no Cilium in the namespace ${namespace}: its agents run in ${namespaces.join(', ')}.`,
      namespaces.length === 1 ? 'Leave --cilium-namespace out.' : `Try --cilium-namespace ${only}.`,
    );
  }
  if (namespace === undefined && another !== undefined) {
    throw new KprError(
      `Cilium agents run in several namespaces: ${namespaces.join(', ')}.`,
      'Say which one is Cilium’s, and not somebody else’s DaemonSet with its label: --cilium-namespace NAME.',
    );
  }
  const chosen = namespace ?? only;
  return {
    namespace: chosen,
    agentDaemonSets: agents
      .filter(({ metadata }) => (metadata.namespace ?? 'default') === chosen)
      .map(({ metadata }) => metadata.name)
      .sort(),
    operatorDeployment: operatorOf(deployments, chosen),
  };
}

/** The same from the agents' pods, where DaemonSets may not be listed or are not in the archive. */
export function findCiliumByPods(
  pods: readonly Pod[],
  namespace: string | undefined,
  deployments: readonly Deployment[] = [],
): CiliumInstallation | undefined {
  const chosen = namespace ?? agentNamespaceByPods(pods);
  const agents = chosen === undefined ? [] : agentPodsIn(chosen, pods, undefined);
  if (chosen === undefined || agents.length === 0) return undefined;
  const owners = agents
    .flatMap(({ metadata }) => metadata.ownerReferences ?? [])
    .filter(({ kind }) => kind === 'DaemonSet');
  return {
    namespace: chosen,
    agentDaemonSets: [...new Set(owners.map(({ name }) => name))].sort(),
    operatorDeployment: operatorOf(deployments, chosen),
  };
}

/** Of pods alone: kube-system's, or those in the host's network where these are in one namespace; else not known. */
export function agentNamespaceByPods(pods: readonly Pod[]): string | undefined {
  const agents = pods.filter((pod) => isAgentPod(pod) && agentPodsIn(namespaceOf(pod), [pod], undefined).length > 0);
  const namespaces = new Set(agents.map(namespaceOf));
  if (namespaces.has(systemNamespace)) return systemNamespace;
  const hosts = new Set(agents.filter(({ spec }) => spec?.hostNetwork === true).map(namespaceOf));
  const [only, another] = hosts.size > 0 ? hosts : namespaces;
  return another === undefined ? only : undefined;
}

const namespaceOf = ({ metadata }: Pod): string => metadata.namespace ?? 'default';

const operatorOf = (deployments: readonly Deployment[], namespace: string): string | undefined =>
  deployments.find(
    ({ metadata, spec }) =>
      metadata.namespace === namespace &&
      (spec?.template?.metadata?.labels?.['io.cilium/app'] === 'operator' || metadata.name === 'cilium-operator'),
  )?.metadata.name;
