import { defineProblem } from '../../../src/core/Problem.ts';
import { byDefect, check, whyMissing, writeAnew } from './steps.ts';

export const kpr4002 = defineProblem({
  code: 'KPR4002',
  severity: 'error',
  harm: 'now',
  title: 'A backend that is ready in the API takes no connections on a node',
  brief: 'ready backends take no connections',
  symptom: 'Load is uneven, or a Service refuses connections on some nodes although its pods are ready.',
  cause: 'The agent has not seen the endpoint become ready, or its row in the map was not written.',
  confirm: 'cilium-dbg bpf lb list --frontends shows fewer active slots than there are ready endpoints.',
  mayFollowFrom: whyMissing,
  harmsOnlyItsObjects: true,
  variants: {
    one: {
      message: '{{target}} gets {{found}} of {{expected}} ready backends, without {{backends}}; {{layer}}',
      remedy: {
        steps: writeAnew,
        check,
      },
    },
    many: {
      message: '{{count}} Services lack backends that are ready; {{layer}}',
      remedy: { steps: writeAnew, check },
    },
    byDefect: {
      message: '{{target}} lacks backends that are ready: a known defect of this version ({{reference}})',
      remedy: byDefect,
    },
  },
});
