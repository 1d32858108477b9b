import { bracketed, canonicalCidr } from '../../model/lb/address.ts';
import { type FrontendFlags, flagsOfBits } from '../../model/lb/lbFlags.ts';
import { backendKey, frontendKey } from '../../model/lb/keys.ts';
import type { LbTable } from '../../model/lb/LbTable.ts';
import { addTo, LbTableBuilder } from './LbTableBuilder.ts';
import {
  addressAt,
  type AddressSize,
  addressSizes,
  algorithms,
  big16,
  byteAt,
  little16,
  little32,
  protocolNumbers,
  sizeOf,
  states,
} from './mapBytes.ts';
import type { DumpedMap } from './parseMapEntries.ts';

/**
 * Reads the entries of the pinned maps as they lie in the kernel (bpf/lib/common.h and lb.h: lb4_key, lb4_service,
 * lb4_backend, …), the same from 1.17 to 1.20. Addresses, ports and service IDs are in network byte order, all other
 * numbers in the node's own, which is little-endian wherever Cilium runs. Total: what has another size is in
 * `notUnderstood`.
 */
export function parseLbMaps(maps: readonly DumpedMap[]): LbTable {
  const table = new LbMaps();
  for (const map of maps) table.read(map);
  return table.finish();
}

class LbMaps {
  readonly #table = new LbTableBuilder();
  readonly #revNat = new Map<number, string>();
  readonly #sourceRanges = new Map<number, string[]>();
  readonly #affinity = new Map<number, number[]>();
  readonly #maglev = new Map<number, undefined>();
  /** Few combinations occur on thousands of rows. */
  readonly #flags = new Map<number, FrontendFlags>();
  readonly #seen = new Set<string>();

  read({ name, entries }: DumpedMap): void {
    const size = name.startsWith('cilium_lb6_') ? addressSizes[6] : addressSizes[4];
    const kind = name.replace(/^cilium_lb[46]?_/, '');
    this.#seen.add(kind);
    for (const [key, value] of entries) {
      const problem = this.#entry(kind, key, value, size);
      // Of a row that is not understood at all, nobody knows whose it is.
      const whose = kind === 'services_v2' && problem === wrongSize ? '' : undefined;
      if (problem !== undefined) this.#table.notUnderstood(`${name} ${key} ${value}`, problem, whose);
    }
  }

  #entry(kind: string, key: string, value: string, size: AddressSize): string | undefined {
    switch (kind) {
      case 'services_v2':
        return this.#service(key, value, size);
      case 'backends_v3':
        return this.#backend(key, value, size);
      case 'reverse_nat':
        return this.#reverse(key, value, size);
      case 'source_range':
        return this.#sourceRange(key, size);
      case 'affinity_match':
        return this.#affine(key);
      case 'maglev':
        return this.#maglevTable(key);
      default:
        return 'no such map is known';
    }
  }

  /**
   * Key: address, port, slot, protocol, scope, 2 bytes; value: 4 bytes, count, service ID, 2 bytes of flags, inactive.
   */
  #service(key: string, value: string, size: AddressSize): string | undefined {
    if (sizeOf(key) !== size + 8 || sizeOf(value) !== 12) return wrongSize;
    const address = addressAt(key, 0, size);
    const port = big16(key, size);
    const number = little16(key, size + 2);
    const protocol = protocolNumbers.get(byteAt(key, size + 4));
    // Of another protocol, it is of no frontend that anybody looks for; nor are there such backends.
    if (protocol === undefined) return `protocol ${byteAt(key, size + 4)} is not known`;
    const scope = byteAt(key, size + 5) === 0 ? 'external' : 'internal';
    const text = frontendKey(address, port, protocol, scope);
    const row = this.#table.row(text, () => ({ address, port, protocol, scope, key: text }));
    if (row === undefined) return 'not a frontend';
    const id = big16(value, 6);
    if (number > 0) {
      this.#table.slot(row, number, id, little32(value, 0), undefined);
      return undefined;
    }
    const flags = this.#flagsOf(little16(value, 8));
    const l7 = flags.names.has('l7-load-balancer');
    this.#table.master(row, {
      id,
      flags,
      count: little16(value, 4),
      inactiveCount: little16(value, 10),
      affinityTimeout: l7 ? 0 : little32(value, 0) & 0xffffff,
      algorithm: l7 ? undefined : algorithms[byteAt(value, 3)],
      l7ProxyPort: l7 ? big16(value, 0) : undefined,
    });
    return undefined;
  }

  #flagsOf(bits: number): FrontendFlags {
    let flags = this.#flags.get(bits);
    if (flags === undefined) {
      flags = flagsOfBits(bits & 0xff, bits >> 8);
      this.#flags.set(bits, flags);
    }
    return flags;
  }

  /** Key: ID; value: address, port, protocol, state, cluster, zone, 1 byte. */
  #backend(key: string, value: string, size: AddressSize): string | undefined {
    if (sizeOf(key) !== 4 || sizeOf(value) !== size + 8) return wrongSize;
    const protocol = protocolNumbers.get(byteAt(value, size + 2));
    if (protocol === undefined) return `protocol ${byteAt(value, size + 2)} is not known`;
    const cluster = little16(value, size + 4);
    const plain = addressAt(value, 0, size);
    const address = cluster === 0 ? plain : `${plain}@${cluster}`;
    const port = big16(value, size);
    const backend = { address, port, protocol, key: backendKey(address, port, protocol) };
    this.#table.backend(little32(key, 0), backend, states[byteAt(value, size + 3)] ?? 'active');
    return undefined;
  }

  /** Key: service ID; value: address, port. */
  #reverse(key: string, value: string, size: AddressSize): string | undefined {
    if (sizeOf(key) !== 2 || sizeOf(value) !== size + 2) return wrongSize;
    this.#revNat.set(big16(key, 0), `${bracketed(addressAt(value, 0, size))}:${big16(value, size)}`);
    this.#table.other();
    return undefined;
  }

  /** Key of the prefix tree: length in bits, with the ID's; service ID, 2 bytes, network. */
  #sourceRange(key: string, size: AddressSize): string | undefined {
    if (sizeOf(key) !== size + 8) return wrongSize;
    const cidr = canonicalCidr(`${addressAt(key, 8, size)}/${little32(key, 0) - 32}`);
    if (cidr === undefined) return 'not a network';
    addTo(this.#sourceRanges, big16(key, 4), cidr);
    this.#table.other();
    return undefined;
  }

  /** Key: backend ID, service ID, 2 bytes. */
  #affine(key: string): string | undefined {
    if (sizeOf(key) !== 8) return wrongSize;
    addTo(this.#affinity, big16(key, 4), little32(key, 0));
    this.#table.other();
    return undefined;
  }

  /** Key: service ID; behind it is a map of its own. */
  #maglevTable(key: string): string | undefined {
    if (sizeOf(key) !== 2) return wrongSize;
    this.#maglev.set(big16(key, 0), undefined);
    this.#table.other();
    return undefined;
  }

  finish(): LbTable {
    for (const ranges of this.#sourceRanges.values()) ranges.sort();
    return this.#table.finish('pinnedMaps', {
      resolve: true,
      revNat: this.#read('reverse_nat', this.#revNat),
      sourceRanges: this.#read('source_range', this.#sourceRanges),
      affinity: this.#read('affinity_match', this.#affinity),
      maglev: this.#read('maglev', this.#maglev),
    });
  }

  #read<T>(kind: string, read: T): T | undefined {
    return this.#seen.has(kind) ? read : undefined;
  }
}

const wrongSize = 'the entry has another size than in the versions that are known';
