import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent } from './steps.ts';

const check = 'kubectl kpr doctor --check health-port-answers --node {{node}}';

const answerEverywhere = [
  {
    text: 'Let agents answer there; one address is for both families',
    sets: {
      key: 'kube-proxy-replacement-healthz-bind-address',
      value: '0.0.0.0:10256',
      helm: 'kubeProxyReplacementHealthzBindAddr=0.0.0.0:10256',
    },
    where: 'workstation',
  },
  restartAgent,
] as const;

export const kpr1014 = defineProblem({
  code: 'KPR1014',
  severity: 'error',
  harm: 'now',
  layer: 'agent',
  title: 'Nothing answers the health checks of cloud load balancers on port 10256, or two programs want to',
  brief: 'nothing answers health checks on port 10256',
  symptom:
    'Load balancers of the cloud consider all nodes dead, and Services of type LoadBalancer do not answer from outside, while NodePorts do.',
  cause:
    'kube-proxy answers on port 10256 whether a node takes traffic. Cilium does so only where kube-proxy-replacement-healthz-bind-address is set, which it is not by default.',
  confirm: 'On a node, curl -s http://127.0.0.1:10256/healthz.',
  variants: {
    nobody: {
      message:
        'Nobody answers on port 10256, which load balancers of {{provider}} ask for {{services}} (kube-proxy-replacement-healthz-bind-address: {{bound}})',
      remedy: { steps: answerEverywhere, check },
    },
    loopback: {
      message:
        'Port 10256 answers the node alone (kube-proxy-replacement-healthz-bind-address: {{bound}}), and load balancers of {{provider}} ask for {{services}} from outside',
      remedy: { steps: answerEverywhere, check },
    },
    contested: {
      severity: 'warning',
      harm: 'trap',
      message:
        'kube-proxy answers on port 10256, which Cilium is to answer as well (kube-proxy-replacement-healthz-bind-address {{bound}}): the one that starts second does not get it',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Run one of the two on a node: while kube-proxy stays, leave kube-proxy-replacement-healthz-bind-address empty, and set it when kube-proxy is gone',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
