import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent, restartAll } from './steps.ts';

export const kpr1010 = defineProblem({
  code: 'KPR1010',
  severity: 'error',
  harm: 'now',
  layer: 'map',
  title: 'A load-balancing map is full or nearly full',
  symptom:
    'New Services, or new backends of old ones, do not work on some or all nodes, while the agent’s own list shows them.',
  cause:
    'Each Service takes a row for every port, backend and address that it is served on (a NodePort: every node address). What does not fit is not programmed. Connection tables that are full drop their oldest entries instead.',
  confirm: 'cilium-dbg metrics list -p bpf_map_pressure in an agent (1 is full), and bpf-lb-map-max in cilium-config.',
  variants: {
    full: {
      message: 'The map {{map}} is full: Services or backends are missing from it',
      remedy: {
        steps: [
          {
            text: 'Double its size (Helm: bpf.lbMapMax; 131072 if it is 65536 now)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"{{key}}":"131072"}}\'',
            where: 'workstation',
            risk: 'agents make the maps anew when they restart: Services on the node are interrupted for seconds',
          },
          restartAgent,
          restartAll,
        ],
        check: 'kubectl kpr doctor --check maps-have-room',
      },
    },
    nearlyFull: {
      severity: 'warning',
      harm: 'trap',
      message:
        'The map {{map}} is filled to more than 90 %; when it is full, Services or backends will be missing from it',
      remedy: {
        steps: [
          {
            text: 'Double its size in a maintenance window (Helm: bpf.lbMapMax; 131072 if it is 65536 now)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"{{key}}":"131072"}}\'',
            where: 'workstation',
            risk: 'agents make the maps anew when they restart: Services on the node are interrupted for seconds',
          },
          restartAgent,
          restartAll,
        ],
        check: 'kubectl kpr doctor --check maps-have-room',
      },
    },
    tracking: {
      severity: 'warning',
      harm: 'trap',
      message:
        'The connection table {{map}} is filled to more than 90 %: when it is full, the oldest entries go, and their connections break',
      remedy: {
        steps: [
          {
            text: 'See what is dropped',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg metrics list -p drop_count_total',
            where: 'workstation',
          },
          {
            text: 'Give such tables a greater share of memory (Helm: bpf.mapDynamicSizeRatio, 0.0025 by default)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"bpf-map-dynamic-size-ratio":"0.005"}}\'',
            where: 'workstation',
            risk: 'agents make the tables anew when they restart: established connections through them break',
          },
        ],
        check: 'kubectl kpr doctor --check maps-have-room',
      },
    },
  },
});
