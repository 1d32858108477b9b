import type { Branch } from '../releases.ts';

/**
 * Values that charts of former versions had, or that people write for what never had that name, and what to write
 * today: from the upgrade notes of Cilium 1.6 to 1.20 (Documentation/operations/upgrade.rst) and the charts themselves.
 */
export interface FormerValue {
  /** Where it stands, dots between keys. */
  readonly key: string;
  /** What to write instead, for people; absent: nothing, it has gone without a successor. */
  readonly right?: string;
  /** How its value gets to the new place, where that can be said without asking. */
  readonly move?: Move;
  readonly note?: string;
  /** What follows where Helm does not refuse it. */
  readonly silently?: string;
  /** It has gone all the same: another feature, or part of something else. */
  readonly isRemoved?: true;
  /** No version of the chart had it: people take it from an option of the agent, or from memory. */
  readonly neverWas?: true;
}

export interface Move {
  readonly to: string;
  /** One text becomes a list of one. */
  readonly as?: 'list';
}

const partOfReplacement = { isRemoved: true, note: 'part of kubeProxyReplacement=true; no key any more' } as const;
const nodePortsByReplacement =
  'the name of a removed option of the agent; what it switched on comes with kubeProxyReplacement=true only';

const moved = (key: string, to: string, note?: string): FormerValue => ({
  key,
  right: to,
  move: { to },
  ...(note !== undefined && { note }),
});

export const formerValues: readonly FormerValue[] = [
  { key: 'externalIPs', ...partOfReplacement },
  { key: 'hostPort', ...partOfReplacement },
  { key: 'nodePort.enabled', ...partOfReplacement },
  { key: 'sessionAffinity', ...partOfReplacement },
  { key: 'svcSourceRangeCheck', isRemoved: true, note: 'source ranges are always checked' },
  moved(
    'hostServices',
    'socketLB',
    'the template still reads it, but only where socketLB is empty, which it never is by default: no effect',
  ),
  moved('kubeProxyReplacementMode', 'kubeProxyReplacement'),
  moved('nodePort.mode', 'loadBalancer.mode'),
  moved('nodePort.acceleration', 'loadBalancer.acceleration'),
  moved('nodePort.algorithm', 'loadBalancer.algorithm'),
  moved('loadBalancer.dsr', 'loadBalancer.dsrDispatch'),
  { key: 'loadBalancer.standalone', isRemoved: true, note: 'the load balancer without a cluster has gone' },
  { key: 'loadBalancer.experimental', isRemoved: true, note: 'what it switched on is always on' },
  { key: 'loadBalancer.protocolDifferentiation', isRemoved: true, note: 'what it switched on is always on' },
  { key: 'enableNodePort', right: 'kubeProxyReplacement', neverWas: true, note: nodePortsByReplacement },
  { key: 'enableHostPort', right: 'kubeProxyReplacement', neverWas: true, note: nodePortsByReplacement },
  { key: 'enableExternalIPs', right: 'kubeProxyReplacement', neverWas: true, note: nodePortsByReplacement },
  { key: 'enableSessionAffinity', right: 'kubeProxyReplacement', neverWas: true, note: nodePortsByReplacement },
  { key: 'enableHostReachableServices', right: 'socketLB.enabled', neverWas: true },
  {
    key: 'bpf.hostRouting',
    right: 'bpf.hostLegacyRouting',
    neverWas: true,
    note: 'which says the opposite: routing in eBPF is on unless bpf.hostLegacyRouting is true',
  },
  { ...moved('bpf.lbMode', 'loadBalancer.mode'), neverWas: true },
  { ...moved('bpf.lbAlgorithm', 'loadBalancer.algorithm'), neverWas: true },
  { ...moved('bpf.lbAcceleration', 'loadBalancer.acceleration'), neverWas: true },
  { ...moved('hubble.serviceMonitor', 'hubble.metrics.serviceMonitor'), neverWas: true },

  // tunnel has its own rule: one value became two.
  { key: 'tunnel', right: 'routingMode' },
  moved('masquerade', 'enableIPv4Masquerade'),
  moved('nativeRoutingCIDR', 'ipv4NativeRoutingCIDR'),
  moved('bpf.clockProbe', 'bpfClockProbe'),
  { key: 'datapathMode', right: 'bpf.datapathMode', isRemoved: true, note: 'veth is the default; ipvlan has gone' },
  { key: 'ipvlan', isRemoved: true },
  { key: 'flannel', isRemoved: true },
  { key: 'sockops', isRemoved: true },
  {
    key: 'ipam.operator.clusterPoolIPv4PodCIDR',
    right: 'ipam.operator.clusterPoolIPv4PodCIDRList',
    move: { to: 'ipam.operator.clusterPoolIPv4PodCIDRList', as: 'list' },
    silently: 'ignored in silence: the chart’s default 10.0.0.0/8 is taken; 1.18 refused it',
  },
  {
    key: 'ipam.operator.clusterPoolIPv6PodCIDR',
    right: 'ipam.operator.clusterPoolIPv6PodCIDRList',
    move: { to: 'ipam.operator.clusterPoolIPv6PodCIDRList', as: 'list' },
    silently: 'ignored in silence: the chart’s default is taken; 1.18 refused it',
  },
  {
    key: 'bgp',
    right: 'bgpControlPlane',
    isRemoved: true,
    note: 'another feature with its own objects (CiliumBGPClusterConfig), not a mere new name',
  },
  moved('l2podAnnouncements.interface', 'l2podAnnouncements.interfacePattern'),
  moved('enableCiliumEndpointSlice', 'ciliumEndpointSlice.enabled'),
  moved('encryption.keyFile', 'encryption.ipsec.keyFile'),
  moved('encryption.mountPath', 'encryption.ipsec.mountPath'),
  moved('encryption.secretName', 'encryption.ipsec.secretName'),
  moved('encryption.interface', 'encryption.ipsec.interface'),
  moved('encryption.strictMode.enabled', 'encryption.strictMode.egress.enabled'),
  moved('encryption.strictMode.cidr', 'encryption.strictMode.egress.cidr'),
  moved('encryption.strictMode.allowRemoteNodeIdentities', 'encryption.strictMode.egress.allowRemoteNodeIdentities'),
  moved('clustermesh.enableMCSAPISupport', 'clustermesh.mcsapi.enabled'),
  moved('localRedirectPolicy', 'localRedirectPolicies.enabled'),
  moved('hubble.export.fileMaxSizeMb', 'hubble.export.static.fileMaxSizeMb'),
  moved('hubble.export.fileMaxBackups', 'hubble.export.static.fileMaxBackups'),
  moved('hubble.export.fileCompress', 'hubble.export.static.fileCompress'),
  moved('hubble.tls.ca', 'tls.ca'),
  moved('clustermesh.apiserver.tls.ca', 'tls.ca'),
  { key: 'proxy', right: 'envoy.prometheus', isRemoved: true, note: 'sidecarImageRegex has gone without a successor' },
  { key: 'etcd.managed', isRemoved: true, note: 'etcd is no longer run by Cilium: give etcd.endpoints' },
];

/** What the chart’s own warnings call deprecated, beside what its values.yaml says; since which branch. */
export const deprecatedByWarning: Readonly<Record<string, Branch>> = {
  'hubble.export.fileMaxSizeMb': '1.18',
  'hubble.export.fileMaxBackups': '1.18',
  'hubble.export.fileCompress': '1.18',
};
