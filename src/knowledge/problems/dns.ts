import { defineProblems } from '../Problem.ts';

const seePods = {
  text: 'See what its pods do',
  command: 'kubectl -n {{dnsNamespace}} get pods -l {{selector}} -o wide',
  where: 'workstation',
} as const;

const seeLogs = {
  text: 'Read why they are not ready',
  command: 'kubectl -n {{dnsNamespace}} logs -l {{selector}} --all-containers --tail=30',
  where: 'workstation',
} as const;

const restartAgent = {
  text: 'Restart the agent, which writes its tables again',
  command: 'kubectl -n {{namespace}} delete pod {{agentPod}}',
  where: 'workstation',
  risk: 'connections that exist stay; new ones on this node fail until the agent is back',
} as const;

const seeTable = {
  text: 'See what the node’s table holds for it',
  command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg bpf lb list --frontends',
  where: 'workstation',
} as const;

const checkExists = 'kubectl kpr doctor --check cluster-dns-ready';
const checkAnswers = 'kubectl kpr doctor --check cluster-dns-answers --node {{node}}';

export const dnsProblems = defineProblems({
  KPR6001: {
    severity: 'error',
    title: 'Cluster DNS has no Service, or no ready server behind it',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'No name resolves in any pod. Everything that connects by name fails, and it looks as if Services were broken.',
    cause:
      'The Deployment of CoreDNS is scaled to 0, its pods do not become ready (they wait for the API server, or cannot be scheduled), or the Service was deleted. The datapath has nothing to send queries to.',
    confirm: 'kubectl -n kube-system get service,deployment,endpointslices -l k8s-app=kube-dns',
    variants: {
      serviceMissing: {
        message:
          'There is no Service for cluster DNS: none with label k8s-app=kube-dns, none called kube-dns or coredns in kube-system',
        steps: [
          {
            text: 'Look for it under another name',
            command: 'kubectl get services -A | grep 53/UDP',
            where: 'workstation',
          },
          {
            text: 'Install it again with the address that the kubelets give to pods (clusterDNS in their configuration); with kubeadm, as follows',
            command: 'kubeadm init phase addon coredns',
            where: 'controlPlane',
            risk: 'replaces the ConfigMap coredns by kubeadm’s own',
          },
        ],
        check: checkExists,
      },
      scaledToZero: {
        message: '{{workload}} is scaled to 0, so cluster DNS ({{service}}) has no server',
        steps: [
          {
            text: 'Scale it up',
            command: 'kubectl -n {{dnsNamespace}} scale deployment {{deployment}} --replicas=2',
            where: 'workstation',
          },
        ],
        check: checkExists,
        undo: 'kubectl -n {{dnsNamespace}} scale deployment {{deployment}} --replicas=0',
      },
      noReadyServer: {
        message: 'Cluster DNS ({{service}}) has no ready server: {{state}}',
        steps: [seePods, seeLogs],
        check: checkExists,
      },
    },
  },
  KPR6002: {
    severity: 'error',
    title: 'Cluster DNS does not answer on a node',
    phases: ['doctor', 'verify'],
    symptom: 'Names do not resolve, or only sometimes, for pods and programs of this node; other nodes are well.',
    cause:
      'The node’s load-balancing table lacks the frontend of cluster DNS or its backends, the translation of its ClusterIP does not happen, or the node does not reach the DNS servers at all (overlay, routes, firewall, network policy).',
    confirm:
      'From the node, dig @CLUSTER-IP kubernetes.default.svc.cluster.local, then the same at the address of a CoreDNS pod.',
    variants: {
      notInTable: {
        message: 'The node’s load-balancing table does not hold cluster DNS ({{frontends}})',
        steps: [seeTable, restartAgent],
        check: checkAnswers,
      },
      noBackend: {
        message:
          'The node’s load-balancing table holds cluster DNS without any backend ({{frontends}}), although {{count}} are ready',
        steps: [seeTable, restartAgent],
        check: checkAnswers,
      },
      datapath: {
        message:
          'Cluster DNS does not answer through its ClusterIP {{clusterIP}} ({{protocols}}), although its servers answer this node directly: the node’s datapath loses it',
        steps: [seeTable, restartAgent],
        check: checkAnswers,
      },
      servers: {
        message:
          'Cluster DNS answers neither through its ClusterIP {{clusterIP}} nor directly ({{protocols}}): its servers fail, or the node does not reach them',
        steps: [
          seePods,
          seeLogs,
          {
            text: 'See whether the node reaches the others',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-health status --probe',
            where: 'workstation',
          },
        ],
        check: checkAnswers,
      },
      clusterIP: {
        message:
          'Cluster DNS does not answer through its ClusterIP {{clusterIP}} ({{protocols}}); its servers were not asked directly',
        steps: [seeTable, seePods],
        check: checkAnswers,
      },
      oneServer: {
        severity: 'warning',
        message:
          'The DNS server {{server}} does not answer this node, neither over UDP nor over TCP, while cluster DNS as a whole does: some queries time out',
        steps: [
          seePods,
          {
            text: 'See whether the node reaches the others',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-health status --probe',
            where: 'workstation',
          },
        ],
        check: checkAnswers,
      },
    },
  },
});
