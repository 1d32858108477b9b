import type { Family } from '../../model/lb/address.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';
import { tunnelPortOf } from '../agent/tunnelPortOf.ts';

/** What brings a packet from a node to a pod of another, as whoever is between them sees it. */
export interface Carriage {
  readonly what: string;
  /** For tcpdump; empty: anything between the two. */
  readonly filter: readonly string[];
  /** Of the nodes' addresses between which it goes, where they have such. */
  readonly family: Family;
}

/** @param pod its address, @param family the address' */
export function carriageTo(pod: string, family: Family, settings: AgentSettings): Carriage {
  // What is sealed shows its seal, and not what is in it.
  if (settings.wireguard.value) return { what: 'UDP 51871 (WireGuard)', filter: ['udp port 51871'], family: 'ipv4' };
  const isTunnel = settings.routingMode.value === 'tunnel';
  const inside = isTunnel
    ? tunnelOf(settings)
    : { what: `packets to addresses of pods, such as ${pod},`, filter: [`host ${pod}`], family };
  return settings.ipsec.value ? { ...inside, what: `${inside.what} and ESP (IPsec)`, filter: [] } : inside;
}

/** Where not even the nodes reach each other, or what they send is not known. */
export const anyTraffic = (family: Family): Carriage => ({ what: 'all traffic', filter: [], family });

function tunnelOf(settings: AgentSettings): Carriage {
  const port = tunnelPortOf(settings);
  const name = settings.tunnelProtocol.value === 'geneve' ? 'Geneve' : 'VXLAN';
  return { what: `UDP ${port} (${name})`, filter: [`udp port ${port}`], family: 'ipv4' };
}
