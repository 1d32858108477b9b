import { kubeProxyServers } from '../../expect/kube-proxy/kubeProxyServers.ts';
import type { ServicesByFrontend } from '../../expect/lb/servicesByFrontend.ts';
import { ipvsLink, kubeProxyIpsets } from '../../knowledge/iptablesOwners.ts';
import { valueOf } from '../../model/Fact.ts';
import type { TransportProtocol } from '../../model/lb/address.ts';
import type { VirtualServer } from '../../model/NodeFacts.ts';
import type { NodeSnapshot } from '../../model/Snapshot.ts';
import { listNames } from '../../text/names.ts';
import type { IpvsPlan } from './NodeCleanup.ts';

/**
 * What kube-proxy's ipvs mode left.
 *
 * @param usedSets names of sets that rules which stay match: they have to stay, too
 */
export function planIpvs(
  { facts }: NodeSnapshot,
  served: ServicesByFrontend,
  usedSets: ReadonlySet<string>,
): { readonly plan: IpvsPlan; readonly notes: readonly string[] } {
  const { own, foreign } = kubeProxyServers(facts, served);
  const hasLink = (valueOf(facts.interfaces) ?? []).some(({ name }) => name === ipvsLink);
  const sets = (valueOf(facts.ipsets) ?? []).filter((name) => kubeProxyIpsets.has(name));
  const notes = [
    ...(foreign.length > 0 && (hasLink || own.length > 0)
      ? [`of IPVS stays what nothing ties to kube-proxy: ${listNames(foreign.map(serverName))}`]
      : []),
    ...sets
      .filter((name) => usedSets.has(name))
      .map((name) => `ipset ${name} stays: a rule that is not kube-proxy’s matches it`),
  ];
  return {
    plan: {
      servers: own.map(serverName),
      link: hasLink,
      sets: sets.filter((name) => !usedSets.has(name)),
    },
    notes,
  };
}

const options: Readonly<Record<TransportProtocol, string>> = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' };

const serverName = ({ protocol, address, port }: VirtualServer): string =>
  `${options[protocol]} ${address.includes(':') ? `[${address}]` : address}:${port}`;
