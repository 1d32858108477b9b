import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check local-policies-met';

const widen = (field: 'internal' | 'external') =>
  ({
    decision: true,
    text: 'Run a ready pod on every node that gets such traffic (a DaemonSet, or topologySpreadConstraints), or let the policy be Cluster',
    command: `kubectl -n {{objectNamespace}} patch service {{objectName}} --type merge -p '{"spec":{"${field}TrafficPolicy":"Cluster"}}'`,
    where: 'workstation',
    ...(field === 'external' && {
      risk: 'with policy Cluster, pods may see the address of a node in place of the client’s',
    }),
  }) as const;

export const kpr5008 = defineProblem({
  code: 'KPR5008',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'Traffic policy Local on a node that receives traffic and has no ready backend',
  brief: 'traffic policy Local leads to no backend',
  symptom: 'Connections to the Service fail from some nodes, or through one address, and work elsewhere.',
  cause:
    'A traffic policy Local keeps traffic on the node where it arrives, and drops it where no pod of the Service is ready. Whoever announces the address, or the client, does not go by that.',
  confirm:
    'kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml shows nodeName of the ready endpoints; cilium-dbg bpf lb list on the node shows the frontend with no backend.',
  harmsOnlyItsObjects: true,
  variants: {
    nowhere: {
      message:
        '{{service}}: {{field}} is Local, and no node that was read has a ready backend: {{frontends}} serves nobody',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Run a ready pod on a node where traffic arrives, or let {{field}} be Cluster',
            command: 'kubectl -n {{objectNamespace}} edit service {{objectName}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    arrivesHere: {
      message: '{{service}}: {{at}} is an address of this node, which has no ready backend, and {{field}} is Local',
      remedy: { steps: [widen('external')], check },
    },
    someNodes: {
      severity: 'info',
      harm: 'note',
      message:
        '{{service}}: internalTrafficPolicy is Local, and these nodes have no ready backend: clients there do not reach {{frontends}}, as the policy says',
      remedy: { steps: [widen('internal')], check },
    },
  },
});
