import { defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { type ApiClient, apiClients } from '../../src/expect/api-server/apiClients.ts';
import { isKubernetesService } from '../../src/expect/api-server/apiEndpoint.ts';
import { kubeProxyOn } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementWanted } from '../../src/expect/kube-proxy/replacement.ts';
import { missing } from '../../src/model/Fact.ts';
import { listNames } from '../../src/text/names.ts';
import { replacementUnknown } from '../kube-proxy/replacementUnknown.ts';
import { endpointParams } from './endpointParams.ts';
import { kpr2001 } from './problems/KPR2001.ts';

export const apiEndpointDirect = defineCheck({
  id: 'api-endpoint-direct',
  title: 'Agents and operator reach the API server without the Service that they provide',
  area: 'apiEndpoint',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2001],
  needs: { cluster: ['services', 'daemonSets'] },
  wants: { cluster: ['systemPods', 'deployments', 'ciliumConfig', 'nodes'], node: ['status', 'proxyHealth'] },
  run({ snapshot, cluster, nodes, evidence }) {
    const wanted = replacementWanted(snapshot);
    if (wanted === 'off') return skip('kube-proxy replacement is off, so kube-proxy serves the ClusterIP');
    if (wanted === 'unknown') return replacementUnknown(snapshot);
    // Google makes and repairs the agents of GKE; what they need to start is not in the API.
    if (snapshot.distribution === 'gke') return skip('GKE manages the agents and how they reach the API server');
    const service = cluster.services.find(
      ({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes',
    );
    const clusterIPs = service?.spec?.clusterIPs ?? [service?.spec?.clusterIP ?? ''].filter((ip) => ip !== '');
    const throughService = ({ endpoint }: ApiClient): boolean =>
      endpoint.kind === 'injected' || (endpoint.kind === 'set' && isKubernetesService(endpoint.host, clusterIPs));

    const clients = apiClients(snapshot);
    if (!clients.some(({ role }) => role === 'agent')) {
      return [
        undecided(
          missing('absent', 'no DaemonSet or pod of the agents was found that tells how they reach the API server'),
        ),
      ];
    }
    const concerned = ['agent' as const, 'operator' as const].flatMap((role) => {
      const pods = clients.filter((one) => one.role === role && one.node !== undefined);
      const templates = clients.filter((one) => one.role === role && one.node === undefined);
      const outdated = templates.length > 0 && !templates.some(throughService);
      return (pods.length > 0 ? pods : templates).filter(throughService).map((client) => ({ client, outdated }));
    });
    // A template that is right heals its pods by itself, except where a pod outlives the change.
    const found: (Finding<'KPR2001'> | Undecided)[] = [];
    const kubeProxy = new Set(nodes.map((node) => kubeProxyOn(node.snapshot, snapshot).kind));
    for (const outdated of [false, true]) {
      const some = concerned
        .filter((one) => one.outdated === outdated && (!outdated || one.client.role === 'agent'))
        .map(({ client }) => client);
      if (some.length === 0) continue;
      const variant = outdated
        ? 'outdatedPods'
        : kubeProxy.has('none') || nodes.length === 0
          ? 'clusterIP'
          : 'clusterIPWithKubeProxy';
      const hosts = [
        ...new Set(
          some.map(({ endpoint }) => (endpoint.kind === 'set' ? endpoint.host : (clusterIPs[0] ?? 'the ClusterIP'))),
        ),
      ];
      found.push(
        finding(
          kpr2001,
          variant,
          { who: whoIs(some), host: hosts.join(', '), ...endpointParams(snapshot) },
          {
            nodes: [...new Set(some.filter(({ role }) => role === 'agent').flatMap(({ node }) => node ?? []))].filter(
              (node) => node !== '',
            ),
            objects: ownersOf(some, clients),
            expected: 'an address of the API server itself',
            found: some.some(({ endpoint }) => endpoint.kind === 'injected')
              ? 'KUBERNETES_SERVICE_HOST is not set'
              : `KUBERNETES_SERVICE_HOST=${hosts.join(', ')}`,
            evidence: [
              evidence('daemonSets', some.map(shown).slice(0, 3).join('\n')),
              evidence('services', `default/kubernetes ClusterIP ${clusterIPs.join(', ')}`),
            ],
          },
        ),
      );
    }
    return found;
  },
});

/** e.g. `cilium-agent, config and cilium-operator` */
const whoIs = (clients: readonly ApiClient[]): string =>
  listNames([...new Set(clients.map(({ container }) => container))].sort(), true);

/** Templates rather than their pods: they are what is to be changed. */
function ownersOf(some: readonly ApiClient[], all: readonly ApiClient[]): ApiClient['owner'][] {
  const roles = new Set(some.map(({ role }) => role));
  const templates = all.filter(({ role, node }) => roles.has(role) && node === undefined);
  return [
    ...new Map((templates.length > 0 ? templates : some).map(({ owner }) => [JSON.stringify(owner), owner])).values(),
  ];
}

const shown = ({ owner, container, endpoint }: ApiClient): string =>
  `${owner.kind} ${owner.namespace}/${owner.name}, container ${container}: KUBERNETES_SERVICE_HOST ${endpoint.kind === 'set' ? endpoint.host : '(not set)'}`;
