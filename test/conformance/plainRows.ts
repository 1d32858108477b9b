import ipaddr from 'ipaddr.js';
import { wordsOfFlags } from '../../src/model/lb/lbFlags.ts';
import type { BackendState, LbTable } from '../../src/model/lb/LbTable.ts';
import { partsOf } from '../../src/model/lb/keys.ts';
import type { ExpectedBackend, ExpectedFrontend, ExpectedTable } from '../../src/expect/lb/ExpectedTable.ts';

/**
 * All that a dump says, without the numbers that depend on the order of events: service IDs and backend IDs are
 * replaced by what they stand for. Two tables hold the same exactly when these lines are the same.
 */
export function plainRowsOfDump(table: LbTable): readonly string[] {
  const rows: string[] = [];
  const nameOf = (id: number): string => table.backends.get(id)?.key ?? `backend ${id} that does not exist`;
  const frontendsById = new Map(
    [...table.frontends.values()].filter(({ id }) => id !== 0).map(({ id, key }) => [id, key]),
  );
  const ownerOf = (id: number): string => frontendsById.get(id) ?? `service ${id} that does not exist`;
  for (const frontend of table.frontends.values()) {
    const { key, flags, count, inactiveCount, algorithm, affinityTimeout } = frontend;
    const slots = frontend.slots.map(({ number, backend }) => `${number}:${backend ?? 'nothing'}`);
    rows.push(row(key, wordsOfFlags(flags.type, flags.names), count, inactiveCount, algorithm, affinityTimeout, slots));
  }
  for (const { key, state } of table.backends.values()) rows.push(`BE ${key} ${state}`);
  for (const [id, address] of table.revNat ?? []) rows.push(`REV ${ownerOf(id)} ${address}`);
  for (const [id, backends] of table.affinity ?? [])
    rows.push(...backends.map((backend) => `AFF ${ownerOf(id)} ${nameOf(backend)}`));
  for (const [id, cidrs] of table.sourceRanges ?? [])
    rows.push(...cidrs.map((cidr) => `SRCRANGE ${ownerOf(id)} ${cidr}`));
  for (const [id, backends = []] of table.maglev ?? [])
    rows.push(`MAGLEV ${ownerOf(id)} ${backends.map(nameOf).toSorted().join(' ')}`);
  return rows.toSorted();
}

/** What an expectation asks a dump to say, in the same form. */
export function plainRowsOfExpectation(expected: ExpectedTable): readonly string[] {
  const rows = new Set<string>();
  for (const frontend of expected.frontends.values()) {
    const { key, type, flags, algorithm, affinityTimeout, sourceRanges, address, port } = frontend;
    const slots = slotsOf(frontend);
    const count = frontend.selectable.length;
    rows.add(
      row(
        key,
        wordsOfFlags(type, flags),
        count,
        slots.length - count,
        algorithm,
        affinityTimeout,
        slots.map((backend, at) => `${at + 1}:${backend.key}`),
      ),
    );
    for (const backend of frontend.backends) rows.add(`BE ${backend.key} ${printed(backend.state)}`);
    rows.add(`REV ${key} ${address.includes(':') ? `[${address}]` : address}:${port}`);
    if (affinityTimeout > 0)
      for (const backend of slots) if (backend.state === 'active') rows.add(`AFF ${key} ${backend.key}`);
    for (const cidr of sourceRanges) rows.add(`SRCRANGE ${key} ${cidr}`);
    if (frontend.maglev && count > 0) rows.add(`MAGLEV ${key} ${frontend.selectable.toSorted().join(' ')}`);
  }
  for (const [address, type] of expected.wildcards) {
    const key = `${address.includes(':') ? `[${address}]` : address}:0/ANY`;
    rows.add(row(key, [type, 'non-routable'], 0, 0, 'undef', 0, []));
  }
  return [...rows].toSorted();
}

const row = (
  key: string,
  words: readonly string[],
  count: number | undefined,
  inactive: number | undefined,
  algorithm: string | undefined,
  affinity: number | undefined,
  slots: readonly string[],
): string =>
  `SVC ${key} ${words.join('+')} count=${count}+${inactive} alg=${algorithm} aff=${affinity} [${slots.join(' ')}]`;

/** The map has one word for both ways of terminating. */
const printed = (state: BackendState): string => (state === 'terminating-not-serving' ? 'terminating' : state);

const stateOrder: readonly BackendState[] = [
  'active',
  'terminating',
  'terminating-not-serving',
  'quarantined',
  'maintenance',
];

/** Slots as the agent orders them: by state, then by address and port. Backends in maintenance have none. */
function slotsOf({ backends }: ExpectedFrontend): readonly ExpectedBackend[] {
  const parsed = backends
    .filter(({ state }) => state !== 'maintenance')
    .map((backend) => ({ backend, at: partsOf(backend.key) }));
  return parsed
    .toSorted(
      (a, b) =>
        stateOrder.indexOf(a.backend.state) - stateOrder.indexOf(b.backend.state) ||
        compareAddresses(a.at.address, b.at.address) ||
        a.at.port - b.at.port,
    )
    .map(({ backend }) => backend);
}

/** The order of addresses as numbers, IPv4 before IPv6: 10.0.0.9 before 10.0.0.10. */
function compareAddresses(a: string, b: string): number {
  if (a === b) return 0;
  const left = ipaddr.parse(withoutCluster(a)).toByteArray();
  const right = ipaddr.parse(withoutCluster(b)).toByteArray();
  if (left.length !== right.length) return left.length - right.length;
  const at = left.findIndex((byte, i) => byte !== right[i]);
  return at === -1 ? a.localeCompare(b) : (left[at] ?? 0) - (right[at] ?? 0);
}

const withoutCluster = (address: string): string => {
  const at = address.indexOf('@');
  return at === -1 ? address : address.slice(0, at);
};
