import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { type ApiClient, apiClients } from '../../src/expect/api-server/apiClients.ts';
import { isKubernetesService } from '../../src/expect/api-server/apiEndpoint.ts';
import { apiServers } from '../../src/expect/api-server/apiServers.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementWanted } from '../../src/expect/kube-proxy/replacement.ts';
import { missing, valueOf } from '../../src/model/Fact.ts';
import { listNames } from '../../src/text/names.ts';
import { endpointParams } from './endpointParams.ts';
import { clusterIPsOf } from './kubernetesService.ts';
import { ServicesOfApi } from './ServicesOfApi.ts';
import { kpr2001 } from './problems/KPR2001.ts';

export const apiEndpointDirect = defineCheck({
  id: 'api-endpoint-direct',
  title: 'Agents and operator reach the API server without the Service that they provide',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2001],
  requires: { cluster: ['services', 'daemonSets'] },
  optional: { cluster: ['endpointSlices', 'nodes'], node: ['apiProbe'] },
  uses: [apiClients, apiServers, kubeProxyPresence, replacementWanted],
  run({ cluster, frame, nodes, derived, evidence }) {
    const wanted = derived(replacementWanted);
    if (wanted === 'off') return notApplicable('kube-proxy replacement is off, so kube-proxy serves the ClusterIP');
    if (wanted !== 'on') return inconclusive(wanted);
    // Google makes and repairs the agents of GKE; what they need to start is not in the API.
    if (frame.distribution === 'gke') return notApplicable('GKE manages the agents and how they reach the API server');
    const clients = derived(apiClients);
    if (!clients.some(({ role }) => role === 'agent')) {
      return inconclusive(
        missing('absent', 'no DaemonSet or pod of the agents was found that tells how they reach the API server'),
      );
    }
    const clusterIPs = clusterIPsOf(cluster.services);
    const concerned = clientsThrough(clients, clusterIPs);
    // A template that is right heals its pods by itself, except where a pod outlives the change.
    const groups = {
      outdated: concerned.filter(({ outdated, client }) => outdated && client.role === 'agent'),
      current: concerned.filter(({ outdated }) => !outdated),
    };
    const isServed = nodes.length > 0 && nodes.every((node) => node.derived(kubeProxyPresence).kind !== 'none');
    const findingOf = (
      variant: 'outdatedPods' | 'clusterIP' | 'clusterIPWithKubeProxy',
      group: readonly { readonly client: ApiClient }[],
    ): Finding<'KPR2001'>[] => {
      if (group.length === 0) return [];
      const some = group.map(({ client }) => client);
      const hosts = namesOf(some, ({ endpoint }) =>
        endpoint.kind === 'set' ? endpoint.host : (clusterIPs[0] ?? 'the ClusterIP'),
      );
      return [
        finding(
          kpr2001,
          variant,
          { who: whoIs(some), host: hosts.join(', '), ...endpointParams(derived(apiServers)) },
          {
            nodes: namesOf(some, ({ role, node }) => (role === 'agent' ? (node ?? '') : '')),
            objects: ownersOf(some, clients),
            expected: 'an address of the API server itself',
            found: some.some(({ endpoint }) => endpoint.kind === 'injected')
              ? 'KUBERNETES_SERVICE_HOST is not set'
              : `KUBERNETES_SERVICE_HOST=${hosts.join(', ')}`,
            evidence: [
              evidence('daemonSets', {
                lines: some.map(shown).slice(0, 3),
                of: ownersOf(some, clients).map(({ name }) => name),
              }),
              evidence('services', `default/kubernetes ClusterIP ${clusterIPs.join(', ')}`),
            ],
          },
        ),
      ];
    };
    const places = new ServicesOfApi(
      cluster,
      nodes.flatMap(({ facts }) => valueOf(facts.apiProbe) ?? []),
    );
    return passUnless([
      ...throughOtherServices(clients, places).map(({ who, place, objects }) =>
        finding(
          kpr2001,
          place.isReady ? 'otherService' : 'otherServiceEmpty',
          { who, host: place.host, service: place.service, ...endpointParams(derived(apiServers)) },
          {
            objects,
            expected: 'an address of the API server itself',
            found: `KUBERNETES_SERVICE_HOST=${place.host}`,
            evidence: [evidence('services', `${place.service}: ${place.frontend}`)],
          },
        ),
      ),
      ...findingOf(isServed ? 'clusterIPWithKubeProxy' : 'clusterIP', groups.current),
      ...findingOf('outdatedPods', groups.outdated),
    ]);
  },
});

/** By the Service of the cluster itself, not default/kubernetes, through which containers ask for the API server. */
function throughOtherServices(clients: readonly ApiClient[], places: ServicesOfApi) {
  const found = clients.flatMap((client) => {
    const place = client.endpoint.kind === 'set' ? places.at(client.endpoint.host, client.endpoint.port) : undefined;
    return place === undefined ? [] : [{ client, place }];
  });
  return [...Map.groupBy(found, ({ place }) => place.frontend).values()].flatMap((same) => {
    const [first] = same;
    const some = same.map(({ client }) => client);
    return first === undefined ? [] : [{ who: whoIs(some), place: first.place, objects: ownersOf(some, clients) }];
  });
}

/**
 * Those that ask through the ClusterIP: pods, or (of a role without any) templates. `outdated`: the template is right
 * by now.
 */
function clientsThrough(
  clients: readonly ApiClient[],
  clusterIPs: readonly string[],
): readonly { readonly client: ApiClient; readonly outdated: boolean }[] {
  const throughService = ({ endpoint }: ApiClient): boolean =>
    endpoint.kind === 'injected' || (endpoint.kind === 'set' && isKubernetesService(endpoint.host, clusterIPs));
  return (['agent', 'operator'] as const).flatMap((role) => {
    const pods = clients.filter((one) => one.role === role && one.node !== undefined);
    const templates = clients.filter((one) => one.role === role && one.node === undefined);
    const outdated = templates.length > 0 && !templates.some(throughService);
    return (pods.length > 0 ? pods : templates).filter(throughService).map((client) => ({ client, outdated }));
  });
}

/** Each once, without empty ones. */
const namesOf = (clients: readonly ApiClient[], nameOf: (client: ApiClient) => string): readonly string[] => [
  ...new Set(clients.map(nameOf).filter((name) => name !== '')),
];

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
