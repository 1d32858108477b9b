/** Words of messages of Kubernetes, Cilium, iptables and Go's libraries; whatever else stands in one may be a name. */
const words = `
save restore nf generator
a an the and or of to in on at by for from with without within is are was were be been has have had not no nor it its this that these those
than then there their themselves what when where which while who why how as but if so up down out off over under again only other another such more most less
can cannot could may must shall should will would do does did done
dial lookup resolve resolved resolver host hosts hostname route network unreachable reachable reset peer broken pipe eof unexpected closed closing close
connection connect connected connecting connections timeout timed exceeded deadline context canceled cancelled refused rejected reject denied permission permissions operation permitted
supported protocol address addresses already use used exists exist found resource resources server servers client clients request requests response
unable fail failed failing fails failure failures error errors fatal warning warn info debug level msg time subsys caller
forbidden unauthorized authentication authorization required user users group groups serviceaccount api path scope namespaced cluster
certificate certificates signed authority x509 tls handshake verify verified valid invalid expired yet name names key keys secret token
could can't wasn't isn't doesn't couldn't didn't command commands exec executable file files directory such read write reading writing open opening create created
exit exited status code signal killed terminated terminating back restarting crash loop pulling pulled pull image images container containers waiting sandbox
get post put patch list watch delete deleted update updated json yaml io i o net http https tcp udp icmp dns ip cidr node nodes pod pods service services
endpoint endpoints slice slices daemonset deployment replicaset configmap configmaps ciliumnode namespace namespaces label labels annotation annotations
kernel module modules table tables chain chains rule rules map maps program programs bpf cgroup device devices interface interfaces mtu
memory cpu disk pressure pid sufficient insufficient available unavailable kubelet posting ready unready readiness liveness probe probes minimum maximum threshold condition low ephemeral storage
old oom out-of-memory allocate allocated too many few long short large small big full empty missing unknown unsupported disabled enabled enable disable
initialize initialized incompatible fetch rulesets ruleset firewall need needs upgrade perhaps your nft legacy generated completed warnings
sun mon tue wed thu fri sat jan feb mar apr may jun jul aug sep oct nov dec utc gmt
add added adds remove removed replace replaced start started starting stop stopped running run runs sync synced synchronized synchronization reconcile reconciled reconciliation
regenerate regeneration regenerating policy identity identities health healthy unhealthy degraded ok success successful successfully last next first second third attempt attempts retry retrying
server's something nothing wrong internal external local remote global default none all any every each both either one two three
kube kubernetes cilium agent operator proxy iptables ipset ipvs nftables conntrack masquerade portals portal firewall destination local source traffic forwarding mark marked packets packet drop dropped accept accepted
hubble relay envoy clustermesh kvstore etcd leader election quorum member members version versions config configuration settings setting option options value values
count total bytes seconds minutes hours days ago since until before after during load balancer loadbalancer loadbalancers ip ips port ports external nodeport health check checks
please try see use given instead because due reason message detail details component part lease object objects type kind field spec data
resolving answering answer answered no-such not-found address-family route-to-host shutdown wait lock held another xtables app currently holding obtained left
alloc announcer asked backend backends collect collector controller controlplane daemon datapath derive drift finalizer garbage gateway importer initialization initializer job lifecycle listener loader manager metric metrics observer orchestrator periodic prefixes primed queue reflector refresh release reporter resources responder restore restored sampled shell stale store subnet system timer tracker updater upserted validate validation watchdog watcher wildcard writer wrote ztunnel
head options content length date connection nosniff allow header headers
`;

export const proseWords: ReadonlySet<string> = new Set(words.split(/\s+/).filter((word) => word !== ''));

/** Numbers with units, versions, families of addresses and the like: letters and digits that name nothing. */
const technical =
  /^(?:\d+(?:ns|us|ms|[smhdwy]|[KMGTP]i?B?|[kmg]b?|x|st|nd|rd|th)?(?:\d+(?:ns|us|ms|[smhd]))*|0x[0-9a-fA-F]{1,16}|v\d+(?:(?:alpha|beta|rc)\d*)?|rc\d+|\d+(?:e|E)\d+|[a-z]{1,4}[46]|ipv?[46](?:in[46]|addr|tables|tnl)?|ip[46]?tables|IPv[46]s?|k[38]s|rke2|l[2-7]|L[2-7]|x?86|x64|amd64|arm64|s390x|h2c?|http2|cgroupv?[12]|sha(?:1|256|512)|md5|ed25519|base(?:32|64)|crc32|utf8|i18n|inet[46]|connect[46]|getpeername[46]|sendmsg[46]|recvmsg[46]|bind[46]|tc[fx]|x509|sk_msg|ext4|bbr2?|cilium\d?|eth\d{1,3}|lo\d?|el\d+|fc\d+|deb\d+|ubuntu\d*|al\d+)$/;

/** Whether letters and digits without any other character mean the same everywhere. */
export const isTechnical = (word: string): boolean => technical.test(word);

/** Interfaces as kernels, systemd and programs of Kubernetes name them; a plus is any ending. */
export const isPublicInterface = (name: string): boolean =>
  /^(?:lo|any|(?:eth|ens|eno|enp|enP|enx|wlan|wlp|bond|br|team|veth|docker|cni|tun|tap|wg|dummy|virbr|tunl|sit|gre|ip6tnl|vxlan|geneve|cali|eni|azv|vlan|ens\d+np|lxc)[\da-fsnpdv]{0,14}(?:[.@:]\d{1,4})?|cilium_(?:host|net|vxlan|geneve|wg0|ipip[46]|tunl)|lxc_health|kube-ipvs0|kube-bridge|kube-dummy-if|nodelocaldns|flannel(?:\.1|-v6\.1|-wg)?|cbr0|ip6?_vti0|ip6?gre\d|erspan\d|gretap\d)\+?$|^[a-z]{1,5}\+$/.test(
    name,
  );
