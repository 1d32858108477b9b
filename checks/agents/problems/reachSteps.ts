/** What to look at where nodes do not reach each other’s pods, whoever found it. */
const onHost = 'links-up,routes-lead-to-pods,traffic-let-pass,kernel-lets-pass';

/** They answer with their own finding, and its remedy, where one of them has it wrong. */
export const ruleOutNodes = {
  text: 'Rule out {{from}} and {{to}} themselves: their links, routes, rules and kernel settings (rp_filter, forwarding)',
  command: `kubectl kpr verify --node {{from}} --node {{to}} --check ${onHost}`,
  where: 'workstation',
} as const;

export const ruleOutNode = {
  text: 'Rule out the links, routes, rules and kernel settings (rp_filter, forwarding) of the node itself',
  command: `kubectl kpr verify --node {{node}} --check ${onHost}`,
  where: 'workstation',
} as const;

export const seeDrops = {
  text: 'See what rules of the node drop or reject, with their counters',
  command:
    "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c 'iptables-nft-save -c; iptables-legacy-save -c' | grep -iE -e '-j (drop|reject)'",
  where: 'workstation',
} as const;
