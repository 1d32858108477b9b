export const saveObjects = {
  text: 'Keep what you are about to delete',
  command: 'kubectl -n {{objectNamespace}} get daemonset/{{objectName}} -o yaml > {{objectName}}-before.yaml',
  where: 'workstation',
} as const;

export const deleteDaemonSet = {
  text: 'Delete the DaemonSet',
  command: 'kubectl -n {{objectNamespace}} delete daemonset {{objectName}}',
  where: 'workstation',
  does: 'endKubeProxy',
  risk: 'connections through kube-proxy’s translation break where they are not in Cilium’s tables; its rules stay on the nodes and have to be removed next',
} as const;

export const restoreDaemonSet = 'kubectl apply -f {{objectName}}-before.yaml';

export const deleteConfigMap = {
  text: 'Delete the ConfigMap, and keep a copy of it',
  command:
    'kubectl -n kube-system get configmap kube-proxy -o yaml > kube-proxy-configmap.yaml && kubectl -n kube-system delete configmap kube-proxy',
  where: 'workstation',
} as const;

export const writeScript = {
  text: 'Write the script that takes away what is kube-proxy’s alone, with a back-up, a dry run and an undo; read it, then run it as it says, on one node first',
  command: 'kubectl kpr cleanup --node {{node}} -o cleanup',
  where: 'workstation',
} as const;

/** Ways to the same end as the script. */
export const byKubeProxyItself = {
  title: 'let kube-proxy take its own rules away',
  steps: [
    {
      text: 'Run its clean-up, on one node first',
      command:
        'kubectl debug node/{{node}} --profile=sysadmin --image=registry.k8s.io/kube-proxy:{{proxyVersion}} -- kube-proxy --cleanup',
      where: 'workstation',
      risk: 'it also empties the node’s IPVS table, sees only the iptables backend that the kubelet uses, fails where rules of others lead into its chains, and before 1.34 leaves a few unreachable ones; check afterwards',
    },
  ],
} as const;

export const byReboot = {
  title: 'reboot the node: the rules are in the kernel only, so they do not come back',
  steps: [
    {
      text: 'Drain it',
      command: 'kubectl drain {{node}} --ignore-daemonsets --delete-emptydir-data',
      where: 'workstation',
      does: 'rebootNode',
      risk: 'evicts the pods of the node; where a service restores saved rules at boot, take kube-proxy’s out of its file first',
    },
    { text: 'Reboot it', command: 'systemctl reboot', where: 'node', does: 'rebootNode' },
    { text: 'Let pods come back', command: 'kubectl uncordon {{node}}', where: 'workstation' },
  ],
} as const;
