import { defineProblems } from '../Problem.ts';

const restartAgent = {
  text: 'Restart the agent on one node first, and look before you go on',
  command: 'kubectl -n {{namespace}} delete pod {{agentPod}}',
  where: 'workstation',
  risk: 'the node’s tables keep working while it restarts; changes of Services reach it late',
} as const;

const restartAll = {
  text: 'Then restart the others',
  command: 'kubectl -n {{namespace}} rollout restart daemonset {{agentDaemonSet}}',
  where: 'workstation',
  risk: 'agents restart a few at a time; pods that start meanwhile wait for their network',
} as const;

const previousLog = {
  text: 'Read why it ended last time',
  command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent --previous --tail=50',
  where: 'workstation',
} as const;

const podsOfNode = 'kubectl -n {{namespace}} get pods -o wide --field-selector spec.nodeName={{node}}';

export const agentProblems = defineProblems({
  KPR1001: {
    severity: 'error',
    title: 'An agent is missing or not ready on a node that should run one',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'The node keeps the eBPF tables it had: established Services go on working, but backends that come or go are not followed, so connections end up at dead backends. New pods on the node get no network.',
    cause:
      'The agent’s pod is not there, does not start, ends again and again, or its node has lost the kubelet. Until an agent runs, nobody updates the tables of that node.',
    confirm: 'kubectl get pods in Cilium’s namespace, with -o wide: one agent for each node, all of them ready.',
    variants: {
      noPod: {
        message: 'No agent pod is here, although the DaemonSet {{agentDaemonSet}} covers this node',
        steps: [
          {
            text: 'Read what the DaemonSet’s controller says',
            command: 'kubectl -n {{namespace}} describe daemonset {{agentDaemonSet}}',
            where: 'workstation',
          },
          {
            text: 'See whether a taint or a pressure condition keeps the pod away',
            command: 'kubectl get node {{node}} -o jsonpath=\'{.spec.taints}{"\\n"}{.status.conditions}\'',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
      nodeNotReady: {
        message: 'The node itself is not ready ({{reason}}), so what its pods report is old',
        steps: [
          {
            text: 'Read the node’s conditions and events',
            command: 'kubectl describe node {{node}}',
            where: 'workstation',
          },
          {
            text: 'Look at the kubelet and the container runtime',
            command: 'journalctl -u kubelet -u containerd --since -15min',
            where: 'node',
          },
        ],
        check: 'kubectl get node {{node}}',
      },
      initFailing: {
        message: 'The agent does not start, because its init container {{container}} fails ({{words}})',
        steps: [
          {
            text: 'Read its log',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c {{container}} --tail=50',
            where: 'workstation',
          },
          {
            text: 'If it can’t reach the API server, look at the address that it was given (KUBERNETES_SERVICE_HOST)',
            command: 'kubectl kpr doctor --node {{node}}',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
      crashing: {
        message: 'The agent does not stay up ({{words}})',
        steps: [previousLog],
        check: podsOfNode,
      },
      notStarted: {
        message: 'The agent’s container is not started ({{reason}})',
        steps: [
          {
            text: 'Read the pod’s events',
            command: 'kubectl -n {{namespace}} describe pod {{agentPod}}',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
      notReady: {
        message: 'The agent runs, but is not ready',
        steps: [
          {
            text: 'Ask it what is wrong',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --brief',
            where: 'workstation',
          },
          {
            text: 'Read its log',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent --tail=50',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
      starting: {
        severity: 'warning',
        message: 'The agent is just starting, or its pod is being replaced',
        steps: [
          {
            text: 'Wait until it is ready',
            command: 'kubectl -n {{namespace}} rollout status daemonset {{agentDaemonSet}} --timeout=5m',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
      restarted: {
        severity: 'warning',
        message: 'The agent is ready now, but ended again and again, last within half an hour ({{words}})',
        steps: [previousLog],
        check: podsOfNode,
      },
    },
  },
  KPR1002: {
    severity: 'error',
    title: 'An agent does not answer while its pod looks Running',
    phases: ['doctor', 'verify'],
    symptom:
      'Connections through Services go to backends that are gone, on this node only. Its pod is Running and for a while even Ready; kubectl shows nothing wrong.',
    cause:
      'The agent process hangs or is stopped (a deadlock, a stopped or frozen process, no CPU). The kernel goes on balancing with the table of the moment at which the agent stopped.',
    confirm:
      'cilium-dbg status in the agent hangs, while cilium-dbg bpf lb list, which reads the maps themselves, answers.',
    variants: {
      hung: {
        message: 'The agent does not answer ({{detail}}); its eBPF maps were read directly',
        steps: [
          {
            text: 'Keep its log, if it is to be reported',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent --tail=1000 > {{agentPod}}.log',
            where: 'workstation',
          },
          {
            text: 'Restart it',
            command: 'kubectl -n {{namespace}} delete pod {{agentPod}} --grace-period=5',
            where: 'workstation',
            risk: 'connections stay; the node’s table is stale already and is corrected when the agent is back',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
      hungUnread: {
        message:
          'The agent does not answer ({{detail}}), and its eBPF maps could not be read either; the host’s own commands answer',
        steps: [
          {
            text: 'Restart it',
            command: 'kubectl -n {{namespace}} delete pod {{agentPod}} --grace-period=5',
            where: 'workstation',
            risk: 'connections stay; the node’s table is stale already and is corrected when the agent is back',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
    },
  },
  KPR1003: {
    severity: 'error',
    title: 'Kube-proxy replacement is requested, but not in effect',
    phases: ['doctor', 'verify'],
    symptom:
      'NodePorts, external IPs, LoadBalancer IPs and host ports are not served by Cilium; without kube-proxy nothing serves them.',
    cause:
      'Agents read their configuration once, when their pod starts. They may have started before the change, found a value they do not take, or switched the feature off because the kernel or the devices lack something.',
    confirm:
      'cilium-dbg status --verbose in an agent: the line KubeProxyReplacement and the list of Services below it.',
    variants: {
      notRestarted: {
        message: 'Kube-proxy replacement is requested, but the agent started before that and runs with mode {{mode}}',
        steps: [restartAgent, restartAll],
        check: 'kubectl -n {{namespace}} exec ds/{{agentDaemonSet}} -c cilium-agent -- cilium-dbg status',
      },
      notInEffect: {
        message: 'The agent was started with kube-proxy replacement, but reports mode {{mode}}',
        steps: [
          {
            text: 'Read why the agent gave it up: the warning before the line that mentions it',
            command:
              "kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -iE 'kube-?proxy|nodeport|disabling'",
            where: 'workstation',
          },
          {
            text: 'After the cause is repaired (kernel, devices, value), restart the agent',
            command: restartAgent.command,
            where: 'workstation',
            risk: restartAgent.risk,
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
      },
      partly: {
        message: 'Kube-proxy replacement is on, but not for {{features}}',
        steps: [
          {
            text: 'See what the agent switched off, and why',
            command:
              "kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -iE 'disabling|nodeport|hostport|socket'",
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --verbose',
      },
      invalidValue: {
        message:
          'The key kube-proxy-replacement of cilium-config holds {{value}}, which agents no longer take: the next one that starts ends at once',
        steps: [
          {
            text: 'Set it to true (formerly strict), or to false (formerly disabled); partial and probe have no counterpart. Helm: kubeProxyReplacement',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"kube-proxy-replacement":"true"}}\'',
            where: 'workstation',
            risk: 'with kube-proxy still running, switching over breaks established connections; a later Helm upgrade writes the value of the release again',
          },
          restartAgent,
        ],
        check: "kubectl -n {{namespace}} get configmap cilium-config -o jsonpath='{.data.kube-proxy-replacement}'",
      },
      wrongKey: {
        message:
          'cilium-config holds the key {{key}}, which is Helm’s name and no option of the agent: it has no effect',
        steps: [
          {
            text: 'Use the agent’s own name, or set the Helm value kubeProxyReplacement',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"kube-proxy-replacement":"true"}}\'',
            where: 'workstation',
            risk: 'with kube-proxy still running, switching over breaks established connections',
          },
          restartAgent,
        ],
        check: "kubectl -n {{namespace}} get configmap cilium-config -o jsonpath='{.data.kube-proxy-replacement}'",
      },
    },
  },
  KPR1004: {
    severity: 'error',
    title: 'Nobody serves Services on a node: kube-proxy replacement is off and there is no kube-proxy',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'From the node and from pods on the host network no ClusterIP answers, the API server’s included; NodePorts are dead. Pods reach ClusterIPs at best in part.',
    cause:
      'kube-proxy was removed or never installed (a flag of the distribution), while Cilium’s chart leaves kubeProxyReplacement at its default, false.',
    confirm:
      'cilium-dbg status in the agent says KubeProxyReplacement: False; on the node nothing listens on port 10256 and iptables-save has no chain KUBE-SERVICES.',
    variants: {
      nobody: {
        message: 'Kube-proxy replacement is off, and no kube-proxy runs: nobody serves Services',
        steps: [
          {
            text: 'Either let Cilium serve them; without kube-proxy it must be told the API server’s own address, no ClusterIP (CHART: how your release was installed)',
            command:
              'helm -n {{namespace}} upgrade cilium CHART --reuse-values --set kubeProxyReplacement=true --set k8sServiceHost=API_SERVER --set k8sServicePort=6443',
            where: 'workstation',
            risk: 'give the version that is installed (--version), or the chart is upgraded as well; agents restart',
          },
          {
            text: 'Or install kube-proxy again, by the distribution’s means; with kubeadm',
            command: 'kubeadm init phase addon kube-proxy',
            where: 'controlPlane',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
      stale: {
        message:
          'Kube-proxy replacement is off, and no kube-proxy runs; rules that one left are still there, but nobody updates them',
        steps: [
          {
            text: 'Start kube-proxy again, by the distribution’s means; with kubeadm',
            command: 'kubeadm init phase addon kube-proxy',
            where: 'controlPlane',
          },
          {
            text: 'Or let Cilium serve Services, and remove the rules afterwards (CHART: how your release was installed)',
            command:
              'helm -n {{namespace}} upgrade cilium CHART --reuse-values --set kubeProxyReplacement=true --set k8sServiceHost=API_SERVER --set k8sServicePort=6443',
            where: 'workstation',
            risk: 'give the version that is installed (--version), or the chart is upgraded as well; agents restart',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
    },
  },
  KPR1005: {
    severity: 'warning',
    title: 'The configuration changed after the agents started',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'A change was made and looks done, but nodes do not behave differently; or one node does, because its agent happened to restart.',
    cause:
      'An agent reads its configuration when its pod starts. Without rollOutCiliumPods a change of cilium-config restarts nobody.',
    confirm: 'Compare the files in /tmp/cilium/config-map of an agent with the ConfigMap cilium-config.',
    variants: {
      changed: {
        message: 'The agent started before these keys were changed: {{keys}}',
        steps: [
          {
            text: 'See that the new values are meant',
            command: 'kubectl -n {{namespace}} get configmap cilium-config -o yaml',
            where: 'workstation',
          },
          restartAgent,
          restartAll,
        ],
        check: 'kubectl kpr doctor --check config-current',
      },
      counted: {
        message: 'The agent itself counts {{count}} keys that differ from what it started with',
        steps: [
          {
            text: 'See which: the agent logs each',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -i drift',
            where: 'workstation',
          },
          restartAgent,
          restartAll,
        ],
        check:
          'kubectl -n {{namespace}} exec ds/{{agentDaemonSet}} -c cilium-agent -- cilium-dbg metrics list -p drift_checker',
      },
      operator: {
        severity: 'info',
        message: 'Keys that only the operator reads were changed: {{keys}}; agents need no restart, the operator may',
        steps: [
          {
            text: 'Restart the operator, unless it was restarted since',
            command: 'kubectl -n {{namespace}} rollout restart deployment {{operator}}',
            where: 'workstation',
            risk: 'the datapath does not depend on it; new nodes and identities wait for seconds',
          },
        ],
        check: 'kubectl -n {{namespace}} rollout status deployment {{operator}}',
      },
    },
  },
  KPR1006: {
    severity: 'warning',
    title: 'Agents differ in version or in how they balance',
    phases: ['doctor', 'verify'],
    symptom:
      'The same Service behaves differently from node to node: other source addresses, other backends for the same client, a NodePort that answers on some nodes only.',
    cause:
      'A rollout that is not finished, an agent that has not restarted since a change, or a configuration of its own.',
    confirm: 'Compare cilium-dbg status --verbose of two agents.',
    variants: {
      odd: {
        message: 'The agent differs from the others in: {{what}}',
        steps: [
          {
            text: 'See whether a rollout is under way or stuck',
            command: 'kubectl -n {{namespace}} rollout status daemonset {{agentDaemonSet}} --timeout=10s',
            where: 'workstation',
          },
          { ...restartAgent, text: 'If not, restart the agent that differs, so that it takes today’s configuration' },
        ],
        check: 'kubectl kpr doctor --check agents-agree',
      },
      intended: {
        severity: 'info',
        message: 'The agent differs from the others in: {{what}}; a CiliumNodeConfig asks for it',
        steps: [
          {
            text: 'See which',
            command: 'kubectl -n {{namespace}} get ciliumnodeconfigs -o yaml',
            where: 'workstation',
          },
        ],
      },
    },
  },
  KPR1007: {
    severity: 'error',
    title: 'Socket load balancing is reported as enabled, but its programs are not attached to the root cgroup',
    phases: ['doctor', 'verify'],
    symptom:
      'Connections from pods and from the node itself to ClusterIPs fail or bypass the balancer, while agents report OK.',
    cause:
      'The agent attaches its programs to the root of the cgroup v2 hierarchy once, at start. They are lost when the link is detached by another program, or never effective when the agent saw a cgroup root that is not the node’s own (a cgroup namespace, a mount made too late).',
    confirm:
      'bpftool cgroup show /run/cilium/cgroupv2 in the agent lists connect, sendmsg, recvmsg and getpeername programs for IPv4 and IPv6.',
    variants: {
      detached: {
        message: 'Socket LB is enabled, but {{missing}} not attached to the root cgroup',
        steps: [
          {
            text: 'Restart the agent, which attaches its programs again',
            command: 'kubectl -n {{namespace}} delete pod {{agentPod}}',
            where: 'workstation',
            risk: 'established connections stay; new ones on this node may fail until the agent is back',
          },
          {
            text: 'If they are missing again after that, see which cgroup the pinned links belong to; links to another cgroup go only when they are removed or the node restarts',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool link show',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool cgroup show /run/cilium/cgroupv2',
      },
      incomplete: {
        severity: 'warning',
        message:
          'Socket LB translates connections, but {{missing}} not attached to the root cgroup, though its twin of the other family is',
        steps: [
          {
            text: 'Restart the agent, which attaches its programs again',
            command: 'kubectl -n {{namespace}} delete pod {{agentPod}}',
            where: 'workstation',
            risk: 'established connections stay; new ones on this node may fail until the agent is back',
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool cgroup show /run/cilium/cgroupv2',
      },
    },
  },
  KPR1009: {
    severity: 'warning',
    title: 'The devices or addresses on which NodePorts are served are not the node’s own',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'NodePorts, LoadBalancer and external IPs answer on some nodes or addresses only, or nowhere from outside; inside the cluster they work.',
    cause:
      'Cilium serves NodePorts on the devices that it selects: those with a default route or with the node’s InternalIP, unless devices are named. Bridges, bonds, dummy and VLAN devices, several default routes, or a wrong --node-ip of the kubelet lead it astray.',
    confirm:
      'cilium-dbg status in an agent names the devices; cilium-dbg shell -- db/show node-addresses the addresses that are served.',
    variants: {
      noDevice: {
        severity: 'error',
        message: 'No device is selected: from outside nothing reaches NodePorts, LoadBalancer and external IPs',
        steps: [
          {
            text: 'See which devices the agent found, and which one holds the node’s address',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show devices',
            where: 'workstation',
          },
          {
            text: 'Name the devices (Helm: devices; DEVICE may be a pattern such as eth+)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"devices":"DEVICE"}}\'',
            where: 'workstation',
            risk: 'all agents take it when they restart; a device that a node lacks is passed over there',
          },
          restartAgent,
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
      },
      wrongDevice: {
        message: 'Among the selected devices is one that leads to no other node: {{wrong}}',
        steps: [
          {
            text: 'Name the devices (Helm: devices; DEVICE may be a pattern such as eth+)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"devices":"DEVICE"}}\'',
            where: 'workstation',
            risk: 'all agents take it when they restart; a device that a node lacks is passed over there',
          },
          restartAgent,
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
      },
      noDirectRouting: {
        message:
          'None of the selected devices ({{devices}}) is the one for direct routing: requests that need a backend on another node may be dropped',
        steps: [
          {
            text: 'Name it (Helm: nodePort.directRoutingDevice); it is the device with the node’s InternalIP',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"direct-routing-device":"DEVICE"}}\'',
            where: 'workstation',
            risk: 'an agent that finds no such device does not start; try it on one node, with a CiliumNodeConfig',
          },
          restartAgent,
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
      },
      notServed: {
        message:
          'NodePorts are not served on the node’s InternalIP {{address}}, although its device {{device}} is selected',
        steps: [
          {
            text: 'Serve it by naming the ranges in which all nodes’ addresses lie (Helm: nodePort.addresses)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"nodeport-addresses":"RANGE,RANGE"}}\'',
            where: 'workstation',
            risk: 'addresses outside the named ranges are no longer served, on every node',
          },
          restartAgent,
        ],
        check:
          'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show node-addresses',
      },
      otherDevice: {
        message: 'NodePorts are not served on the node’s InternalIP {{address}}: its device {{device}} is not selected',
        steps: [
          {
            text: 'See what Kubernetes takes for the node’s address; where it is wrong, correct --node-ip of the kubelet',
            command: 'kubectl get nodes -o wide',
            where: 'workstation',
          },
          {
            text: 'Otherwise name the devices, this one and those selected now (Helm: devices)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"devices":"{{devices}}"}}\'',
            where: 'workstation',
            risk: 'devices that are not named are no longer served, nor masqueraded by eBPF; name all that carry such traffic',
          },
          restartAgent,
        ],
        check:
          'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show node-addresses',
      },
      sharedAddress: {
        severity: 'error',
        message: 'These nodes have the same InternalIP, {{address}}: traffic between them goes astray',
        steps: [
          { text: 'See the addresses of all nodes', command: 'kubectl get nodes -o wide', where: 'workstation' },
          {
            text: 'Set --node-ip of the kubelet to the address of the shared network on each node, and restart it',
            command: 'systemctl restart kubelet',
            where: 'node',
          },
        ],
        check: 'kubectl get nodes -o wide',
      },
    },
  },
  KPR1010: {
    severity: 'error',
    title: 'A load-balancing map is full or nearly full',
    phases: ['doctor', 'verify'],
    symptom:
      'New Services, or new backends of old ones, do not work on some or all nodes, while the agent’s own list shows them.',
    cause:
      'Each Service takes a row for every port, backend and address that it is served on (a NodePort: every node address). What does not fit is not programmed. Connection tables that are full drop their oldest entries instead.',
    confirm:
      'cilium-dbg metrics list -p bpf_map_pressure in an agent (1 is full), and bpf-lb-map-max in cilium-config.',
    variants: {
      full: {
        message: 'The map {{map}} is full: Services or backends are missing from it',
        steps: [
          {
            text: 'Double its size (Helm: bpf.lbMapMax; 131072 if it is 65536 now)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"{{key}}":"131072"}}\'',
            where: 'workstation',
            risk: 'agents make the maps anew when they restart: Services on the node are interrupted for seconds',
          },
          restartAgent,
          restartAll,
        ],
        check: 'kubectl kpr doctor --check maps-have-room',
      },
      nearlyFull: {
        severity: 'warning',
        message:
          'The map {{map}} is filled to more than 90 %; when it is full, Services or backends will be missing from it',
        steps: [
          {
            text: 'Double its size in a maintenance window (Helm: bpf.lbMapMax; 131072 if it is 65536 now)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"{{key}}":"131072"}}\'',
            where: 'workstation',
            risk: 'agents make the maps anew when they restart: Services on the node are interrupted for seconds',
          },
          restartAgent,
          restartAll,
        ],
        check: 'kubectl kpr doctor --check maps-have-room',
      },
      tracking: {
        severity: 'warning',
        message:
          'The connection table {{map}} is filled to more than 90 %: when it is full, the oldest entries go, and their connections break',
        steps: [
          {
            text: 'See what is dropped',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg metrics list -p drop_count_total',
            where: 'workstation',
          },
          {
            text: 'Give such tables a greater share of memory (Helm: bpf.mapDynamicSizeRatio, 0.0025 by default)',
            command:
              'kubectl -n {{namespace}} patch configmap cilium-config --type merge -p \'{"data":{"bpf-map-dynamic-size-ratio":"0.005"}}\'',
            where: 'workstation',
            risk: 'agents make the tables anew when they restart: established connections through them break',
          },
        ],
        check: 'kubectl kpr doctor --check maps-have-room',
      },
    },
  },
  KPR1011: {
    severity: 'error',
    title: 'The agent itself reports a fault that concerns load balancing',
    phases: ['doctor', 'verify'],
    symptom: 'Single Services do not work on some nodes, while pods and nodes are healthy.',
    cause:
      'The agent could not program what it knows: an error of the kernel, an address that two Services claim, a lost connection to the API server.',
    confirm: 'cilium-dbg shell -- db/show frontends (column Error) and db/show health (level Degraded) in the agent.',
    variants: {
      frontend: {
        message: 'The agent could not program {{count}} {{frontends}}: {{reason}}',
        steps: [
          {
            text: 'See all of them',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show frontends',
            where: 'workstation',
          },
          {
            text: 'Read what the agent logged',
            command:
              "kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -iE 'frontend|lbmap|loadbalancer'",
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
      conflict: {
        message:
          'Another Service or host port already owns the address and port: {{count}} {{frontends}} not programmed ({{reason}})',
        steps: [
          { text: 'Find who else has the address', command: 'kubectl get services -A -o wide', where: 'workstation' },
          {
            text: 'Give one of the two another address or port; with k3s or RKE2, ServiceLB takes node addresses for LoadBalancer Services and can be disabled',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
      module: {
        message: 'The agent’s module {{module}} is degraded: {{reason}}',
        steps: [
          {
            text: 'See the state of all modules',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show health',
            where: 'workstation',
          },
          { ...restartAgent, text: 'If the reason does not name something to repair, restart the agent' },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
      moduleConflict: {
        message:
          'The agent’s module {{module}} is degraded, because two Services claim the same address and port: {{reason}}',
        steps: [
          { text: 'Find both', command: 'kubectl get services -A -o wide', where: 'workstation' },
          { text: 'Give one of the two another address or port', where: 'workstation' },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
      moduleAround: {
        severity: 'warning',
        message: 'A module on which load balancing depends is degraded, {{module}}: {{reason}}',
        steps: [
          {
            text: 'See the state of all modules',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show health',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
      kubernetes: {
        message: 'The agent has no sound connection to the API server, so its table may be old: {{reason}}',
        steps: [
          {
            text: 'See the address it was given, and whether that answers',
            command:
              "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bash -c 'echo $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT; exec 3<>/dev/tcp/$KUBERNETES_SERVICE_HOST/$KUBERNETES_SERVICE_PORT && echo open'",
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --brief',
      },
      controller: {
        message: 'The agent’s controller {{controller}} fails again and again: {{reason}}',
        steps: [
          {
            text: 'Read its state',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --all-controllers',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
      stale: {
        severity: 'warning',
        message: 'Parts of the agent no longer report: {{probes}}',
        steps: [
          {
            text: 'Read its status',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
            where: 'workstation',
          },
          { ...restartAgent, text: 'If it stays so, restart the agent' },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --brief',
      },
    },
  },
});
