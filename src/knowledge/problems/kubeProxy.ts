import { defineProblems } from '../Problem.ts';

const beforeRemoval = {
  text: 'Make sure first that every agent replaces kube-proxy: otherwise nobody serves Services afterwards',
  command: 'kubectl kpr doctor --check kpr-in-effect',
  where: 'workstation',
} as const;

const lookForRules = 'kubectl kpr doctor --check kube-proxy-absent,leftover-iptables,leftover-nftables,leftover-ipvs';

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

const writeScript = {
  text: 'Write the script that takes away what is kube-proxy’s alone, with a back-up, a dry run and an undo; read it, then run it as it says, on one node first',
  command: 'kubectl kpr cleanup --node {{node}}',
  where: 'workstation',
} as const;

const cleanUp = {
  text: 'Or let kube-proxy take its own rules away, on one node first',
  command:
    'kubectl debug node/{{node}} --profile=sysadmin --image=registry.k8s.io/kube-proxy:{{proxyVersion}} -- kube-proxy --cleanup',
  where: 'workstation',
  risk: 'it also empties the node’s IPVS table, sees only the iptables backend that the kubelet uses, fails where rules of others lead into its chains, and before 1.34 leaves a few unreachable ones; check afterwards',
} as const;

const reboot = {
  text: 'Or drain the node, reboot it and uncordon it: the rules are in the kernel only, so they do not come back',
  command: 'kubectl drain {{node}} --ignore-daemonsets --delete-emptydir-data',
  where: 'workstation',
  risk: 'evicts the pods of the node; where a service restores saved rules at boot, take kube-proxy’s out of its file first',
} as const;

const cleanNode = [writeScript, saveRules, cleanUp, reboot] as const;
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
        message: 'Rules that kube-proxy left ({{where}}, {{rules}}{{use}}) refuse connections to {{victims}}',
        steps: cleanNode,
        check: checkIptables,
      },
      diverting: {
        message:
          'Rules that kube-proxy left ({{where}}, {{rules}}{{use}}) lead to others what is meant for {{victims}}',
        steps: cleanNode,
        check: checkIptables,
      },
      stale: {
        message:
          'kube-proxy’s rules are left ({{where}}, {{rules}}{{use}}) and send connections to addresses that no longer exist, e.g. {{target}}',
        steps: cleanNode,
        check: checkIptables,
      },
      live: {
        message:
          'kube-proxy’s rules are left ({{where}}, {{rules}}{{use}}): their targets are right today and go stale with the next change',
        steps: cleanNode,
        check: checkIptables,
      },
    },
  },
  KPR3004: {
    severity: 'error',
    title: 'nftables tables of kube-proxy are left on a node where it no longer runs',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'Connections to Services are refused, dropped or go to addresses that no longer exist, and iptables-save shows no rule that would explain it.',
    cause:
      'In nftables mode kube-proxy writes tables of its own (ip kube-proxy and ip6 kube-proxy) and does not remove them when it ends. iptables-save cannot see them. Besides old backends they hold a check that drops what goes to addresses of the Service range which were not in use when kube-proxy ended: Services made since then suffer wherever Cilium does not translate first.',
    confirm:
      'On the node, nft list tables (or, in the agent’s pod, which has no nft, perl’s netlink: see the evidence). Where an agent’s image has neither, the result is unknown; kubectl debug with kube-proxy’s image has nft, and --allow-unknown leftover-nftables lets verify pass without it.',
    variants: {
      tables: {
        message:
          'kube-proxy’s nftables tables are left ({{tables}}): invisible to iptables-save, they go on to translate and drop as when it ended',
        steps: [
          writeScript,
          {
            text: 'Or by hand: keep the tables as they are now',
            command:
              "kubectl debug node/{{node}} --profile=sysadmin -i --image=registry.k8s.io/kube-proxy:{{proxyVersion}} -- nft '{{list}}' > kube-proxy-{{node}}.nft",
            where: 'workstation',
          },
          {
            text: 'Delete them: nothing else is in these tables, and all goes at once',
            command:
              "kubectl debug node/{{node}} --profile=sysadmin -it --image=registry.k8s.io/kube-proxy:{{proxyVersion}} -- nft '{{delete}}'",
            where: 'workstation',
            risk: 'connections that they still translate break',
          },
          reboot,
        ],
        check: 'kubectl kpr doctor --check leftover-nftables',
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
          writeScript,
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
          writeScript,
          cleanUp,
          reboot,
        ],
        check: 'kubectl kpr doctor --check leftover-ipvs',
      },
      ipsets: {
        severity: 'warning',
        message: '{{sets}} of kube-proxy’s ipvs mode are left; alone they do nothing',
        steps: [writeScript, cleanUp, reboot],
        check: 'kubectl kpr doctor --check leftover-ipvs',
      },
    },
  },
  KPR3006: {
    severity: 'info',
    title: 'What kube-proxy left does no harm',
    phases: ['verify', 'preflight'],
    symptom: 'None. Somebody who lists iptables rules may take the node for one with kube-proxy.',
    cause:
      'kube-proxy --cleanup before 1.34, and clean-ups by hand, leave chains to which nothing leads: KUBE-PROXY-CANARY, KUBE-PROXY-FIREWALL, KUBE-MARK-MASQ. No packet gets there. Chains of kubelets (KUBE-FIREWALL, KUBE-IPTABLES-HINT, KUBE-KUBELET-CANARY), and what others lead to, are not meant.',
    confirm:
      'iptables-save of both backends lists the chain, and no rule has it behind -j. The ServiceAccount kube-proxy and the ClusterRoleBinding kubeadm:node-proxier, which do no harm either, are not looked at.',
    variants: {
      chains: {
        message: 'kube-proxy’s remains that do no harm: {{remains}}',
        steps: [
          writeScript,
          {
            text: 'With kubeadm these are left in the API, too: its account and what binds it',
            command:
              'kubectl delete --ignore-not-found serviceaccount/kube-proxy role/kube-proxy rolebinding/kube-proxy -n kube-system && kubectl delete --ignore-not-found clusterrolebinding kubeadm:node-proxier',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr verify --check harmless-remains',
      },
    },
  },
  KPR3007: {
    severity: 'warning',
    title: 'Something else relies on kube-proxy’s chains',
    phases: ['doctor', 'verify', 'preflight'],
    symptom:
      'After kube-proxy and its chains are gone, something that is not a Service breaks: host ports of another CNI plugin are not reached from the node or answered with the wrong address, a firewall script ends with an error, a DNS cache is not asked any more.',
    cause:
      'Chains of kube-proxy are used by others, above all KUBE-MARK-MASQ, into which the CNI plugin portmap and firewall scripts lead what is to be masqueraded. Nobody but kube-proxy (and kubelets up to 1.26) keeps these chains.',
    confirm: 'iptables-save -t nat | grep -e "-j KUBE-" | grep -v "^-A KUBE-" shows who leads into them.',
    variants: {
      chains: {
        message: 'Rules in {{chains}} lead into chains of kube-proxy ({{targets}}) and lose them when it goes',
        steps: [
          {
            text: 'For chains CNI-…: turn the plugin portmap off where Cilium serves host ports itself (kube-proxy replacement does), or let portmap mark by itself: no externalSetMarkChain in its configuration',
            command: 'grep -r externalSetMarkChain /etc/cni/net.d',
            where: 'node',
          },
          { text: 'For others: let them masquerade by rules of their own before kube-proxy is removed', where: 'node' },
        ],
      },
      nodeLocalDns: {
        message:
          'The DNS cache {{what}} takes over {{addresses}} on its nodes, which works beside kube-proxy’s iptables mode only: Cilium translates this address before the cache sees it',
        steps: [
          {
            text: 'Run it without hostNetwork, with -skipteardown=true -setupinterface=false -setupiptables=false, and send cluster DNS to it with a CiliumLocalRedirectPolicy (Helm: localRedirectPolicies.enabled=true)',
            where: 'workstation',
          },
        ],
      },
      deadMark: {
        message:
          'Rules in {{chains}} lead into {{targets}}, but what is marked there is no longer masqueraded: kube-proxy’s part of it is gone',
        steps: [
          {
            text: 'For chains CNI-…: turn the plugin portmap off where Cilium serves host ports itself (kube-proxy replacement does), or let portmap mark by itself: no externalSetMarkChain in its configuration; then start the pods with host ports anew',
            command: 'grep -r externalSetMarkChain /etc/cni/net.d',
            where: 'node',
          },
          { text: 'For others: let them masquerade by rules of their own', where: 'node' },
        ],
        check: 'kubectl kpr doctor --check nothing-misses-kube-proxy',
      },
      staleChain: {
        message:
          'Rules in {{chains}} lead into chains that kube-proxy left ({{targets}}): nobody keeps these up to date, and they can’t be removed as long as that is so',
        steps: [
          {
            text: 'See who writes these rules, and change it there: Services are reached by their addresses, not by chains',
            command:
              "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c 'iptables-nft-save; iptables-legacy-save'",
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check nothing-misses-kube-proxy',
      },
    },
  },
  KPR3008: {
    severity: 'warning',
    title: 'UDP clients are held to backends that kube-proxy once chose and that are gone',
    phases: ['doctor', 'verify'],
    symptom:
      'A few clients time out for hours (DNS, QUIC, syslog, statsd) although Service, backends and eBPF tables are right; those that were started anew work.',
    cause:
      'Taking kube-proxy’s rules away does not touch connections that the kernel has already translated. TCP notices that its other end is gone; a UDP client that goes on to send from the same port keeps the entry alive for ever, and with it the old backend.',
    confirm:
      'On the node, conntrack -L -p udp (or /proc/net/nf_conntrack, where the kernel has it): an entry whose first dst= is an address of a Service and whose second src= is none of its endpoints. Where kernels do not show the file and no rule of kube-proxy is left, this is not judged.',
    variants: {
      udp: {
        message:
          'Still translated by kube-proxy to {{backends}}, which is no endpoint any more: {{clients}} of {{services}}',
        steps: [
          {
            text: 'When no rules of kube-proxy are left there, let the node forget these entries, with the program conntrack (package conntrack or conntrack-tools): the next packet is Cilium’s to translate',
            command: "sh -c '{{deletions}}'",
            where: 'node',
          },
          {
            text: 'Restart the clients that time out even then: Cilium does not translate for a socket of the node that was connected before it took over',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check stale-conntrack',
      },
    },
  },
});
