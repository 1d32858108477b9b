import { withoutProtocol } from '../../model/lb/keys.ts';
import { type Frontend, type LbTable, selectableSlots } from '../../model/lb/LbTable.ts';
import type { ExpectedFrontend, ExpectedTable } from '../lb/ExpectedTable.ts';
import { type OwnerRef, ownerId } from '../lb/OwnerRef.ts';
import type { Contest } from '../lb/Refusal.ts';
import type { WhyClaimed } from './WhyUnserved.ts';

/**
 * Owners that lost a frontend to another object, by `ownerId`: the agent refuses what it did not have of them before.
 * Who holds it, the node's table tells: by the backends behind the row, else by which of them has a row that it alone
 * asks for.
 * @param found undefined: not read
 */
export function losersOf(
  { contests, frontends }: Pick<ExpectedTable, 'contests' | 'frontends'>,
  found: LbTable | undefined,
): ReadonlyMap<string, WhyClaimed> {
  const losers = new Map<string, WhyClaimed>();
  for (const { key: at, claimants } of contests) {
    const [one, other] = claimants;
    const holder = found === undefined ? undefined : holderOf({ key: at, claimants }, frontends, found);
    const lost = (loser: OwnerRef, by: OwnerRef): void => {
      const decided = holder !== undefined;
      if (!losers.has(ownerId(loser))) losers.set(ownerId(loser), { kind: 'claimed', at, by, decided });
    };
    if (holder !== one) lost(one, other);
    if (holder !== other) lost(other, one);
  }
  return losers;
}

function holderOf(
  { key, claimants }: Contest,
  frontends: ExpectedTable['frontends'],
  found: LbTable,
): OwnerRef | undefined {
  const row = frontends.get(key);
  const present = found.frontends.get(key);
  if (row === undefined || present === undefined) return undefined;
  const fitting = claimants.filter((owner) => fitsAny(row, owner, present));
  if (fitting.length === 1) return fitting[0];
  const programmed = claimants.filter((owner) => hasOwnRow(owner, frontends, found));
  return programmed.length === 1 ? programmed[0] : undefined;
}

/** Whether a row of the map is what this owner asks for there. */
const fitsAny = (row: ExpectedFrontend, owner: OwnerRef, found: Frontend): boolean =>
  [row, ...row.alternatives].some((one) => ownerId(one.owner) === ownerId(owner) && fitsRow(one, found));

export function fitsRow({ type, selectable }: ExpectedFrontend, found: Frontend): boolean {
  const slots = selectableSlots(found) ?? found.slots;
  const has = new Set(slots.flatMap(({ backend }) => (backend === undefined ? [] : withoutProtocol(backend))));
  const wanted = new Set(selectable.map(withoutProtocol));
  return found.flags.type === type && has.size === wanted.size && [...wanted].every((one) => has.has(one));
}

function hasOwnRow(owner: OwnerRef, frontends: ExpectedTable['frontends'], found: LbTable): boolean {
  for (const row of frontends.values()) {
    if (row.alternatives.length === 0 && ownerId(row.owner) === ownerId(owner) && found.frontends.has(row.key))
      return true;
  }
  return false;
}
