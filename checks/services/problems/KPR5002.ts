import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check host-ports-served';

const turnOn = {
  decision: true,
  text: 'Let Cilium replace kube-proxy, which opens hostPorts and NodePorts; agents need the API server’s own address then (k8sServiceHost, k8sServicePort; CHART: how your release was installed)',
  command: 'helm -n {{namespace}} upgrade {{helmRelease}} CHART --reuse-values --set kubeProxyReplacement=true',
  where: 'workstation',
  does: 'restartAllAgents',
  risk: 'give the version that is installed (--version), or the chart is upgraded as well; connections through kube-proxy break when it is removed',
} as const;

export const kpr5002 = defineProblem({
  code: 'KPR5002',
  severity: 'warning',
  harm: 'now',
  layer: 'api',
  title: 'NodePorts, external IPs or host ports are in use while the feature is off',
  brief: 'host ports are asked for and nobody opens them',
  symptom: 'A hostPort is refused at every address of the node; pods behind it are ready.',
  cause:
    'Cilium opens hostPorts with kube-proxy replacement only, and kube-proxy never does: without the replacement the CNI plug-in portmap has to be chained. The switches for single features were removed with Cilium 1.19 and do nothing any more.',
  confirm:
    'cilium-dbg status --verbose says HostPort: Disabled, and iptables-save on the node has no chain CNI-HOSTPORT-DNAT.',
  mayFollowFrom: [{ code: 'KPR1003', by: 'node' }],
  harmsOnlyItsObjects: true,
  variants: {
    hostPort: {
      message:
        '{{pods}}: nobody opens hostPort {{ports}}: kube-proxy replacement is off, and iptables has no rules of the plug-in portmap',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Chain portmap: Helm value cni.chainingMode=portmap, then recreate the pods, because a port is opened when its pod starts (CHART: how your release was installed)',
            command:
              'helm -n {{namespace}} upgrade {{helmRelease}} CHART --reuse-values --set cni.chainingMode=portmap',
            where: 'workstation',
            does: 'restartAllAgents',
            risk: 'give the version that is installed (--version), or the chart is upgraded as well; agents restart',
          },
        ],
        check,
      },
      alternatives: [{ title: 'let Cilium do it', steps: [turnOn], check }],
    },
    healthCheck: {
      brief: 'nobody answers load balancers that ask for the health of a Service',
      message:
        '{{services}}: with externalTrafficPolicy Local the load balancer asks each node at port {{ports}} whether it has a backend, and nobody answers: enable-health-check-nodeport is off, and no kube-proxy runs',
      remedy: {
        steps: [
          {
            text: 'Let the agents answer; it takes effect with the next start of each',
            sets: { key: 'enable-health-check-nodeport', value: 'true', helm: 'nodePort.enableHealthCheck=true' },
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check health-checks-on',
      },
    },
    switchRemoved: {
      message:
        '{{owners}}: {{key}} is set and does nothing since Cilium 1.19: with kube-proxy replacement off, the agents open none of these',
      remedy: {
        steps: [
          turnOn,
          {
            decision: true,
            text: 'Otherwise keep kube-proxy (and portmap for hostPorts), and take the key out of the Helm values, where it says something that is not so',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
