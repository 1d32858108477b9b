import { defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { apiClients } from '../../src/expect/api-server/apiClients.ts';
import { isAddress, isMalformed } from '../../src/expect/api-server/apiEndpoint.ts';
import { apiFailureOf } from '../../src/expect/api-server/apiFailure.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { endpointParams } from './endpointParams.ts';
import { agentPodOf } from './kubernetesService.ts';
import { kpr2004 } from './problems/KPR2004.ts';

export const apiEndpointResolves = defineCheck({
  id: 'api-endpoint-resolves',
  title: 'The API server’s name is known on every node',
  area: 'apiEndpoint',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2004],
  needs: { cluster: ['daemonSets', 'systemPods'] },
  wants: {
    cluster: ['deployments', 'ciliumConfig', 'endpointSlices', 'kubeadmConfig', 'clusterInfo'],
    node: ['apiProbe'],
  },
  run({ snapshot, nodes, evidence }) {
    const clients = apiClients(snapshot).filter(({ role }) => role === 'agent');
    const names = clients.filter(
      ({ endpoint }) => endpoint.kind === 'set' && !isAddress(endpoint.host) && !isMalformed(endpoint),
    );
    const references = clients.filter(({ endpoint }) => endpoint.kind === 'reference');
    const probed = nodes.some(
      ({ snapshot: { facts } }) => isKnown(facts.apiProbe) && !isAddress(facts.apiProbe.value.host),
    );
    if (names.length + references.length === 0 && !probed) return skip('agents were given an address, not a name');

    return nodes.flatMap(({ name, snapshot: node, evidence: nodeEvidence }): (Finding<'KPR2004'> | Undecided)[] => {
      const api = endpointParams(snapshot);
      const probe = node.facts.apiProbe;
      if (isKnown(probe)) {
        const { host, connect, detail } = probe.value;
        if (connect !== 'unresolved' || isMalformed(probe.value)) return [];
        const seen = nodeEvidence('apiProbe', `getent ahosts ${host}: ${detail}`);
        const params = { host, detail: detail || 'no such host', ...api };
        return [finding(kpr2004, 'unresolved', params, { nodes: [name], evidence: [seen] })];
      }
      const pod = agentPodOf(node, snapshot);
      const seen = (excerpt: string) => ({
        nodes: [name],
        evidence: [{ ...evidence('systemPods', excerpt), node: name }],
      });
      const failure = pod && apiFailureOf(pod);
      if (failure?.outcome === 'unresolved' && !isMalformed({ host: failure.endpoint })) {
        const { container, endpoint: host, detail } = failure;
        const about = seen(`container ${container}: lookup ${host}: ${detail}`);
        return [finding(kpr2004, 'unresolved', { host, detail, ...api }, about)];
      }
      // The kubelet cannot make the container's environment: the ConfigMap or its key is not there.
      const statuses = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
      const stuck = statuses.find(({ state }) => state?.waiting?.reason === 'CreateContainerConfigError');
      const reference = references.find(({ container }) => container === stuck?.name)?.endpoint;
      if (stuck !== undefined && reference?.kind === 'reference') {
        const detail = stuck.state?.waiting?.message ?? 'CreateContainerConfigError';
        return [
          finding(kpr2004, 'reference', { container: stuck.name, from: reference.from, detail, ...api }, seen(detail)),
        ];
      }
      return [undecided(probe, name)];
    });
  },
});
