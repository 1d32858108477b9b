import type { CommonRules } from '../../model/NodeFacts.ts';
import { kubeProxyChain } from './kubeProxyChains.ts';
import type { Owner } from './Owner.ts';

const builtIn: ReadonlySet<string> = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);

/** By table, where `*` is any. */
const others: readonly (readonly [table: string, pattern: RegExp, owner: Owner])[] = [
  // By themselves they only set a mark and act on it. kubernetes: pkg/kubelet/kubelet_network_linux.go (up to
  // 1.26), pkg/proxy.
  ['nat', /^KUBE-(MARK-MASQ|POSTROUTING)$/, 'shared'],
  // kubernetes: pkg/kubelet/kubelet_network_linux.go. KUBE-MARK-DROP up to 1.26, the hint since 1.24.
  ['filter', /^KUBE-FIREWALL$/, 'kubelet'],
  ['nat', /^KUBE-MARK-DROP$/, 'kubelet'],
  ['mangle', /^KUBE-IPTABLES-HINT$/, 'kubelet'],
  ['*', /^KUBE-KUBELET-CANARY$/, 'kubelet'],
  // cilium: pkg/datapath/iptables
  ['*', /^(OLD_)?CILIUM_/, 'cilium'],
  // kube-router: pkg/controllers/{netpol,proxy,routing}; k3s: pkg/agent/netpol
  ['*', /^KUBE-(ROUTER-|POD-FW-|NWPLCY-)/, 'kubeRouter'],
  // cri-o: internal/hostport; it has the names of dockershim.
  ['nat', /^(KUBE-HOSTPORTS$|KUBE-HP-|CRIO-)/, 'crio'],
  // containernetworking/plugins: plugins/meta/portmap
  ['nat', /^CNI-(HOSTPORT-(DNAT|SETMARK|MASQ|SNAT)$|DN-|SN-)/, 'portmap'],
  // containernetworking/plugins: pkg/utils/iptables.go, plugins/meta/firewall
  ['*', /^CNI-/, 'cniPlugins'],
  // moby: libnetwork; with the chains of its own DNS.
  ['*', /^DOCKER([-_]|$)/, 'docker'],
  // flannel: pkg/trafficmngr/iptables
  ['*', /^FLANNEL-/, 'flannel'],
  // amazon-vpc-cni-k8s: pkg/networkutils
  ['*', /^AWS-(SNAT|CONNMARK)-CHAIN-\d+$/, 'awsCni'],
  // calico: felix/rules
  ['*', /^cali-/, 'calico'],
  // antrea: pkg/agent/route
  ['*', /^ANTREA-/, 'antrea'],
  // weave: npc, net/bridge.go, net/ipsec
  ['*', /^WEAVE(-|$)/, 'weave'],
  // ovn-kubernetes: go-controller/pkg/node
  ['*', /^OVN-KUBE-/, 'ovnKubernetes'],
  // kind: images/kindnetd
  ['nat', /^KIND-MASQ-AGENT$/, 'kindnet'],
  // istio: tools/istio-iptables, cni/pkg/iptables
  ['*', /^ISTIO_/, 'istio'],
  // ip-masq-agent; that of AKS has its names.
  ['nat', /^IP-MASQ(-AGENT)?$/, 'ipMasqAgent'],
  // libvirt: src/network/network_iptables.c
  ['*', /^LIBVIRT_/, 'libvirt'],
  // ufw: src/backend_iptables.py
  ['*', /^ufw6?-/, 'ufw'],
  // tailscale: util/linuxfw
  ['*', /^ts-(input|forward|postrouting|prerouting)$/, 'tailscale'],
  // netbird: client/firewall/iptables
  ['*', /^NETBIRD-/, 'netbird'],
  [
    '*',
    /^((INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(direct|ZONES|POLICIES|IN_ZONES|OUT_ZONES)|(FWDI|FWDO|FWD|IN|OUT|PRE|POST)_[a-z])/,
    'firewalld',
  ],
];

export function ownerOfChain(table: string, chain: string): Owner {
  if (builtIn.has(chain)) return 'builtIn';
  if (kubeProxyChain(table, chain) !== undefined) return 'kubeProxy';
  return others.find(([where, pattern]) => (where === '*' || where === table) && pattern.test(chain))?.[2] ?? 'unknown';
}

export type OwnerOf = typeof ownerOfChain;

/** The same for whoever asks of many nodes, whose chains have the same names: each is looked at once. */
export class ChainOwners {
  readonly #byTable = new Map<string, Map<string, Owner>>();
  readonly #common = new Map<CommonRules, ReadonlyMap<Owner, number>>();

  readonly of: OwnerOf = (table, chain) => {
    const known = this.#byTable.get(table) ?? new Map<string, Owner>();
    if (known.size === 0) this.#byTable.set(table, known);
    let owner = known.get(chain);
    if (owner === undefined) known.set(chain, (owner = ownerOfChain(table, chain)));
    return owner;
  };

  /** How many of the chains that nodes have in common are whose. */
  ofCommon(table: string, common: CommonRules): ReadonlyMap<Owner, number> {
    let counts = this.#common.get(common);
    if (counts === undefined) {
      const byOwner = Map.groupBy(common.chains, ({ name }) => this.of(table, name));
      this.#common.set(common, (counts = new Map([...byOwner].map(([owner, chains]) => [owner, chains.length]))));
    }
    return counts;
  }
}
