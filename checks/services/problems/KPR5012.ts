import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check l7-services-redirected';

export const kpr5012 = defineProblem({
  code: 'KPR5012',
  severity: 'error',
  harm: 'now',
  layer: 'agent',
  title: 'A Gateway or Ingress Service does not lead to the L7 proxy',
  brief: 'a Gateway or Ingress does not lead to the L7 proxy',
  symptom: 'Every connection to the Gateway’s or Ingress’s address is refused or times out; pods behind it are ready.',
  cause:
    'Cilium’s operator makes such a Service with a placeholder for an endpoint, and the agents put a redirect to Envoy into its rows. They do that by a CiliumEnvoyConfig of the Service’s name, while enable-envoy-config is on and Envoy runs; one of these is missing.',
  confirm:
    'kubectl get ciliumenvoyconfigs -A names the Service; in an agent, cilium-dbg bpf lb list shows its addresses with l7-load-balancer where they are redirected.',
  harmsOnlyItsObjects: true,
  variants: {
    notRedirected: {
      message: '{{services}}: {{frontends}} has only the placeholder endpoint, and no redirect to the L7 proxy',
      remedy: {
        steps: [
          {
            text: 'See whether there is a CiliumEnvoyConfig for it, and what the operator says of the Gateway or Ingress',
            command: 'kubectl -n {{objectNamespace}} get ciliumenvoyconfigs,gateways,ingresses',
            where: 'workstation',
          },
          {
            text: 'See what the agents say of Envoy’s resources',
            command:
              'kubectl -n {{namespace}} logs daemonset/{{agentDaemonSet}} -c cilium-agent --since=1h | grep -i envoy',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    envoyDown: {
      mayFollowFrom: [{ code: 'KPR1001', by: 'node' }],
      brief: 'Envoy is not ready',
      message:
        'Envoy is not ready here ({{pod}}: {{why}}): connections to {{services}} that arrive at this node are redirected to it, and nobody answers',
      remedy: {
        steps: [
          {
            text: 'Read what it says',
            command: 'kubectl -n {{namespace}} logs {{pod}} -c cilium-envoy --tail=50',
            where: 'workstation',
          },
          {
            text: 'Read its events',
            command: 'kubectl -n {{namespace}} describe pod {{pod}}',
            where: 'workstation',
          },
          {
            text: 'Start it again, once that is kept',
            command: 'kubectl -n {{namespace}} delete pod {{pod}}',
            where: 'workstation',
            risk: 'its connections to Gateways, Ingresses and policies of layer 7 end, on this node',
          },
        ],
        check,
      },
    },
    envoyOff: {
      message:
        '{{services}}: {{frontends}} has only the placeholder endpoint, and the agents do not configure Envoy (enable-envoy-config is off)',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Turn on the Helm value that the object needs, gatewayAPI.enabled or ingressController.enabled, which brings enable-envoy-config and restarts the agents; or delete the Gateway or Ingress',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
