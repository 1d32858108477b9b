import type { FirmDifference } from '../parity/Difference.ts';

/** A difference of the later of two readings, and how much of it the earlier one showed. */
export interface SeenTwice {
  readonly later: FirmDifference;
  /** What both show; undefined: the earlier one did not show it, or another one at that place. */
  readonly both: FirmDifference | undefined;
}

/** Two readings of one node, some seconds apart. What only the earlier one showed is gone. */
export function seenTwice(earlier: readonly FirmDifference[], later: readonly FirmDifference[]): readonly SeenTwice[] {
  const before = new Map(earlier.map((difference) => [idOf(difference), difference]));
  return later.map((difference) => {
    const first = before.get(idOf(difference));
    return { later: difference, both: first && inBoth(first, difference) };
  });
}

const idOf = ({ kind, frontend }: FirmDifference): string => `${kind} ${frontend}`;

/** undefined: the two are about different backends or properties. */
function inBoth(first: FirmDifference, second: FirmDifference): FirmDifference | undefined {
  if (second.kind === 'backendsStale' && first.kind === 'backendsStale') {
    const stale = second.stale.filter((key) => first.stale.includes(key));
    return stale.length === 0
      ? undefined
      : { ...second, stale, missing: second.missing.filter((key) => first.missing.includes(key)) };
  }
  if (second.kind === 'backendsMissing' && first.kind === 'backendsMissing') {
    const missing = second.missing.filter((key) => first.missing.includes(key));
    return missing.length === 0 ? undefined : { ...second, missing };
  }
  if (second.kind === 'wrongProperties' && first.kind === 'wrongProperties') {
    const properties = second.properties.filter(({ property }) =>
      first.properties.some((one) => one.property === property),
    );
    return properties.length === 0 ? undefined : { ...second, properties };
  }
  return second;
}
