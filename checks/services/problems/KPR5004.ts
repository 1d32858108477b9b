import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check addresses-single';
const editService = 'kubectl -n {{objectNamespace}} edit service {{objectName}}';

export const kpr5004 = defineProblem({
  code: 'KPR5004',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'An external or LoadBalancer IP is also a node’s address or another Service’s',
  brief: 'two claim the same address and port',
  symptom:
    'A Service is not served at all, or not as it is now; or what listens on a node (kubelet, API server, ssh) is answered by a Service’s pods instead.',
  cause:
    'An address and port can have one owner. The agent gives it to the Service that it saw first and refuses the other one, with all of its frontends; which one that is may be the other after a restart. An address of a node is taken from the node’s own programs.',
  confirm:
    'kubectl get services -A -o wide shows the address twice; in an agent, cilium-dbg status --all-health names the owner (“frontend already owned by another service”).',
  variants: {
    twoOwners: {
      message:
        '{{loser}} asks for {{frontend}}, which {{holder}} has: the agents refuse {{loser}} as a whole, and nobody is served at its {{lost}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give {{loser}} another address or port (externalIPs, or the annotation or pool from which its LoadBalancer address comes), or {{holder}}; the agents take it up at once',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    eitherOwner: {
      message:
        '{{loser}} and {{holder}} both ask for {{frontend}}: the agent serves one of them, and refuses the other as a whole; which one, was not seen',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give one of the two another address or port (externalIPs, or the annotation or pool from which its LoadBalancer address comes)',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    nodePortRange: {
      message:
        '{{service}} asks for {{frontend}}, an address of a node, at a port of the NodePort range ({{range}}): from Cilium 1.19.7 on that is refused, and before it takes NodePorts’ place',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give it an address that is no node’s, or a port outside of {{range}}',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    hidesListener: {
      message: '{{service}} asks for {{frontend}}, an address of a node, and so takes the place of {{what}} there',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give the Service an address that is no node’s, or another port',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    hidesPod: {
      brief: 'a Service takes the place of a pod',
      message:
        '{{service}} asks for {{server}}, the address of pod {{pod}}: what connects to the pod at {{ports}} reaches the Service’s backends instead',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give the Service an address that is no pod’s (externalIPs, or the annotation or pool from which its LoadBalancer address comes)',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    hidesApiServer: {
      brief: 'a Service takes the place of the API server',
      message:
        '{{service}} asks for {{frontend}}, which is an API server of this cluster: nodes and pods that connect to it from now on reach the Service’s pods',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give the Service an address that is no API server’s',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    hostPortIsNodePort: {
      message: '{{pods}}: the hostPort {{port}} is the nodePort of {{service}}, and that is served in its place',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Choose a hostPort outside of the range of NodePorts in the workload that makes these pods',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
