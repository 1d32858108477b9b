import { type Fact, isKnown, type Missing, missing } from '../../model/Fact.ts';
import type { Node } from '../../model/kubernetes.ts';
import type { NetworkInterface } from '../../model/NodeFacts.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';

/** What DSR adds to packets of clients that are as large as the network lets them be. */
export interface DsrOverhead {
  readonly dispatch: string;
  readonly packets: 'packets' | 'UDP packets';
  readonly bytes: number;
}

/** What Ethernet carries: that large are packets of clients who know of nothing smaller. */
const clientMtu = 1500;

/**
 * The address of the Service goes along in an option (8 bytes in IPv4, 24 in IPv6), for TCP in the first packet alone,
 * which is small; in Geneve (headers of 50 and 70 bytes, and an option of 12 or 24), or in a second header. (cilium:
 * bpf/lib/nodeport.h, the same from 1.16 to 1.20.) undefined: nothing is added, or agents tell clients that a packet is
 * too large, which enable-pmtu-discovery has them do.
 */
export function dsrOverhead({
  mode,
  dsrDispatch,
  ipv6,
  pathMtuDiscovery,
}: Pick<AgentSettings, 'mode' | 'dsrDispatch' | 'ipv6' | 'pathMtuDiscovery'>): DsrOverhead | undefined {
  if (mode.value === 'snat' || pathMtuDiscovery.value) return undefined;
  const [four, six] = added[dsrDispatch.value] ?? [];
  const bytes = ipv6.value ? six : four;
  // hybrid leaves UDP to SNAT.
  const ofUdpAlone = dsrDispatch.value === 'opt';
  if (bytes === undefined || (ofUdpAlone && mode.value === 'hybrid')) return undefined;
  return { dispatch: dsrDispatch.value, packets: ofUdpAlone ? 'UDP packets' : 'packets', bytes };
}

const added: Readonly<Record<string, readonly [ipv4: number, ipv6: number]>> = {
  opt: [8, 24],
  geneve: [62, 94],
  ipip: [20, 40],
};

export type Room =
  | { readonly kind: 'enough' }
  | { readonly kind: 'unknown'; readonly why: Missing }
  | {
      readonly kind: 'short';
      readonly params: Readonly<
        Record<'dispatch' | 'packets' | 'bytes' | 'device' | 'mtu' | 'room' | 'needed', string>
      >;
    };

/** Whether the device by which a node sends to others takes the packets of clients with what is added. */
export function roomFor(
  { dispatch, packets, bytes }: DsrOverhead,
  interfaces: Fact<readonly NetworkInterface[]>,
  node: Node | undefined,
): Room {
  if (!isKnown(interfaces)) return { kind: 'unknown', why: interfaces };
  const own = new Set(
    (node?.status?.addresses ?? []).flatMap((one) => (one.type === 'InternalIP' ? [one.address] : [])),
  );
  const device = interfaces.value.find(({ addresses }) => addresses.some((address) => own.has(address)));
  if (device?.mtu === undefined)
    return { kind: 'unknown', why: missing('unparsed', 'the MTU of the device with the node’s address is not told') };
  const { name, mtu } = device;
  if (mtu >= clientMtu + bytes) return { kind: 'enough' };
  const [room, needed] = [mtu - bytes, clientMtu + bytes];
  const numbers = { bytes: String(bytes), mtu: String(mtu), room: String(room), needed: String(needed) };
  return { kind: 'short', params: { dispatch, packets, device: name, ...numbers } };
}
