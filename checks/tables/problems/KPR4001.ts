import { defineProblem } from '../../../src/core/Problem.ts';
import { byDefect, check, whyMissing, writeAnew } from './steps.ts';

export const kpr4001 = defineProblem({
  code: 'KPR4001',
  severity: 'error',
  harm: 'now',
  title: 'A frontend is missing from the eBPF map of a node',
  brief: 'rows of Services are missing from the eBPF map',
  symptom: 'From some nodes connections to a Service time out or are refused, from others they work.',
  cause:
    'The row was deleted from the map behind the agent’s back, was refused because the map is full, or the agent never learned of the Service. It is not repaired by itself: the agent writes rows when its own table changes.',
  confirm:
    'cilium-dbg bpf lb list on that node has no row with the Service’s address and port, on another node it has.',
  // An agent that started without its configuration serves nothing.
  mayFollowFrom: [...whyMissing, { code: 'KPR1005', by: 'cluster', variants: ['configGone'] }],
  harmsOnlyItsObjects: true,
  variants: {
    one: {
      message: 'The map has no row for {{target}}, so connections to it are not balanced; {{layer}}',
      remedy: {
        steps: writeAnew,
        check,
      },
    },
    many: {
      message: 'The map lacks rows of {{count}} Services, so connections to them are not balanced; {{layer}}',
      remedy: {
        steps: writeAnew,
        check,
      },
    },
    byDefect: {
      message: 'The map has no row for {{target}}: a known defect of this version ({{reference}})',
      remedy: byDefect,
    },
  },
});
