import { defineProblem } from '../../../src/core/Problem.ts';
import { ruleOutNode, seeDrops } from '../../agents/problems/reachSteps.ts';
import { seePods } from './steps.ts';

const restartAgent = {
  text: 'Restart the agent, which writes its tables again',
  restart: 'agent',
  where: 'workstation',
  risk: 'connections that exist stay; new ones on this node fail until the agent is back',
} as const;

const seeTable = {
  text: 'See what the node’s table holds for it: its frontends, and a row for each backend',
  command:
    'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg bpf lb list | grep -wF {{frontend}} || echo nothing',
  where: 'workstation',
} as const;

/** What keeps servers that run and are reached from an answer: their configuration, their rights, or what they ask. */
const readErrors = {
  text: 'Read what its servers complain of',
  command: 'kubectl -n {{dnsNamespace}} logs -l {{selector}} --all-containers --tail=30',
  where: 'workstation',
} as const;

/** The pod at the address. */
const oneServer = '"$(kubectl -n {{dnsNamespace}} get pods --field-selector status.podIP={{server}} -o name)"';

const readOne = {
  text: 'Read what this server complains of',
  command: `kubectl -n {{dnsNamespace}} logs ${oneServer} --all-containers --tail=30`,
  where: 'workstation',
} as const;

const replaceOne = {
  decision: true,
  text: 'If it is at fault, and not the way to it, let its controller make another in its place; the others serve meanwhile',
  command: `kubectl -n {{dnsNamespace}} delete ${oneServer}`,
  where: 'workstation',
} as const;

const seeOne = {
  text: 'See which pod that is',
  command: 'kubectl -n {{dnsNamespace}} get pods --field-selector status.podIP={{server}} --show-labels',
  where: 'workstation',
} as const;

const seePorts = {
  text: 'See to which ports of its pods cluster DNS leads, and at which they say that they listen',
  command:
    'kubectl -n {{dnsNamespace}} get service {{objectName}} -o jsonpath=\'{.spec.ports}{"\\n"}\'; kubectl -n {{dnsNamespace}} get pods -l {{selector}} -o jsonpath=\'{range .items[*]}{.metadata.name}{": "}{.spec.containers[*].ports}{"\\n"}{end}\'',
  where: 'workstation',
} as const;

const seeCorefile = {
  decision: true,
  text: 'See whether the zone of the cluster (cluster.local, unless another was chosen) is among those that the plugin kubernetes is for, and correct it in the ConfigMap coredns or where it is made',
  command: "kubectl -n {{dnsNamespace}} get configmap coredns -o jsonpath='{.data.Corefile}'",
  where: 'workstation',
} as const;

const seeRights = {
  decision: true,
  text: 'See whether its service account may list Services and EndpointSlices; the ClusterRole system:coredns says so in most clusters',
  command: 'kubectl get clusterrole,clusterrolebinding system:coredns -o yaml',
  where: 'workstation',
} as const;

const seeOwner = {
  decision: true,
  text: 'Find out who put that there (a firewall, a hardening script, security software), and let it leave addresses of pods and Services alone',
  where: 'node',
} as const;

const seePolicies = {
  decision: true,
  text: 'If all that is right, see whether a network policy of the DNS servers admits no other node; then pods may be served all the same',
  command: 'kubectl -n {{dnsNamespace}} get networkpolicies,ciliumnetworkpolicies,ciliumclusterwidenetworkpolicies',
  where: 'workstation',
} as const;

const checkAnswers = 'kubectl kpr doctor --check cluster-dns-answers --node {{node}}';

export const kpr6002 = defineProblem({
  code: 'KPR6002',
  severity: 'error',
  harm: 'now',
  title: 'Cluster DNS does not answer on a node',
  brief: 'cluster DNS does not answer',
  outage: true,
  symptom: 'Names do not resolve, or only sometimes, for pods and programs of this node; other nodes are fine.',
  cause:
    'The node’s load-balancing table lacks the frontend of cluster DNS or its backends, the translation of its ClusterIP does not happen, or the node does not reach the DNS servers at all (overlay, routes, firewall, network policy).',
  confirm:
    'From the node, dig @CLUSTER-IP kubernetes.default.svc.cluster.local, then the same at the address of a CoreDNS pod.',
  mayFollowFrom: [
    // Without the replacement there is no datapath that could serve cluster DNS.
    { code: 'KPR1003', by: 'node' },
    { code: 'KPR1004', by: 'node' },
    { code: 'KPR1007', by: 'node' },
    { code: 'KPR1010', by: 'node', variants: ['full'] },
    // Nobody serves it, by what is asked for.
    { code: 'KPR5009', by: 'object' },
    // Queries that pick a lost or stale row are lost.
    { code: 'KPR4001', by: 'object' },
    { code: 'KPR4002', by: 'object' },
    { code: 'KPR4003', by: 'object' },
    { code: 'KPR4005', by: 'object' },
    // Cluster DNS without backends answers nobody, from nowhere.
    { code: 'KPR6001', by: 'cluster' },
    { code: 'KPR1001', by: 'node' },
    { code: 'KPR1018', by: 'node' },
    { code: 'KPR1019', by: 'node' },
    // What is asked of the server, a Service gets.
    { code: 'KPR5004', by: 'cluster', variants: ['hidesPod'], sharing: 'server' },
    // Its servers are pods.
    { code: 'KPR1017', by: 'node' },
  ],
  variants: {
    notInTable: {
      message: 'The node’s load-balancing table does not hold cluster DNS ({{frontends}})',
      remedy: {
        steps: [seeTable, restartAgent],
        check: checkAnswers,
      },
    },
    noBackend: {
      message:
        'The node’s load-balancing table holds cluster DNS without any backend ({{frontends}}), although {{count}} are ready',
      remedy: {
        steps: [seeTable, restartAgent],
        check: checkAnswers,
      },
    },
    noServerHere: {
      brief: 'internalTrafficPolicy Local keeps nodes from cluster DNS',
      message:
        'internalTrafficPolicy of cluster DNS is Local, and no ready server of it runs on this node, only on {{others}}: names do not resolve here',
      remedy: {
        steps: [
          {
            text: 'Let queries go to servers on other nodes, too',
            command:
              'kubectl -n {{dnsNamespace}} patch service {{objectName}} --type merge -p \'{"spec":{"internalTrafficPolicy":"Cluster"}}\'',
            where: 'workstation',
          },
        ],
        check: checkAnswers,
        undo: 'kubectl -n {{dnsNamespace}} patch service {{objectName}} --type merge -p \'{"spec":{"internalTrafficPolicy":"Local"}}\'',
      },
      alternatives: [
        {
          title: 'if queries are to stay on their node',
          steps: [
            {
              decision: true,
              text: 'Run a ready server on every node (a DaemonSet)',
              where: 'workstation',
            },
          ],
        },
      ],
    },
    datapath: {
      message:
        'Cluster DNS does not answer through its ClusterIP {{clusterIP}} ({{protocols}}), although its servers answer this node directly: the node’s datapath loses it',
      remedy: {
        steps: [seeTable, restartAgent],
        check: checkAnswers,
      },
    },
    servers: {
      message:
        'Cluster DNS answers neither through its ClusterIP {{clusterIP}} nor directly ({{protocols}}): its servers fail, or the node does not reach them',
      remedy: {
        steps: [seePods, readErrors, ruleOutNode],
        check: checkAnswers,
      },
    },
    outOfReach: {
      message:
        'Cluster DNS answers neither through its ClusterIP {{clusterIP}} nor directly ({{protocols}}), while its servers answer {{others}}: this node does not reach them',
      remedy: {
        steps: [seePods, ruleOutNode, seePolicies],
        check: checkAnswers,
      },
    },
    closed: {
      severity: 'warning',
      harm: 'trap',
      outage: false,
      brief: 'a policy may keep nodes from DNS servers',
      message:
        'Cluster DNS answers neither through its ClusterIP {{clusterIP}} nor directly ({{protocols}}), while its servers answer {{others}}, where they are, and this node reaches the pods there: a network policy of theirs may admit no other node, so that programs of this node resolve no name; pods may be served all the same',
      remedy: {
        steps: [
          seePods,
          {
            ...seePolicies,
            text: 'See whether a network policy of the DNS servers admits no other node, and admit them (fromEntities: remote-node) if programs of nodes are to resolve names',
          },
          {
            text: 'If none does, rule out links, routes, rules and kernel settings of the node itself',
            command: ruleOutNode.command,
            where: 'workstation',
          },
        ],
        check: checkAnswers,
      },
    },
    stopped: {
      message:
        'Cluster DNS answers neither through its ClusterIP {{clusterIP}} nor directly ({{protocols}}), and on the node itself something may be in the way: {{obstacles}}',
      remedy: {
        steps: [seeOwner, seeDrops],
        check: checkAnswers,
      },
    },
    nodesApart: {
      message:
        '{{pairs}} do not reach each other’s pods: of the DNS servers there, each node gets answers from its own only (a network policy that admits no other node to them looks the same)',
      remedy: {
        steps: [ruleOutNode, seePolicies],
        check: 'kubectl kpr doctor --check cluster-dns-answers',
      },
    },
    forbidden: {
      severity: 'info',
      harm: 'note',
      outage: false,
      brief: 'a policy may keep nodes from DNS servers',
      message:
        'The DNS server {{servers}} answers its own node alone, while this node reaches the pods there: a network policy may forbid it to ask; pods may be served all the same',
      remedy: { steps: [seePolicies], check: checkAnswers },
    },
    fromItself: {
      message:
        'The node does not reach pods of its own: its DNS server {{own}} answers {{others}} and not the node itself, whose kubelet cannot tell whether its pods are ready either',
      remedy: {
        steps: [ruleOutNode, seeDrops],
        check: checkAnswers,
      },
    },
    nodesApartBy: {
      message:
        '{{pairs}} do not reach each other’s pods: of the DNS servers there, each node gets answers from its own only, and on {{where}} something may be in the way: {{obstacles}}',
      remedy: {
        steps: [seeOwner, seeDrops],
        check: 'kubectl kpr doctor --check cluster-dns-answers',
      },
    },
    answersBadly: {
      brief: 'cluster DNS does not know the cluster’s own name',
      message:
        'Cluster DNS answers {{rcodes}} at its ClusterIP {{clusterIP}}: the node reaches its servers, and they know no answer for the cluster’s own name',
      remedy: {
        steps: [readErrors, seeCorefile, seeRights],
        check: checkAnswers,
      },
    },
    oneAnswersBadly: {
      outage: false,
      brief: 'a DNS server answers badly',
      severity: 'warning',
      message:
        'The DNS server {{server}} answers {{rcodes}} for the cluster’s own name, while cluster DNS as a whole knows it: some names do not resolve',
      remedy: {
        steps: [readOne, replaceOne],
        check: checkAnswers,
      },
    },
    clusterIP: {
      message:
        'Cluster DNS does not answer through its ClusterIP {{clusterIP}} ({{protocols}}); its servers were not asked directly',
      remedy: {
        steps: [seeTable, seePods],
        check: checkAnswers,
      },
    },
    redirected: {
      brief: 'the pod to which queries are redirected does not answer',
      message:
        'Cluster DNS does not answer through its ClusterIP {{clusterIP}} ({{protocols}}), although its servers answer this node directly: CiliumLocalRedirectPolicy {{policy}} has queries of this node answered by {{pods}}, which does not answer',
      remedy: {
        steps: [
          {
            text: 'Read what it complains of',
            command: 'kubectl -n {{dnsNamespace}} logs {{pod}} --all-containers --tail=30',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Let its controller make another in its place',
            command: 'kubectl -n {{dnsNamespace}} delete pod {{pod}}',
            where: 'workstation',
          },
        ],
        check: checkAnswers,
      },
      alternatives: [
        {
          title: 'let queries of all nodes go to cluster DNS itself',
          steps: [
            {
              decision: true,
              text: 'Keep the policy, then take it away',
              command:
                'kubectl -n {{dnsNamespace}} get ciliumlocalredirectpolicy {{policy}} -o yaml > {{policy}}.yaml && kubectl -n {{dnsNamespace}} delete ciliumlocalredirectpolicy {{policy}}',
              where: 'workstation',
            },
          ],
        },
      ],
    },
    notAllAsked: {
      outage: false,
      severity: 'warning',
      message:
        'Cluster DNS did not answer through its ClusterIP {{clusterIP}} ({{protocols}}), while the {{asked}} of {{servers}} servers that were asked directly answer: it may have met one of the others, or the node’s datapath loses it',
      remedy: {
        steps: [seePods, readErrors, seeTable],
        check: checkAnswers,
      },
    },
    allRefuse: {
      brief: 'nobody listens at the port to which cluster DNS leads',
      message:
        'Nobody listens at port {{port}} of the servers of cluster DNS, to which its ClusterIP {{clusterIP}} leads: they are reached, and refuse',
      remedy: {
        steps: [
          seePorts,
          {
            decision: true,
            text: 'Where these differ, correct targetPort of the Service’s ports 53; where they do not, the servers do not listen where they say (their Corefile)',
            command: 'kubectl -n {{dnsNamespace}} edit service {{objectName}}',
            where: 'workstation',
          },
          readErrors,
        ],
        check: checkAnswers,
      },
    },
    oneRefuses: {
      outage: false,
      brief: 'a DNS server does not listen',
      severity: 'warning',
      message:
        'Nobody listens at port {{port}} of {{server}}, a server of cluster DNS, while others answer: some queries are refused. It may be no DNS server, but a pod that bears its labels',
      remedy: {
        steps: [
          seeOne,
          {
            decision: true,
            text: 'If it is no DNS server, let it no longer bear the labels that cluster DNS selects ({{selector}}); correct it in what makes the pod, too',
            command: `kubectl -n {{dnsNamespace}} label ${oneServer} {{label}}-`,
            where: 'workstation',
          },
          { ...readOne, text: 'If it is one, read what it complains of' },
        ],
        check: checkAnswers,
      },
    },
    oneServer: {
      outage: false,
      brief: 'a DNS server does not answer',
      severity: 'warning',
      message:
        'The DNS server {{server}} does not answer this node, neither over UDP nor over TCP, while cluster DNS as a whole does: some queries time out',
      remedy: {
        steps: [ruleOutNode, readOne, replaceOne],
        check: checkAnswers,
      },
    },
  },
});
