import { defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { hostPort, isKubernetesService, isMalformed } from '../../src/expect/api-server/apiEndpoint.ts';
import { type ApiFailure, apiFailureOf } from '../../src/expect/api-server/apiFailure.ts';
import { apiServers } from '../../src/expect/api-server/apiServers.ts';
import { kubeProxyOn } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { localApiProxies } from '../../src/knowledge/localApiProxies.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
import { endpointParams } from './endpointParams.ts';
import { agentPodOf, clusterIPsOf } from './kubernetesService.ts';
import { kpr2002 } from './problems/KPR2002.ts';

export const apiEndpointAnswers = defineCheck({
  id: 'api-endpoint-answers',
  title: 'The API server answers at the address that the agents were given',
  area: 'apiEndpoint',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2002],
  needs: {},
  wants: {
    cluster: ['systemPods', 'services', 'endpointSlices', 'kubeadmConfig', 'clusterInfo', 'nodes'],
    node: ['apiProbe', 'proxyHealth'],
  },
  run({ snapshot, nodes, evidence }) {
    if (nodes.length === 0) return skip('no node to examine');
    return nodes.flatMap(({ name, snapshot: node, evidence: nodeEvidence }): (Finding<'KPR2002'> | Undecided)[] => {
      const probe = node.facts.apiProbe;
      if (isKnown(probe)) {
        const { host, port, connect, detail } = probe.value;
        // What is wrong with the value itself is the business of api-endpoint-wellformed and -resolves.
        if (connect === 'open' || connect === 'unresolved' || isMalformed(probe.value)) return [];
        const endpoint = hostPort(host, port);
        return [
          notAnswering(
            { endpoint, host, outcome: connect, detail },
            name,
            snapshot,
            nodeEvidence('apiProbe', `${endpoint}: ${connect} ${detail}`.trim()),
          ),
        ];
      }
      const pod = agentPodOf(node, snapshot);
      const failure = pod && apiFailureOf(pod);
      if (pod === undefined || failure === undefined) return [undecided(probe, name)];
      const { outcome, endpoint, detail } = failure;
      // These two are findings of other checks, which know more about them.
      if (outcome === 'unresolved' || isExplained(failure, node, snapshot)) return [];
      const seen = `pod ${pod.metadata.name}, container ${failure.container}: ${failure.endpoint}: ${failure.detail}`;
      return [
        notAnswering({ endpoint, host: hostOf(endpoint), outcome, detail }, name, snapshot, {
          ...evidence('systemPods', seen),
          node: name,
        }),
      ];
    });
  },
});

interface Failing {
  readonly endpoint: string;
  readonly host: string;
  readonly outcome: Exclude<ApiFailure['outcome'], 'unresolved'>;
  readonly detail: string;
}

function notAnswering(
  { endpoint, host, outcome, detail }: Failing,
  node: string,
  snapshot: Snapshot,
  seen: Evidence,
): Finding<'KPR2002'> {
  const servers = apiServers(snapshot.facts);
  const about = {
    nodes: [node],
    ...(servers.length > 0 && {
      expected: servers.map((one) => `${hostPort(one.host, one.port)} (${one.from})`).join(', '),
    }),
    evidence: [seen],
  };
  const params = { endpoint, detail: detail === '' ? outcome : detail, ...endpointParams(snapshot) };
  if (isLoopback(host) && outcome !== 'certificate') {
    const proxy = localApiProxies[snapshot.distribution] ?? 'a local proxy';
    return finding(kpr2002, 'localProxy', { ...params, proxy }, about);
  }
  const listed = servers.some((one) => hostPort(one.host, one.port) === endpoint);
  const known =
    listed || servers.length === 0 ? '' : ', which the cluster does not know as an address of its API server';
  return finding(kpr2002, outcome, { ...params, known }, about);
}

/** Nobody serves the ClusterIP while the agent does not run: that is KPR2001, and no fault of the API server. */
function isExplained({ endpoint }: ApiFailure, node: NodeSnapshot, snapshot: Snapshot): boolean {
  return (
    isKubernetesService(hostOf(endpoint), clusterIPsOf(valueOf(snapshot.facts.services) ?? [])) &&
    kubeProxyOn(node, snapshot).kind !== 'runs'
  );
}

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);

const hostOf = (endpoint: string): string => endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
