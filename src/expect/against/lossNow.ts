import { withScope } from '../../model/lb/keys.ts';
import type { FirmDifference, WrongProperty } from '../parity/Difference.ts';
import type { Loss } from './BaselineComparison.ts';

/**
 * What clients lose by a row of the maps that is not as the API requires; undefined: nothing that
 * kube-proxy did for them.
 */
export function lossNow(difference: FirmDifference): Omit<Loss, 'nodes' | 'service' | 'from'> | undefined {
  const { kind, lost } = difference;
  const expected = difference.expected.toSorted();
  const found = difference.found.toSorted();
  const about = { frontend: withScope(difference.frontend, 'external'), difference: kind, severity: 'error' } as const;
  switch (difference.kind) {
    case 'frontendOrphan':
      return undefined;
    case 'frontendMissing':
      return { ...about, what: 'frontend', expected, found };
    case 'backendsMissing':
    case 'backendsStale':
      return { ...about, what: 'backends', expected, found };
    case 'damaged': {
      // Of a row without slot 0 nothing is found, whatever else is there.
      const isDead = lost !== undefined && lost.shares === lost.total;
      return isDead
        ? { ...about, what: 'frontend', expected, found: [] }
        : { ...about, what: 'backends', expected, found };
    }
    case 'wrongProperties': {
      const properties = difference.properties.filter(({ property }) => deciding.has(property));
      if (properties.length === 0) return undefined;
      const told = (value: (one: WrongProperty) => string): readonly string[] =>
        properties.map((one) => `${one.property} ${value(one)}`);
      return { ...about, what: 'properties', expected: told((one) => one.expected), found: told((one) => one.found) };
    }
    default:
      return difference satisfies never;
  }
}

/** Properties on which it depends whom a client reaches, and whether always the same; not how packets get there. */
const deciding: ReadonlySet<WrongProperty['property']> = new Set([
  'externalTrafficPolicy',
  'internalTrafficPolicy',
  'scopes',
  'sessionAffinity',
  'affinityTimeout',
  'affinityMatch',
  'sourceRanges',
  'sourceRangesPolicy',
] as const);
