import { defineProblem } from '../../../src/core/Problem.ts';
import { seeLogs, seePods } from './steps.ts';

const checkExists = 'kubectl kpr doctor --check cluster-dns-ready';

export const kpr6001 = defineProblem({
  code: 'KPR6001',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'Cluster DNS has no Service, or no ready server behind it',
  brief: 'cluster DNS has no server',
  outage: true,
  symptom:
    'No name resolves in any pod. Everything that connects by name fails, and it looks as if Services were broken.',
  cause:
    'The Deployment of CoreDNS is scaled to 0, its pods do not become ready (they wait for the API server, or cannot be scheduled), or the Service was deleted. The datapath has nothing to send queries to.',
  confirm: 'kubectl -n kube-system get service,deployment,endpointslices -l k8s-app=kube-dns',
  variants: {
    serviceMissing: {
      message:
        'There is no Service for cluster DNS: none with label k8s-app=kube-dns, none called kube-dns or coredns in kube-system',
      remedy: {
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
    },
    noUdpPort: {
      brief: 'cluster DNS has no port for UDP',
      message:
        'Cluster DNS ({{service}}) has no port 53/UDP, over which names are asked for first; its ports are {{ports}}',
      remedy: {
        steps: [
          {
            text: 'Give it the port; where its servers listen at another one than 53, name that as targetPort',
            command:
              'kubectl -n {{dnsNamespace}} patch service {{objectName}} --type json -p \'[{"op":"add","path":"/spec/ports/-","value":{"name":"dns","port":53,"protocol":"UDP","targetPort":53}}]\'',
            where: 'workstation',
          },
        ],
        check: checkExists,
      },
    },
    askedElsewhere: {
      brief: 'pods ask for names where no Service is',
      message:
        'Kubelets tell pods to ask {{address}} for names, and no Service has that address: cluster DNS ({{service}}) is at {{clusterIP}}',
      remedy: {
        steps: [
          {
            text: 'Give its servers that address as well, by a second Service: that of the first cannot be changed',
            command:
              'kubectl -n {{dnsNamespace}} expose service {{name}} --name={{name}}-as-configured --cluster-ip={{address}}',
            where: 'workstation',
          },
        ],
        check: checkExists,
        undo: 'kubectl -n {{dnsNamespace}} delete service {{name}}-as-configured',
      },
      alternatives: [
        {
          title: 'tell kubelets the new address, for pods that start from then on',
          steps: [
            {
              decision: true,
              text: 'Set clusterDNS to {{clusterIP}} in ConfigMap kube-system/kubelet-config and in /var/lib/kubelet/config.yaml of each node, restart each kubelet, then all pods',
              where: 'node',
            },
          ],
        },
      ],
    },
    scaledToZero: {
      message: '{{workload}} is scaled to 0, so cluster DNS ({{service}}) has no server',
      remedy: {
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
    },
    noReadyServer: {
      message: 'Cluster DNS ({{service}}) has no ready server: {{state}}',
      remedy: {
        steps: [seePods, seeLogs],
        check: checkExists,
      },
    },
  },
});
