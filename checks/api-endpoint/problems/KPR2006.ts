import { defineProblem } from '../../../src/core/Problem.ts';

const whoWrites = {
  text: 'See which API servers hold their lease; the wrong address has none, or one that is not renewed',
  command: 'kubectl -n kube-system get leases -l apiserver.kubernetes.io/identity=kube-apiserver -o wide',
  where: 'workstation',
} as const;

const restartServer = {
  decision: true,
  text: 'On the control-plane node that has or had this address, correct --advertise-address and restart that API server, or end one that was left running; the others take an entry away that nobody renews',
  where: 'controlPlane',
} as const;

const check = 'kubectl kpr doctor --check kubernetes-slice-current';

export const kpr2006 = defineProblem({
  code: 'KPR2006',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'The EndpointSlice default/kubernetes lists an API server that does not answer',
  brief: 'the kubernetes Service leads to an API server that does not answer',
  symptom:
    'A part of all connections to the kubernetes Service times out or is refused, from pods and nodes alike; a second try succeeds. Operators and controllers restart now and then.',
  cause:
    'Every API server writes its own address into this slice. One that moved, was restored from an image, or advertises an address of another network leaves an entry behind that Cilium serves like all others.',
  confirm:
    'kubectl -n default get endpointslices kubernetes -o yaml, and from a node curl -k --max-time 3 https://ADDRESS:PORT/livez for each address.',
  variants: {
    dead: {
      message:
        'The Service default/kubernetes leads to {{addresses}} as well, where no node reaches an API server ({{how}}); {{others}} answers',
      remedy: { steps: [whoWrites, restartServer], check },
    },
    stray: {
      severity: 'warning',
      harm: 'trap',
      message:
        'The Service default/kubernetes leads to {{addresses}}, which is no address of a node, while {{others}} is: a part of the connections may be lost',
      remedy: { steps: [whoWrites, restartServer], check },
    },
    unconfirmed: {
      severity: 'info',
      harm: 'note',
      message:
        'The Service default/kubernetes leads to {{addresses}}, which nothing here confirms to be an API server, in addition to {{others}}: it was not dialled',
      remedy: {
        steps: [
          {
            text: 'See from any node whether each of them answers',
            command: 'curl -k --max-time 3 https://{{addresses}}/livez',
            where: 'node',
          },
          whoWrites,
        ],
        check,
      },
    },
  },
});
