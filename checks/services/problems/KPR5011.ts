import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr5011 = defineProblem({
  code: 'KPR5011',
  severity: 'info',
  harm: 'note',
  layer: 'api',
  title: 'A Service has no ready backend',
  symptom: 'Connections to the Service are refused or dropped, from everywhere.',
  cause:
    'No pod that the Service selects is ready: the application is scaled to 0, fails its readiness probe, or the selector matches nothing. The datapath is right to have nowhere to send connections.',
  confirm:
    'kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME shows no endpoint that is ready.',
  mayFollowFrom: [{ code: 'KPR6001', by: 'object' }],
  variants: {
    unlabelled: {
      severity: 'warning',
      harm: 'now',
      message:
        '{{service}} has no selector, and no EndpointSlice names it; {{slice}} looks as if it were meant, and lacks the label kubernetes.io/service-name',
      remedy: {
        steps: [
          {
            text: 'Label it, and let whoever writes it do so',
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
      message: 'Without a ready backend: {{services}}. That is the application’s, not the datapath’s',
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
  },
});
