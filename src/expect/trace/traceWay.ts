import { isKnown } from '../../model/Fact.ts';
import { familyOf, type Scope } from '../../model/lb/address.ts';
import type { Datapath } from '../lb/datapath.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import { isSocketHookAttached, type SocketHook } from '../socketPrograms.ts';

/** Where a connection begins: in a pod of the node, in the node's own namespace, or outside of the cluster. */
export const traceSources = ['pod', 'node', 'external'] as const;
export type TraceSource = (typeof traceSources)[number];

/**
 * Who puts a backend in the place of the frontend. `elsewhere`: not this node; the network takes the packet to another.
 * `nobody`: it is dropped, or stays as it is.
 */
export type Translator = 'socketLb' | 'podInterface' | 'device' | 'kubeProxy' | 'elsewhere' | 'nobody' | 'unknown';

export interface Way {
  readonly translator: Translator;
  /** The scope in which the frontend is looked up. */
  readonly scope: Scope;
  /** For people, without its end. */
  readonly how: string;
  /** Hooks that should do it and have no program. */
  readonly detached: readonly string[];
  /** What of the way is not known, and why; undefined: nothing. */
  readonly unknown: string | undefined;
}

export interface Target {
  /** In any scope: both scopes have the same type and policies. */
  readonly row: ExpectedFrontend;
  /** `own`: a NodePort at an address of this node; `others`: at any other node's address, or loopback. */
  readonly place: 'own' | 'others' | 'one';
  /** Whether an external IP is an address of this node; undefined: not known. */
  readonly isOwnAddress: boolean | undefined;
  /** Whether an L7 proxy stands between client and backends. */
  readonly isL7: boolean;
  /** Whether the agent puts it into its table at all; without the replacement it leaves some to kube-proxy. */
  readonly isInTable: boolean;
}

/**
 * How a connection from `source` to a frontend is treated on a node; Cilium's bpf_sock.c, bpf_lxc.c and lib/nodeport.h.
 */
export function wayOf(source: TraceSource, target: Target, datapath: Datapath): Way {
  if (source === 'external') return fromOutside(target, datapath);
  if (!target.isInTable) return kubeProxy(target);
  const bySocket = datapath.socketLb === 'everywhere' || (source === 'node' && datapath.socketLb === 'hostOnly');
  if (target.row.protocol === 'SCTP') {
    return source === 'pod' && datapath.perPacket
      ? atPodInterface(target, datapath, 'sockets know no SCTP')
      : as('nobody', 'socket LB does not know SCTP, so the connection goes to the frontend’s address as it is');
  }
  if (bySocket) return atSocket(source, target, datapath);
  if (source === 'node') return kubeProxy(target);
  const reason = datapath.socketLb === 'hostOnly' ? 'socket LB is for the host’s namespace only' : 'socket LB is off';
  return atPodInterface(target, datapath, reason);
}

const as = (translator: Translator, how: string, scope: Scope = 'external'): Way => ({
  translator,
  scope,
  how,
  detached: [],
  unknown: undefined,
});

function fromOutside({ row, place }: Target, { replacement, xdp, devices }: Datapath): Way {
  if (!replacement) return as('kubeProxy', 'kube-proxy replacement is off on this node: kube-proxy balances it');
  if (place === 'others') return as('nobody', 'this node serves NodePorts at none of its addresses');
  if (row.flags.has('non-routable')) {
    return as(
      'nobody',
      row.type === 'ClusterIP'
        ? 'ClusterIPs are not served to the outside (bpf-lb-external-clusterip is off)'
        : 'it is served inside the cluster only',
    );
  }
  const at = devices === undefined || devices.length === 0 ? 'the node’s devices' : devices.join(', ');
  // XDP leaves policy Local to tc (bpf/lib/lb.h, lb_punt_etp_local).
  if (xdp && !row.flags.has('Local')) return as('device', `eBPF (XDP) at ${at}`);
  return as('device', `eBPF (tc) at ${at}${xdp ? ', because XDP leaves policy Local to it' : ''}`);
}

const kubeProxy = ({ row }: Target): Way =>
  as('kubeProxy', `Cilium does not translate ${row.type} frontends for such clients here: kube-proxy does, if anybody`);

const inside = ({ row }: Target): Scope => (row.flags.has('two-scopes') ? 'internal' : 'external');

function atSocket(source: 'pod' | 'node', target: Target, datapath: Datapath): Way {
  const { row, isL7, isOwnAddress } = target;
  const whose = source === 'pod' ? 'the pod' : 'the process';
  if (row.flags.has('delegate-if-local') && datapath.behaviour.socketLbLeavesDelegated) {
    return as('elsewhere', 'proxy delegation: left as it is, so the network takes it to a node that owns the address');
  }
  if (row.type === 'ExternalIPs' && datapath.externalIpMitigation && isOwnAddress !== true) {
    if (isOwnAddress === undefined)
      return {
        ...as('unknown', 'external IPs are translated inside the cluster only where they are the node’s own'),
        unknown: 'whether it is an address of this node (its addresses were not read)',
      };
    if (source === 'pod' && datapath.perPacket)
      return atPodInterface(target, datapath, 'socket LB leaves external IPs alone');
    return as(
      'elsewhere',
      'external IPs are left alone inside the cluster (CVE-2020-8554): the network takes it to a node that owns the address',
    );
  }
  // A row with two scopes of which the inner one does not exist is not found (bpf/lib/lb.h, lb4_lookup_service).
  if (row.type === 'ExternalIPs' && row.flags.has('two-scopes')) return noInnerScope;
  if (isL7 && source === 'pod') return atPodInterface(target, datapath, 'an L7 proxy stands before the backends');
  const isUdp = row.protocol === 'UDP';
  const how = `socket LB: connect()${isUdp ? ' and sendmsg()' : ''} in ${whose} ${isUdp ? 'are' : 'is'} redirected to a backend`;
  const family = familyOf(row.address) === 'ipv6' ? 6 : 4;
  const hooks: readonly SocketHook[] = row.protocol === 'UDP' ? ['connect', 'sendmsg', 'recvmsg'] : ['connect'];
  const { programs } = datapath;
  return {
    ...as('socketLb', how, inside(target)),
    detached: isKnown(programs)
      ? hooks.filter((hook) => !isSocketHookAttached(programs.value, hook, family)).map((hook) => `${hook}${family}`)
      : [],
    unknown: isKnown(programs) ? undefined : `whether its programs are attached (${programs.detail})`,
  };
}

const noInnerScope = as('nobody', 'its row has two scopes and none for the inside, so it is not found');

function atPodInterface(target: Target, datapath: Datapath, reason: string): Way {
  const { row, place } = target;
  const { behaviour } = datapath;
  if (row.flags.has('delegate-if-local') && behaviour.socketLbLeavesDelegated) {
    return as('elsewhere', 'proxy delegation: left as it is, so the network takes it to a node that owns the address');
  }
  const isKnownAtClient =
    behaviour.podInterfaceNodePorts || (behaviour.podInterfaceDsrNodePorts && row.flags.has('dsr'));
  if (place === 'others' && !isKnownAtClient) {
    return as('elsewhere', `${reason}, so the packet goes to the node of that address, and its device balances it`);
  }
  if (row.type === 'ExternalIPs' && row.flags.has('two-scopes') && datapath.perPacketScoped) return noInnerScope;
  const scope = datapath.perPacketScoped ? inside(target) : 'external';
  return as('podInterface', `eBPF (tc) at the pod’s interface, packet by packet: ${reason}`, scope);
}
