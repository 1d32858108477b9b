import { nodePortKey, type ServicesByFrontend } from '../expect/lb/servicesByFrontend.ts';
import { familyOf, isUnspecified, type Protocol, transports } from '../model/lb/address.ts';
import { type BackendKey, type FrontendKey, frontendKey, withoutProtocol } from '../model/lb/keys.ts';
import { type Frontend, isWildcard, type LbTable, selectableSlots } from '../model/lb/LbTable.ts';
import type { ProxyAnswer, ProxyTable } from '../model/lb/ProxyTable.ts';
import type { Reach, ServiceReach } from './Changes.ts';

/** A frontend as people and other readings know it, and the key under which a Service asks for it. */
interface Place {
  /** A NodePort is one frontend, at however many addresses of the node it stands. */
  readonly name: string;
  readonly asked: FrontendKey;
}

function placeOf({ address, port }: { address: string; port: number }, protocol: Protocol, isNodePort: boolean): Place {
  if (isNodePort) {
    const family = familyOf(address) === 'ipv6' ? ' IPv6' : '';
    return { name: `NodePort ${port}/${protocol}${family}`, asked: nodePortKey(port, protocol) };
  }
  const key = frontendKey(address, port, protocol, 'external');
  return { name: key, asked: key };
}

function serviceAt(services: ServicesByFrontend, { asked }: Place): string | undefined {
  const metadata = services.get(asked)?.service.metadata;
  return metadata && `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** What clients reach by the eBPF maps. */
export function reachOfMaps(table: LbTable, services: ServicesByFrontend): ServiceReach {
  const rows = new Rows();
  for (const row of table.frontends.values()) {
    if (row.scope === 'internal' || isWildcard(row)) continue;
    const internal = table.frontends.get(frontendKey(row.address, row.port, row.protocol, 'internal'));
    const inside = selectedBy(internal ?? row);
    const outside = row.flags.type === 'ClusterIP' ? undefined : selectedBy(row);
    const affinity = inside.length + (outside?.length ?? 0) === 0 ? undefined : (row.affinityTimeout ?? undefined);
    const isNodePort = row.flags.type === 'NodePort';
    const places = transports.map((protocol) => placeOf(row, protocol, isNodePort));
    // Rows from before protocols were kept apart stand for each that a Service has there.
    const asked = row.protocol === 'ANY' ? places.filter((place) => serviceAt(services, place) !== undefined) : [];
    for (const place of asked.length === 0 ? [placeOf(row, row.protocol, isNodePort)] : asked) {
      const isHostPort = row.flags.type === 'HostPort';
      rows.add(
        isHostPort ? `HostPort ${place.name}` : (serviceAt(services, place) ?? place.name),
        place.name,
        { inside, outside, affinity },
        isUnspecified(row.address),
      );
    }
  }
  return { datapath: 'ebpf', services: rows.byService };
}

function selectedBy(row: Frontend): readonly string[] {
  const slots = selectableSlots(row) ?? row.slots;
  return sorted(slots.flatMap(({ backend }) => backend ?? []));
}

/** What clients reach by kube-proxy's rules. */
export function reachOfKubeProxy(table: ProxyTable, services: ServicesByFrontend): ServiceReach {
  const rows = new Rows();
  for (const row of table.rows.values()) {
    const { kind, service, answers, affinityTimeout } = row;
    const place = placeOf(row, row.protocol, kind === 'NodePort');
    const inside = reached(answers.pod);
    const outside = kind === 'ClusterIP' ? undefined : reached(answers.outside);
    const affinity = inside.length + (outside?.length ?? 0) === 0 ? undefined : affinityTimeout;
    const name = serviceAt(services, place) ?? service?.replace(/:.*/, '') ?? place.name;
    rows.add(name, place.name, { inside, outside, affinity }, isUnspecified(row.address));
  }
  return { datapath: 'kubeProxy', services: rows.byService };
}

const reached = (answer: ProxyAnswer): readonly string[] => (answer.kind === 'balance' ? sorted(answer.backends) : []);

/** Without protocols: a backend's is its frontend's. */
const sorted = (backends: readonly BackendKey[]): readonly string[] =>
  [...new Set(backends.map(withoutProtocol))].sort();

class Rows {
  readonly byService = new Map<string, Map<string, Reach>>();

  /** @param preferred of several rows of one NodePort, the one to believe */
  add(service: string, frontend: string, reach: Reach, preferred: boolean): void {
    const frontends = this.byService.get(service) ?? new Map<string, Reach>();
    this.byService.set(service, frontends);
    if (preferred || !frontends.has(frontend)) frontends.set(frontend, reach);
  }
}
