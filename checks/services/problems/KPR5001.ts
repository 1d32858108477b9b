import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAll } from '../../agents/problems/steps.ts';

const check = 'kubectl kpr doctor --check node-ports-in-range';

const widen = {
  text: 'Give Cilium that range; it has to end below the ephemeral ports (net.ipv4.ip_local_port_range)',
  sets: { key: 'node-port-range', value: '{{agentRange}}', helm: 'nodePort.range={{helmRange}}' },
  where: 'workstation',
} as const;

export const kpr5001 = defineProblem({
  code: 'KPR5001',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'A Service’s NodePort is outside of Cilium’s range, or the range overlaps ephemeral ports',
  brief: 'a NodePort is outside of the range that Cilium serves',
  symptom:
    'A NodePort is refused, at least from nodes and pods; or now and then an outgoing connection of a node gets no answer.',
  cause:
    'The API server hands out NodePorts of --service-node-port-range, Cilium serves those of its own range (node-port-range, 30000-32767 unless set), and neither knows of the other. A port that is also ephemeral belongs to an outgoing connection of the node sooner or later, whose answers then go to the Service.',
  confirm:
    'cilium-dbg status --verbose in an agent prints NodePort: Enabled (Range: …); kubectl get services -A shows the ports; the API server’s command line has --service-node-port-range.',
  harmsOnlyItsObjects: true,
  variants: {
    outside: {
      message:
        '{{services}}: NodePort {{ports}} lies outside of the range that Cilium serves ({{range}}), so that connections to it are lost',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give the Service a nodePort of {{range}}, if nobody depends on the number yet',
            command: 'kubectl -n {{objectNamespace}} edit service {{objectName}}',
            where: 'workstation',
          },
        ],
        check,
      },
      alternatives: [
        { title: 'let Cilium serve the range that the API server hands out', steps: [widen, restartAll], check },
      ],
    },
    apiServerRange: {
      severity: 'warning',
      harm: 'trap',
      message:
        'The API server hands out NodePorts of {{wanted}}, and Cilium serves {{range}}: the next Service may get one that is not served',
      remedy: { steps: [widen, restartAll], check },
      alternatives: [
        {
          title: 'let the API server hand out what Cilium serves',
          steps: [
            {
              decision: true,
              text: 'Set --service-node-port-range={{range}} on every API server, by the distribution’s means',
              where: 'controlPlane',
            },
          ],
          check,
        },
      ],
    },
    ephemeral: {
      severity: 'warning',
      harm: 'trap',
      message:
        'Outgoing connections of the node get ports of {{local}}, which holds NodePorts ({{range}}) that are not reserved',
      remedy: {
        steps: [
          {
            text: 'Reserve the range of NodePorts now',
            command: 'sysctl -w net.ipv4.ip_local_reserved_ports={{reserved}}',
            where: 'node',
          },
          {
            decision: true,
            text: 'Keep it over a reboot: in a file of /etc/sysctl.d of every node, or leave enable-auto-protect-node-port-range on, with which the agents do it when they start',
            where: 'node',
          },
        ],
        check,
      },
    },
  },
});
