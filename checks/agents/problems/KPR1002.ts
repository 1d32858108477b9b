import { defineProblem } from '../../../src/core/Problem.ts';
import { withoutApi } from '../../api-endpoint/problems/withoutApi.ts';

export const kpr1002 = defineProblem({
  code: 'KPR1002',
  severity: 'error',
  harm: 'now',
  layer: 'agent',
  title: 'An agent does not answer while its pod looks Running',
  brief: 'the agent does not answer',
  symptom:
    'Connections through Services go to backends that are gone, on this node only. Its pod is Running and for a while even Ready; kubectl shows nothing wrong.',
  cause:
    'The agent process hangs or is stopped (a deadlock, a stopped or frozen process, no CPU). The kernel keeps balancing with the table as it was when the agent stopped.',
  confirm:
    'cilium-dbg status in the agent hangs, while cilium-dbg bpf lb list, which reads the maps themselves, answers.',
  explainsUnknown: 'node',
  mayFollowFrom: [...withoutApi, { code: 'KPR1001', by: 'node' }],
  variants: {
    hung: {
      message: 'The agent does not answer ({{detail}}); its eBPF maps were read directly',
      remedy: {
        steps: [
          {
            text: 'Keep its log, if it is to be reported',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent --tail=1000 > {{agentPod}}.log',
            where: 'workstation',
          },
          {
            text: 'Restart it',
            restart: 'hung',
            where: 'workstation',
            risk: 'connections stay; the node’s table is stale already and is corrected when the agent is back',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
    },
    hungUnread: {
      message:
        'The agent does not answer ({{detail}}), and its eBPF maps could not be read either; the host’s own commands answer',
      remedy: {
        steps: [
          {
            text: 'Restart it',
            restart: 'hung',
            where: 'workstation',
            risk: 'connections stay; the node’s table is stale already and is corrected when the agent is back',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
    },
  },
});
