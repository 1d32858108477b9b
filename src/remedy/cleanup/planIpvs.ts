import { addressesOf } from '../../expect/lb/serviceAddresses.ts';
import { ipvsLink, kubeProxyIpsets } from '../../knowledge/iptablesOwners.ts';
import { valueOf } from '../../model/Fact.ts';
import type { Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import type { VirtualServer } from '../../model/NodeFacts.ts';
import type { NodeSnapshot } from '../../model/Snapshot.ts';
import type { IpvsPlan } from './NodeCleanup.ts';

/**
 * What kube-proxy's ipvs mode left. keepalived and others use IPVS, too, and on an address that a Service has as well: kube-proxy's
 * are the servers on the addresses of its link, on an address and port of a Service, and on the node's own addresses and a node port.
 *
 * @param foreignRules rules that stay: a set that one of them matches has to stay, too
 */
export function planIpvs(
  { facts }: NodeSnapshot,
  services: readonly Service[],
  foreignRules: readonly string[],
): { readonly plan: IpvsPlan; readonly notes: readonly string[] } {
  const interfaces = valueOf(facts.interfaces) ?? [];
  const link = interfaces.find(({ name }) => name === ipvsLink);
  const ownAddresses = new Set(
    interfaces.flatMap(({ name, addresses }) => (name === ipvsLink ? [] : addresses.map(canonical))),
  );
  const linked = new Set((link?.addresses ?? []).map(canonical));
  const served = new Set(
    services.flatMap((service) =>
      (service.spec?.ports ?? []).flatMap(({ port, protocol = 'TCP' }) =>
        addressesOf(service).map((address) => `${protocol}/${canonical(address)}/${port}`),
      ),
    ),
  );
  const nodePorts = new Set(
    services.flatMap(({ spec }) =>
      (spec?.ports ?? []).map(({ nodePort, protocol = 'TCP' }) => `${protocol}/${nodePort ?? ''}`),
    ),
  );
  const isOurs = ({ protocol, address, port }: VirtualServer): boolean =>
    linked.has(canonical(address)) ||
    served.has(`${protocol}/${canonical(address)}/${port}`) ||
    (ownAddresses.has(canonical(address)) && nodePorts.has(`${protocol}/${port}`));

  const servers = (valueOf(facts.ipvs) ?? []).map((server) => ({ name: serverName(server), ours: isOurs(server) }));
  const matched = (set: string): boolean => foreignRules.some((line) => line.split(' ').includes(set));
  const sets = (valueOf(facts.ipsets) ?? []).filter((name) => kubeProxyIpsets.has(name));
  const foreign = servers.flatMap(({ name, ours }) => (ours ? [] : [name]));
  const notes = [
    ...(foreign.length > 0 && (link !== undefined || foreign.length < servers.length)
      ? [`${foreign.length} IPVS virtual servers stay, because nothing ties them to kube-proxy: ${foreign.join(', ')}`]
      : []),
    ...sets.filter(matched).map((name) => `ipset ${name} stays: a rule that is not kube-proxy’s matches it`),
  ];
  return {
    plan: {
      servers: servers.flatMap(({ name, ours }) => (ours ? [name] : [])),
      foreign,
      link: link !== undefined,
      sets: sets.filter((name) => !matched(name)),
    },
    notes,
  };
}

const canonical = (address: string): string => canonicalAddress(address) ?? address;

const options: Readonly<Record<string, string>> = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' };

const serverName = ({ protocol, address, port }: VirtualServer): string =>
  `${options[protocol] ?? '-t'} ${address.includes(':') ? `[${address}]` : address}:${port}`;
