import type { Family } from '../../../model/lb/address.ts';
import type { FilterHook } from '../../../model/PacketFilter.ts';
import { type Stretch, stretches } from '../HostCause.ts';
import type { Packet } from './passes.ts';

/** A way on which packets of pods, or of what carries them, pass the filters of a node. */
export interface PacketWay {
  /** As in `it drops …`. */
  readonly traffic: string;
  readonly hooks: readonly FilterHook[];
  readonly breaks: ReadonlySet<Stretch>;
  readonly packets: readonly Packet[];
}

/** What is known of a node and of those around it, of one family. */
export interface PacketScene {
  readonly family: Family;
  /** The link by which other nodes are reached; undefined: not known. */
  readonly device: string | undefined;
  /** A pod on the node, and pods on others. */
  readonly ownPod: string | undefined;
  readonly otherPods: readonly string[];
  /** Of other nodes. */
  readonly nodes: readonly string[];
  /** `cilium_host`, and its address. */
  readonly hostAddress: string | undefined;
  /** The port of the tunnel; undefined: there is none. */
  readonly tunnelPort: number | undefined;
  /** Packets of pods pass the host's own filters. */
  readonly isLegacy: boolean;
}

/** No rule names a pod's link by its whole name. */
const podLink = 'lxc_kpr';
const hostLink = 'cilium_host';
const fresh: ReadonlySet<string> = new Set(['NEW']);
/** Cilium has its tunnel's packets not tracked, unless it is told otherwise. */
const ofTunnel: ReadonlySet<string> = new Set(['NEW', 'UNTRACKED']);

/**
 * The ways, those first that break most. Services are not among them: eBPF translates before any filter is asked, so
 * that packets to a Service's address pass none.
 */
export const waysOf = (at: PacketScene): readonly PacketWay[] => [...tunnelWays(at), ...hostWays(at), ...podWays(at)];

function tunnelWays({ family, device, nodes, tunnelPort }: PacketScene): readonly PacketWay[] {
  if (tunnelPort === undefined) return [];
  const packet = { family, protocol: 'udp', port: tunnelPort, states: ofTunnel, mark: 0 } as const;
  const link = device ?? '';
  return [
    {
      traffic: `what comes through the tunnel (UDP ${tunnelPort})`,
      hooks: ['PREROUTING', 'INPUT'],
      breaks: stretches('fromOtherNodes', 'toOtherPods'),
      packets: nodes.map((source) => ({ ...packet, source, destination: undefined, inLink: link })),
    },
    {
      traffic: `what goes into the tunnel (UDP ${tunnelPort})`,
      hooks: ['OUTPUT', 'POSTROUTING'],
      breaks: stretches('toOtherPods', 'fromOtherNodes'),
      packets: nodes.map((destination) => ({ ...packet, source: undefined, destination, outLink: link })),
    },
  ];
}

/** From the node's own programs, such as its kubelet. */
function hostWays({
  family,
  device,
  ownPod,
  otherPods,
  hostAddress: source,
  tunnelPort,
}: PacketScene): readonly PacketWay[] {
  const packet = { family, protocol: 'tcp', port: undefined, source, states: fresh, mark: 0 } as const;
  const outLink = tunnelPort === undefined ? device : hostLink;
  const hooks = ['OUTPUT', 'POSTROUTING'] as const;
  return [
    {
      traffic: 'what the node sends to pods of other nodes',
      hooks,
      breaks: stretches('toOtherPods'),
      packets: outLink === undefined ? [] : otherPods.map((destination) => ({ ...packet, destination, outLink })),
    },
    {
      traffic: 'what the node sends to its own pods',
      hooks,
      breaks: stretches('toOwnPods'),
      packets: ownPod === undefined ? [] : [{ ...packet, destination: ownPod, outLink: hostLink }],
    },
  ];
}

function podWays({ family, device, ownPod, otherPods, tunnelPort, isLegacy }: PacketScene): readonly PacketWay[] {
  if (!isLegacy || device === undefined || ownPod === undefined) return [];
  const packet = { family, protocol: 'tcp', port: undefined, states: fresh, mark: undefined } as const;
  const hooks = ['PREROUTING', 'FORWARD', 'POSTROUTING'] as const;
  const incoming = { ...packet, destination: ownPod, inLink: device, outLink: hostLink };
  const outgoingTo = (destination: string | undefined): Packet => ({
    ...packet,
    source: ownPod,
    destination,
    inLink: podLink,
    outLink: device,
  });
  const others = tunnelPort === undefined ? otherPods : [];
  return [
    {
      traffic: 'what comes to its pods from pods of other nodes',
      hooks,
      breaks: stretches('fromOtherNodes'),
      packets: others.map((source) => ({ ...incoming, source })),
    },
    {
      traffic: 'what its pods send to those of other nodes',
      hooks,
      breaks: stretches('toOtherPods'),
      packets: others.map(outgoingTo),
    },
    {
      traffic: 'what comes to its pods from outside',
      hooks,
      breaks: stretches('outside'),
      packets: [{ ...incoming, source: undefined }],
    },
    {
      traffic: 'what its pods send to the outside',
      hooks,
      breaks: stretches('outside'),
      packets: [outgoingTo(undefined)],
    },
  ];
}
