import { defineProblem } from '../../../src/core/Problem.ts';
import { check, seeTable } from './steps.ts';

export const kpr4009 = defineProblem({
  code: 'KPR4009',
  severity: 'info',
  harm: 'note',
  title: 'Rows differ for the moment: the Service changed, or the agent started, just now',
  brief: 'rows differ for the moment',
  symptom: 'None, normally. Where it is so on every node, connections to these Services fail until agents are done.',
  cause: 'A change needs up to a few seconds to reach a node; an agent that starts needs up to two minutes to be done.',
  confirm: seeTable,
  harmsOnlyItsObjects: true,
  variants: {
    settling: { message: 'Rows differ for the moment (Services: {{count}}): {{why}}', remedy: { steps: [], check } },
    everywhere: {
      severity: 'error',
      harm: 'now',
      message:
        'No node serves some Services as the API requires, and each waits for its agent (Services here: {{count}}): {{why}}',
      remedy: {
        steps: [
          {
            text: 'Let no more agents be restarted, and see what this one still waits for and what it complains of',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent --since=3m',
            where: 'workstation',
          },
          {
            text: 'See the third column from the right: tables that still wait for something name it there',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
