import { kubeProxyServers } from '../../expect/kube-proxy/kubeProxyServers.ts';
import type { ServicesByFrontend } from '../../expect/lb/servicesByFrontend.ts';
import { ipvsLink, kubeProxyIpsets } from '../../knowledge/iptablesOwners.ts';
import { valueOf } from '../../model/Fact.ts';
import { canonicalAddress, type TransportProtocol } from '../../model/lb/address.ts';
import type { VirtualServer } from '../../model/NodeFacts.ts';
import type { NodeSnapshot } from '../../model/Snapshot.ts';
import { listNames } from '../../text/names.ts';
import type { IpvsPlan } from './NodeCleanup.ts';

/**
 * What kube-proxy's ipvs mode left. On the node each virtual server is compared with the addresses of kube-proxy's link
 * again. Those on other addresses, as of node ports, are kube-proxy's by a Service alone: of an archive, which may hold
 * any Service, they stay.
 */
export function planIpvs(
  { facts }: NodeSnapshot,
  served: () => ServicesByFrontend,
  {
    usedSets,
    isLive,
  }: {
    /** Names of sets that rules which stay match: they have to stay, too. */
    readonly usedSets: ReadonlySet<string>;
    readonly isLive: boolean;
  },
): { readonly plan: IpvsPlan; readonly notes: readonly string[] } {
  const { own, foreign } = kubeProxyServers(facts, served);
  const link = (valueOf(facts.interfaces) ?? []).find(({ name }) => name === ipvsLink);
  const hasLink = link !== undefined;
  const linked = new Set((link?.addresses ?? []).map((address) => canonicalAddress(address)));
  // It becomes a word of a script that root runs.
  const addressed = own.filter(({ address }) => canonicalAddress(address) !== undefined && !address.includes('@'));
  const servers = addressed.filter(({ address }) => linked.has(canonicalAddress(address)));
  const unlinked = addressed.filter((one) => !servers.includes(one));
  const sets = (valueOf(facts.ipsets) ?? []).filter((name) => kubeProxyIpsets.has(name));
  const notes = [
    ...(foreign.length > 0 && (hasLink || own.length > 0)
      ? [`of IPVS stays what nothing ties to kube-proxy: ${listNames(foreign.map(serverName))}`]
      : []),
    ...(unlinked.length > 0 && !isLive
      ? [`of IPVS stays what the archive alone ties to kube-proxy: ${listNames(unlinked.map(serverName))}`]
      : []),
    ...sets
      .filter((name) => usedSets.has(name))
      .map((name) => `ipset ${name} stays: a rule that is not kube-proxy’s matches it`),
  ];
  return {
    plan: {
      servers: servers.map(serverName),
      byService: isLive ? unlinked.map(serverName) : [],
      link: hasLink,
      sets: sets.filter((name) => !usedSets.has(name)),
    },
    notes,
  };
}

const options: Readonly<Record<TransportProtocol, string>> = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' };

const serverName = ({ protocol, address, port }: VirtualServer): string =>
  `${options[protocol]} ${address.includes(':') ? `[${address}]` : address}:${port}`;
