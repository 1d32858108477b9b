import { defineProblems } from '../Problem.ts';

const beforeRemoval = {
  text: 'Make sure first that every agent replaces kube-proxy: otherwise nobody serves Services afterwards',
  command: 'kubectl kpr doctor --check kpr-in-effect',
  where: 'workstation',
} as const;

const lookForRules = 'kubectl kpr doctor --check kube-proxy-absent,leftover-iptables,leftover-ipvs';

const saveObjects = {
  text: 'Keep what you are about to delete',
  command: 'kubectl -n {{objectNamespace}} get daemonset/{{objectName}} -o yaml > {{objectName}}-before.yaml',
  where: 'workstation',
} as const;

const deleteDaemonSet = {
  text: 'Delete the DaemonSet',
  command: 'kubectl -n {{objectNamespace}} delete daemonset {{objectName}}',
  where: 'workstation',
  risk: 'connections through kube-proxy’s translation break where they are not in Cilium’s tables; its rules stay on the nodes and have to be removed next',
} as const;

const restoreDaemonSet = 'kubectl apply -f {{objectName}}-before.yaml';

const disableInKubeadm = {
  text: 'Tell kubeadm for good: in ClusterConfiguration set proxy: {disabled: true}',
  command: 'kubectl -n kube-system edit configmap kubeadm-config',
  where: 'workstation',
} as const;

const deleteConfigMap = {
  text: 'Delete the ConfigMap, and keep a copy of it',
  command:
    'kubectl -n kube-system get configmap kube-proxy -o yaml > kube-proxy-configmap.yaml && kubectl -n kube-system delete configmap kube-proxy',
  where: 'workstation',
} as const;

const restoreConfigMap = 'kubectl apply -f kube-proxy-configmap.yaml';

const saveRules = {
  text: 'Keep the rules as they are now',
  command:
    "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c '{{saveCommands}}' > iptables-{{node}}.txt",
  where: 'workstation',
} as const;

const cleanUp = {
  text: 'Let kube-proxy take its own rules away, on one node first',
  command:
    'kubectl debug node/{{node}} --profile=sysadmin --image=registry.k8s.io/kube-proxy:{{proxyVersion}} -- kube-proxy --cleanup',
  where: 'workstation',
  risk: 'it also empties the node’s IPVS table, sees only the iptables backend that the kubelet uses, and before 1.34 leaves a few unreachable chains; check afterwards',
} as const;

const reboot = {
  text: 'Or drain the node, reboot it and uncordon it: the rules are in the kernel only, so they do not come back',
  command: 'kubectl drain {{node}} --ignore-daemonsets --delete-emptydir-data',
  where: 'workstation',
  risk: 'evicts the pods of the node; where a service restores saved rules at boot, take kube-proxy’s out of its file first',
} as const;

const cleanNode = [saveRules, cleanUp, reboot] as const;
const checkIptables = 'kubectl kpr doctor --check leftover-iptables';

export const kubeProxyProblems = defineProblems({
  KPR3001: {
    severity: 'warning',
    title: 'kube-proxy still runs beside its replacement',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'Services work, but nobody knows through whom: two programs translate the same addresses, and faults of one hide behind the other. kube-proxy costs CPU on every node and keeps its rules alive.',
    cause:
      'Turning the replacement on does not remove kube-proxy. It was never deleted, its manager (add-on, operator, static manifest) brought it back, or it is a part of the distribution’s own process.',
    confirm: 'kubectl get pods -A -o wide | grep kube-proxy; on a node, ss -ltnp shows who listens on 10256 and 10249.',
    variants: {
      daemonSet: {
        message: 'kube-proxy still runs beside its replacement, as DaemonSet {{what}}{{conflict}}',
        steps: [beforeRemoval, saveObjects, deleteDaemonSet, deleteConfigMap],
        check: lookForRules,
        undo: restoreDaemonSet,
      },
      eksAddon: {
        message: 'kube-proxy still runs beside its replacement, as the EKS add-on ({{what}}){{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'Remove the add-on; a DaemonSet that was deleted by hand comes back with it',
            command: 'aws eks delete-addon --cluster-name CLUSTER --addon-name kube-proxy',
            where: 'workstation',
            risk: 'its rules stay on the nodes; new nodes are clean',
          },
          { ...deleteDaemonSet, text: 'Delete the DaemonSet where it is still there' },
        ],
        check: lookForRules,
        undo: 'aws eks create-addon --cluster-name CLUSTER --addon-name kube-proxy',
      },
      aksAddon: {
        message: 'kube-proxy still runs beside its replacement, managed by AKS ({{what}}){{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'Turn it off in AKS (preview); its add-on manager restores a DaemonSet that is deleted',
            command:
              'printf \'{"enabled": false}\' > kube-proxy.json && az aks update -g GROUP -n CLUSTER --kube-proxy-config kube-proxy.json',
            where: 'workstation',
            risk: 'needs the extension aks-preview and the feature KubeProxyConfigurationPreview',
          },
        ],
        check: lookForRules,
      },
      openshift: {
        message:
          'kube-proxy still runs beside its replacement, deployed by the cluster network operator ({{what}}){{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'Tell the operator; it restores a DaemonSet that is deleted',
            command:
              'kubectl patch network.operator.openshift.io cluster --type=merge -p \'{"spec":{"deployKubeProxy":false}}\'',
            where: 'workstation',
            risk: 'its rules stay on the nodes and have to be removed next',
          },
        ],
        check: lookForRules,
        undo: 'kubectl patch network.operator.openshift.io cluster --type=merge -p \'{"spec":{"deployKubeProxy":true}}\'',
      },
      talos: {
        message:
          'kube-proxy still runs beside its replacement, as a bootstrap manifest of Talos ({{what}}){{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'Set cluster.proxy.disabled: true in the machine configuration of every control-plane node',
            command: 'talosctl -n CONTROL_PLANE patch machineconfig -p \'{"cluster":{"proxy":{"disabled":true}}}\'',
            where: 'workstation',
          },
          { ...deleteDaemonSet, text: 'Delete the DaemonSet, which Talos leaves alone' },
        ],
        check: lookForRules,
      },
      k0s: {
        message: 'kube-proxy still runs beside its replacement, managed by k0s ({{what}}){{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'Set spec.network.kubeProxy.disabled: true in the k0s configuration and restart the controllers',
            where: 'controlPlane',
          },
        ],
        check: lookForRules,
      },
      gke: {
        message: 'kube-proxy still runs beside its replacement, managed by GKE ({{what}}){{conflict}}',
        steps: [
          {
            text: 'Users cannot remove it: whether a cluster has Dataplane V2 is chosen when it is made; ask Google’s support',
            where: 'workstation',
          },
        ],
      },
      rke2: {
        message: 'kube-proxy still runs beside its replacement, as a static pod of RKE2 ({{what}}){{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'Set disable-kube-proxy: true in /etc/rancher/rke2/config.yaml on every server, then restart the servers',
            command: 'systemctl restart rke2-server',
            where: 'controlPlane',
            risk: 'one server after the other; the API server of each is away for a minute',
          },
          {
            text: 'Remove the manifest on every node where the pod stays',
            command: 'rm /var/lib/rancher/rke2/agent/pod-manifests/kube-proxy.yaml',
            where: 'node',
          },
        ],
        check: lookForRules,
      },
      staticPod: {
        message: 'kube-proxy still runs beside its replacement, as a static pod ({{what}}){{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'Turn it off where the manifest comes from (kops: spec.kubeProxy.enabled: false, then a rolling update), or the file comes back',
            where: 'controlPlane',
          },
          {
            text: 'Find the manifest on the node and move it out of the kubelet’s folder',
            command: 'grep -rl kube-proxy /etc/kubernetes/manifests',
            where: 'node',
          },
        ],
        check: lookForRules,
      },
      pod: {
        message: 'kube-proxy still runs beside its replacement, in pods that no DaemonSet owns ({{what}}){{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'See who owns the pods, and remove that',
            command: 'kubectl -n {{objectNamespace}} get pod {{objectName}} -o jsonpath={.metadata.ownerReferences}',
            where: 'workstation',
          },
        ],
        check: lookForRules,
      },
      k3s: {
        message: 'kube-proxy still runs beside its replacement, inside the k3s process{{conflict}}',
        steps: [
          beforeRemoval,
          {
            text: 'Set disable-kube-proxy: true in /etc/rancher/k3s/config.yaml on every server; agents take it from there',
            where: 'controlPlane',
          },
          {
            text: 'Restart every server, then every agent',
            command: 'systemctl restart k3s',
            where: 'controlPlane',
            risk: 'one node after the other; pods keep running',
          },
        ],
        check: lookForRules,
      },
      microk8s: {
        message: 'kube-proxy still runs beside its replacement, inside MicroK8s’ kubelite process{{conflict}}',
        steps: [
          {
            text: 'MicroK8s has no switch for it, and its Cilium add-on does not turn it off: run Cilium there without kube-proxy replacement',
            where: 'controlPlane',
          },
        ],
        check: lookForRules,
      },
      process: {
        message:
          'kube-proxy answers on port 10256, although no pod of it is there: it runs as a process of the host{{conflict}}',
        steps: [
          beforeRemoval,
          { text: 'Find the process', command: 'ss -ltnp sport = :10256', where: 'node' },
          {
            text: 'Stop and disable its service',
            command: 'systemctl disable --now kube-proxy',
            where: 'node',
            risk: 'its rules stay on the node and have to be removed next',
          },
        ],
        check: lookForRules,
        undo: 'systemctl enable --now kube-proxy',
      },
    },
  },
  KPR3002: {
    severity: 'warning',
    title: 'Something is left that brings kube-proxy back',
    phases: ['doctor', 'verify', 'preflight'],
    symptom: 'Nothing today. Weeks later, after an upgrade, kube-proxy is back on every node.',
    cause:
      'Installers look for signs that kube-proxy is wanted: kubeadm up to 1.31 at the ConfigMap kube-system/kube-proxy, from 1.32 on at proxy.disabled of its ClusterConfiguration. A DaemonSet that was only parked runs again as soon as its node selector matches.',
    confirm:
      'kubectl -n kube-system get configmap kube-proxy; kubectl -n kube-system get configmap kubeadm-config -o yaml.',
    variants: {
      configMap: {
        message: 'ConfigMap kube-system/kube-proxy is still there: the next kubeadm upgrade brings kube-proxy back',
        steps: [deleteConfigMap],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
        undo: restoreConfigMap,
      },
      kubeadmConfig: {
        message:
          'kubeadm’s configuration does not say proxy.disabled: kubeadm upgrade to 1.32 or later brings kube-proxy back',
        steps: [
          disableInKubeadm,
          {
            text: 'Or leave the phase out at every upgrade',
            command: 'kubeadm upgrade apply VERSION --skip-phases=addon/kube-proxy',
            where: 'controlPlane',
          },
        ],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
      },
      configMapAndKubeadmConfig: {
        message:
          'ConfigMap kube-system/kube-proxy is still there, and kubeadm’s configuration does not say proxy.disabled: the next kubeadm upgrade brings kube-proxy back',
        steps: [deleteConfigMap, disableInKubeadm],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
        undo: restoreConfigMap,
      },
      configMapAlone: {
        message:
          'ConfigMap kube-system/kube-proxy is left over: installers take it as a sign that kube-proxy is wanted',
        steps: [deleteConfigMap],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
        undo: restoreConfigMap,
      },
      parked: {
        message:
          'DaemonSet {{what}} is only parked (node selector {{selector}}): it runs again as soon as somebody restores it',
        steps: [saveObjects, { ...deleteDaemonSet, risk: 'none now: no pod of it runs' }, deleteConfigMap],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
        undo: restoreDaemonSet,
      },
    },
  },
  KPR3003: {
    severity: 'error',
    title: 'iptables rules of kube-proxy are left on a node where it no longer runs',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'Some connections to Services are refused or go to addresses that no longer exist, mostly from the node itself and from outside, while agents and eBPF tables are right.',
    cause:
      'kube-proxy does not remove its rules when it ends. What Cilium has not translated before netfilter sees it (connections that began earlier, traffic on devices that Cilium does not serve, ports that its tables do not hold) still meets them, and they are as old as kube-proxy’s end. (The well-known iptables-save | grep -v KUBE | iptables-restore is no cure: it takes rules of the kubelet, of host ports and of network policies along, and whatever others change meanwhile.)',
    confirm:
      'iptables-save and ip6tables-save of both backends (iptables-nft-save, iptables-legacy-save) on the node list chains KUBE-SERVICES and KUBE-SVC-…, and no kube-proxy runs there. KUBE-FIREWALL, KUBE-IPTABLES-HINT and KUBE-KUBELET-CANARY are the kubelet’s and belong there.',
    variants: {
      refusing: {
        message:
          'Rules that kube-proxy left ({{where}}, {{rules}}) refuse connections to {{services}}, which {{have}} ready backends',
        steps: cleanNode,
        check: checkIptables,
      },
      stale: {
        message:
          'kube-proxy’s rules are left ({{where}}, {{rules}}) and send connections to addresses that no longer exist, e.g. {{target}}',
        steps: cleanNode,
        check: checkIptables,
      },
      live: {
        message:
          'kube-proxy’s rules are left ({{where}}, {{rules}}): their targets are right today and go stale with the next change',
        steps: cleanNode,
        check: checkIptables,
      },
      unlinked: {
        severity: 'warning',
        message: 'Chains of kube-proxy are left ({{where}}, {{rules}}), but no packet gets there any more',
        steps: cleanNode,
        check: checkIptables,
      },
    },
  },
  KPR3005: {
    severity: 'error',
    title: 'IPVS state of kube-proxy is left on a node where it no longer runs',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'ClusterIPs are answered by the node itself or lead nowhere. Agents may take kube-ipvs0 for a device, and its addresses for their own.',
    cause:
      'In ipvs mode kube-proxy puts the address of every Service on the dummy link kube-ipvs0 and enters virtual servers into the kernel. It removes neither when it ends, so the kernel goes on to treat these addresses as its own.',
    confirm: 'On the node: ip address show kube-ipvs0; cat /proc/net/ip_vs; ipset list -n | grep ^KUBE-',
    variants: {
      dummyLink: {
        message:
          'kube-ipvs0 is left with {{addresses}}, {{servers}} and {{sets}}: the kernel takes the addresses of Services for its own',
        steps: [
          cleanUp,
          {
            text: 'Or by hand: list the virtual servers first, because others (keepalived) may use IPVS, too',
            command: 'cat /proc/net/ip_vs',
            where: 'node',
          },
          {
            text: 'Remove the link',
            command: 'ip link delete kube-ipvs0',
            where: 'node',
            risk: 'connections that IPVS still carries break',
          },
          reboot,
        ],
        check: 'kubectl kpr doctor --check leftover-ipvs',
      },
      virtualServers: {
        message:
          'IPVS still holds {{servers}} for Services: connections that reach the kernel’s table go to old backends',
        steps: [
          { text: 'List them: others (keepalived) may use IPVS, too', command: 'cat /proc/net/ip_vs', where: 'node' },
          cleanUp,
          reboot,
        ],
        check: 'kubectl kpr doctor --check leftover-ipvs',
      },
      ipsets: {
        severity: 'warning',
        message: '{{sets}} of kube-proxy’s ipvs mode are left; alone they do nothing',
        steps: [cleanUp, reboot],
        check: 'kubectl kpr doctor --check leftover-ipvs',
      },
    },
  },
});
