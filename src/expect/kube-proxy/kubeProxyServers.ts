import { ipvsLink } from '../../knowledge/iptablesOwners.ts';
import { valueOf } from '../../model/Fact.ts';
import type { Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import type { NodeFacts, VirtualServer } from '../../model/NodeFacts.ts';
import { addressesOf } from '../lb/serviceAddresses.ts';

/** Where Services are served, prepared once for all nodes. */
export interface ServedPorts {
  /** `TCP/10.96.0.1/443` */
  readonly frontends: ReadonlySet<string>;
  /** `TCP/31080` */
  readonly nodePorts: ReadonlySet<string>;
}

export function servedPorts(services: readonly Service[]): ServedPorts {
  const frontends = new Set<string>();
  const nodePorts = new Set<string>();
  for (const service of services) {
    const addresses = addressesOf(service).map(canonical);
    for (const { port, nodePort, protocol = 'TCP' } of service.spec?.ports ?? []) {
      for (const address of addresses) frontends.add(`${protocol}/${address}/${port}`);
      if (nodePort !== undefined) nodePorts.add(`${protocol}/${nodePort}`);
    }
  }
  return { frontends, nodePorts };
}

/**
 * The virtual servers of a node, by whether they are kube-proxy's. keepalived and others use IPVS, too, and on an
 * address that a Service has as well: kube-proxy's are those on the addresses of its link, on an address and port of a
 * Service, and on the node's own addresses and a node port.
 */
export function kubeProxyServers(
  facts: Pick<NodeFacts, 'interfaces' | 'ipvs'>,
  { frontends, nodePorts }: ServedPorts,
): { readonly own: readonly VirtualServer[]; readonly foreign: readonly VirtualServer[] } {
  const interfaces = valueOf(facts.interfaces) ?? [];
  const addressesWhere = (isLink: boolean): ReadonlySet<string> =>
    new Set(
      interfaces.flatMap(({ name, addresses }) => ((name === ipvsLink) === isLink ? addresses.map(canonical) : [])),
    );
  const [linked, nodes] = [addressesWhere(true), addressesWhere(false)];
  const { own = [], foreign = [] } = Object.groupBy(valueOf(facts.ipvs) ?? [], (server) => {
    const { protocol, port } = server;
    const address = canonical(server.address);
    const isOwn =
      linked.has(address) ||
      frontends.has(`${protocol}/${address}/${port}`) ||
      (nodes.has(address) && nodePorts.has(`${protocol}/${port}`));
    return isOwn ? 'own' : 'foreign';
  });
  return { own, foreign };
}

const canonical = (address: string): string => canonicalAddress(address) ?? address;
