import type { FlagName } from '../../model/lb/lbFlags.ts';
import type { Frontend, LbTable } from '../../model/lb/LbTable.ts';
import type { WrongProperty } from './Difference.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';

interface FlagMeaning {
  readonly property: WrongProperty['property'];
  readonly set: string;
  readonly unset: string;
}

/**
 * Flags with the property of the Service that they stand for. `l7-load-balancer` is absent: which Services an L7 proxy
 * serves is not in their objects.
 */
const meanings: readonly (readonly [FlagName, FlagMeaning])[] = [
  ['Local', { property: 'externalTrafficPolicy', set: 'Local', unset: 'Cluster' }],
  ['InternalLocal', { property: 'internalTrafficPolicy', set: 'Local', unset: 'Cluster' }],
  ['two-scopes', { property: 'scopes', set: 'external and internal', unset: 'one for both' }],
  ['sessionAffinity', { property: 'sessionAffinity', set: 'ClientIP', unset: 'None' }],
  ['non-routable', { property: 'routable', set: 'from inside only', unset: 'from outside, too' }],
  ['check source-range', { property: 'sourceRanges', set: 'checked', unset: 'not checked' }],
  ['deny', { property: 'sourceRangesPolicy', set: 'deny', unset: 'allow' }],
  ['loopback', { property: 'loopback', set: 'loopback only', unset: 'every address' }],
  ['delegate-if-local', { property: 'proxyDelegation', set: 'delegate-if-local', unset: 'none' }],
  ['dsr', { property: 'forwardingMode', set: 'dsr', unset: 'snat' }],
];

/** Which flags are comparable whatever the version. */
const always: ReadonlySet<FlagName> = new Set(['Local', 'sessionAffinity']);

export function wrongProperties(
  row: ExpectedFrontend,
  found: Frontend,
  table: LbTable,
  allKnown: boolean,
): readonly WrongProperty[] {
  const { names, type } = found.flags;
  const wrong: WrongProperty[] = [];
  if (type !== row.type) wrong.push({ property: 'type', expected: row.type, found: type });
  // The proxy's port stands where affinity would, so the two exclude each other.
  const l7 = names.has('l7-load-balancer');
  for (const [flag, { property, set, unset }] of meanings) {
    if (
      names.has(flag) === row.flags.has(flag) ||
      (!allKnown && !always.has(flag)) ||
      (l7 && flag === 'sessionAffinity')
    )
      continue;
    // Routability follows from the type.
    if (flag === 'non-routable' && type !== row.type) continue;
    wrong.push({ property, expected: row.flags.has(flag) ? set : unset, found: names.has(flag) ? set : unset });
  }
  const timeout = found.affinityTimeout;
  const bothSticky = row.flags.has('sessionAffinity') && names.has('sessionAffinity');
  // Without a timeout at all the entry is damaged, which is said elsewhere.
  if (bothSticky && !l7 && timeout !== undefined && timeout !== 0 && timeout !== row.affinityTimeout) {
    wrong.push({ property: 'affinityTimeout', expected: `${row.affinityTimeout} s`, found: `${timeout} s` });
  }
  if (allKnown && bothSticky && !l7 && (found.notSticky ?? 0) > 0)
    wrong.push(affinityMatch(row.selectable.length, found.notSticky ?? 0));
  if (row.algorithm !== 'undef' && found.algorithm !== undefined && found.algorithm !== row.algorithm && !l7) {
    wrong.push({
      property: 'algorithm',
      expected: row.algorithm,
      found: found.algorithm === 'undef' ? "the agent's default" : found.algorithm,
    });
  }
  const ranges = rangesOf(found, table);
  if (allKnown && ranges !== undefined && ranges.join() !== row.sourceRanges.join()) {
    wrong.push({
      property: 'sourceRanges',
      expected: row.sourceRanges.join(', ') || 'none',
      found: ranges.join(', ') || 'none',
    });
  }
  return wrong;
}

/** Which backends clients may stick to; without it each connection of theirs is given to any. */
const affinityMatch = (all: number, lacking: number): WrongProperty => ({
  property: 'affinityMatch',
  expected: `for all ${all} backends`,
  found: lacking >= all ? 'for none' : `for ${all - lacking} of ${all} backends`,
});

const rangesOf = ({ id }: Frontend, { sourceRanges }: LbTable): readonly string[] | undefined =>
  sourceRanges === undefined || id === 0 ? undefined : [...new Set(sourceRanges.get(id) ?? [])];
