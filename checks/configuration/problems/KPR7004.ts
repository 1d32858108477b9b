import { defineProblem } from '../../../src/core/Problem.ts';
import { checkValues, decideValue } from './valueSteps.ts';

export const kpr7004 = defineProblem({
  code: 'KPR7004',
  severity: 'info',
  harm: 'note',
  layer: 'api',
  title: 'A value means something else in the target version',
  brief: 'a Helm value means something else',
  symptom: 'Nothing is refused, and after the upgrade something behaves in another way.',
  cause: 'The chart of the target version makes another configuration of the same values.',
  confirm: 'Compare what helm template makes of the values with the charts of both versions.',
  variants: {
    changed: {
      message: 'The value {{key}} has another effect in the target version',
      remedy: { steps: [decideValue], check: checkValues },
    },
  },
});
