import { defineProblem } from '../../../src/core/Problem.ts';
import { byDefect, check, knownDefect, restart } from './steps.ts';

export const kpr4005 = defineProblem({
  code: 'KPR4005',
  severity: 'error',
  harm: 'now',
  layer: 'map',
  title: 'A row of the load-balancing map is damaged',
  brief: 'rows of the load-balancing map are damaged',
  symptom: 'A share of the new connections to a Service is dropped on this node.',
  cause:
    'Slots and their count do not fit together, or a Maglev table is missing: something other than the agent wrote to the map, or an update was cut off.',
  confirm:
    'cilium-dbg bpf lb list --frontends: fewer slots than the count says, or slots that point to no backend; cilium-dbg bpf lb maglev list lacks the ID of a frontend that clients outside use.',
  mayFollowFrom: [
    // A Service of which only some rows fit.
    { code: 'KPR1010', by: 'node', variants: ['full'] },
    knownDefect,
  ],
  variants: {
    one: { message: 'The row of {{target}} is damaged: {{damage}}', remedy: { steps: [restart], check } },
    many: { message: 'The rows of {{count}} Services are damaged', remedy: { steps: [restart], check } },
    byDefect: {
      message: 'The row of {{target}} is damaged: a known defect of this version ({{reference}})',
      remedy: byDefect,
    },
  },
});
