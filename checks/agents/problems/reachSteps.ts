/** What to look at where nodes do not reach each other’s pods, whoever found it. */
export const seeTunnel = {
  decision: true,
  text: 'See that firewalls and security groups allow pod traffic between these nodes: UDP 8472 (VXLAN), 6081 (Geneve) or 51871 (WireGuard); with native routing, that each node has a route for the others’ pods; and that no rule (ip rule) forbids them or leads them elsewhere',
  command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c "ip rule; ip route"',
  where: 'workstation',
} as const;

export const seeReverseFilter = {
  text: 'See whether the kernel drops packets that arrive by another interface than answers would leave by: rp_filter must not be 1 for cilium_host and lxc links',
  command:
    "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c 'grep -H . /proc/sys/net/ipv4/conf/*/rp_filter'",
  where: 'workstation',
} as const;

export const seeDrops = {
  text: 'See what rules of the node drop or reject, with their counters',
  command:
    "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c 'iptables-nft-save -c; iptables-legacy-save -c' | grep -iE -e '-j (drop|reject)'",
  where: 'workstation',
} as const;
