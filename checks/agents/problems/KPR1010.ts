import { defineProblem, type RestartStep } from '../../../src/core/Problem.ts';
import { restartAgent, restartAll } from './steps.ts';

const double = {
  sets: { key: '{{key}}', value: '{{size}}', helm: '{{helm}}={{size}}' },
  where: 'workstation',
  risk: 'agents recreate the maps when they restart: Services on the node are interrupted for seconds',
} as const;

/** An agent that starts makes the map anew, in the size that is set then. */
const remaking = <const S extends RestartStep>(step: S) => ({ ...step, repairs: ['KPR1010'] }) as const;

const seeDrops = {
  text: 'See what is dropped',
  command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg metrics list -p drop_count_total',
  where: 'workstation',
} as const;

const madeAnew = 'agents recreate the tables when they restart: established connections through them break';

const tracking =
  'The connection table {{map}} is filled to more than 90 %: when it is full, the oldest entries are dropped, and their connections break';

const check = 'kubectl kpr doctor --check maps-have-room';

export const kpr1010 = defineProblem({
  code: 'KPR1010',
  severity: 'error',
  harm: 'now',
  layer: 'map',
  title: 'A load-balancing map is full or nearly full',
  brief: 'load-balancing maps are nearly full',
  symptom:
    'New Services, or new backends of old ones, do not work on some or all nodes, while the agent’s own list shows them.',
  cause:
    'Each Service takes a row for every port, backend and address that it is served on (a NodePort: every node address). What does not fit is not programmed. Connection tables that are full drop their oldest entries instead.',
  confirm: 'cilium-dbg metrics list -p bpf_map_pressure in an agent (1 is full), and bpf-lb-map-max in cilium-config.',
  variants: {
    full: {
      brief: 'load-balancing maps are full',
      endangers: {
        deeds: ['restartAgent'],
        why: 'a map that is full takes no more rows after a restart either',
      },
      message: 'There is no room left in {{maps}}: Services or backends are missing on the node',
      remedy: {
        steps: [{ ...double, text: 'Double the size' }, remaking(restartAgent), remaking(restartAll)],
        check,
      },
    },
    nearlyFull: {
      severity: 'warning',
      harm: 'trap',
      message:
        'More than 90 % of {{maps}} is in use; when it is full, Services or backends will be missing on the node',
      remedy: {
        steps: [
          { ...double, text: 'Double the size in a maintenance window' },
          remaking(restartAgent),
          remaking(restartAll),
        ],
        check,
      },
    },
    tracking: {
      brief: 'a connection table is nearly full',
      severity: 'warning',
      harm: 'trap',
      message: tracking,
      remedy: {
        steps: [
          seeDrops,
          {
            text: 'Give such tables twice the share of memory ({{now}} now)',
            sets: {
              key: 'bpf-map-dynamic-size-ratio',
              value: '{{ratio}}',
              helm: 'bpf.mapDynamicSizeRatio={{ratio}}',
            },
            where: 'workstation',
            risk: madeAnew,
          },
          restartAgent,
          restartAll,
        ],
        check,
      },
    },
    trackingFixed: {
      brief: 'a connection table is nearly full',
      severity: 'warning',
      harm: 'trap',
      message: `${tracking}; its size is set to {{now}}`,
      remedy: {
        steps: [
          seeDrops,
          {
            text: 'Double its size, which has an option of its own: the share of memory does not count for it',
            sets: { key: '{{key}}', value: '{{size}}', helm: '{{helm}}={{size}}' },
            where: 'workstation',
            risk: madeAnew,
          },
          restartAgent,
          restartAll,
        ],
        check,
      },
    },
    trackingNat: {
      brief: 'a connection table is nearly full',
      severity: 'warning',
      harm: 'trap',
      message: `${tracking}; its size is set to {{now}}`,
      remedy: {
        steps: [
          seeDrops,
          {
            decision: true,
            text: 'Give it a greater size (SIZE); more than both connection tables have together (bpf-ct-global-tcp-max and -any-max), agents refuse it at start',
            sets: { key: '{{key}}', value: 'SIZE', helm: '{{helm}}=SIZE' },
            where: 'workstation',
            risk: madeAnew,
          },
          restartAgent,
          restartAll,
        ],
        check,
      },
    },
  },
});
