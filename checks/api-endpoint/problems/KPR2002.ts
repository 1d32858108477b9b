import { defineProblem } from '../../../src/core/Problem.ts';
import { howToSet, undo } from './steps.ts';

const showEndpoints = {
  text: 'See where the API server listens',
  command: 'kubectl -n default get endpointslices -l kubernetes.io/service-name=kubernetes',
  where: 'workstation',
} as const;

const fromTheNode = {
  text: 'Try it from the node, and look at firewalls and routes in between',
  command: 'curl -kv --max-time 5 https://{{endpoint}}/livez',
  where: 'node',
} as const;

export const kpr2002 = defineProblem({
  code: 'KPR2002',
  severity: 'error',
  harm: 'now',
  title: 'The API server does not answer at the address that the agents were given',
  brief: 'the agents do not reach the API server',
  symptom:
    'Agents start and end again in their init container config, or keep running on what they knew and miss every change of Services and endpoints.',
  cause:
    'k8sServiceHost or k8sServicePort names a server that is gone, moved or never was one, the local proxy that stands behind a loopback address does not run on this node, or a firewall is in between.',
  confirm:
    'On the node, curl -k https://HOST:PORT/livez with the KUBERNETES_SERVICE_HOST and _PORT of the agent gets no answer.',
  mayFollowFrom: [
    { code: 'KPR2004', by: 'node' },
    { code: 'KPR2001', by: 'cluster', sharing: 'service' },
  ],
  endangers: {
    deeds: ['restartAgent', 'rebootNode'],
    why: 'an agent that starts does not reach the API server, and does not come back',
  },
  variants: {
    refused: {
      message: 'The API server does not answer at {{endpoint}}{{known}}: the connection is refused ({{detail}})',
      remedy: {
        steps: [showEndpoints, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
    },
    timeout: {
      message: 'The API server does not answer at {{endpoint}}{{known}}: no reply ({{detail}})',
      remedy: {
        steps: [showEndpoints, fromTheNode, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
    },
    failed: {
      message: 'The API server cannot be reached at {{endpoint}}{{known}}: {{detail}}',
      remedy: {
        steps: [showEndpoints, fromTheNode, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
    },
    throughService: {
      message:
        'The API server cannot be reached at {{endpoint}}, which is the Service {{service}} of this same cluster, {{state}}: the node’s own load balancing refuses it, and no firewall ({{detail}})',
      remedy: {
        steps: [showEndpoints, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
    },
    fromHere: {
      message:
        'From here the API server does not answer at {{endpoint}}, though from other nodes it does: {{outcome}} ({{detail}})',
      remedy: {
        steps: [
          {
            text: 'The address is right: try it from the node, and look for what is in between (rules of a firewall on the node, routes, security groups)',
            command: fromTheNode.command,
            where: 'node',
          },
          {
            text: 'See what the node drops or rejects by itself',
            command:
              "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c 'iptables-nft-save -c; iptables-legacy-save -c' | grep -iE -e '-j (drop|reject)'",
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
      },
    },
    outdated: {
      message:
        'The API server does not answer at {{endpoint}}, with which this agent was started; the template has {{template}} by now',
      remedy: {
        steps: [
          {
            text: 'Restart the agent, which takes the address of the template then',
            restart: 'agent',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
      },
    },
    certificate: {
      message:
        'What answers at {{endpoint}}{{known}} is not this cluster’s API server, or not under this name: {{detail}}',
      remedy: {
        steps: [showEndpoints, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
    },
    localProxy: {
      message:
        'Nothing answers at {{endpoint}} on the node, where {{proxy}} should pass connections on to the API server ({{detail}})',
      remedy: {
        steps: [
          {
            text: 'See what listens there',
            command: 'ss -ltnp',
            where: 'node',
          },
          {
            decision: true,
            text: 'Start or repair the local proxy, or take an address that does not depend on the node, as follows',
            where: 'node',
          },
          ...howToSet,
        ],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
    },
    lost: {
      message:
        'The agent has lost the API server: its calls fail ({{detail}}), so it keeps working with what it knew and misses every change',
      remedy: {
        steps: [
          showEndpoints,
          {
            text: 'See the address it was given, and whether that answers',
            command:
              "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bash -c 'echo $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT; exec 3<>/dev/tcp/$KUBERNETES_SERVICE_HOST/$KUBERNETES_SERVICE_PORT && echo open'",
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Repair the connection from this node to that address: the API server there, a firewall in between, or the address itself',
            where: 'node',
          },
        ],
        check: 'kubectl kpr doctor --check api-calls-answered',
      },
    },
    forbidden: {
      message:
        'The API server refuses calls of the agent (403), and what the agent has of Services and endpoints is not what the API has',
      remedy: {
        steps: [
          {
            text: 'See whether the agents’ account may watch endpointslices (403 says that something is forbidden)',
            command:
              'kubectl auth can-i watch endpointslices.discovery.k8s.io -A --as system:serviceaccount:{{namespace}}:cilium',
            where: 'workstation',
          },
          {
            text: 'See whether it may watch Services',
            command: 'kubectl auth can-i watch services -A --as system:serviceaccount:{{namespace}}:cilium',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Apply the ClusterRole cilium of the version that runs (helm upgrade with the same chart and values); agents try again by themselves',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
    },
  },
});
