/** What kube-proxy and Cilium do differently on purpose with the same Service. */
export interface KubeProxyDifference {
  readonly title: string;
  readonly kubeProxy: string;
  readonly cilium: string;
  /** What follows from it for who moves from one to the other; undefined: nothing that a client notices. */
  readonly consequence?: string;
  /** Cilium versions, e.g. `1.19 and newer`; undefined: all that are known. */
  readonly versions?: string;
  /** `rows`: a comparison of tables finds it and names it. `behaviour`: equal tables do not tell. */
  readonly seen: 'rows' | 'behaviour';
}

/**
 * Each read in the source of both programs or seen on clusters with both; those of kind `rows` are what
 * src/expect/kube-proxy/compareWithKubeProxy.ts names.
 */
export const kubeProxyDifferences = {
  nodePortOnLoopback: {
    title: 'NodePorts on the loopback address',
    kubeProxy:
      'In iptables mode a NodePort answers on 127.0.0.1 unless localhostNodePorts is false; in nftables mode, and over IPv6, it never does.',
    cilium: 'There is no row for the loopback; the socket load balancer translates it for processes of the node.',
    consequence: 'Where socket load balancing does not apply, 127.0.0.1:NodePort stops answering.',
    seen: 'rows',
  },
  nodePortAddresses: {
    title: 'Addresses that answer NodePorts',
    kubeProxy:
      'Every address of the node in iptables mode, its primary ones in nftables mode, or those of nodePortAddresses.',
    cilium: 'Addresses of the devices that Cilium manages, or those of nodePort.addresses.',
    consequence: 'Clients that use another address of the node have to change.',
    seen: 'rows',
  },
  dropWithoutLocalBackend: {
    title: 'Policy Local without a backend on the node',
    kubeProxy: 'Drops the packet, so that the client waits, as long as the Service has an endpoint on another node.',
    cilium: 'Has a row without backends, and refuses as it does for a Service without endpoints.',
    consequence: 'Clients see an error at once where they saw a timeout.',
    seen: 'rows',
  },
  internalPolicyOnExternalAddresses: {
    title: 'internalTrafficPolicy Local on NodePorts and load balancer addresses',
    kubeProxy: 'The policy is of the ClusterIP only: pods that use the other addresses reach every endpoint.',
    cilium: 'The policy is of all traffic from inside the cluster, whatever address it uses.',
    consequence: 'Pods that use an external address of such a Service on a node without an endpoint are refused.',
    seen: 'rows',
  },
  externalIPsHaveOneScope: {
    title: 'externalTrafficPolicy Local on externalIPs, from inside the cluster',
    kubeProxy: 'Pods and the node itself reach every endpoint through an external IP.',
    cilium: 'An external IP has one row for all clients, which holds the local endpoints only.',
    consequence: 'Pods that use the external IP on a node without an endpoint are refused; the ClusterIP serves them.',
    seen: 'rows',
  },
  noPodDetection: {
    title: 'kube-proxy that cannot tell pods',
    kubeProxy: 'Without clusterCIDR or another detectLocalMode, pods count as clients from outside.',
    cilium: 'Always knows its pods: policy Local does not restrict them on load balancer addresses and NodePorts.',
    seen: 'rows',
  },
  clusterIPFromOutside: {
    title: 'ClusterIPs for clients from outside',
    kubeProxy: 'Translates whatever reaches the node for a ClusterIP.',
    cilium: 'Does so only with bpf.lbExternalClusterIP=true.',
    consequence: 'Machines with a route to the service network lose it.',
    seen: 'rows',
  },
  topologyHints: {
    title: 'Zone and node hints of endpoints',
    kubeProxy: 'Honours the hints that are there (nodes and zones from 1.33 on), whatever the Service says.',
    cilium:
      'Honours zone hints with loadBalancer.serviceTopology=true and only where the Service asks for it; PreferSameNode and PreferSameZone from 1.20 on.',
    consequence: 'Traffic crosses zones, or does not, unlike before; every backend still serves.',
    seen: 'rows',
  },
  firstAddressOnly: {
    title: 'Endpoints with several addresses',
    kubeProxy: 'Uses the first address of an endpoint.',
    cilium: 'Uses all of them.',
    seen: 'rows',
  },
  portNames: {
    title: 'EndpointSlices that name their ports otherwise',
    kubeProxy: 'The name of the port in the EndpointSlice must be that in the Service; a port without one is none.',
    cilium: 'A port without a name fits any port of its protocol.',
    versions: '1.18 and newer',
    consequence: 'Hand-made EndpointSlices that had no effect may get one.',
    seen: 'rows',
  },
  endpointsWithoutNode: {
    title: 'Endpoints that do not say their node, under policy Local',
    kubeProxy: 'Are local to no node.',
    cilium: 'Are local to every node.',
    seen: 'rows',
  },
  duplicateEndpoints: {
    title: 'Endpoints that two EndpointSlices describe differently',
    kubeProxy: 'Prefers the one that is on its node, else the first.',
    cilium: 'Keeps the one that it saw last.',
    seen: 'rows',
  },
  servingNotReady: {
    title: 'Endpoints that serve but are not ready',
    kubeProxy: 'Get connections only while they terminate and nothing else is there.',
    cilium: 'Count as ready when they do not terminate.',
    versions: 'before 1.18.5',
    seen: 'rows',
  },
  weightZero: {
    title: 'EndpointSlices with service.cilium.io/weight 0',
    kubeProxy: 'Does not know the annotation.',
    cilium: 'Takes their endpoints out of rotation.',
    versions: '1.20 and newer',
    seen: 'rows',
  },
  ingressPlaceholder: {
    title: 'Services of Cilium’s ingress and gateways',
    kubeProxy: 'Sends connections to the placeholder endpoint 192.192.192.192:9999.',
    cilium: 'Passes over the placeholder and hands the connection to its proxy.',
    versions: '1.18 and newer',
    seen: 'rows',
  },
  otherClusters: {
    title: 'Global Services of a cluster mesh',
    kubeProxy: 'Knows the endpoints of this cluster, and mirrored EndpointSlices where there are any.',
    cilium: 'Adds the endpoints of the other clusters, or prefers them, as the annotations say.',
    seen: 'rows',
  },
  hostPorts: {
    title: 'hostPorts',
    kubeProxy: 'Are not its own: the CNI plugin portmap or the runtime serves them.',
    cilium: 'Has rows for the hostPorts of the node’s pods.',
    consequence: 'Remains of portmap may answer beside Cilium.',
    seen: 'rows',
  },
  localRedirects: {
    title: 'Local redirect policies',
    kubeProxy: 'Does not know them.',
    cilium: 'Sends the traffic of a Service or address to pods of the node.',
    seen: 'rows',
  },
  annotatedType: {
    title: 'Annotation service.cilium.io/type',
    kubeProxy: 'Serves every address of the Service.',
    cilium: 'Serves only the kind of address that the annotation names.',
    seen: 'rows',
  },
  annotatedNodes: {
    title: 'Annotations service.cilium.io/node and node-selector',
    kubeProxy: 'Serves the Service on every node.',
    cilium: 'Serves it on the nodes that are chosen.',
    seen: 'rows',
  },
  serviceProxyName: {
    title: 'Label service.kubernetes.io/service-proxy-name',
    kubeProxy: 'Leaves Services with the label alone.',
    cilium: 'Leaves them alone, too, or serves those of the name that k8s.serviceProxyName sets, and no others.',
    seen: 'rows',
  },
  replacementOff: {
    title: 'kubeProxyReplacement off',
    kubeProxy: 'Serves NodePorts and external addresses.',
    cilium: 'Leaves them to kube-proxy.',
    seen: 'rows',
  },
  nodeAddressAsFrontend: {
    title: 'External addresses that are a node’s own, with a port of the NodePort range',
    kubeProxy: 'Serves the external address first.',
    cilium: 'Refuses the address: it belongs to NodePorts.',
    versions: '1.19.7 and newer',
    seen: 'rows',
  },
  sourceRangesOnOtherTypes: {
    title: 'loadBalancerSourceRanges on other addresses of the Service',
    kubeProxy: 'Hold for load balancer addresses only.',
    cilium:
      'Hold for other kinds, too, with bpf.lbSourceRangeAllTypes=true; on every address before 1.18.6, on external IPs from 1.20 on.',
    seen: 'rows',
  },
  sourceRangesOff: {
    title: 'loadBalancerSourceRanges with the check switched off',
    kubeProxy: 'Always enforces them.',
    cilium: 'Does not with svcSourceRangeCheck=false.',
    versions: 'before 1.19',
    consequence: 'Sources that were shut out come in.',
    seen: 'rows',
  },
  sourceRangesDeny: {
    title: 'Annotation service.cilium.io/src-ranges-policy: deny',
    kubeProxy: 'Lets the ranges in and nobody else.',
    cilium: 'Shuts the ranges out and lets everybody else in.',
    seen: 'rows',
  },
  healthCheckAddress: {
    title: 'Health checks behind load balancer addresses',
    kubeProxy: 'Answers healthCheckNodePort on the node’s addresses.',
    cilium: 'Has rows for the load balancer addresses, too, with enable-health-check-loadbalancer-ip.',
    seen: 'rows',
  },
  contestedAddresses: {
    title: 'Addresses that two Services claim',
    kubeProxy: 'Serves one of them, port by port.',
    cilium: 'Serves one of the two Services as a whole and refuses the other.',
    seen: 'rows',
  },
  protocolsTogether: {
    title: 'TCP and UDP of one port',
    kubeProxy: 'Are rows of their own.',
    cilium: 'Share a row.',
    versions: 'before 1.17',
    seen: 'behaviour',
  },
  sourceRangesFromInside: {
    title: 'loadBalancerSourceRanges for clients inside the cluster',
    kubeProxy: 'Hold for pods and nodes, too.',
    cilium: 'Hold for traffic that comes from outside; pods and nodes are translated before the check.',
    seen: 'behaviour',
  },
  otherPorts: {
    title: 'Other ports of a Service address',
    kubeProxy: 'iptables mode lets them pass; nftables mode rejects them for ClusterIPs.',
    cilium: 'A wildcard row drops them for ClusterIPs and the load balancer addresses that Cilium gives out.',
    versions: '1.19 and newer',
    seen: 'behaviour',
  },
  stickyBy: {
    title: 'Whom session affinity takes for one client',
    kubeProxy: 'The source address.',
    cilium: 'The source address from outside; inside, with socket load balancing, the network namespace.',
    seen: 'behaviour',
  },
  choice: {
    title: 'How a backend is chosen',
    kubeProxy: 'By chance for every connection.',
    cilium: 'By chance, or by Maglev hashing for clients from outside.',
    seen: 'behaviour',
  },
} as const satisfies Readonly<Record<string, KubeProxyDifference>>;

export type KubeProxyDifferenceName = keyof typeof kubeProxyDifferences;
