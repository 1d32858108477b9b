import { addressesOf } from '../expect/lb/serviceAddresses.ts';
import type { Service } from '../model/kubernetes.ts';
import {
  canonicalAddress,
  familyOf,
  isUnspecified,
  type Protocol,
  protocolOf,
  transports,
} from '../model/lb/address.ts';
import { type BackendKey, frontendKey, withoutProtocol } from '../model/lb/keys.ts';
import { type Frontend, isWildcard, type LbTable, selectableSlots } from '../model/lb/LbTable.ts';
import type { ProxyAnswer, ProxyTable } from '../model/lb/ProxyTable.ts';
import type { Reach, ServiceReach } from './Changes.ts';

/** Services of the API by where they are reached. */
export class ServiceNames {
  readonly #byFrontend = new Map<string, string>();

  constructor(services: readonly Service[]) {
    for (const service of services) {
      const name = `${service.metadata.namespace ?? ''}/${service.metadata.name}`;
      for (const { port, nodePort, protocol: text } of service.spec?.ports ?? []) {
        const protocol = protocolOf(text ?? 'TCP') ?? 'TCP';
        for (const address of addressesOf(service)) {
          const canonical = canonicalAddress(address);
          if (canonical !== undefined) this.#byFrontend.set(frontendKey(canonical, port, protocol, 'external'), name);
        }
        if (nodePort !== undefined && nodePort !== 0) this.#byFrontend.set(nodePortKey(nodePort, protocol, ''), name);
      }
    }
  }

  /** `namespace/name`; undefined: no Service of the API asks for it. */
  at(key: string): string | undefined {
    return this.#byFrontend.get(key.replace(/ IPv6$/, ''));
  }
}

/** A NodePort is one frontend, at however many addresses of the node it stands. */
const nodePortKey = (port: number, protocol: Protocol, address: string): string =>
  `NodePort ${port}/${protocol}${address !== '' && familyOf(address) === 'ipv6' ? ' IPv6' : ''}`;

/** What clients reach by the eBPF maps. */
export function reachOfMaps(table: LbTable, names: ServiceNames): ServiceReach {
  const rows = new Rows();
  for (const row of table.frontends.values()) {
    if (row.scope === 'internal' || isWildcard(row)) continue;
    const internal = table.frontends.get(frontendKey(row.address, row.port, row.protocol, 'internal'));
    const inside = selectedBy(internal ?? row);
    const outside = row.flags.type === 'ClusterIP' ? undefined : selectedBy(row);
    const affinity = inside.length + (outside?.length ?? 0) === 0 ? undefined : (row.affinityTimeout ?? undefined);
    const isNodePort = row.flags.type === 'NodePort';
    const keyOf = (protocol: Protocol): string =>
      isNodePort
        ? nodePortKey(row.port, protocol, row.address)
        : frontendKey(row.address, row.port, protocol, 'external');
    // Rows from before protocols were kept apart stand for each that a Service has there.
    const asked =
      row.protocol === 'ANY' ? transports.filter((one) => names.at(keyOf(one)) !== undefined) : [row.protocol];
    for (const protocol of asked.length === 0 ? [row.protocol] : asked) {
      const key = keyOf(protocol);
      const prefix = row.flags.type === 'HostPort' ? 'HostPort ' : '';
      rows.add(
        prefix === '' ? (names.at(key) ?? key) : `${prefix}${key}`,
        key,
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
export function reachOfKubeProxy(table: ProxyTable, names: ServiceNames): ServiceReach {
  const rows = new Rows();
  for (const {
    key: frontend,
    kind,
    port,
    protocol,
    address,
    service,
    answers,
    affinityTimeout,
  } of table.rows.values()) {
    const key = kind === 'NodePort' ? nodePortKey(port, protocol, address) : frontend;
    const inside = reached(answers.pod);
    const outside = kind === 'ClusterIP' ? undefined : reached(answers.outside);
    const affinity = inside.length + (outside?.length ?? 0) === 0 ? undefined : affinityTimeout;
    const name = names.at(key) ?? service?.replace(/:.*/, '') ?? key;
    rows.add(name, key, { inside, outside, affinity }, isUnspecified(address));
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
