import { defineProblem } from '../../../src/core/Problem.ts';
import { howToSet, howToSetSafely, undo } from './steps.ts';

export const kpr2001 = defineProblem({
  code: 'KPR2001',
  severity: 'error',
  harm: 'trap',
  layer: 'api',
  title: 'Cilium reaches the API server through the ClusterIP that it has to provide itself',
  brief: 'Cilium depends on a Service that it has to provide itself',
  symptom:
    'Everything works until a node boots, or a new one joins: then its agent waits for the API server forever, and the node has no network for pods.',
  cause:
    'Neither k8sServiceHost nor k8s.apiServerURLs is set, or the value is the Service default/kubernetes, so the containers get its ClusterIP. While an agent runs, the entry in its eBPF map serves that address; after a boot the map is empty, and without kube-proxy nobody else serves it.',
  confirm:
    'kubectl -n kube-system get daemonset cilium -o yaml shows no KUBERNETES_SERVICE_HOST for the containers cilium-agent and config, or the address of kubectl -n default get service kubernetes.',
  variants: {
    clusterIP: {
      brief: 'nodes will not come up after a reboot',
      endangers: {
        deeds: ['rebootNode'],
        why: 'after a boot nobody serves the address at which its agent looks for the API server',
      },
      message: '{{who}} reach the API server at {{host}}: at the next boot of a node nobody serves that address',
      remedy: {
        steps: howToSetSafely,
        check: 'kubectl kpr doctor --check api-endpoint-direct',
        undo,
      },
    },
    clusterIPWithKubeProxy: {
      severity: 'warning',
      message: '{{who}} reach the API server at {{host}}, which works only as long as kube-proxy stays',
      remedy: {
        steps: howToSetSafely,
        check: 'kubectl kpr doctor --check api-endpoint-direct',
        undo,
      },
    },
    otherService: {
      severity: 'warning',
      endangers: {
        deeds: ['rebootNode'],
        why: 'after a boot nobody serves the address at which its agent looks for the API server',
      },
      message:
        '{{who}} reach the API server at {{host}}, which is the Service {{service}} of this same cluster: it is served as long as the agents are, and has backends',
      remedy: {
        steps: howToSetSafely,
        check: 'kubectl kpr doctor --check api-endpoint-direct',
        undo,
      },
    },
    otherServiceEmpty: {
      endangers: {
        deeds: ['restartAgent', 'rebootNode'],
        why: 'an agent that starts is refused at the address at which it looks for the API server, and does not come back',
      },
      harm: 'now',
      message:
        '{{who}} reach the API server at {{host}}, which is the Service {{service}} of this same cluster, and that has no backend: connections are refused on every node',
      remedy: {
        steps: howToSet,
        check: 'kubectl kpr doctor --check api-endpoint-direct',
        undo,
      },
    },
    outdatedPods: {
      brief: 'some pods still use an API server address that Cilium provides itself',
      message: '{{who}} still reach the API server at {{host}}, although the template has another address by now',
      remedy: {
        steps: [
          {
            text: 'Restart the agents that were made before the change',
            restart: 'agent',
            where: 'workstation',
            risk: 'connections that exist stay; new ones on this node fail until the agent is back',
          },
        ],
        check: 'kubectl kpr doctor --check api-endpoint-direct',
      },
    },
  },
});
