import { createHmac } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/**
 * Replaces public addresses by others, prefix by prefix: two addresses share as many leading bits afterwards as before,
 * so that what is in a network stays in it. Private, link-local, loopback and similar addresses stay as they are, and
 * no public address becomes one of them. The same key gives the same addresses.
 */
export class AddressMap {
  readonly #key: Buffer;
  readonly #known = new Map<string, string>();
  /** Flips of a byte by the bytes before it: bit i of the 256 says whether node i of the tree of its bits is turned. */
  readonly #flips = new Map<string, Buffer>();
  #replaced = 0;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** How many addresses were replaced by others so far. */
  get replaced(): number {
    return this.#replaced;
  }

  /** An address in any spelling of IPv4 or IPv6 (without brackets); anything else comes back as it is. */
  address(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const replaced = this.#replace(text);
    this.#known.set(text, replaced);
    if (replaced !== text) this.#replaced++;
    return replaced;
  }

  /** `network/length`; the bits behind the network are those that were printed, as far as they were zero. */
  cidr(address: string, length: number): string {
    const bytes = bytesOf(address);
    if (bytes === undefined) return `${address}/${length}`;
    // No network: the number is a port, or anything else.
    if (length > bytes.length * 8) return `${this.address(address)}/${length}`;
    const mapped = this.bytes(bytes);
    // Host bits that are set belong to an address that is written with its network.
    const isNetwork = bytes.every((byte, i) => (byte & hostMask(i, length)) === 0);
    const kept = isNetwork ? mapped.map((byte, i) => byte & ~hostMask(i, length) & 0xff) : mapped;
    return equal(kept, bytes) ? `${address}/${length}` : `${textOf(kept)}/${length}`;
  }

  /** Four or sixteen bytes in network order. */
  bytes(bytes: readonly number[]): readonly number[] {
    if (isMappedIPv4(bytes)) return [...bytes.slice(0, 12), ...this.bytes(bytes.slice(12))];
    const fixed = bytes.length === 4 ? fixed4 : fixed6;
    const result: number[] = [];
    for (const [i, byte] of bytes.entries()) {
      let out = 0;
      let node = 1;
      const flips = this.#flipsOf(bytes.slice(0, i), bytes.length);
      for (let bit = 7; bit >= 0; bit--) {
        const value = (byte >> bit) & 1;
        const flip = (((flips[node >> 3] ?? 0) >> (node & 7)) & 1) === 1 && isFree(fixed, bytes, i * 8 + 7 - bit);
        out = (out << 1) | (flip ? 1 - value : value);
        node = (node << 1) | value;
      }
      result.push(out);
    }
    return result;
  }

  #replace(text: string): string {
    const bytes = bytesOf(text);
    if (bytes === undefined) return text;
    const mapped = this.bytes(bytes);
    return equal(mapped, bytes) ? text : textOf(mapped);
  }

  #flipsOf(prefix: readonly number[], length: number): Buffer {
    const id = `${length}:${prefix.join('.')}`;
    const known = this.#flips.get(id);
    if (known !== undefined) return known;
    const flips = createHmac('sha256', this.#key).update(`address ${id}`).digest();
    this.#flips.set(id, flips);
    return flips;
  }
}

type Range = readonly [bytes: readonly number[], length: number];

function range(cidr: string): Range {
  const [address, length] = ipaddr.parseCIDR(cidr);
  return [address.toByteArray(), length];
}

/** What is not public, or means the same to everybody (RFC 6890 and its followers). */
const fixed4: readonly Range[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
].map(range);
const fixed6: readonly Range[] = [
  '::/8',
  '100::/64',
  '64:ff9b::/96',
  '2001:db8::/32',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
].map(range);

/**
 * Whether the bit may be turned: not within such a range, and not where turning could make an address one of them (the
 * bits that an address shares with a range from the front, and the first that parts them).
 */
function isFree(fixed: readonly Range[], bytes: readonly number[], at: number): boolean {
  for (const [start, length] of fixed)
    if (sharedBits(start, bytes, Math.min(at, length)) === Math.min(at, length)) return false;
  return true;
}

/** How many of the first bits are the same, `most` of them at most. */
function sharedBits(a: readonly number[], b: readonly number[], most: number): number {
  let shared = 0;
  while (shared < most) {
    const i = shared >> 3;
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (difference === 0) {
      shared = Math.min((i + 1) * 8, most);
      continue;
    }
    const first = Math.clz32(difference) - 24;
    return Math.min(i * 8 + first, most);
  }
  return shared;
}

function bytesOf(text: string): readonly number[] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toByteArray();
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).toByteArray();
}

function textOf(bytes: readonly number[]): string {
  const address = ipaddr.fromByteArray([...bytes]);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

const isMappedIPv4 = (bytes: readonly number[]): boolean =>
  bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && bytes.slice(0, 10).every((byte) => byte === 0);

const equal = (a: readonly number[], b: readonly number[]): boolean => a.every((byte, i) => byte === b[i]);

/** Of byte i, the bits behind a prefix of this many bits. */
function hostMask(i: number, length: number): number {
  const bits = Math.min(Math.max(length - i * 8, 0), 8);
  return 0xff >> bits;
}
