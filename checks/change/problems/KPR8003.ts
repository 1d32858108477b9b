import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr8003 = defineProblem({
  code: 'KPR8003',
  severity: 'error',
  harm: 'trap',
  layer: 'agent',
  title: 'Nothing will answer port 10256 after the change',
  brief: 'nobody would answer port 10256',
  symptom:
    'As soon as kube-proxy is removed, load balancers consider all nodes dead, and Services of type LoadBalancer do not answer from outside.',
  cause:
    'kube-proxy answers health checks on port 10256. Cilium does so only where kube-proxy-replacement-healthz-bind-address is set, which it is not by default.',
  confirm:
    'kubectl -n kube-system get configmap cilium-config -o yaml | grep kube-proxy-replacement-healthz-bind-address.',
  variants: {
    nobody: {
      message:
        'Load balancers of {{provider}} ask port 10256 for {{services}}, and agents are not told to answer there (kube-proxy-replacement-healthz-bind-address: {{bound}})',
      remedy: {
        steps: [
          {
            text: 'Let agents answer there from their next start on; restart them right after kube-proxy is removed (it holds the port until then)',
            sets: {
              key: 'kube-proxy-replacement-healthz-bind-address',
              value: '0.0.0.0:10256',
              helm: 'kubeProxyReplacementHealthzBindAddr=0.0.0.0:10256',
            },
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr preflight --change remove-kube-proxy --check health-port-answered-then',
      },
    },
  },
});
