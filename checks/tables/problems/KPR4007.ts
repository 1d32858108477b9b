import { defineProblem } from '../../../src/core/Problem.ts';
import { check, restart, seeTable } from './steps.ts';

export const kpr4007 = defineProblem({
  code: 'KPR4007',
  severity: 'warning',
  harm: 'now',
  title: 'Nodes disagree where their tables should be equal',
  brief: 'nodes hold different rows for the same Services',
  symptom: 'A Service behaves differently depending on the node.',
  cause:
    'A node has rows that the others do not have, or lacks some of theirs; the API alone does not decide which are right. Of a Service of several clusters each agent learns the others’ backends by its own connection to them, and may keep one that is gone.',
  confirm: seeTable,
  variants: {
    minority: {
      message: 'The table here differs from that of {{majority}} of {{all}} nodes (rows: {{count}}), e.g. {{example}}',
      remedy: {
        steps: [restart],
        check,
      },
    },
    tie: {
      message:
        'Nodes hold different rows where the API asks the same of all, and none is in the majority (rows: {{count}}), e.g. {{frontend}}: {{forms}}',
      remedy: {
        steps: [
          { text: 'See what this node holds, and compare with the others', command: seeTable, where: 'workstation' },
          {
            decision: true,
            text: 'Restart the agent of a node whose row is wrong, and of no other',
            command: 'kubectl -n {{namespace}} delete pod ITS_AGENT',
            where: 'workstation',
            risk: restart.risk,
            does: 'restartAgent',
          },
        ],
        check: 'kubectl kpr verify',
      },
    },
    remote: {
      message:
        'Several clusters serve {{service}}, and nodes do not hold the same backends of the others (rows: {{count}}), e.g. {{frontend}}: {{forms}}',
      remedy: {
        steps: [
          {
            text: 'See what this agent believes: which backends come from another cluster (Source clustermesh)',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show backends',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Compare with the endpoints in that cluster: a backend that is gone there is stale here, also after a restart of the agent, which reads it again from the mesh; one that is there is missing on the others',
            command: 'kubectl --context THE_OTHER_CLUSTER get endpointslices -A -o wide',
            where: 'workstation',
          },
          {
            text: 'See whether each agent is connected to that cluster, and since when',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --all-clusters',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr verify',
      },
    },
  },
});
