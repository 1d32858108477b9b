import type { Bed } from './Bed.ts';

/** A node's pinned load-balancing maps, changed behind the agent's back. */
const pinned = (map: string): string => `/sys/fs/bpf/tc/globals/cilium_${map}`;

interface Entry {
  readonly key: readonly string[];
  readonly value: readonly string[];
}

const hex = (bytes: readonly string[]): string => bytes.map((byte) => byte.replace('0x', '')).join(' ');

const bpftool = async (bed: Bed, node: string, command: string): Promise<string> =>
  bed.agent(node, 'bash', '-c', `bpftool ${command}`);

/** The bytes of an IPv4 address and of a port in network order. */
export const addressBytes = (ip: string): string[] => ip.split('.').map((part) => byte(Number(part)));
export const portBytes = (port: number): string[] => [byte(port >> 8), byte(port & 255)];
const byte = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

const protocols = { TCP: '0x06', UDP: '0x11' } as const;

/**
 * The key of a slot of a frontend (bpf/lib/lb.h, struct lb4_key): address, port, slot in host order, protocol, scope.
 */
export const serviceKey = (ip: string, port: number, slot: number, protocol: keyof typeof protocols): string[] => [
  ...addressBytes(ip),
  ...portBytes(port),
  byte(slot & 255),
  byte(slot >> 8),
  protocols[protocol],
  '0x00',
  '0x00',
  '0x00',
];

async function entryOf(bed: Bed, node: string, map: string, key: readonly string[]): Promise<Entry> {
  const text = await bpftool(bed, node, `-j map lookup pinned ${pinned(map)} key hex ${hex(key)}`);
  const { value } = JSON.parse(text) as { value: string[] };
  return { key, value };
}

const write = async (bed: Bed, node: string, map: string, { key, value }: Entry): Promise<string> =>
  bpftool(bed, node, `map update pinned ${pinned(map)} key hex ${hex(key)} value hex ${hex(value)}`);

/** Deletes entries; the repair writes them back. */
export async function deleteEntries(bed: Bed, node: string, map: string, keys: readonly (readonly string[])[]) {
  const entries: Entry[] = [];
  for (const key of keys) entries.push(await entryOf(bed, node, map, key));
  for (const key of keys) await bpftool(bed, node, `map delete pinned ${pinned(map)} key hex ${hex(key)}`);
  return async () => {
    for (const entry of entries) await write(bed, node, map, entry);
  };
}

/** Changes an entry's value; the repair writes the old one back. */
export async function changeEntry(
  bed: Bed,
  node: string,
  map: string,
  key: readonly string[],
  change: (value: readonly string[]) => readonly string[],
) {
  const entry = await entryOf(bed, node, map, key);
  await write(bed, node, map, { key, value: change(entry.value) });
  return async () => write(bed, node, map, entry);
}

/** Adds an entry with the value of another; the repair deletes it. */
export async function copyEntry(bed: Bed, node: string, map: string, from: readonly string[], to: readonly string[]) {
  const { value } = await entryOf(bed, node, map, from);
  await write(bed, node, map, { key: to, value });
  return async () => bpftool(bed, node, `map delete pinned ${pinned(map)} key hex ${hex(to)}`);
}

/** All entries of a map whose key or value the filter takes. */
export async function findEntries(
  bed: Bed,
  node: string,
  map: string,
  wanted: (entry: Entry) => boolean,
): Promise<readonly Entry[]> {
  const entries = JSON.parse(await bpftool(bed, node, `-j map dump pinned ${pinned(map)}`)) as Entry[];
  return entries.filter(wanted);
}

/** The first of them. */
export async function findEntry(
  bed: Bed,
  node: string,
  map: string,
  wanted: (entry: Entry) => boolean,
): Promise<Entry> {
  const [found] = await findEntries(bed, node, map, wanted);
  if (found === undefined) throw new Error(`no such entry in ${map} of ${node}`);
  return found;
}

/** With one byte replaced. */
export const withByte = (bytes: readonly string[], at: number, value: number): string[] =>
  bytes.map((old, i) => (i === at ? byte(value) : old));
