import { frontendKey, withoutProtocol } from '../../model/lb/keys.ts';
import { type BackendState, type Frontend, type LbTable, selectableSlots } from '../../model/lb/LbTable.ts';
import { brokenSlots } from '../parity/damage.ts';
import type { ExpectedBackend, ExpectedFrontend } from '../lb/ExpectedTable.ts';

/** A backend as it should be and as it is. `yes`: takes new connections; `inactive`: is there and takes none. */
export interface BackendTrace {
  /** `10.244.1.5:8080` */
  readonly address: string;
  /** Where the API says that it runs; undefined: it does not say. */
  readonly node: string | undefined;
  /** In the API; undefined: it is not there. */
  readonly state: BackendState | undefined;
  /** `either`: the API does not decide it (it says two things, or another cluster does). */
  readonly expected: 'yes' | 'inactive' | 'no' | 'either';
  /** `unknown`: the table was not read. */
  readonly found: 'yes' | 'inactive' | 'no' | 'unknown';
  /** Of `total` equal chances of a new connection, how many are its own; undefined: none, or not known. */
  readonly share: { readonly shares: number; readonly total: number } | undefined;
}

/** The row of a map; rows from before an upgrade to 1.17 keep protocol ANY until their Service is made anew. */
export const foundRow = (
  { key, address, port, protocol, scope }: ExpectedFrontend,
  { frontends }: LbTable,
): Frontend | undefined =>
  frontends.get(key) ?? (protocol === 'ANY' ? undefined : frontends.get(frontendKey(address, port, 'ANY', scope)));

/** Backends that the API names first, in the order of addresses; then what only the map has. */
export function traceBackends(
  row: ExpectedFrontend,
  found: Frontend | undefined,
  isRead: boolean,
): { readonly backends: readonly BackendTrace[]; readonly nowhere: BackendTrace['share'] } {
  // Without slot 0 the datapath finds none of the others.
  const slots = found?.hasMaster === true ? (selectableSlots(found) ?? found.slots) : [];
  // Without counts nobody knows which slots take new connections.
  const total = found?.count;
  const isL7 = found?.flags.names.has('l7-load-balancer') === true;
  const taking = Map.groupBy(slots, ({ backend }) => (backend === undefined ? '' : withoutProtocol(backend)));
  const present = new Set(
    (found?.slots ?? []).flatMap(({ backend }) => (backend === undefined ? [] : withoutProtocol(backend))),
  );
  const byAddress = new Map(row.backends.map((backend) => [withoutProtocol(backend.key), backend]));
  const selectable = new Set(row.selectable.map(withoutProtocol));
  const foundIs = (address: string): BackendTrace['found'] =>
    !isRead ? 'unknown' : taking.has(address) ? 'yes' : present.has(address) ? 'inactive' : 'no';
  const trace = (address: string, backend: ExpectedBackend | undefined): BackendTrace => {
    const shares = taking.get(address)?.length ?? 0;
    return {
      address,
      node: backend === undefined || backend.nodeName === '' ? undefined : backend.nodeName,
      state: backend?.state,
      expected: expectedIs(backend, selectable.has(address), row.remote !== 'none'),
      found: foundIs(address),
      share: isL7 || total === undefined || total === 0 || shares === 0 ? undefined : { shares, total },
    };
  };
  const only = [...present].filter((address) => !byAddress.has(address));
  const broken = found === undefined || isL7 ? 0 : brokenSlots(found);
  return {
    backends: [
      ...[...byAddress]
        .toSorted(([a], [b]) => byNumber.compare(a, b))
        .map(([address, backend]) => trace(address, backend)),
      ...only.toSorted(byNumber.compare).map((address) => trace(address, undefined)),
    ],
    nowhere: broken > 0 && total !== undefined && total > 0 ? { shares: broken, total } : undefined,
  };
}

function expectedIs(
  backend: ExpectedBackend | undefined,
  isSelectable: boolean,
  mayBeRemote: boolean,
): BackendTrace['expected'] {
  if (backend === undefined) return mayBeRemote ? 'either' : 'no';
  if (backend.ambiguous) return 'either';
  return isSelectable ? 'yes' : 'inactive';
}

const byNumber = new Intl.Collator('en', { numeric: true });
