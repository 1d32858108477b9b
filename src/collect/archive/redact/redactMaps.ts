import type { Pseudonyms } from './Pseudonyms.ts';

/** Where an address begins in the entries of a pinned map (bpf/lib/common.h), and whether in the key or the value. */
const addressIn: Readonly<Record<string, readonly ['key' | 'value', number]>> = {
  services_v2: ['key', 0],
  backends_v3: ['value', 0],
  reverse_nat: ['value', 0],
  source_range: ['key', 8],
};

const entry = /\{key:((?:0[0-9a-f]{2})+)value:((?:0[0-9a-f]{2})+)/g;

/** Maps as `lbDump` prints them (each byte as three digits), with public addresses replaced. */
export function redactMapDump(text: string, names: Pseudonyms): string {
  let where: readonly ['key' | 'value', number] | undefined;
  let size = 4;
  return text
    .split('\n')
    .map((line) => {
      const [, family, kind = ''] = /^cilium_lb([46])?_(\w+)$/.exec(line) ?? [];
      if (kind !== '') {
        where = addressIn[kind];
        size = family === '6' ? 16 : 4;
        return line;
      }
      if (where === undefined || !line.startsWith('{key:')) return line;
      const [part, at] = where;
      return line.replaceAll(entry, (_, key: string, value: string) =>
        part === 'key'
          ? `{key:${withAddress(key, at, size, names)}value:${value}`
          : `{key:${key}value:${withAddress(value, at, size, names)}`,
      );
    })
    .join('\n');
}

function withAddress(digits: string, at: number, size: number, { addresses }: Pseudonyms): string {
  const from = 3 * at;
  const to = from + 3 * size;
  if (digits.length < to) return digits;
  const bytes = (digits.slice(from, to).match(/.../g) ?? []).map((byte) => Number.parseInt(byte, 16));
  const mapped = addresses.bytes(bytes).map((byte) => byte.toString(16).padStart(3, '0'));
  return digits.slice(0, from) + mapped.join('') + digits.slice(to);
}

/** /proc/net/ip_vs: IPv4 as eight hexadecimal digits, IPv6 in brackets. */
export const redactIpvs = (text: string, { addresses }: Pseudonyms): string =>
  text
    .replaceAll(/(?<![\w])([0-9A-F]{8})(?=:[0-9A-F]{4}\b)/g, (hex) => {
      const bytes = (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
      return addresses
        .bytes(bytes)
        .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
        .join('');
    })
    .replaceAll(/\[([0-9a-fA-F:.]+)\]/g, (_, address: string) => `[${addresses.address(address)}]`);
