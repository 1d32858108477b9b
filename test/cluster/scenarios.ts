import type { BedOptions } from './lib/Bed.ts';

/** The kinds of clusters that the project is tested on. */
export interface Scenario extends BedOptions {
  readonly name: string;
  /** One line for the tables in the docs. */
  readonly title: string;
  /** Cilium versions that the cluster is upgraded to, one after the other, under traffic. */
  readonly upgrades?: readonly string[];
  /** Codes that doctor and verify must give here; nothing else, and nothing where there are none. */
  readonly findings?: readonly string[];
  /** Nothing but what the README of examples/kube-proxy-replacement says is done there. */
  readonly followsReadme?: boolean;
  /** Runs that have made pods are ended there. */
  readonly endsProbePods?: boolean;
}

/** Without a tunnel. */
export const native = {
  routingMode: 'native',
  autoDirectNodeRoutes: true,
  ipv4NativeRoutingCIDR: '10.244.0.0/16',
} as const;
/** Nodes take ranges for pods from pools (CiliumPodIPPool). */
export const pooled = {
  'ipam.mode': 'multi-pool',
  'ipam.operator.autoCreateCiliumPodIPPools.default.ipv4.cidrs': '{10.244.0.0/16}',
  'ipam.operator.autoCreateCiliumPodIPPools.default.ipv4.maskSize': 27,
  egressMasqueradeInterfaces: 'eth0',
} as const;
export const nativeDual = { ...native, ipv6NativeRoutingCIDR: 'fd00:10:244::/48' } as const;

export const scenarios: readonly Scenario[] = [
  { name: 'cilium-1.17', title: 'Cilium 1.17, VXLAN', cilium: '1.17.14', nodes: 2 },
  { name: 'cilium-1.18', title: 'Cilium 1.18, VXLAN', cilium: '1.18.11', nodes: 2 },
  {
    name: 'dual-stack',
    title: 'Cilium 1.19, VXLAN, IPv4 and IPv6, Hubble, three API servers',
    cilium: '1.19.6',
    dualStack: true,
    apiServers: 3,
    // The chart is given the first of the three.
    findings: ['KPR2003'],
    helm: { 'hubble.enabled': true },
  },
  {
    name: 'native',
    title: 'Cilium 1.20, native routing, BPF masquerading, IPv4 and IPv6',
    cilium: '1.20.2',
    dualStack: true,
    helm: { ...nativeDual, 'bpf.masquerade': true },
  },
  {
    name: 'dsr-maglev',
    title: 'Cilium 1.19, native routing, DSR, Maglev',
    cilium: '1.19.6',
    helm: { ...native, 'loadBalancer.mode': 'dsr', 'loadBalancer.algorithm': 'maglev', 'maglev.tableSize': 2039 },
  },
  {
    name: 'other-release',
    title: 'Cilium 1.20 as release `network` in namespace `cilium-system`',
    cilium: '1.20.2',
    nodes: 2,
    release: 'network',
    namespace: 'cilium-system',
    endsProbePods: true,
  },
  {
    name: 'kube-proxy-iptables',
    title: 'kube-proxy alone, iptables',
    cilium: 'none',
    kubeProxy: 'iptables',
    dualStack: true,
    nodes: 2,
  },
  { name: 'kube-proxy-nftables', title: 'kube-proxy alone, nftables', cilium: 'none', kubeProxy: 'nftables', nodes: 2 },
  {
    name: 'beside-kube-proxy',
    title: 'Cilium 1.20 with kube-proxy (iptables) still running',
    findings: ['KPR3001'],
    cilium: '1.20.2',
    kubeProxy: 'iptables',
    nodes: 2,
  },
  {
    name: 'upgrade',
    title: 'Cilium 1.18, then 1.19, then 1.20, under traffic',
    cilium: '1.18.11',
    upgrades: ['1.19.7', '1.20.2'],
    nodes: 2,
  },
  {
    name: 'readme',
    title: 'the README of examples/kube-proxy-replacement to the letter: from kube-proxy to Cilium 1.19 and back',
    cilium: '1.19.6',
    kubeProxy: 'iptables',
    helm: { kubeProxyReplacement: false },
    workload: false,
    nodes: 2,
    followsReadme: true,
  },
];
