/** Load-balancing maps as they lie in the kernel, printed as lbDump prints them, from rows that are easy to write. */
export interface DumpRow {
  /** Dotted, IPv4; or 8 groups of IPv6, each written out. */
  readonly address: string;
  readonly port: number;
  readonly protocol?: number;
  readonly internal?: boolean;
  readonly id: number;
  readonly flags: number;
  /** Backend IDs; the first `count` of them take connections, by default all. */
  readonly slots: readonly number[];
  readonly count?: number;
  readonly inactive?: number;
  readonly affinity?: number;
  /** Absent: its own address and port. */
  readonly reverse?: { readonly address: string; readonly port: number } | 'none';
  readonly maglev?: boolean;
  /** Networks of its family, with the length of the prefix. */
  readonly ranges?: readonly { readonly network: string; readonly length: number }[];
  /** IDs of backends that clients stick to. */
  readonly sticky?: readonly number[];
}

export interface DumpBackend {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly protocol?: number;
  readonly state?: number;
}

export interface DumpTables {
  readonly rows: readonly DumpRow[];
  readonly backends: readonly DumpBackend[];
  /** Whether there are maps for Maglev tables. */
  readonly maglev?: boolean;
}

export function printMapDump({ rows, backends, maglev = false }: DumpTables): string {
  const maps = new Map<string, Map<string, string>>();
  for (const family of ['lb4', 'lb6'])
    for (const kind of ['services_v2', 'backends_v3', 'reverse_nat', 'source_range', ...(maglev ? ['maglev'] : [])])
      maps.set(`cilium_${family}_${kind}`, new Map());
  maps.set('cilium_lb_affinity_match', new Map());
  const put = (map: string, key: readonly number[], value: readonly number[]): void => {
    maps.get(map)?.set(bytes(key), bytes(value));
  };
  for (const { id, address, port, protocol = 6, state = 0 } of backends) {
    const value = [...addressBytes(address), ...big16(port), protocol, state, 0, 0, 0, 0];
    put(`cilium_${familyOf(address)}_backends_v3`, little32(id), value);
  }
  for (const row of rows) {
    const { address, port, protocol = 6, internal = false, id, flags, slots, affinity = 0, reverse } = row;
    const family = `cilium_${familyOf(address)}`;
    const count = row.count ?? slots.length;
    const inactive = row.inactive ?? slots.length - count;
    const key = (slot: number): number[] => [
      ...addressBytes(address),
      ...big16(port),
      ...little16(slot),
      protocol,
      internal ? 1 : 0,
      0,
      0,
    ];
    const said = [...big16(id), ...little16(flags)];
    put(`${family}_services_v2`, key(0), [...little32(affinity), ...little16(count), ...said, ...little16(inactive)]);
    for (const [at, backend] of slots.entries())
      put(`${family}_services_v2`, key(at + 1), [...little32(backend), 0, 0, ...said, 0, 0]);
    const back = reverse ?? { address, port };
    if (back !== 'none' && id !== 0)
      put(`${family}_reverse_nat`, big16(id), [...addressBytes(back.address), ...big16(back.port)]);
    if (row.maglev === true && maglev) put(`${family}_maglev`, big16(id), [7, 0, 0, 0]);
    for (const { network, length } of row.ranges ?? [])
      put(`${family}_source_range`, [...little32(length + 32), ...big16(id), 0, 0, ...addressBytes(network)], [0]);
    for (const backend of row.sticky ?? [])
      put('cilium_lb_affinity_match', [...little32(backend), ...big16(id), 0, 0], [0]);
  }
  return [...maps].map(([name, entries]) => `${name}\n${sizeOf(name)}${print(entries)}\n`).join('');
}

const print = (entries: ReadonlyMap<string, string>): string =>
  Array.from(entries, ([key, value]) => `{key:${key}value:${value}}`).join('');

const sizeOf = (name: string): string =>
  /services|backends|reverse/.test(name)
    ? `{"id":1,"type":"hash","name":"${name.slice(0, 15)}","max_entries":65536}\n\n`
    : '';

const familyOf = (address: string): 'lb4' | 'lb6' => (address.includes(':') ? 'lb6' : 'lb4');
const addressBytes = (address: string): readonly number[] =>
  address.includes(':')
    ? address.split(':').flatMap((group) => big16(Number.parseInt(group, 16)))
    : address.split('.').map(Number);
const big16 = (n: number): readonly number[] => [n >> 8, n & 255];
const little16 = (n: number): readonly number[] => [n & 255, n >> 8];
const little32 = (n: number): readonly number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255];
const bytes = (all: readonly number[]): string => all.map((byte) => byte.toString(16).padStart(3, '0')).join('');
