import { defineProblem } from '../../../src/core/Problem.ts';
import { howToSet, undo } from './steps.ts';

export const kpr2004 = defineProblem({
  code: 'KPR2004',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'The API server’s address is malformed or does not resolve',
  brief: 'the API server’s address is malformed or does not resolve',
  symptom:
    'Agents or operator end at start with a message about the client configuration, an unsupported scheme or no such host.',
  cause:
    'k8sServiceHost takes a bare address or name and k8sServicePort a number. A URL, a port behind the host or an empty value gives an address that no client can use. Names are resolved by the node, because agents use its network: cluster DNS does not count, and names in /etc/hosts count only where they stand.',
  confirm:
    'kubectl -n kube-system get daemonset cilium -o yaml shows the value; getent ahosts NAME on the node resolves it.',
  endangers: {
    deeds: ['restartAgent', 'rebootNode'],
    why: 'an agent that starts cannot use the address of the API server, and does not come back',
  },
  variants: {
    malformed: {
      message: 'KUBERNETES_SERVICE_HOST {{host}} with port {{port}} {{why}} ({{who}})',
      remedy: {
        steps: howToSet,
        check: 'kubectl kpr doctor --check api-endpoint-wellformed',
        undo,
      },
    },
    unresolved: {
      message: 'The API server’s name {{host}} does not resolve on the node ({{detail}})',
      remedy: {
        steps: [
          { text: 'Ask the node’s own resolver', command: 'getent ahosts {{host}}', where: 'node' },
          {
            decision: true,
            text: 'Make the name known to the nodes’ DNS, or take an IP address, as follows',
            where: 'workstation',
          },
          ...howToSet,
        ],
        check: 'kubectl kpr doctor --check api-endpoint-wellformed',
        undo,
      },
    },
    reference: {
      message:
        'The container {{container}} cannot start, because its API server address comes from {{from}}: {{detail}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Make that ConfigMap with the key, or set the address itself, as follows',
            where: 'workstation',
          },
          ...howToSet,
        ],
        check: 'kubectl kpr doctor --check api-endpoint-wellformed',
        undo,
      },
    },
  },
});
