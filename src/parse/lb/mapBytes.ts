import { canonicalAddress, type Protocol } from '../../model/lb/address.ts';
import type { BackendState, Frontend } from '../../model/lb/LbTable.ts';

/*
 * Entries of the pinned maps as text: each byte three digits, the first of which is 0, as `bpftool -j` prints them
 * without what stands between.
 */

/** A view, so that nothing is copied. */
export const byteAt = (text: string, at: number): number =>
  (digit(text.charCodeAt(3 * at + 1)) << 4) | digit(text.charCodeAt(3 * at + 2));
const digit = (code: number): number => (code < 58 ? code - 48 : code - 87);
export const big16 = (text: string, at: number): number => (byteAt(text, at) << 8) | byteAt(text, at + 1);
export const little16 = (text: string, at: number): number => (byteAt(text, at + 1) << 8) | byteAt(text, at);
export const little32 = (text: string, at: number): number => little16(text, at) + little16(text, at + 2) * 0x10000;
export const sizeOf = (text: string): number => text.length / 3;

export const protocolNumbers: ReadonlyMap<number, Protocol> = new Map([
  [0, 'ANY'],
  [6, 'TCP'],
  [17, 'UDP'],
  [132, 'SCTP'],
]);
/** pkg/loadbalancer/loadbalancer.go, GetBackendStateFromFlags: what it does not know is active. */
export const states: readonly BackendState[] = ['active', 'terminating', 'quarantined', 'maintenance'];
export const algorithms: readonly Frontend['algorithm'][] = ['undef', 'random', 'maglev'];

/** How long an address is, and so everything that holds one. */
export const addressSizes = { 4: 4, 6: 16 } as const;
export type AddressSize = (typeof addressSizes)[4 | 6];

export function addressAt(text: string, at: number, size: AddressSize): string {
  if (size === 4) return `${byteAt(text, at)}.${byteAt(text, at + 1)}.${byteAt(text, at + 2)}.${byteAt(text, at + 3)}`;
  const groups = Array.from({ length: 8 }, (_, i) => big16(text, at + 2 * i).toString(16)).join(':');
  return canonicalAddress(groups) ?? groups;
}
