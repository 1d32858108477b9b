/**
 * Names that say nothing of a cluster because all clusters have them: those of Kubernetes, of Cilium and of
 * distributions, and words that programs print for themselves. A redacted capture keeps them, so that checks and people
 * find what they look for.
 */
const words = `
default kube kube-system kube-public kube-node-lease cilium cilium-system cilium-secrets cilium-test
kubernetes k8s kube-dns coredns kube-proxy kubelet etcd kube-apiserver kube-controller-manager kube-scheduler metrics-server
konnectivity-agent node-local-dns nodelocaldns kindnet anetd netd aws-node calico-node kube-flannel-ds kube-router portmap
cilium-agent cilium-cni cilium-operator cilium-envoy cilium-config cilium-node-init cilium-dbg cilium-health hubble hubble-relay hubble-ui hubble-peer
clustermesh clustermesh-apiserver operator agent config mount-cgroup mount-bpf-fs bpf-maps cilium-run cilium-cgroup cilium-netns etc-cni-netd cni-path host-proc-sys-net host-proc-sys-kernel lib-modules xtables-lock hostproc tmp config-volume apply-sysctl-overwrites clean-cilium-state install-cni-binaries
kubeadm kubeadm-config cluster-info kube-proxy-config wait-for-kube-proxy
openshift-kube-proxy openshift-dns openshift-sdn openshift-network-operator openshift dns-default proxy-config gke-managed-networking-dra-driver calico-system tigera-operator
kubernetes-admin kubernetes-services system anonymous masters controlplane control-plane master worker node nodes endpointslice-controller endpointslicemirroring-controller
io k8s-io x-k8s-io com org net svc cluster local internal
http https dns dns-tcp tcp udp sctp metrics grpc http2 health healthz readyz livez prometheus helm api web webhook peer-service
linux windows amd64 arm64 arm ppc64le s390x true false yes no none all any auto always never unknown missing
on off enabled disabled ok warning failure error degraded stopped running ready pending done succeeded failed
random maglev snat dsr hybrid tunnel native vxlan geneve legacy veth netkit generic iptables nftables ipvs nft bpf ebpf external active terminating quarantined maintenance
cluster-pool cluster-pool-v2beta kvstore crd strict partial probe disabled
nat filter mangle raw security input output forward prerouting postrouting accept drop reject return masquerade mark redirect dnat ct notrack state new established related invalid
ip ip6 inet arp bridge netdev eth0 lo host link scope global
pod pods service services namespace namespaces endpoint endpoints node-port nodeport clusterip loadbalancer
app app-kubernetes-io name component tier instance version part-of managed-by role release chart type env environment kind run
system-node-critical system-cluster-critical clusterfirst clusterfirstwithhostnet
get list watch exec create update patch delete read write sh bash cat grep
image containers container init args command path value values key keys data spec status metadata labels annotations selector
connect open refused timeout answered address port ports protocol source target family table chain rule rules map maps set sets
`;

export const publicWords: ReadonlySet<string> = new Set(words.split(/\s+/).filter((word) => word !== ''));

/** The part of a label's or annotation's key before the slash: domains of projects that everybody uses. */
export const isPublicDomain = (domain: string): boolean =>
  /(^|\.)(kubernetes\.io|k8s\.io|cilium\.io|k3s\.io|rke2\.io|rancher\.io|openshift\.io|helm\.sh|amazonaws\.com|azure\.com|gke\.io|google\.com|microk8s\.io|talos\.dev|isovalent\.com|projectcalico\.org)$/.test(
    domain,
  );

/** Label keys without a domain that everybody uses. */
export const isPublicKey = (key: string): boolean =>
  publicWords.has(key) ||
  /^(k8s-app|pod-template-hash|pod-template-generation|controller-revision-hash|statefulset|apps)$/.test(key);

/** Images of these names are what they are, wherever they come from. */
export const isPublicImage = (name: string): boolean =>
  /^(cilium|cilium-envoy|operator(-generic|-aws|-azure|-alibabacloud)?|kube-proxy(-\w+)?|origin-kube-proxy|coredns|etcd|kube-apiserver|kube-controller-manager|kube-scheduler|hubble-(relay|ui|ui-backend)|clustermesh-apiserver|certgen|hyperkube|pause)$/.test(
    name,
  );
