import { defineProblems } from '../Problem.ts';

const howToSet = [
  {
    text: 'Give agents and operator an address of the API server that every node reaches without a service proxy',
    command:
      'kubectl -n {{namespace}} set env daemonset/{{agentDaemonSet}} deployment/{{operator}} KUBERNETES_SERVICE_HOST={{apiHost}} KUBERNETES_SERVICE_PORT={{apiPort}}',
    where: 'workstation',
    risk: 'all agents and the operator restart one after the other; connections that exist stay',
  },
  {
    text: 'Set the Helm values k8sServiceHost={{apiHost}} and k8sServicePort={{apiPort}}, too, or the next upgrade takes it back',
    where: 'workstation',
  },
] as const;

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

const undo = 'kubectl -n {{namespace}} rollout undo daemonset/{{agentDaemonSet}} deployment/{{operator}}';

export const apiEndpointProblems = defineProblems({
  KPR2001: {
    severity: 'error',
    title: 'Cilium reaches the API server through the ClusterIP that it has to provide itself',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'Everything works until a node boots, or a new one joins: then its agent waits for the API server for ever, and the node has no network for pods.',
    cause:
      'Neither k8sServiceHost nor k8s.apiServerURLs is set, or the value is the Service default/kubernetes, so the containers get its ClusterIP. While an agent runs, the entry in its eBPF map serves that address; after a boot the map is empty, and without kube-proxy nobody else serves it.',
    confirm:
      'kubectl -n kube-system get daemonset cilium -o yaml shows no KUBERNETES_SERVICE_HOST for the containers cilium-agent and config, or the address of kubectl -n default get service kubernetes.',
    variants: {
      clusterIP: {
        message: '{{who}} reach the API server at {{host}}: at the next boot of a node nobody serves that address',
        steps: howToSet,
        check: 'kubectl kpr doctor --check api-endpoint-direct',
        undo,
      },
      clusterIPWithKubeProxy: {
        severity: 'warning',
        message: '{{who}} reach the API server at {{host}}, which works only as long as kube-proxy stays',
        steps: howToSet,
        check: 'kubectl kpr doctor --check api-endpoint-direct',
        undo,
      },
      outdatedPods: {
        message: '{{who}} still reach the API server at {{host}}, although the template has another address by now',
        steps: [
          {
            text: 'Restart the agents that were made before the change',
            command: 'kubectl -n {{namespace}} delete pod {{agentPod}}',
            where: 'workstation',
            risk: 'connections that exist stay; new ones on this node fail until the agent is back',
          },
        ],
        check: 'kubectl kpr doctor --check api-endpoint-direct',
      },
    },
  },
  KPR2002: {
    severity: 'error',
    title: 'The API server does not answer at the address that the agents were given',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'Agents start and end again in their init container config, or keep running on what they knew and miss every change of Services and endpoints.',
    cause:
      'k8sServiceHost or k8sServicePort names a server that is gone, moved or never was one, the local proxy that stands behind a loopback address does not run on this node, or a firewall is in between.',
    confirm:
      'On the node, curl -k https://HOST:PORT/livez with the KUBERNETES_SERVICE_HOST and _PORT of the agent gets no answer.',
    variants: {
      refused: {
        message: 'The API server does not answer at {{endpoint}}{{known}}: the connection is refused ({{detail}})',
        steps: [showEndpoints, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
      timeout: {
        message: 'The API server does not answer at {{endpoint}}{{known}}: no reply ({{detail}})',
        steps: [showEndpoints, fromTheNode, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
      failed: {
        message: 'The API server cannot be reached at {{endpoint}}{{known}}: {{detail}}',
        steps: [showEndpoints, fromTheNode, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
      certificate: {
        message:
          'What answers at {{endpoint}}{{known}} is not this cluster’s API server, or not under this name: {{detail}}',
        steps: [showEndpoints, ...howToSet],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
      localProxy: {
        message:
          'Nothing answers at {{endpoint}} on the node, where {{proxy}} should pass connections on to the API server ({{detail}})',
        steps: [
          {
            text: 'See what listens there',
            command: 'ss -ltnp',
            where: 'node',
          },
          {
            text: 'Start or repair the local proxy, or take an address that does not depend on the node, as follows',
            where: 'node',
          },
          ...howToSet,
        ],
        check: 'kubectl kpr doctor --check api-endpoint-answers',
        undo,
      },
    },
  },
  KPR2004: {
    severity: 'error',
    title: 'The API server’s address is malformed or does not resolve',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'Agents or operator end at start with a message about the client configuration, an unsupported scheme or no such host.',
    cause:
      'k8sServiceHost takes a bare address or name and k8sServicePort a number. A URL, a port behind the host or an empty value gives an address that no client can use. Names are resolved by the node, because agents use its network: cluster DNS does not count, and names in /etc/hosts count only where they stand.',
    confirm:
      'kubectl -n kube-system get daemonset cilium -o yaml shows the value; getent ahosts NAME on the node resolves it.',
    variants: {
      malformed: {
        message: 'KUBERNETES_SERVICE_HOST {{host}} with port {{port}} {{why}} ({{who}})',
        steps: howToSet,
        check: 'kubectl kpr doctor --check api-endpoint-wellformed',
        undo,
      },
      unresolved: {
        message: 'The API server’s name {{host}} does not resolve on the node ({{detail}})',
        steps: [
          { text: 'Ask the node’s own resolver', command: 'getent ahosts {{host}}', where: 'node' },
          { text: 'Make the name known to the nodes’ DNS, or take an IP address, as follows', where: 'workstation' },
          ...howToSet,
        ],
        check: 'kubectl kpr doctor --check api-endpoint-wellformed',
        undo,
      },
      reference: {
        message:
          'The container {{container}} cannot start, because its API server address comes from {{from}}: {{detail}}',
        steps: [
          { text: 'Make that ConfigMap with the key, or set the address itself, as follows', where: 'workstation' },
          ...howToSet,
        ],
        check: 'kubectl kpr doctor --check api-endpoint-wellformed',
        undo,
      },
    },
  },
});
