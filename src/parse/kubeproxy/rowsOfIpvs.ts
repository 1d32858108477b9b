import type { Ipset } from '../../model/Ipset.ts';
import type { IpvsService, IpvsTable } from '../../model/Ipvs.ts';
import {
  canonicalAddress,
  canonicalCidr,
  type Family,
  familyOf,
  isLoopback,
  type Protocol,
} from '../../model/lb/address.ts';
import { backendKey, type FrontendKey, frontendKey } from '../../model/lb/keys.ts';
import type { ProxyAnswer, ProxyKind, ProxyRow, ProxyTable } from '../../model/lb/ProxyTable.ts';
import type { NetworkInterface } from '../../model/NodeFacts.ts';
import { ipvsLink } from '../../knowledge/owners/ownerOfObject.ts';
import { transportOf } from './ProxyTableBuilder.ts';

export interface IpvsInput {
  readonly ipvs: IpvsTable;
  /** undefined: they were not read. */
  readonly sets: readonly Ipset[] | undefined;
  /** undefined: they were not read. */
  readonly interfaces: readonly NetworkInterface[] | undefined;
  /** Families whose iptables rules say that kube-proxy runs in this mode. */
  readonly families: ReadonlySet<Family>;
}

/**
 * kube-proxy's virtual servers as rows (kubernetes: pkg/proxy/ipvs/proxier.go); undefined: none is kube-proxy's. Its
 * own are those on the addresses of its link, and those on other addresses of the node with a port that is one of its
 * node ports; keepalived and others have theirs in the same table. The servers do not say of which kind an address is,
 * nor who may connect: its sets do.
 */
export function rowsOfIpvs(input: IpvsInput): ProxyTable | undefined {
  const reader = new Reader(input);
  const rows = new Map<FrontendKey, ProxyRow>();
  for (const service of input.ipvs.services) {
    const row = reader.row(service);
    if (row !== undefined) rows.set(row.key, row);
  }
  if (rows.size === 0 && input.families.size === 0) return undefined;
  const families = new Set([...input.families, ...[...rows.values()].map(({ address }) => familyOf(address))]);
  const hooked = reader.local === undefined || [...rows.values()].some(({ address }) => reader.local?.has(address));
  return { mode: 'ipvs', families, rows, hooked: hooked && rows.size > 0, notUnderstood: [] };
}

class Reader {
  /** All addresses of the node. */
  readonly local: ReadonlySet<string> | undefined;
  readonly #ofLink: ReadonlySet<string> | undefined;
  readonly #sets: Sets | undefined;
  readonly #onLoopback: ReadonlySet<string>;

  constructor({ ipvs, sets, interfaces }: IpvsInput) {
    this.local = interfaces && addressesOf(interfaces);
    this.#ofLink = interfaces && addressesOf(interfaces.filter(({ name }) => name === ipvsLink));
    this.#sets = sets && new Sets(sets);
    this.#onLoopback = new Set(
      ipvs.services.flatMap(({ at }) =>
        at.kind === 'address' && isLoopback(at.address) ? [`${at.protocol} ${at.port}`] : [],
      ),
    );
  }

  row({ at, persistence, realServers }: IpvsService): ProxyRow | undefined {
    const protocol = at.kind === 'address' ? transportOf(at.protocol) : undefined;
    if (at.kind !== 'address' || protocol === undefined || isLoopback(at.address)) return undefined;
    const { address, port } = at;
    const kind = this.#kind(address, port, protocol);
    if (kind === undefined) return undefined;
    const backends = realServers
      // Weight 0 takes no new connections: an endpoint that ends.
      .filter(({ weight }) => weight > 0)
      .map((real) => backendKey(real.address, real.port, protocol));
    const unique = [...new Set(backends)].toSorted();
    // Without a real server the kernel answers that the port is unreachable (linux: ip_vs_core.c, ip_vs_leave).
    const answer: ProxyAnswer = unique.length > 0 ? { kind: 'balance', backends: unique } : { kind: 'reject' };
    return {
      key: frontendKey(address, port, protocol, 'external'),
      address,
      port,
      protocol,
      kind,
      service: undefined,
      answers: { outside: answer, pod: answer, node: answer },
      affinityTimeout: persistence?.unit === 'seconds' ? persistence.timeout : 0,
      sourceRanges: this.#sets?.rangesOf(address, port, protocol) ?? [],
      onLoopback: kind === 'NodePort' && this.#onLoopback.has(`${at.protocol} ${port}`),
      doubt: this.#doubt(address, port, protocol, kind) ?? (persistence?.unit === 'ticks' ? inTicks : undefined),
    };
  }

  /** undefined: nothing ties it to kube-proxy. */
  #kind(address: string, port: number, protocol: Protocol): ProxyKind | undefined {
    const ofSet = this.#sets?.kindOf(address, port, protocol);
    if (ofSet !== undefined) return ofSet;
    if (this.#ofLink?.has(address)) return 'External';
    const isNodePort = this.#sets?.isNodePort(address, port, protocol) ?? false;
    return isNodePort && (this.local?.has(address) ?? true) ? 'NodePort' : undefined;
  }

  #doubt(address: string, port: number, protocol: Protocol, kind: ProxyKind): string | undefined {
    if (this.#sets === undefined)
      return 'the sets of kube-proxy, which say of what kind an address is and who may connect, were not read';
    if (kind === 'External') return 'the address is in none of the sets of kube-proxy, which say of what kind it is';
    return this.#sets.isLocal(address, port, protocol)
      ? 'with externalTrafficPolicy Local, where no endpoint is on the node, its servers are those of other nodes, from which clients outside get no answer'
      : undefined;
  }
}

const inTicks = 'how long clients stick to a backend is told in ticks of the kernel, whose length it does not tell';

const addressesOf = (interfaces: readonly NetworkInterface[]): ReadonlySet<string> =>
  new Set(interfaces.flatMap(({ addresses }) => addresses.map((address) => canonicalAddress(address) ?? address)));

const kinds: readonly (readonly [set: string, kind: ProxyKind])[] = [
  ['CLUSTER-IP', 'ClusterIP'],
  ['LOAD-BALANCER', 'LoadBalancer'],
  ['EXTERNAL-IP', 'ExternalIPs'],
  ['EXTERNAL-IP-LOCAL', 'ExternalIPs'],
];

/**
 * kube-proxy's sets (kubernetes: pkg/proxy/ipvs/ipset.go); those of IPv6 are named KUBE-6- and cut at 31 characters.
 */
class Sets {
  readonly #members = new Map<string, Set<string>>();
  /** By `address,protocol:port`. */
  readonly #ranges = new Map<string, Set<string>>();

  constructor(sets: readonly Ipset[]) {
    for (const { name, members } of sets) {
      const own = new Set<string>();
      for (const { element } of members) {
        const [address = '', port, range] = element.split(',');
        const key = port === undefined ? element : `${canonicalAddress(address) ?? address},${port}`;
        own.add(key);
        if (range === undefined || !/^KUBE-(6-)?LOAD-BALANCER-SOURCE-CID/.test(name)) continue;
        const bits = range.includes(':') ? 128 : 32;
        const cidr = canonicalCidr(range.includes('/') ? range : `${range}/${bits}`);
        const ranges = this.#ranges.get(key) ?? new Set<string>();
        if (cidr !== undefined) ranges.add(cidr);
        this.#ranges.set(key, ranges);
      }
      this.#members.set(name, own);
    }
  }

  kindOf(address: string, port: number, protocol: Protocol): ProxyKind | undefined {
    return kinds.find(([set]) => this.#has(set, address, entryOf(address, port, protocol)))?.[1];
  }

  isNodePort(address: string, port: number, protocol: Protocol): boolean {
    return this.#hasNodePort('NODE-PORT', address, port, protocol);
  }

  /** Of a Service with externalTrafficPolicy Local. */
  isLocal(address: string, port: number, protocol: Protocol): boolean {
    const entry = entryOf(address, port, protocol);
    return (
      this.#has('LOAD-BALANCER-LOCAL', address, entry) ||
      this.#has('EXTERNAL-IP-LOCAL', address, entry) ||
      (this.kindOf(address, port, protocol) === undefined &&
        this.#hasNodePort('NODE-PORT-LOCAL', address, port, protocol))
    );
  }

  rangesOf(address: string, port: number, protocol: Protocol): readonly string[] {
    const entry = entryOf(address, port, protocol);
    return this.#has('LOAD-BALANCER-FW', address, entry) ? [...(this.#ranges.get(entry) ?? [])].toSorted() : [];
  }

  #hasNodePort(set: string, address: string, port: number, protocol: Protocol): boolean {
    return protocol === 'SCTP'
      ? this.#has(`${set}-SCTP-HASH`, address, entryOf(address, port, protocol))
      : this.#has(`${set}-${protocol}`, address, String(port));
  }

  #has(set: string, address: string, entry: string): boolean {
    const name = familyOf(address) === 'ipv6' ? `KUBE-6-${set}`.slice(0, 31) : `KUBE-${set}`;
    return this.#members.get(name)?.has(entry) ?? false;
  }
}

const entryOf = (address: string, port: number, protocol: Protocol): string =>
  `${address},${protocol.toLowerCase()}:${port}`;
