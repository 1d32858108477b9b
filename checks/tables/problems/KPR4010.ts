import { defineProblem, type RemedyStep } from '../../../src/core/Problem.ts';

const seeDrops = {
  decision: true,
  text: 'See what the datapath drops while somebody connects: each drop names its reason',
  command:
    'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- timeout -s INT --preserve-status 30 cilium-dbg monitor --type drop',
  where: 'workstation',
} as const satisfies RemedyStep;

const restart = {
  text: 'If nothing else is found, restart the agent, which attaches its programs and rewrites its maps',
  restart: 'agent',
  where: 'workstation',
  risk: 'established connections stay; new ones on this node may fail until the agent is back',
} as const satisfies RemedyStep;

const seePolicies = {
  decision: true,
  text: 'See whether a policy selects these pods and forbids it; then nothing is wrong',
  command: 'kubectl get networkpolicies,ciliumnetworkpolicies,ciliumclusterwidenetworkpolicies -A',
  where: 'workstation',
} as const satisfies RemedyStep;

const check = 'kubectl kpr verify --connect --check connections-answered';
const checkHere = 'kubectl kpr verify --connect --source here --check connections-answered';

export const kpr4010 = defineProblem({
  code: 'KPR4010',
  severity: 'error',
  harm: 'now',
  layer: 'program',
  brief: 'connections are lost though the tables are right',
  title: 'The table is right, and connections are lost all the same',
  symptom: 'Connections to a Service fail from some places, while every row of every table is as the API requires.',
  cause:
    'Between a table and a pod are programs, links, routes, rules of the host and of the network between nodes, and policies; tables tell of none of them.',
  confirm: 'Connect by hand, as the evidence shows it, and to a pod behind the Service directly.',
  mayFollowFrom: [
    { code: 'KPR1007', by: 'node' },
    { code: 'KPR1008', by: 'node' },
    { code: 'KPR1009', by: 'node' },
    { code: 'KPR1017', by: 'node' },
    { code: 'KPR1018', by: 'node' },
    { code: 'KPR1019', by: 'node' },
    { code: 'KPR1004', by: 'node' },
  ],
  variants: {
    translation: {
      message:
        'Connections from {{from}} to {{targets}} are lost ({{share}}), although the backends answer directly: they are lost where the address is translated',
      remedy: { steps: [seeDrops, restart], check },
    },
    way: {
      brief: 'connections are not answered, perhaps by a policy',
      severity: 'warning',
      message:
        'Connections from {{from}} to {{targets}} are lost, and to {{pods}} directly, too: the network path is broken, or a policy forbids it',
      remedy: { steps: [seePolicies, seeDrops], check },
    },
    refused: {
      brief: 'nobody listens in the pods behind it',
      severity: 'info',
      harm: 'note',
      message:
        'Connections from {{from}} to {{targets}} are refused, as the pods behind refuse them: nobody listens there, which is the application’s fault',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'See whether targetPort is the port that the application listens on',
            command: 'kubectl get endpointslices -A -o wide',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    outsideNode: {
      message:
        'Nothing answers from outside at the addresses of this node ({{targets}}), and at those of others it does: what arrives at it is not translated, or does not arrive',
      remedy: { steps: [seeDrops, restart], check: checkHere },
    },
    outsideAddress: {
      message:
        'Connections from outside to {{targets}} are lost ({{share}}), while the same is answered at other addresses',
      remedy: { steps: [seeDrops, restart], check: checkHere },
    },
    outsideService: {
      severity: 'warning',
      message:
        'Connections from outside to {{targets}} are lost at every address, while others are answered: a policy or a firewall may forbid it, or its pods do not answer',
      remedy: { steps: [seePolicies], check: checkHere },
    },
    outsideRoute: {
      brief: 'an address does not answer from here',
      severity: 'warning',
      message:
        'Nothing answers from outside at {{targets}}: no node has that address by itself, and whether something leads it to one (an announcement by ARP or BGP, a route) is to be seen from where this runs',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'See which policy of Cilium announces it, or which load balancer has it; from where clients are it may well answer',
            command: 'kubectl get ciliuml2announcementpolicies,ciliumbgpclusterconfigs',
            where: 'workstation',
          },
        ],
        check: checkHere,
      },
    },
    outsideAll: {
      brief: 'nothing answers from here',
      severity: 'warning',
      message:
        'Nothing of the cluster answers from here ({{targets}}): a firewall may be in between, or there is no route to the nodes',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Try from where clients are: this program runs anywhere with a kubeconfig',
            command: 'kubectl get nodes -o wide',
            where: 'workstation',
          },
        ],
        check: checkHere,
      },
    },
  },
});
