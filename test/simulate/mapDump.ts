import { type Endpoint, type FrontendRow, ownAddress } from './frontendRows.ts';

/** The maps of a node as text, in which the places are known where a node differs from its neighbours. */
export interface MapDump {
  readonly text: Buffer;
  /** Where the address of the node stands, 12 characters each. */
  readonly ownAt: readonly number[];
  /** Where the backend's number stands in the last slot of each ClusterIP, 12 characters each, by Service. */
  readonly lastSlotAt: ReadonlyMap<string, number>;
}

/** cilium: bpf/lib/common.h, SVC_FLAG_NODEPORT, SVC_FLAG_ROUTABLE */
const nodePortFlag = 0x02;
const routableFlag = 0x40;

const shown: Readonly<Record<string, string>> = {
  services_v2: '"name":"cilium_lb4_serv","flags":129,"bytes_key":12,"bytes_value":12,"max_entries":65536',
  backends_v3: '"name":"cilium_lb4_back","flags":129,"bytes_key":4,"bytes_value":12,"max_entries":65536',
  reverse_nat: '"name":"cilium_lb4_reve","flags":129,"bytes_key":2,"bytes_value":6,"max_entries":65536',
};

/**
 * As src/programs/agent/lbDump.sh prints the maps of a 1.20 agent: three digits a byte. cilium: bpf/lib/common.h,
 * lb4_key, lb4_service, lb4_backend, lb4_reverse_nat.
 * @param shift agents give numbers in the order in which they hear of things: by how much this one is off
 */
export function mapDump(rows: readonly FrontendRow[], shift: number): MapDump {
  const numbers = new Numbers(rows, shift);
  const services = new DumpedEntries();
  const reverse = new DumpedEntries();
  const lastSlots = new Map<string, number>();
  const wildcards = new Set<string>();
  for (const [i, row] of rows.entries()) {
    const id = numbers.ofFrontend(i);
    reverse.add(big16(id), addressBytes(row.address) + big16(row.port), []);
    addMaster(services, row, id);
    for (const [at, backend] of row.backends.entries()) {
      const value = little32(numbers.ofBackend(backend)) + little16(0) + big16(id) + flagsOf(row) + zeros(2);
      const start = services.add(keyOf(row, at + 1), value, row.isOwn === true ? [0] : []);
      if (row.type === 'ClusterIP') lastSlots.set(row.service, start.value);
    }
    if (row.type === 'ClusterIP' && !wildcards.has(row.address)) {
      wildcards.add(row.address);
      services.add(addressBytes(row.address) + zeros(8), zeros(12), []);
    }
  }
  const backends = new DumpedEntries();
  for (const [backend, id] of numbers.backends) {
    const protocol = byte(backend.protocol === 'TCP' ? 6 : 17);
    backends.add(little32(id), addressBytes(backend.address) + big16(backend.port) + protocol + zeros(5), []);
  }
  const head = `cilium_lb4_services_v2\n${sizeLine('services_v2')}`;
  const text = [
    head + services.text(),
    `cilium_lb4_backends_v3\n${sizeLine('backends_v3')}${backends.text()}`,
    `cilium_lb4_reverse_nat\n${sizeLine('reverse_nat')}${reverse.text()}`,
    'cilium_lb4_source_range\n\n',
    'cilium_lb_affinity_match\n\n',
  ].join('\n');
  const ownInReverse = text.indexOf('cilium_lb4_reverse_nat');
  const own = addressBytes(ownAddress);
  return {
    text: Buffer.from(text, 'latin1'),
    ownAt: [...services.own.map((at) => head.length + at), ...placesOf(own, text, ownInReverse)],
    lastSlotAt: new Map([...lastSlots].map(([service, at]) => [service, head.length + at])),
  };
}

function addMaster(services: DumpedEntries, row: FrontendRow, id: number): void {
  const value = zeros(4) + little16(row.backends.length) + big16(id) + flagsOf(row) + zeros(2);
  services.add(keyOf(row, 0), value, row.isOwn === true ? [0] : []);
}

const sizeLine = (map: string): string =>
  `{"id":1,"type":"hash",${shown[map] ?? ''},"bytes_memlock":1055984,"frozen":0}\n\n`;

const keyOf = ({ address, port, protocol }: Endpoint, slot: number): string =>
  addressBytes(address) + big16(port) + little16(slot) + byte(protocol === 'TCP' ? 6 : 17) + zeros(3);

/** Both bytes. */
const flagsOf = ({ type, isOwn }: FrontendRow): string =>
  byte((type === 'NodePort' ? nodePortFlag : 0) | (isOwn === true ? routableFlag : 0)) + zeros(1);

function placesOf(what: string, text: string, from: number): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(what, from); at !== -1; at = text.indexOf(what, at + 1)) places.push(at);
  return places;
}

/** Entries of one map, and where in their text things stand. */
class DumpedEntries {
  readonly own: number[] = [];
  readonly #parts: string[] = [];
  #length = 0;

  /** @param ownInKey where in the key the node's own address stands */
  add(key: string, value: string, ownInKey: readonly number[]): { readonly value: number } {
    const start = this.#length + '{key:'.length;
    this.own.push(...ownInKey.map((at) => start + at));
    const entry = `{key:${key}value:${value}}`;
    this.#parts.push(entry);
    this.#length += entry.length;
    return { value: start + key.length + 'value:'.length };
  }

  text(): string {
    return `${this.#parts.join('')}\n`;
  }
}

/** What an agent calls its frontends and backends. */
class Numbers {
  readonly backends: ReadonlyMap<Endpoint, number>;
  readonly #byText: ReadonlyMap<string, number>;
  readonly #count: number;
  readonly #shift: number;

  constructor(rows: readonly FrontendRow[], shift: number) {
    this.#count = rows.length;
    this.#shift = shift;
    const distinct = new Map(rows.flatMap((row) => row.backends.map((one) => [textOf(one), one])));
    const numbered = [...distinct.values()].map((one, at): [Endpoint, number] => [
      one,
      shifted(at, shift, distinct.size),
    ]);
    this.backends = new Map(numbered);
    this.#byText = new Map(numbered.map(([one, id]) => [textOf(one), id]));
  }

  ofFrontend(at: number): number {
    return shifted(at, this.#shift, this.#count);
  }

  ofBackend(backend: Endpoint): number {
    return this.#byText.get(textOf(backend)) ?? 0;
  }
}

const shifted = (at: number, shift: number, count: number): number => ((at + shift) % count) + 1;
const textOf = ({ address, port, protocol }: Endpoint): string => `${address}:${port}/${protocol}`;

export const addressBytes = (address: string): string =>
  address
    .split('.')
    .map((part) => byte(Number(part)))
    .join('');
export const little32 = (value: number): string => little16(value & 0xffff) + little16(value >>> 16);
const byte = (value: number): string => `0${value.toString(16).padStart(2, '0')}`;
const zeros = (count: number): string => '000'.repeat(count);
const little16 = (value: number): string => byte(value & 255) + byte((value >> 8) & 255);
const big16 = (value: number): string => byte((value >> 8) & 255) + byte(value & 255);
