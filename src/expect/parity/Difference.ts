import type { FrontendType } from '../../model/lb/lbFlags.ts';
import type { BackendKey, FrontendKey } from '../../model/lb/keys.ts';
import type { Damage } from './damage.ts';
import type { OwnerRef } from '../lb/OwnerRef.ts';

/**
 * Which step lost it: from the API to the agent's own table, or from there into the map. `unknown`: the agent's table
 * was not read, or does not show such things.
 */
export type LostStep = 'apiToAgent' | 'agentToMap' | 'unknown';

interface About {
  readonly frontend: FrontendKey;
  readonly type: FrontendType;
  /** undefined: nobody in the API asks for it. */
  readonly owner: OwnerRef | undefined;
  readonly portName: string;
  /** Backends that take new connections: those that should, those that do. */
  readonly expected: readonly BackendKey[];
  readonly found: readonly BackendKey[];
  readonly layer: LostStep;
  /** What the agent itself reports of this frontend; empty: nothing, or not read. */
  readonly agentError: string;
  /** Why it may be a misreading instead; undefined: it is certain. */
  readonly doubt: string | undefined;
  /** Of `total` equal chances of a new connection, how many go nowhere. */
  readonly lost: { readonly shares: number; readonly total: number } | undefined;
}

export interface FrontendMissing extends About {
  readonly kind: 'frontendMissing';
}

export interface BackendsMissing extends About {
  readonly kind: 'backendsMissing';
  readonly missing: readonly BackendKey[];
  /** Of the missing ones, those that have a slot behind the count: known, but out of rotation. */
  readonly notSelectable: readonly BackendKey[];
}

export interface BackendsStale extends About {
  readonly kind: 'backendsStale';
  readonly stale: readonly BackendKey[];
  /** What is missing in their place. */
  readonly missing: readonly BackendKey[];
}

export interface FrontendOrphan extends About {
  readonly kind: 'frontendOrphan';
}

export interface FrontendDamaged extends About {
  readonly kind: 'damaged';
  readonly damage: readonly Damage[];
}

export interface WrongProperty {
  readonly property:
    | 'type'
    | 'externalTrafficPolicy'
    | 'internalTrafficPolicy'
    | 'scopes'
    | 'sessionAffinity'
    | 'affinityTimeout'
    | 'sourceRanges'
    | 'sourceRangesPolicy'
    | 'forwardingMode'
    | 'algorithm'
    | 'routable'
    | 'loopback'
    | 'proxyDelegation';
  readonly expected: string;
  readonly found: string;
}

export interface PropertiesWrong extends About {
  readonly kind: 'wrongProperties';
  readonly properties: readonly WrongProperty[];
}

/** Something that is wrong now and may be right in a moment. */
export interface Settling extends About {
  readonly kind: 'settling';
  readonly underlying: FirmDifference;
  readonly why: string;
}

export type FirmDifference =
  | FrontendMissing
  | BackendsMissing
  | BackendsStale
  | FrontendOrphan
  | FrontendDamaged
  | PropertiesWrong;
export type Difference = FirmDifference | Settling;

export const settling = (underlying: FirmDifference, why: string): Settling => ({
  kind: 'settling',
  frontend: underlying.frontend,
  type: underlying.type,
  owner: underlying.owner,
  portName: underlying.portName,
  expected: underlying.expected,
  found: underlying.found,
  layer: underlying.layer,
  agentError: underlying.agentError,
  lost: underlying.lost,
  doubt: underlying.doubt,
  underlying,
  why,
});
