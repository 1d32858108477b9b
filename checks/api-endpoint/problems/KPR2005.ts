import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check kubernetes-service-reachable --node {{node}}';

export const kpr2005 = defineProblem({
  code: 'KPR2005',
  severity: 'error',
  harm: 'now',
  title: 'The kubernetes Service is not reached from a node or its pods, although the API server is',
  brief: 'the kubernetes Service is not reached',
  symptom:
    'CoreDNS, operators and controllers on this node end with “dial tcp CLUSTER-IP:443: i/o timeout”, while kubelet and the agent, which connect to the API server directly, are fine.',
  cause:
    'The node’s own connections to the ClusterIP are lost by its load-balancing table or programs. Where only pods lose them, the network between pods and API servers is at fault: a firewall that lets nodes in and pods not, a route back that is missing because nothing masquerades them, or ranges of pods or Services that overlap the network of the nodes.',
  confirm:
    'From the node, curl -k https://CLUSTER-IP/livez and curl -k https://API-SERVER:PORT/livez; then the first from a pod of the node.',
  mayFollowFrom: [
    { code: 'KPR1017', by: 'node' },
    { code: 'KPR1003', by: 'node' },
    { code: 'KPR1004', by: 'node' },
    { code: 'KPR1007', by: 'node' },
    { code: 'KPR1010', by: 'node', variants: ['full'] },
    { code: 'KPR2006', by: 'cluster' },
    // The policy leaves it without a server on these nodes.
    { code: 'KPR5008', by: 'object' },
    // Nobody serves it, by what is asked for.
    { code: 'KPR5009', by: 'object' },
    { code: 'KPR4001', by: 'object' },
    { code: 'KPR4002', by: 'object' },
    { code: 'KPR4003', by: 'object' },
    { code: 'KPR4005', by: 'object' },
  ],
  variants: {
    throughService: {
      message:
        'The API server answers this node at {{servers}}, and not through the kubernetes Service ({{clusterIP}}: {{how}})',
      remedy: {
        steps: [
          {
            text: 'See what the node’s table holds for it',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg bpf lb list',
            where: 'workstation',
          },
          {
            text: 'Compare all its tables and programs with the API',
            command: 'kubectl kpr doctor --node {{node}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    podsOnly: {
      message:
        'The pod {{pod}} ends because it does not reach the kubernetes Service ({{clusterIP}}), which answers its node',
      remedy: {
        steps: [
          {
            text: 'See where packets of the pod to the API server are dropped, while it tries again',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- timeout -s INT --preserve-status 30 cilium-dbg monitor --type drop',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Let the API servers’ firewall take connections from pods, or have them masqueraded on their way there (ipv4-native-routing-cidr must not hold addresses that do not route back to pods)',
            where: 'controlPlane',
          },
        ],
        check,
      },
    },
  },
});
