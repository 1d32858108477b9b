import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr7007 = defineProblem({
  code: 'KPR7007',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'A feature in use needs kube-proxy replacement, which is off or about to be',
  brief: 'a feature needs the replacement, which is off',
  symptom:
    'Gateways and Ingresses get an address and answer nothing, or addresses of load balancers are announced by nobody.',
  cause:
    'These features are served by the same eBPF programs as NodePorts. Without the replacement the operator logs a warning and starts no controller for them.',
  confirm:
    'kubectl -n kube-system logs deployment/cilium-operator | grep "requires kube-proxy-replacement"; kubectl -n kube-system get configmap cilium-config -o yaml.',
  variants: {
    off: {
      message: '{{feature}} ({{key}}) does nothing there, because kube-proxy replacement is off',
      remedy: {
        steps: [
          {
            text: 'See what it takes to turn the replacement on; else turn the feature off',
            command: 'kubectl kpr preflight --change enable',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check features-without-replacement',
      },
    },
    aboutToBeOff: {
      harm: 'trap',
      message: '{{feature}} ({{key}}) is on, and ends when kube-proxy replacement does: kube-proxy cannot take it over',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Move what uses it to something else first, and turn it off',
            sets: { key: '{{key}}', value: 'false' },
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr preflight --change rollback --check features-without-replacement',
      },
    },
  },
});
