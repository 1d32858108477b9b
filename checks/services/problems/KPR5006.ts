import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAll } from '../../agents/problems/steps.ts';

const check = 'kubectl kpr doctor --check affinity-effective';

export const kpr5006 = defineProblem({
  code: 'KPR5006',
  severity: 'warning',
  harm: 'now',
  layer: 'api',
  title: 'Session affinity is asked for in a way that has no effect',
  brief: 'session affinity is asked for and has no effect',
  symptom: 'Requests of one client reach one pod after another, so that logins are lost and uploads break.',
  cause:
    'Session affinity is the field spec.sessionAffinity of a Service; Cilium reads no annotation for it. Up to Cilium 1.18 the agents keep affinity only with enable-session-affinity, which kube-proxy replacement turns on.',
  confirm:
    'kubectl -n NAMESPACE get service NAME -o jsonpath="{.spec.sessionAffinity}" says ClientIP where it is asked for; cilium-dbg status --verbose says whether Session Affinity is enabled.',
  harmsOnlyItsObjects: true,
  variants: {
    annotation: {
      message: '{{service}} has the annotation {{key}}, which Cilium does not read, and spec.sessionAffinity is None',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'If clients are to stay with a pod, set the field',
            command:
              'kubectl -n {{objectNamespace}} patch service {{objectName}} --type merge -p \'{"spec":{"sessionAffinity":"ClientIP"}}\'',
            where: 'workstation',
          },
          {
            text: 'Remove the annotation',
            command: 'kubectl -n {{objectNamespace}} annotate service {{objectName}} {{key}}-',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    off: {
      message:
        '{{services}}: sessionAffinity ClientIP is asked for, and the agents do not keep it (enable-session-affinity is off): clients inside the cluster change pods',
      remedy: {
        steps: [
          {
            text: 'Let the agents keep it; Cilium 1.19 has no such switch any more',
            sets: { key: 'enable-session-affinity', value: 'true', helm: 'sessionAffinity=true' },
            where: 'workstation',
          },
          restartAll,
        ],
        check,
      },
    },
  },
});
