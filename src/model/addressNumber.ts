import ipaddr from 'ipaddr.js';
import type { Family } from './lb/address.ts';

export const addressBits: Readonly<Record<Family, 32 | 128>> = { ipv4: 32, ipv6: 128 };

/** An address as a number, by which ranges of them are compared; of one that canonicalAddress() gave. */
export const addressNumber = (address: string): bigint =>
  ipaddr
    .parse(address)
    .toByteArray()
    .reduce((number, byte) => number * 256n + BigInt(byte), 0n);
