import type { FlagName } from '../../model/lb/lbFlags.ts';
import type { Frontend, LbTable } from '../../model/lb/LbTable.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';

/**
 * Whether a row is beyond doubt what is expected: nearly every row of nearly every node, so it is found out without
 * making anything. `false` means only that a row must be looked at; what is wrong with it, if anything, others say.
 */
export function isAsExpected(
  row: ExpectedFrontend,
  found: Frontend,
  { revNat, sourceRanges, maglev }: LbTable,
): boolean {
  const { count, inactiveCount, slots, id, key, flags, affinityTimeout } = found;
  if ((found.notSticky ?? 0) > 0) return false;
  if (!found.hasMaster || inactiveCount === undefined || key !== row.key || row.algorithm !== 'undef') return false;
  if (count !== row.selectable.length || count + inactiveCount !== slots.length || !isSelectable(row, found))
    return false;
  if (row.maglev && maglev?.has(id) === false) return false;
  const translated = revNat?.get(id);
  if (revNat !== undefined && (translated === undefined || !isOf(key, translated))) return false;
  if (row.sourceRanges.length > 0 || (sourceRanges?.get(id)?.length ?? 0) > 0) return false;
  const sameTimeout = affinityTimeout === undefined || affinityTimeout === row.affinityTimeout;
  return sameTimeout && flags.type === row.type && sameFlags(flags.names, row.flags);
}

/** Slots without gaps or lost backends, the first of which are exactly those that should be chosen. */
function isSelectable({ selectable }: ExpectedFrontend, { slots }: Frontend): boolean {
  // Looking through is faster than sets only for a few.
  if (slots.length > 16) return false;
  for (let at = 0; at < slots.length; at++) {
    const slot = slots[at];
    if (slot?.backend === undefined || slot.number !== at + 1) return false;
    if (at < selectable.length && !selectable.includes(slot.backend)) return false;
  }
  return selectable.every((key) => slots.some(({ backend }, at) => backend === key && at < selectable.length));
}

/** `10.96.0.10:53/UDP` is of `10.96.0.10:53`. */
const isOf = (key: string, address: string): boolean => key.startsWith(address) && key[address.length] === '/';

function sameFlags(a: ReadonlySet<FlagName>, b: ReadonlySet<FlagName>): boolean {
  if (a.size !== b.size) return false;
  for (const flag of a) if (!b.has(flag)) return false;
  return true;
}
