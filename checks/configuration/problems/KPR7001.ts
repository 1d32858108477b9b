import { defineProblem } from '../../../src/core/Problem.ts';
import { checkValues, decideValue, fixFile } from './valueSteps.ts';

export const kpr7001 = defineProblem({
  code: 'KPR7001',
  severity: 'error',
  harm: 'trap',
  layer: 'api',
  title: 'The target version has removed or renamed a Helm value in use',
  brief: 'a Helm value has gone or has another name',
  symptom:
    'Helm refuses the upgrade, and reports the first problem only; or, worse, it accepts the values, and what they asked for does not happen any more.',
  cause:
    'Charts rename and remove values between minor versions. Some names are refused for a version or two, and silently ignored after that.',
  confirm:
    'helm template with the chart of the target version ends with an error, or gives the same with the key and without it.',
  variants: {
    removed: {
      message: 'The chart no longer has the value {{key}}',
      remedy: { steps: [fixFile, decideValue], check: checkValues },
    },
    renamed: {
      message: 'The value {{key}} has another name: {{right}}',
      remedy: { steps: [fixFile], check: checkValues },
    },
    wrongValue: {
      message: 'The value {{key}} holds a word of former versions',
      remedy: { steps: [fixFile, decideValue], check: checkValues },
    },
    deprecated: {
      severity: 'info',
      harm: 'note',
      message: 'The value {{key}} is deprecated: {{right}} replaces it',
      remedy: { steps: [fixFile], check: checkValues },
    },
  },
});
