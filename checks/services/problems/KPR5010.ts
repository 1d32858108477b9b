import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr5010 = defineProblem({
  code: 'KPR5010',
  severity: 'info',
  harm: 'note',
  layer: 'program',
  title: 'Several frontends share a backend in a way that makes connections collide',
  brief: 'several addresses share backends',
  symptom: 'Now and then a new connection of a client that uses several of the addresses hangs or is reset.',
  cause:
    'Cilium tells connections apart by client and backend. A client that uses one source port to two addresses of the same backend has two connections that are one behind the translation; clients behind one NAT address meet that sooner. It is a documented limit.',
  confirm: 'kubectl get endpointslices -A -o wide shows the same address and port for both Services.',
  harmsOnlyItsObjects: true,
  variants: {
    shared: {
      message: '{{services}}: several LoadBalancer addresses lead to the same backends, e.g. {{backend}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Only where clients use several of these addresses and connections hang: give each address a port of its own on the pods (targetPort), or one address for all',
            where: 'workstation',
          },
        ],
      },
    },
  },
});
