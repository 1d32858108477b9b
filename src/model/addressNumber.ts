import ipaddr from 'ipaddr.js';
import { canonicalAddress, type Family, familyOf } from './lb/address.ts';

/** How long addresses of a family are. */
export const addressBits: Readonly<Record<Family, 32 | 128>> = { ipv4: 32, ipv6: 128 };

/**
 * An address as a number, by which ranges of them are compared; of one that canonicalAddress() gave. A large cluster's
 * nodes have a million routes together, nearly all of them to IPv4 networks.
 */
export const addressNumber = (address: string): bigint =>
  familyOf(address) === 'ipv4'
    ? BigInt(address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0))
    : ipaddr.IPv6.parse(address)
        .toByteArray()
        .reduce((number, byte) => number * 256n + BigInt(byte), 0n);

/** A network, or one address. */
export interface AddressRange {
  readonly from: bigint;
  /** The last address. */
  readonly to: bigint;
  readonly length: number;
}

/** `10.244.2.0/24`, or an address alone; undefined: it is none of that family. */
export function rangeOfNetwork(network: string, family: Family): AddressRange | undefined {
  const bits = addressBits[family];
  const [text = '', prefix = String(bits), ...more] = network.split('/');
  const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
  const address = length <= bits && more.length === 0 ? canonicalAddress(text) : undefined;
  if (address === undefined || address.includes('@') || familyOf(address) !== family) return undefined;
  const size = 1n << BigInt(bits - length);
  const number = addressNumber(address);
  const from = number - (number % size);
  return { from, to: from + size - 1n, length };
}

/** Which is the first that does not lie before a number; all lie before undefined. */
export function firstFrom(ordered: readonly { readonly number: bigint }[], from: bigint | undefined): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const number = ordered[middle]?.number;
    if (number !== undefined && (from === undefined || number < from)) low = middle + 1;
    else high = middle;
  }
  return low;
}
