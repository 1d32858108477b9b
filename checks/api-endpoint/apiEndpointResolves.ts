import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, pass } from '../../src/core/Outcome.ts';
import { apiClients } from '../../src/expect/api-server/apiClients.ts';
import { isAddress, isMalformed } from '../../src/expect/api-server/apiEndpoint.ts';
import { apiFailureOf } from '../../src/expect/api-server/apiFailure.ts';
import { apiServers } from '../../src/expect/api-server/apiServers.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { endpointParams } from './endpointParams.ts';
import { agentPodOf } from '../agents/agentPodOf.ts';
import { kpr2004 } from './problems/KPR2004.ts';

export const apiEndpointResolves = defineCheck({
  id: 'api-endpoint-resolves',
  title: 'The API server’s name is known on every node',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2004],
  requires: { cluster: ['daemonSets', 'systemPods'] },
  optional: { node: ['apiProbe'] },
  uses: [apiClients, apiServers],
  run({ cluster, nodes, derived, evidence }) {
    const clients = derived(apiClients).filter(({ role }) => role === 'agent');
    const names = clients.filter(
      ({ endpoint }) => endpoint.kind === 'set' && !isAddress(endpoint.host) && !isMalformed(endpoint),
    );
    const references = clients.filter(({ endpoint }) => endpoint.kind === 'reference');
    const probed = nodes.some(({ facts: { apiProbe } }) => isKnown(apiProbe) && !isAddress(apiProbe.value.host));
    if (names.length + references.length === 0 && !probed)
      return notApplicable('agents were given an address, not a name');

    const api = endpointParams(derived(apiServers));
    return forEachNode(nodes, ({ name, agent, facts, evidence: nodeEvidence }) => {
      const probe = facts.apiProbe;
      if (isKnown(probe)) {
        const { host, connect, detail } = probe.value;
        if (connect !== 'unresolved' || isMalformed(probe.value)) return pass;
        const seen = nodeEvidence('apiProbe', `getent ahosts ${host}: ${detail}`);
        const params = { host, detail: detail || 'no such host', ...api };
        return finding(kpr2004, 'unresolved', params, { nodes: [name], evidence: [seen] });
      }
      const pod = agentPodOf(agent, cluster.systemPods);
      const seen = (excerpt: string) => ({
        nodes: [name],
        evidence: [
          {
            ...evidence('systemPods', { lines: excerpt.split('\n'), of: agent === undefined ? [] : [agent.name] }),
            node: name,
          },
        ],
      });
      const failure = pod && apiFailureOf(pod);
      if (failure?.outcome === 'unresolved' && !isMalformed({ host: failure.endpoint })) {
        const { container, endpoint: host, detail } = failure;
        const about = seen(`container ${container}: lookup ${host}: ${detail}`);
        return finding(kpr2004, 'unresolved', { host, detail, ...api }, about);
      }
      // The kubelet cannot make the container's environment: the ConfigMap or its key is not there.
      const statuses = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
      const stuck = statuses.find(({ state }) => state?.waiting?.reason === 'CreateContainerConfigError');
      const reference = references.find(({ container }) => container === stuck?.name)?.endpoint;
      if (stuck !== undefined && reference?.kind === 'reference') {
        const detail = stuck.state?.waiting?.message ?? 'CreateContainerConfigError';
        const params = { container: stuck.name, from: reference.from, detail, ...api };
        return finding(kpr2004, 'reference', params, seen(detail));
      }
      return inconclusive(probe);
    });
  },
});
