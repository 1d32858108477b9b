import { defineDerived } from '../../core/Derived.ts';
import { valueOf } from '../../model/Fact.ts';
import type { Container, ObjectMeta, Pod, PodSpec } from '../../model/kubernetes.ts';
import { commonSettings } from '../agent/commonSettings.ts';
import { type ApiEndpoint, apiEndpointOf } from './apiEndpoint.ts';

/** A container of Cilium that asks the API server before it does anything else. */
export interface ApiClient {
  readonly role: 'agent' | 'operator';
  readonly container: string;
  readonly endpoint: ApiEndpoint;
  readonly owner: { readonly kind: string; readonly namespace: string; readonly name: string };
  /** Where the container is; undefined for a template, which counts for pods to come. */
  readonly node: string | undefined;
}

/**
 * Agents and operator, in their templates and in their pods: admission webhooks set the variable in pods only (AKS),
 * and a pod keeps what it was made with, also over a reboot of its node.
 */
export const apiClients = defineDerived({
  name: 'apiClients',
  optional: { cluster: ['daemonSets', 'deployments', 'systemPods'] },
  uses: [commonSettings],
  compute({ cluster, frame, derived }): readonly ApiClient[] {
    const { cilium } = frame;
    const settings = derived(commonSettings);
    const clients = (
      role: ApiClient['role'],
      kind: string,
      { metadata }: Named,
      spec: PodSpec | undefined,
      node?: string,
    ): ApiClient[] =>
      askingContainers(spec).map((container) => ({
        role,
        container: container.name,
        endpoint: apiEndpointOf(container, 'missing' in settings ? undefined : settings),
        owner: { kind, namespace: metadata.namespace ?? cilium.namespace, name: metadata.name },
        node,
      }));
    const agentPods = new Set(
      frame.nodes.flatMap(({ agent }) => (agent === undefined ? [] : `${agent.namespace}/${agent.name}`)),
    );
    const isAgent = ({ metadata }: Pod): boolean => agentPods.has(`${metadata.namespace ?? ''}/${metadata.name}`);
    const isOperator = ({ metadata }: Pod): boolean =>
      metadata.namespace === cilium.namespace && metadata.labels?.['io.cilium/app'] === 'operator';
    const isOurs = ({ metadata }: Named, names: readonly (string | undefined)[]): boolean =>
      metadata.namespace === cilium.namespace && names.includes(metadata.name);
    return [
      ...(valueOf(cluster.daemonSets) ?? [])
        .filter((one) => isOurs(one, cilium.agentDaemonSets))
        .flatMap((one) => clients('agent', 'DaemonSet', one, one.spec?.template?.spec)),
      ...(valueOf(cluster.deployments) ?? [])
        .filter((one) => isOurs(one, [cilium.operatorDeployment]))
        .flatMap((one) => clients('operator', 'Deployment', one, one.spec?.template?.spec)),
      ...(valueOf(cluster.systemPods) ?? []).flatMap((pod) => {
        if (!isAgent(pod) && !isOperator(pod)) return [];
        return clients(isAgent(pod) ? 'agent' : 'operator', 'Pod', pod, pod.spec, pod.spec?.nodeName ?? '');
      }),
    ];
  },
});

interface Named {
  readonly metadata: ObjectMeta;
}

/** The other init containers mount and copy; they never ask the API server. */
const askingContainers = (spec: PodSpec | undefined): readonly Container[] => [
  ...(spec?.initContainers ?? []).filter(({ command, args }) =>
    [...(command ?? []), ...(args ?? [])].includes('build-config'),
  ),
  ...(spec?.containers ?? []).filter(({ name }) => name === 'cilium-agent' || name.startsWith('cilium-operator')),
];
