import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { hostPort } from '../../src/expect/api-server/apiEndpoint.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { familiesOf } from '../../src/expect/agent/combinedSettings.ts';
import { isKnown, valueOf, whyOfNobody } from '../../src/model/Fact.ts';
import type { ContainerStatus, Pod } from '../../src/model/kubernetes.ts';
import { familyOf } from '../../src/model/lb/address.ts';
import type { ServerProbe } from '../../src/model/NodeFacts.ts';
import { kpr2005 } from './problems/KPR2005.ts';

/**
 * Connections from the node’s own network tell of the Service; how pods fare, those of the system tell that end because
 * they do not reach it (cilium#34290: routes, masquerading or firewalls between pods and API servers).
 */
export const kubernetesServiceReachable = defineCheck({
  id: 'kubernetes-service-reachable',
  title: 'The kubernetes Service is reached from nodes and from pods alike',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2005],
  optional: { cluster: ['systemPods'], node: ['serversProbe'] },
  uses: [agentConfigOnNode],
  run({ cluster, nodes, evidence }) {
    const pods = valueOf(cluster.systemPods) ?? [];
    // No sysdump and no older capture tells, and nobody asks without probes.
    if (whyOfNobody(nodes.map(({ facts }) => facts.serversProbe)) !== undefined)
      return notApplicable('API servers were not dialled');
    return forEachNode(nodes, (node): Outcome<'KPR2005'> => {
      const dialled = node.facts.serversProbe;
      if (!isKnown(dialled)) return inconclusive(dialled);
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      const families = familiesOf(config.settings);
      const probes = dialled.value.filter(({ address }) => families.has(familyOf(address)));
      const service = probes.filter(({ via }) => via === 'clusterIP');
      if (service.length === 0)
        return notApplicable('the Service default/kubernetes has no ClusterIP that was dialled');
      const servers = probes.filter(({ via, connect }) => via === 'server' && connect === 'open');
      // Without a server that is reached, the way to the API server is lost as a whole (api-endpoint-answers).
      if (servers.length === 0) return pass;
      const lost = service.filter(({ connect }) => connect !== 'open');
      if (lost.length > 0) return throughService(node, lost, servers);
      return passUnless(
        pods
          .filter(({ spec }) => spec?.nodeName === node.name && spec.hostNetwork !== true)
          .flatMap((pod) => {
            const words = lastWordsAbout(pod, service);
            return words === undefined
              ? []
              : [
                  finding(
                    kpr2005,
                    'podsOnly',
                    { clusterIP: shown(service), pod: `${pod.metadata.namespace}/${pod.metadata.name}` },
                    {
                      nodes: [node.name],
                      layer: 'network',
                      objects: [{ kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }],
                      evidence: [
                        node.evidence('serversProbe', { lines: [`${shown(service)}: open`], at: service[0] }),
                        {
                          ...evidence('systemPods', { lines: words.split('\n'), of: [pod.metadata.name] }),
                          node: node.name,
                        },
                      ],
                    },
                  ),
                ];
          }),
      );
    });
  },
});

type View = NodeView<never, 'serversProbe', never, typeof agentConfigOnNode>;

const shown = (probes: readonly ServerProbe[]): string =>
  probes.map(({ address, port }) => hostPort(address, String(port))).join(', ');

function throughService(node: View, lost: readonly ServerProbe[], servers: readonly ServerProbe[]) {
  const lines = [...lost, ...servers].map((one) => `${shown([one])}: ${one.connect} ${one.detail}`.trim());
  return finding(
    kpr2005,
    'throughService',
    {
      clusterIP: shown(lost),
      how: [...new Set(lost.map(({ connect }) => connect))].join(', '),
      servers: shown(servers),
    },
    {
      nodes: [node.name],
      objects: [{ kind: 'Service', namespace: 'default', name: 'kubernetes' }],
      evidence: [node.evidence('serversProbe', { lines, at: lost[0] })],
    },
  );
}

/** What a container of the pod said before it ended, if that is that it did not reach the ClusterIP. */
function lastWordsAbout({ status }: Pod, service: readonly ServerProbe[]): string | undefined {
  const places = service.map((one) => shown([one]));
  return (status?.containerStatuses ?? [])
    .filter(({ ready }) => ready !== true)
    .flatMap(wordsOf)
    .find(
      (words) =>
        places.some((place) => words.includes(`${place}: `)) &&
        /i\/o timeout|no route to host|operation not permitted|connection refused|deadline exceeded/i.test(words),
    );
}

const wordsOf = ({ state, lastState }: ContainerStatus): string[] =>
  [state?.terminated?.message, lastState?.terminated?.message].filter((words) => words !== undefined);
