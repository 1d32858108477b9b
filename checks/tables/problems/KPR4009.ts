import { defineProblem } from '../../../src/core/Problem.ts';
import { check } from './steps.ts';

export const kpr4009 = defineProblem({
  code: 'KPR4009',
  severity: 'info',
  harm: 'note',
  title: 'Rows differ for the moment: the Service changed, or the agent started, just now',
  symptom: 'None, normally.',
  cause: 'A change needs up to a few seconds to reach a node; an agent that starts needs up to two minutes to be done.',
  confirm: 'Run it again.',
  variants: {
    settling: { message: 'Rows differ for the moment (Services: {{count}}): {{why}}', remedy: { steps: [], check } },
  },
});
