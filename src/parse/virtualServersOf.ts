import type { IpvsTable } from '../model/Ipvs.ts';
import type { VirtualServer } from '../model/NodeFacts.ts';
import { transports } from '../model/lb/address.ts';

/** Those by firewall mark have no address and are not kube-proxy's; they are left out. */
export const virtualServersOf = ({ services }: IpvsTable): readonly VirtualServer[] =>
  services.flatMap(({ at, realServers }) => {
    const protocol = at.kind === 'address' ? transports.find((one) => one === at.protocol) : undefined;
    return at.kind === 'address' && protocol !== undefined
      ? [{ protocol, address: at.address, port: at.port, destinations: realServers.length }]
      : [];
  });
