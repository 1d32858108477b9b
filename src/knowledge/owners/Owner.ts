/**
 * Who wrote a chain, a rule, a set, a table of nftables or a link. `shared` is what kube-proxy and kubelets up
 * to 1.26 write both and CNI plugins jump into. `builtIn`: the kernel's chains, and the rules in them that
 * nothing ties to anybody.
 */
export type Owner =
  | 'kubeProxy'
  | 'shared'
  | 'kubelet'
  | 'cilium'
  | 'kubeRouter'
  | 'portmap'
  | 'cniPlugins'
  | 'crio'
  | 'flannel'
  | 'awsCni'
  | 'calico'
  | 'antrea'
  | 'weave'
  | 'ovnKubernetes'
  | 'kindnet'
  | 'istio'
  | 'ipMasqAgent'
  | 'nodeLocalDns'
  | 'docker'
  | 'libvirt'
  | 'firewalld'
  | 'ufw'
  | 'tailscale'
  | 'netbird'
  | 'builtIn'
  | 'unknown';

/** Whether kube-proxy writes it, alone or with others. */
export const isKubeProxys = (owner: Owner): boolean => owner === 'kubeProxy' || owner === 'shared';

export const ownerNames: Readonly<Record<Owner, string>> = {
  kubeProxy: 'kube-proxy',
  shared: 'kube-proxy and kubelets up to 1.26',
  kubelet: 'kubelet',
  cilium: 'Cilium',
  kubeRouter: 'kube-router (or the network policies of k3s and RKE2, which are its)',
  portmap: 'the CNI plugin portmap',
  cniPlugins: 'CNI plugins',
  crio: 'CRI-O (or dockershim, whose names it has)',
  flannel: 'Flannel',
  awsCni: 'the AWS VPC CNI',
  calico: 'Calico',
  antrea: 'Antrea',
  weave: 'Weave Net',
  ovnKubernetes: 'OVN-Kubernetes',
  kindnet: 'kindnet',
  istio: 'Istio',
  ipMasqAgent: 'ip-masq-agent',
  nodeLocalDns: 'NodeLocal DNS',
  docker: 'Docker',
  libvirt: 'libvirt',
  firewalld: 'firewalld',
  ufw: 'ufw',
  tailscale: 'Tailscale',
  netbird: 'NetBird',
  builtIn: 'the kernel',
  unknown: 'unknown',
};
