import { type Endpoint, type FrontendRow, ownAddress } from './frontendRows.ts';

/** A row of the maps: a frontend of the agent's, or what stands for all other ports of a ClusterIP. */
export interface MapRow {
  readonly address: string;
  readonly port: number;
  /** As IP numbers it; 0: any. */
  readonly protocol: number;
  readonly flags: number;
  /** Whether its service has a number, and so a way back. */
  readonly isNumbered: boolean;
  readonly backends: readonly Endpoint[];
  readonly isOwn: boolean;
}

export interface MapEntry {
  readonly key: string;
  readonly value: string;
  /** Whose it is: places of rows. */
  readonly of: readonly number[];
}

export interface NodeMap {
  readonly name: string;
  /** What bpftool shows of the map; undefined: it is not asked. */
  readonly shown: string | undefined;
  readonly entries: readonly MapEntry[];
}

/** cilium: bpf/lib/common.h, SVC_FLAG_NODEPORT, SVC_FLAG_ROUTABLE */
const nodePortFlag = 0x02;
const routableFlag = 0x40;

const protocols = { TCP: 6, UDP: 17 } as const;

const shown: Readonly<Record<string, string>> = {
  services_v2: '"name":"cilium_lb4_serv","flags":129,"bytes_key":12,"bytes_value":12,"max_entries":65536',
  backends_v3: '"name":"cilium_lb4_back","flags":129,"bytes_key":4,"bytes_value":12,"max_entries":65536',
  reverse_nat: '"name":"cilium_lb4_reve","flags":129,"bytes_key":2,"bytes_value":6,"max_entries":65536',
};

export function mapRows(frontends: readonly FrontendRow[]): readonly MapRow[] {
  const clusterIPs = new Set(frontends.flatMap(({ type, address }) => (type === 'ClusterIP' ? [address] : [])));
  const otherPorts = [...clusterIPs].map((address): MapRow => ({
    address,
    port: 0,
    protocol: 0,
    flags: 0,
    isNumbered: false,
    backends: [],
    isOwn: false,
  }));
  const rows = frontends.map(({ address, port, protocol, type, backends, isOwn = false }): MapRow => ({
    address,
    port,
    protocol: protocols[protocol],
    flags: (type === 'NodePort' ? nodePortFlag : 0) | (isOwn ? routableFlag : 0),
    isNumbered: true,
    backends,
    isOwn,
  }));
  return [...rows, ...otherPorts];
}

/**
 * The maps of a 1.20 agent: three digits a byte. cilium: bpf/lib/common.h, lb4_key, lb4_service, lb4_backend,
 * lb4_reverse_nat.
 * @param shift agents give numbers in the order in which they hear of things: by how much this one is off
 */
export function nodeMaps(rows: readonly MapRow[], shift: number): readonly NodeMap[] {
  const backends = numberedBackends(rows, shift);
  const services: MapEntry[] = [];
  const reverse: MapEntry[] = [];
  for (const [at, row] of rows.entries()) {
    const id = row.isNumbered ? ((at + shift) % rows.length) + 1 : 0;
    const of = [at];
    if (row.isNumbered) reverse.push({ key: big16(id), value: addressBytes(row.address) + big16(row.port), of });
    const behind = big16(id) + flagBytes(row) + zeros(2);
    services.push({ key: keyOf(row, 0), value: zeros(4) + little16(row.backends.length) + behind, of });
    for (const [slot, backend] of row.backends.entries()) {
      const value = little32(backends.get(textOf(backend))?.id ?? 0) + little16(0) + behind;
      services.push({ key: keyOf(row, slot + 1), value, of });
    }
  }
  const values = [...backends.values()].map(({ id, backend, of }): MapEntry => ({
    key: little32(id),
    value: backendBytes(backend) + zeros(2),
    of,
  }));
  return [
    { name: 'cilium_lb4_services_v2', shown: shown['services_v2'], entries: services },
    { name: 'cilium_lb4_backends_v3', shown: shown['backends_v3'], entries: values },
    { name: 'cilium_lb4_reverse_nat', shown: shown['reverse_nat'], entries: reverse },
    { name: 'cilium_lb4_source_range', shown: undefined, entries: [] },
    { name: 'cilium_lb_affinity_match', shown: undefined, entries: [] },
  ];
}

/** As src/programs/agent/lbDump.sh prints maps, with those of their entries that are wanted. */
export const mapsText = (maps: readonly NodeMap[], isWanted: (entry: MapEntry) => boolean = () => true): string =>
  maps
    .map(({ name, shown: size, entries }) => {
      const sizeLine =
        size === undefined ? '' : `{"id":1,"type":"hash",${size},"bytes_memlock":1055984,"frozen":0}\n\n`;
      const wanted = entries.filter(isWanted);
      return `${name}\n${sizeLine}${wanted.map(({ key, value }) => `{key:${key}value:${value}}`).join('')}\n`;
    })
    .join('');

interface Numbered {
  readonly id: number;
  readonly backend: Endpoint;
  readonly of: number[];
}

function numberedBackends(rows: readonly MapRow[], shift: number): ReadonlyMap<string, Numbered> {
  const distinct = new Map(rows.flatMap((row) => row.backends.map((one) => [textOf(one), one])));
  const numbered = new Map(
    [...distinct].map(([text, backend], at): [string, Numbered] => [
      text,
      { id: ((at + shift) % distinct.size) + 1, backend, of: [] },
    ]),
  );
  for (const [at, row] of rows.entries()) for (const one of row.backends) numbered.get(textOf(one))?.of.push(at);
  return numbered;
}

const keyOf = ({ address, port, protocol }: MapRow, slot: number): string =>
  addressBytes(address) + big16(port) + little16(slot) + byte(protocol) + zeros(3);

/** Address, port, protocol, state, cluster. */
export const backendBytes = ({ address, port, protocol }: Endpoint): string =>
  addressBytes(address) + big16(port) + byte(protocols[protocol]) + zeros(3);

/** Both of them. */
export const flagBytes = ({ flags }: MapRow): string => byte(flags) + zeros(1);

const textOf = ({ address, port, protocol }: Endpoint): string => `${address}:${port}/${protocol}`;

const little32 = (value: number): string => little16(value & 0xffff) + little16(value >>> 16);
export const byte = (value: number): string => `0${value.toString(16).padStart(2, '0')}`;
export const zeros = (count: number): string => '000'.repeat(count);
export const little16 = (value: number): string => byte(value & 255) + byte((value >> 8) & 255);
export const big16 = (value: number): string => byte((value >> 8) & 255) + byte(value & 255);
export const addressBytes = (address: string): string =>
  address
    .split('.')
    .map((part) => byte(Number(part)))
    .join('');
/** What stands for the address of whichever node is asked. No other bytes of maps are written like that. */
export const ownBytes = addressBytes(ownAddress);
