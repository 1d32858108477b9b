import { bracketed } from '../../model/lb/address.ts';
import type { Frontend, LbTable } from '../../model/lb/LbTable.ts';

/** What is wrong with the rows of a frontend by themselves, whatever the API asks for. */
export type Damage =
  /** Slots without slot 0: the datapath does not find the frontend. */
  | { readonly kind: 'noMaster'; readonly slots: number }
  /** New connections that pick one of these slots are dropped. */
  | { readonly kind: 'missingSlots'; readonly slots: readonly number[] }
  | {
      readonly kind: 'danglingSlots';
      readonly slots: readonly { readonly number: number; readonly backendId: number | undefined }[];
    }
  | { readonly kind: 'wrongCount'; readonly count: number; readonly inactive: number; readonly slots: number }
  | { readonly kind: 'affinityWithoutTimeout' }
  /** Answers keep the address of the backend, or get that of another frontend. */
  | { readonly kind: 'wrongReverseNat'; readonly expected: string; readonly found: string | undefined }
  /** Clients outside take their backend from there, and find none. */
  | { readonly kind: 'noMaglevTable'; readonly id: number };

export interface DamageOptions {
  /** Active and inactive counts add up to the slots in this version (1.18 and newer). */
  readonly countsKnown: boolean;
  /** It is to have a Maglev table, which there is where a backend takes connections. */
  readonly hasMaglev: boolean;
}

export function damageOf(
  frontend: Frontend,
  { revNat, maglev }: LbTable,
  { countsKnown, hasMaglev }: DamageOptions,
): readonly Damage[] {
  const { slots, count, inactiveCount, hasMaster, flags, affinityTimeout, id } = frontend;
  if (!hasMaster) return [{ kind: 'noMaster', slots: slots.length }];
  const damage: Damage[] = [];
  const missing = missingSlots(frontend);
  if (missing.length > 0) damage.push({ kind: 'missingSlots', slots: missing });
  const dangling = slots.filter(({ backend }) => backend === undefined);
  if (dangling.length > 0)
    damage.push({ kind: 'danglingSlots', slots: dangling.map(({ number, backendId }) => ({ number, backendId })) });
  if (
    countsKnown &&
    count !== undefined &&
    inactiveCount !== undefined &&
    missing.length === 0 &&
    count + inactiveCount !== slots.length
  ) {
    damage.push({ kind: 'wrongCount', count, inactive: inactiveCount, slots: slots.length });
  }
  // With an L7 proxy the field holds its port.
  if (flags.names.has('sessionAffinity') && affinityTimeout === 0 && !flags.names.has('l7-load-balancer')) {
    damage.push({ kind: 'affinityWithoutTimeout' });
  }
  const address = `${bracketed(frontend.address)}:${frontend.port}`;
  if (revNat !== undefined && id !== 0 && revNat.get(id) !== address) {
    damage.push({ kind: 'wrongReverseNat', expected: address, found: revNat.get(id) });
  }
  if (hasMaglev && count !== 0 && id !== 0 && maglev?.has(id) === false) damage.push({ kind: 'noMaglevTable', id });
  return damage;
}

/** Numbers up to the count, or up to the highest slot, that have no row. */
function missingSlots({ slots, count }: Frontend): readonly number[] {
  const last = slots[slots.length - 1]?.number ?? 0;
  const expected = Math.max(last, count ?? 0);
  if (expected === slots.length) return [];
  const present = new Set(slots.map(({ number }) => number));
  const missing: number[] = [];
  // A damaged count may be any number up to 65535; the first ones tell.
  for (let number = 1; number <= expected && missing.length < 1000; number++)
    if (!present.has(number)) missing.push(number);
  return missing;
}

/** How many of the selectable slots lead nowhere. */
export function brokenSlots({ slots, count }: Frontend): number {
  if (count === undefined) return 0;
  return count - slots.filter(({ number, backend }) => number <= count && backend !== undefined).length;
}
