import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAll } from '../../agents/problems/steps.ts';

const check = 'kubectl kpr doctor --check sctp-supported';

export const kpr5007 = defineProblem({
  code: 'KPR5007',
  severity: 'error',
  harm: 'now',
  layer: 'program',
  title: 'An SCTP Service asks for more than is supported',
  brief: 'an SCTP Service is not served',
  symptom: 'SCTP associations to the Service’s address are not made, while those to a pod’s own address are.',
  cause:
    'Cilium looks at SCTP only with enable-sctp, and even then changes a packet’s address and not its port: a Service works where port and targetPort are equal, and a NodePort never does. Socket load balancing knows no SCTP at all.',
  confirm:
    'kubectl -n NAMESPACE get service NAME -o yaml shows protocol: SCTP with another targetPort; cilium-config says enable-sctp.',
  harmsOnlyItsObjects: true,
  variants: {
    off: {
      message: '{{services}}: the agents do not look at SCTP (enable-sctp is off), so nobody serves {{frontends}}',
      remedy: {
        steps: [
          {
            text: 'Let the agents look at SCTP (beta), and keep port and targetPort equal',
            sets: { key: 'enable-sctp', value: 'true', helm: 'sctp.enabled=true' },
            where: 'workstation',
          },
          restartAll,
        ],
        check,
      },
    },
    otherPort: {
      message:
        '{{services}}: {{frontends}} leads to port {{ports}} of its backends, and Cilium cannot change the port of an SCTP packet',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Let port and targetPort be equal and do without a NodePort; or let clients use the pods’ addresses',
            command: 'kubectl -n {{objectNamespace}} edit service {{objectName}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
