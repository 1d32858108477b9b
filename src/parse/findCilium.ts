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

/**
 * Where Cilium is installed, by its agents' DaemonSets. Throws KprError when there are none, or when they are in
 * several namespaces and `namespace` (--cilium-namespace) does not choose.
 */
export function findCilium(
  daemonSets: readonly DaemonSet[],
  namespace: string | undefined,
  deployments: readonly Deployment[] = [],
): CiliumInstallation {
  const agents = daemonSets.filter(isAgentDaemonSet);
  const namespaces = [...new Set(agents.map(({ metadata }) => metadata.namespace ?? 'default'))].sort();
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
      `Say which one is meant, e.g. --cilium-namespace ${only}.`,
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
  const agents = pods
    .filter(isAgentPod)
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  const chosen = agents[0]?.metadata.namespace;
  if (chosen === undefined) return undefined;
  const owners = agents
    .filter(({ metadata }) => metadata.namespace === chosen)
    .flatMap(({ metadata }) => metadata.ownerReferences ?? [])
    .filter(({ kind }) => kind === 'DaemonSet');
  return {
    namespace: chosen,
    agentDaemonSets: [...new Set(owners.map(({ name }) => name))].sort(),
    operatorDeployment: operatorOf(deployments, chosen),
  };
}

const operatorOf = (deployments: readonly Deployment[], namespace: string): string | undefined =>
  deployments.find(
    ({ metadata, spec }) =>
      metadata.namespace === namespace &&
      (spec?.template?.metadata?.labels?.['io.cilium/app'] === 'operator' || metadata.name === 'cilium-operator'),
  )?.metadata.name;
