/** Words of the names of Cilium's options, as its chart writes them; whatever else stands in one is a name. */
const words = `
acceleration access addr aggregation algorithm allocation auth base bgp bind buffer cache cap checker checking clock clusters cni compression concurrent
conf crds custom deferred delay deletes deny dir direct discovery distributed dnsproxy downstream duration dynamic egress encryption entries events exclusive
fallback flags fully gc gops grace heartbeat hops id idle ingress initial install interval ipam ipsec keep known kubeconfig l2 l7 layer lb lbipam linger locality
lockdown log lru mac management mask masq match max mcs mesh mode monitor nat46x64 neigh netbindservice networkpolicy non num original overflow overrides
packetization per period plugins pmtud policies pprof preallocate procfs protect protection range rate ratio replacement require retries root rotated
routable routes routing rss sampling sctp secrets serve size skip sock socket sources stats stream synchronize taint taints tcx tofqdns topology trace
transparent trigger trusted ttl types unmanaged userspace verbose verdict verification vtep well wireguard xds xff xt
etc opt var lib proc sys fs
`;

const settingWords: ReadonlySet<string> = new Set(words.split(/\s+/).filter((word) => word !== ''));

export const isSettingWord = (word: string): boolean => settingWords.has(word.toLowerCase());

/** Names of systems and their builds, as nodes tell them of themselves. */
const systems = `
ubuntu debian gnu linux lts rhel red hat enterprise coreos fedora flatcar talos bottlerocket amazon container optimized os google suse sles rocky alma
almalinux oracle centos stream arch alpine photon vmware nixos mariner azurelinux azure aws gcp gke generic kvm oem lowlatency virtual cloud smp preempt
rt default uek amzn2 amzn2023 bookworm bullseye trixie jammy noble focal bionic ootpa plow containerd cri docker x86 amd64 arm64 aarch64
`;

const systemWords: ReadonlySet<string> = new Set(systems.split(/\s+/).filter((word) => word !== ''));

export const isSystemWord = (word: string): boolean => systemWords.has(word.toLowerCase());
