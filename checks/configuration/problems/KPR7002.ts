import { defineProblem } from '../../../src/core/Problem.ts';
import { checkValues, decideValue, fixFile } from './valueSteps.ts';

export const kpr7002 = defineProblem({
  code: 'KPR7002',
  severity: 'error',
  harm: 'trap',
  layer: 'api',
  title: 'A Helm value that the chart does not know',
  brief: 'a Helm value is not known',
  symptom: 'Helm says nothing, and what the value asks for does not happen.',
  cause:
    'A key is misspelt, stands below the wrong one, has a dot in it, has the name of an option of the agents, or belongs to the layout of charts before 1.9 (global.*). The chart passes over what it does not know.',
  confirm: 'helm show values has no such key, and helm template gives the same with it and without it.',
  variants: {
    meant: {
      message: 'The chart does not know the value {{key}}; {{right}} was probably meant',
      remedy: { steps: [fixFile], check: checkValues },
    },
    unknown: {
      severity: 'warning',
      message: 'The chart does not know the value {{key}}',
      remedy: { steps: [decideValue], check: checkValues },
    },
  },
});
