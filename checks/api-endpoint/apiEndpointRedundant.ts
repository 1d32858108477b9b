import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { notApplicable, pass } from '../../src/core/Outcome.ts';
import { type ApiClient, apiClients } from '../../src/expect/api-server/apiClients.ts';
import { hostPort } from '../../src/expect/api-server/apiEndpoint.ts';
import { serversIn } from '../../src/expect/api-server/apiServerAddresses.ts';
import { apiServers } from '../../src/expect/api-server/apiServers.ts';
import { canonicalAddress } from '../../src/model/lb/address.ts';
import { endpointParams } from './endpointParams.ts';
import { kpr2003 } from './problems/KPR2003.ts';

/** The address of one API server of several, given to every agent: when that one is gone, all of them are cut off. */
export const apiEndpointRedundant = defineCheck({
  id: 'api-endpoint-redundant',
  title: 'Agents are given an address that stands for all API servers',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2003],
  requires: { cluster: ['endpointSlices', 'daemonSets'] },
  uses: [apiClients, apiServers],
  run({ cluster, derived, evidence }) {
    const servers = serversIn(cluster.endpointSlices).map(({ address, port }) => hostPort(address, String(port)));
    if (servers.length < 2) return notApplicable('the cluster has no more than one API server that is known');
    const known = derived(apiServers);
    const shared = new Set(known.filter((one) => one.shared).map(({ host, port }) => hostPort(host, port)));
    const tied = derived(apiClients).flatMap((client) => {
      const endpoint = addressOf(client);
      return endpoint !== undefined && servers.includes(endpoint) && !shared.has(endpoint)
        ? [{ client, endpoint }]
        : [];
    });
    // One address for all is the fault; a server’s own agent may well be given its own server.
    const endpoints = [...new Set(tied.map(({ endpoint }) => endpoint))];
    const templates = tied.filter(({ client }) => client.node === undefined);
    if (endpoints.length !== 1 || templates.length === 0) return pass;
    const [endpoint = ''] = endpoints;
    const about = {
      objects: templates.map(({ client }) => client.owner).filter(once),
      expected: 'an address that stands for all of them',
      found: endpoint,
      evidence: [
        evidence('daemonSets', `KUBERNETES_SERVICE_HOST and _PORT: ${endpoint}`),
        evidence('endpointSlices', `default/kubernetes: ${servers.join(', ')}`),
      ],
    };
    const params = { endpoint, count: servers.length };
    if (shared.size > 0) return finding(kpr2003, 'oneOfSeveral', { ...params, ...endpointParams(known) }, about);
    return finding(kpr2003, 'noOther', { ...params, urls: servers.map((one) => `https://${one}`).join(' ') }, about);
  },
});

const once = ({ kind, namespace, name }: ApiClient['owner'], at: number, all: readonly ApiClient['owner'][]): boolean =>
  all.findIndex((one) => one.kind === kind && one.namespace === namespace && one.name === name) === at;

const addressOf = ({ endpoint }: ApiClient): string | undefined =>
  endpoint.kind === 'set'
    ? hostPort(canonicalAddress(endpoint.host) ?? endpoint.host, endpoint.port ?? '443')
    : undefined;
