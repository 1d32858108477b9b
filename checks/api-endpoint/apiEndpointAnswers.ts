import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import { type Since, sinceWhen } from '../../src/core/Since.ts';
import type { NodeView } from '../../src/core/View.ts';
import { sinceLast } from '../../src/expect/agent/sinceLast.ts';
import { hostPort, isKubernetesService, isMalformed } from '../../src/expect/api-server/apiEndpoint.ts';
import { type ApiClient, apiClients } from '../../src/expect/api-server/apiClients.ts';
import { type ApiFailure, apiFailureOf } from '../../src/expect/api-server/apiFailure.ts';
import { type ApiServerAddress, apiServers } from '../../src/expect/api-server/apiServers.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { localApiProxies } from '../../src/knowledge/localApiProxies.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { Distribution } from '../../src/model/Snapshot.ts';
import { endpointParams } from './endpointParams.ts';
import { agentPodOf } from '../agents/agentPodOf.ts';
import { clusterIPsOf } from './kubernetesService.ts';
import { ServicesOfApi } from './ServicesOfApi.ts';
import { kpr2002 } from './problems/KPR2002.ts';

export const apiEndpointAnswers = defineCheck({
  id: 'api-endpoint-answers',
  title: 'The API server answers at the address that the agents were given',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2002],
  optional: { cluster: ['systemPods', 'services', 'endpointSlices', 'nodes'], node: ['apiProbe', 'status'] },
  uses: [apiServers, apiClients, kubeProxyPresence],
  run({ cluster, frame, nodes, derived, evidence }) {
    const servers = derived(apiServers);
    const around = {
      servers,
      distribution: frame.distribution,
      answering: endpointsThatAnswer(nodes),
      clients: derived(apiClients),
      places: new ServicesOfApi(
        { ...cluster, services: valueOf(cluster.services) ?? [] },
        nodes.flatMap(({ facts }) => valueOf(facts.apiProbe) ?? []),
      ),
    };
    const notAnswering = (failing: Failing, seen: Evidence) => findingOf(failing, around, seen);
    const clusterIPs = clusterIPsOf(valueOf(cluster.services) ?? []);
    return forEachNode(nodes, (node) => {
      const probe = node.facts.apiProbe;
      if (isKnown(probe)) {
        const { host, port, connect, detail } = probe.value;
        // What is wrong with the value itself is the business of api-endpoint-wellformed and -resolves.
        if (connect === 'open' || connect === 'unresolved' || isMalformed(probe.value)) return pass;
        const endpoint = hostPort(host, port);
        const seen = node.evidence('apiProbe', `${endpoint}: ${connect} ${detail}`.trim());
        // The agent asks it a question every half minute.
        const since = sinceLast(valueOf(node.facts.status)?.heartbeat, frame.takenAt);
        return notAnswering({ node: node.name, endpoint, host, outcome: connect, detail, since }, seen);
      }
      const pod = agentPodOf(node.agent, valueOf(cluster.systemPods) ?? []);
      const failure = pod && apiFailureOf(pod);
      if (pod === undefined || failure === undefined) return inconclusive(probe);
      const { outcome, endpoint, detail, endedAt } = failure;
      // These two are findings of other checks, which know more about them. Nobody serves the ClusterIP while the agent
      // does not run: that is KPR2001, and no fault of the API server.
      const isServed = node.derived(kubeProxyPresence).kind === 'runs';
      if (outcome === 'unresolved' || (isKubernetesService(hostOf(endpoint), clusterIPs) && !isServed)) return pass;
      const seen = `pod ${pod.metadata.name}, container ${failure.container}: ${endpoint}: ${detail}`;
      return notAnswering(
        {
          node: node.name,
          endpoint,
          host: hostOf(endpoint),
          outcome,
          detail,
          since: sinceWhen(endedAt, 'atLeast'),
        },
        { ...evidence('systemPods', { lines: seen.split('\n'), of: [pod.metadata.name] }), node: node.name },
      );
    });
  },
});

interface Failing {
  readonly node: string;
  readonly endpoint: string;
  readonly host: string;
  readonly outcome: Exclude<ApiFailure['outcome'], 'unresolved'>;
  readonly detail: string;
  readonly since: Since | undefined;
}

interface Surroundings {
  readonly servers: readonly ApiServerAddress[];
  readonly distribution: Distribution;
  /** At which addresses some node gets an answer. */
  readonly answering: ReadonlySet<string>;
  readonly clients: readonly ApiClient[];
  readonly places: ServicesOfApi;
}

const endpointsThatAnswer = (nodes: readonly NodeView<never, 'apiProbe'>[]): ReadonlySet<string> =>
  new Set(
    nodes.flatMap(({ facts: { apiProbe } }) =>
      isKnown(apiProbe) && apiProbe.value.connect === 'open'
        ? [hostPort(apiProbe.value.host, apiProbe.value.port)]
        : [],
    ),
  );

/** What agents would start with now (node undefined), or what the pod of a node was made with. */
function givenTo(clients: readonly ApiClient[], node: string | undefined): string | undefined {
  const client = clients.find((one) => one.role === 'agent' && one.node === node && one.container === 'cilium-agent');
  return client?.endpoint.kind === 'set' ? hostPort(client.endpoint.host, client.endpoint.port ?? '443') : undefined;
}

function findingOf(
  { node, endpoint, host, outcome, detail, since }: Failing,
  { servers, distribution, answering, clients, places }: Surroundings,
  seen: Evidence,
): Finding<'KPR2002'> {
  const about = {
    nodes: [node],
    ...(servers.length > 0 && {
      expected: servers.map((one) => `${hostPort(one.host, one.port)} (${one.from})`).join(', '),
    }),
    evidence: [seen],
    since,
  };
  const params = { endpoint, detail: detail === '' ? outcome : detail, ...endpointParams(servers) };
  const template = givenTo(clients, undefined);
  if (template !== undefined && template !== endpoint && givenTo(clients, node) === endpoint)
    return finding(kpr2002, 'outdated', { endpoint, template }, about);
  const place = outcome === 'failed' || outcome === 'refused' ? places.at(host, portOf(endpoint)) : undefined;
  if (place !== undefined) {
    const state = place.isReady ? 'whose backends do not answer' : 'which has no ready backend';
    return finding(kpr2002, 'throughService', { ...params, service: place.service, state }, about);
  }
  if (isLoopback(host) && outcome !== 'certificate') {
    const proxy = localApiProxies[distribution] ?? 'a local proxy';
    return finding(kpr2002, 'localProxy', { ...params, proxy }, about);
  }
  if (outcome !== 'certificate' && answering.has(endpoint))
    return finding(kpr2002, 'fromHere', { endpoint, outcome: outcomes[outcome], detail: params.detail }, about);
  const listed = servers.some((one) => hostPort(one.host, one.port) === endpoint);
  const known =
    listed || servers.length === 0 ? '' : ', which the cluster does not know as an address of its API server';
  return finding(kpr2002, outcome, { ...params, known }, about);
}

const outcomes = { refused: 'the connection is refused', timeout: 'no reply', failed: 'it fails' } as const;

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);

const portOf = (endpoint: string): string | undefined => /:(\d+)$/.exec(endpoint)?.[1];

const hostOf = (endpoint: string): string => endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
