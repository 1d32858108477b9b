import type { Owner } from './Owner.ts';

/*
 * Rules in built-in chains that lead into no chain of their writer: by their comments, by the links that they name, and
 * those of firewalld, which say nothing of it.
 */

/** Sources as in ownerOfChain.ts. */
export const commentOwners: readonly (readonly [comment: RegExp, owner: Owner])[] = [
  [/^cali:[\w-]{16}$/, 'calico'],
  [/^flanneld (?:masq|forward)$/, 'flannel'],
  // Older ones spell it so.
  [/^AWS(?:, (?:CONNMARK|outbound connections|primary ENI)| SNAT CHA(?:I)?N)\b/, 'awsCni'],
  [/^Antrea: /, 'antrea'],
  [/^NodeLocal DNS Cache: /, 'nodeLocalDns'],
  [/^ip-masq-agent: /, 'ipMasqAgent'],
  [/^KUBE-ROUTER rule to explicitly ACCEPT /, 'kubeRouter'],
  // What dockershim once wrote, and CRI-O writes now (cri-o: internal/hostport).
  [/^SNAT for localhost access to hostports$/, 'crio'],
];

export const linkOwners: readonly (readonly [link: RegExp, owner: Owner])[] = [
  // Its bridge, those of networks that somebody made, and that of swarm.
  [/^(?:docker0|docker_gwbridge|br-[\da-f]{12})$/, 'docker'],
  [/^virbr\d+$/, 'libvirt'],
  [/^weave$/, 'weave'],
  [/^tailscale\d+$/, 'tailscale'],
  [/^wt0$/, 'netbird'],
  [/^ovn-k8s-mp0$/, 'ovnKubernetes'],
  [/^antrea-gw0$/, 'antrea'],
  // With `+` at the end it is meant for all that begin so.
  [/^(?:cali[\da-f]{11}|cali\+|vxlan\.calico)$/, 'calico'],
  [/^flannel\.\d+$/, 'flannel'],
  [/^nodelocaldns$/, 'nodeLocalDns'],
];

const rejections = ['icmp-host-prohibited', 'icmp-admin-prohibited', 'icmp6-adm-prohibited'];
const ofEither = [
  '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT',
  '-i lo -j ACCEPT',
  '-m conntrack --ctstate INVALID -j DROP',
].concat(rejections.map((how) => `-j REJECT --reject-with ${how}`));

/** firewalld: src/firewall/core/ipXtables.py, build_default_rules */
export const firewalldOwn: ReadonlySet<string> = new Set(
  ['INPUT', 'FORWARD']
    .flatMap((chain) => ofEither.map((rule) => `-A ${chain} ${rule}`))
    .concat('-A OUTPUT -o lo -j ACCEPT', '-A OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'),
);
