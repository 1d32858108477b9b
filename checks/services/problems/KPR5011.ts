import { defineProblem } from '../../../src/core/Problem.ts';

const kubeletsWords = {
  text: 'Read what the kubelet says of its pods: a probe that times out for all pods of a node at once is not the application’s fault',
  command: 'kubectl -n {{objectNamespace}} get events --field-selector reason=Unhealthy --sort-by=.lastTimestamp',
  where: 'workstation',
} as const;

export const kpr5011 = defineProblem({
  code: 'KPR5011',
  severity: 'info',
  harm: 'note',
  title: 'A Service has no ready backend',
  brief: 'no backend is ready',
  symptom: 'Connections to the Service are refused or dropped, from everywhere.',
  cause:
    'No pod that the Service selects is ready: the application is scaled to 0, fails its readiness probe, or the selector matches nothing; or nodes do not reach their own pods, so that every probe fails. The datapath is right to have nowhere to send connections.',
  confirm:
    'kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME shows no endpoint that is ready.',
  mayFollowFrom: [
    { code: 'KPR6001', by: 'object' },
    { code: 'KPR5014', by: 'object' },
  ],
  harmsOnlyItsObjects: true,
  variants: {
    unlabelled: {
      severity: 'warning',
      harm: 'now',
      message:
        '{{service}} has no selector, and no EndpointSlice names it; {{slice}} looks as if it were meant, and lacks the label kubernetes.io/service-name',
      remedy: {
        steps: [
          {
            text: 'Label it, and make its author (a person or a controller) do so',
            command:
              'kubectl -n {{objectNamespace}} label endpointslice {{slice}} kubernetes.io/service-name={{objectName}}',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}}',
      },
    },
    nobodyWrites: {
      message:
        'Without a selector, and without an EndpointSlice that a person or a controller would write: {{services}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'If it is in use, give it a selector, or an EndpointSlice with the label kubernetes.io/service-name',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}}',
      },
    },
    noBackend: {
      message: 'No ready backend: {{services}}; the application’s problem, not the datapath’s',
      remedy: {
        steps: [
          {
            text: 'See which pods it should have',
            command: 'kubectl -n {{objectNamespace}} get service/{{objectName}} -o wide',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}}',
      },
    },
    onLostNodes: {
      mayFollowFrom: [{ code: 'KPR1001', by: 'node', variants: ['nodeNotReady'] }],
      message: 'No ready backend: {{services}}. All their pods are on nodes that are not ready',
      remedy: {
        steps: [
          {
            text: 'See whether pods of it are being made on other nodes',
            command: 'kubectl -n {{objectNamespace}} get pods -o wide',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}}',
      },
    },
    unreached: {
      // A kubelet that does not reach the pods of its node calls none of them ready.
      mayFollowFrom: [{ code: 'KPR1017', by: 'node', variants: ['ofItself', 'silent'] }],
      message:
        'No ready backend: {{services}}. All their pods are there, and the node does not reach pods of its own, so that its kubelet calls none of them ready',
      remedy: {
        steps: [kubeletsWords],
        check: 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}}',
      },
    },
    gated: {
      message:
        'No ready backend: {{services}}. The containers of their pods are ready; a readiness gate keeps the pods out, whose condition nobody has set to True',
      remedy: {
        steps: [
          {
            text: 'See what each gate says, and since when',
            command:
              'kubectl -n {{objectNamespace}} get pods -o custom-columns=\'pod:.metadata.name,gates:.spec.readinessGates[*].conditionType,said:.status.conditions[?(@.type=="Ready")].message\'',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Find the controller that sets this condition (of a load balancer, by the name of the gate), and let it run and do its work; pods that are made without the gate do not wait for it',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}}',
      },
    },
    notReady: {
      message:
        'No ready backend: {{services}}. There are pods, and none of them is ready, because the application is not, or because its node does not reach it to ask',
      remedy: {
        steps: [
          kubeletsWords,
          {
            text: 'See its endpoints, and on which nodes they are',
            command:
              'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}} -o yaml',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}}',
      },
    },
  },
});
