import { defineProblem } from '../../../src/core/Problem.ts';
import { checkValues, decideValue } from './valueSteps.ts';

export const kpr7003 = defineProblem({
  code: 'KPR7003',
  severity: 'error',
  harm: 'trap',
  layer: 'api',
  title: 'Values that the chart or the agents refuse, or that leave the replacement in doubt',
  brief: 'Helm values are refused or in doubt',
  symptom:
    'Helm ends with an error; or it installs, and agents end at their start, again and again, so that the rollout gets stuck; or agents do not reach the API server once kube-proxy is gone.',
  cause:
    'Some values do not go together, are not of the type that the chart asks for, or need an API that the cluster does not have. What the chart does not look at, agents find out at their start.',
  confirm:
    'helm template with the chart of the target version ends with that error; the log of an agent that does not start ends with it.',
  variants: {
    chart: {
      message: 'Helm refuses the value {{key}}',
      remedy: { steps: [decideValue], check: checkValues },
    },
    agent: {
      message: 'Agents would not start with the value {{key}}',
      remedy: { steps: [decideValue], check: checkValues },
    },
    doubt: {
      severity: 'warning',
      message: 'With the value {{key}} it is doubtful whether kube-proxy can be replaced',
      remedy: { steps: [decideValue], check: checkValues },
    },
  },
});
