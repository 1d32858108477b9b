import { defineProblems, type RemedyStep } from '../Problem.ts';

const restart = {
  text: 'Restart the agent: it learns all Services and endpoints anew and writes the maps from them',
  command: 'kubectl -n {{namespace}} delete pod {{agentPod}}',
  where: 'workstation',
  risk: 'connections stay; changes of Services reach this node only after the agent is back',
} as const satisfies RemedyStep;
const check = 'kubectl kpr verify --node {{node}}';
const seeTable = 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg bpf lb list';

export const tableProblems = defineProblems({
  KPR4001: {
    severity: 'error',
    title: 'A frontend is missing from the eBPF map of a node',
    phases: ['doctor', 'verify'],
    symptom: 'From some nodes connections to a Service time out or are refused, from others they work.',
    cause:
      'The row was deleted from the map behind the agent’s back, was refused because the map is full, or the agent never learned of the Service. It is not repaired by itself: the agent writes rows when its own table changes.',
    confirm:
      'cilium-dbg bpf lb list on that node has no row with the Service’s address and port, on another node it has.',
    variants: {
      one: {
        message: 'The map has no row for {{target}}, so connections to it are not balanced; {{layer}}',
        steps: [restart],
        check,
      },
      many: {
        message: 'The map lacks rows of {{count}} Services, so connections to them are not balanced; {{layer}}',
        steps: [restart],
        check,
      },
    },
  },
  KPR4002: {
    severity: 'error',
    title: 'A backend that is ready in the API takes no connections on a node',
    phases: ['doctor', 'verify'],
    symptom: 'Load is uneven, or a Service refuses connections on some nodes although its pods are ready.',
    cause: 'The agent has not seen the endpoint become ready, or its row in the map was not written.',
    confirm: 'cilium-dbg bpf lb list --frontends shows fewer active slots than there are ready endpoints.',
    variants: {
      one: {
        message: '{{target}} gets {{found}} of {{expected}} ready backends, without {{backends}}; {{layer}}',
        steps: [restart],
        check,
      },
      many: { message: '{{count}} Services lack backends that are ready; {{layer}}', steps: [restart], check },
    },
  },
  KPR4003: {
    severity: 'error',
    title: 'Stale backends: a node still sends connections to addresses that the API has removed',
    phases: ['doctor', 'verify'],
    symptom: 'Some connections to a Service time out, from some nodes only; pods are ready and agents report OK.',
    cause:
      'The agent missed the change of an EndpointSlice: it hangs, has lost its connection to the API server, or runs into a known defect after a reconnect (fixed in 1.19.3: cilium/cilium#45198).',
    confirm: 'cilium-dbg bpf lb list on that node names addresses that kubectl get endpointslices does not.',
    variants: {
      one: {
        message: '{{share}} new connections to {{target}} go to {{backends}}, which the API no longer has; {{layer}}',
        steps: [restart],
        check,
      },
      many: {
        message: '{{count}} Services still send connections to addresses that the API no longer has; {{layer}}',
        steps: [restart],
        check,
      },
    },
  },
  KPR4004: {
    severity: 'warning',
    title: 'The eBPF map of a node has a frontend that nobody in the API asks for',
    phases: ['doctor', 'verify'],
    symptom: 'An address of a deleted Service, or of somebody else, is still balanced on this node.',
    cause: 'A row was added by hand, or the agent missed the deletion of a Service.',
    confirm: 'cilium-dbg bpf lb list on that node has the row; kubectl get services -A has no such address and port.',
    variants: {
      one: { message: 'The map serves {{target}}, which no Service asks for; {{layer}}', steps: [restart], check },
      many: {
        message: 'The map serves {{count}} frontends that no Service asks for; {{layer}}',
        steps: [restart],
        check,
      },
    },
  },
  KPR4005: {
    severity: 'error',
    title: 'A row of the load-balancing map is damaged',
    phases: ['doctor', 'verify'],
    symptom: 'A share of the new connections to a Service is dropped on this node.',
    cause:
      'Slots and their count do not fit together: something wrote to the map beside the agent, or an update was cut off.',
    confirm: 'cilium-dbg bpf lb list --frontends: fewer slots than the count says, or slots that point to no backend.',
    variants: {
      one: { message: 'The row of {{target}} is damaged: {{damage}}', steps: [restart], check },
      many: { message: 'The rows of {{count}} Services are damaged', steps: [restart], check },
    },
  },
  KPR4006: {
    severity: 'error',
    title: 'A frontend has another property in the map than its Service asks for',
    phases: ['doctor', 'verify'],
    symptom:
      'Affinity, source ranges, traffic policy or forwarding mode do not behave as the Service says, on some nodes.',
    cause:
      'The agent has not seen the Service’s last change, or a setting that needs a new Service (algorithm, forwarding mode) was changed on an old one.',
    confirm: seeTable,
    variants: {
      one: { message: '{{target}} has {{properties}}', steps: [restart], check },
      many: { message: '{{count}} Services have other properties in the map than in the API', steps: [restart], check },
    },
  },
  KPR4007: {
    severity: 'warning',
    title: 'Nodes disagree where their tables should be equal',
    phases: ['doctor', 'verify'],
    symptom: 'A Service behaves differently depending on the node.',
    cause:
      'A node has rows that the others do not have, or lacks some of theirs; the API alone does not decide which are right.',
    confirm: seeTable,
    variants: {
      minority: {
        message:
          'The table here differs from that of {{majority}} of {{all}} nodes (rows: {{count}}), e.g. {{example}}',
        steps: [restart],
        check,
      },
    },
  },
  KPR4009: {
    severity: 'info',
    title: 'Rows differ for the moment: the Service changed, or the agent started, just now',
    phases: ['doctor', 'verify'],
    symptom: 'None, normally.',
    cause:
      'A change needs up to a few seconds to reach a node; an agent that starts needs up to two minutes to be done.',
    confirm: 'Run it again.',
    variants: {
      settling: { message: 'Rows differ for the moment (Services: {{count}}): {{why}}', steps: [], check },
    },
  },
});
