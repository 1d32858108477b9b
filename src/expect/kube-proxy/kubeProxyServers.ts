import { ipvsLink } from '../../knowledge/iptablesOwners.ts';
import { valueOf } from '../../model/Fact.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { frontendKey } from '../../model/lb/keys.ts';
import type { NodeFacts, VirtualServer } from '../../model/NodeFacts.ts';
import { nodePortKey, type ServicesByFrontend } from '../lb/servicesByFrontend.ts';

/**
 * The virtual servers of a node, by whether they are kube-proxy's. keepalived and others use IPVS, too, and on an
 * address that a Service has as well: kube-proxy's are those on the addresses of its link, on an address and port of a
 * Service, and on the node's own addresses and a node port.
 */
export function kubeProxyServers(
  facts: Pick<NodeFacts, 'interfaces' | 'ipvs'>,
  services: () => ServicesByFrontend,
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
      services().has(frontendKey(address, port, protocol, 'external')) ||
      (nodes.has(address) && services().has(nodePortKey(port, protocol)));
    return isOwn ? 'own' : 'foreign';
  });
  return { own, foreign };
}

const canonical = (address: string): string => canonicalAddress(address) ?? address;
