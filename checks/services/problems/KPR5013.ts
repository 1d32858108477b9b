import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check balancers-addressed';

export const kpr5013 = defineProblem({
  code: 'KPR5013',
  severity: 'info',
  harm: 'note',
  layer: 'api',
  title: 'A Service of type LoadBalancer has had no address for minutes',
  brief: 'a Service of type LoadBalancer has no address',
  symptom:
    'kubectl get services shows <pending> as EXTERNAL-IP; from outside the Service is reached at NodePorts only.',
  cause:
    'Who gives addresses (a cloud’s controller, Cilium’s LB-IPAM, MetalLB) is not there, is not responsible for its loadBalancerClass, or has none that fits. Load balancing is not at fault.',
  confirm: 'kubectl -n NAMESPACE describe service NAME shows conditions and events of whoever gives addresses.',
  harmsOnlyItsObjects: true,
  variants: {
    refused: {
      severity: 'warning',
      harm: 'now',
      message: '{{services}}: no LoadBalancer address, because Cilium’s LB-IPAM has none: {{reason}}',
      remedy: {
        steps: [
          { text: 'See which pools there are', command: 'kubectl get ciliumloadbalancerippools', where: 'workstation' },
          {
            decision: true,
            text: 'Make a pool whose serviceSelector takes the Service in and that has addresses left, or let the Service ask for another one',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    classOff: {
      severity: 'warning',
      harm: 'now',
      message:
        '{{services}}: no LoadBalancer address, because loadBalancerClass {{name}} is left to Cilium, which gives none while {{key}} is off',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Turn it on (Helm: {{helm}}), which restarts agents and operator (CHART: how your release was installed); or make the Service anew with the class of whoever is to give it an address: it cannot be changed',
            command: 'helm -n {{namespace}} upgrade {{helmRelease}} CHART --reuse-values --set {{helm}}',
            where: 'workstation',
            does: 'restartAllAgents',
            risk: 'give the version that is installed (--version), or the chart is upgraded as well',
          },
        ],
        check,
      },
    },
    operatorDown: {
      severity: 'warning',
      harm: 'now',
      message:
        '{{services}}: no LoadBalancer address, and no operator of Cilium is ready that would give one ({{pods}})',
      remedy: {
        steps: [
          {
            text: 'Read what the operator says',
            command: 'kubectl -n {{namespace}} logs deployment/{{operator}} --tail=50',
            where: 'workstation',
          },
          {
            text: 'Read why it ended last time',
            command: 'kubectl -n {{namespace}} logs deployment/{{operator}} --previous --tail=50',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    operatorStopped: {
      severity: 'warning',
      harm: 'now',
      message: '{{services}}: no LoadBalancer address, and Cilium’s operator, which would give one, is scaled to 0',
      remedy: {
        steps: [
          {
            text: 'Scale it up, if nobody stopped it for a reason',
            command: 'kubectl -n {{namespace}} scale deployment {{name}} --replicas=2',
            where: 'workstation',
          },
        ],
        check,
        undo: 'kubectl -n {{namespace}} scale deployment {{name}} --replicas=0',
      },
    },
    leftToClass: {
      message:
        '{{services}}: no LoadBalancer address yet; it is left to whoever serves loadBalancerClass {{name}}, and nobody says why',
      remedy: {
        steps: [
          {
            text: 'See whether the controller of that class runs, and what its events say',
            command: 'kubectl -n {{objectNamespace}} describe service {{objectName}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    pending: {
      message: '{{services}}: no LoadBalancer address yet, and nobody says why',
      remedy: {
        steps: [
          {
            text: 'See events and loadBalancerClass',
            command: 'kubectl -n {{objectNamespace}} describe service {{objectName}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
