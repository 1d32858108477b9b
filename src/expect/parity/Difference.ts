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
  /** The row of the agent's own table that it is made of: of node addresses that of the zero address. */
  readonly agentKey: FrontendKey;
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
  /** Whether its rows changed while they were read. */
  readonly torn: boolean;
  /** Why it is here to stay although something just began; undefined: nothing did. */
  readonly proof: string | undefined;
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
    | 'affinityMatch'
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

/** Something that differs, and whether for good is not known. */
interface OpenDifference extends About {
  readonly underlying: FirmDifference;
  /** What speaks for its being on its way. */
  readonly why: string;
  /** Whether that is the start of the agent, and nothing that changed. */
  readonly byStart: boolean;
}

/** It is wrong now and may be right in a moment: who looks again sees which. */
export interface Settling extends OpenDifference {
  readonly kind: 'settling';
}

/** The same, in what cannot be asked again. */
export interface Undecided extends OpenDifference {
  readonly kind: 'undecided';
}

export type FirmDifference =
  | FrontendMissing
  | BackendsMissing
  | BackendsStale
  | FrontendOrphan
  | FrontendDamaged
  | PropertiesWrong;
export type Difference = FirmDifference | Settling | Undecided;

export const isFirm = (difference: Difference): difference is FirmDifference =>
  difference.kind !== 'settling' && difference.kind !== 'undecided';

/** Firm, and no misreading either. */
export const isCertain = (difference: Difference): boolean => isFirm(difference) && difference.doubt === undefined;

export function open(kind: OpenKind, underlying: FirmDifference, why: string, byStart: boolean): Settling | Undecided {
  const { frontend, agentKey, type, owner, portName, expected, found } = underlying;
  const { layer, agentError, lost, doubt, torn, proof } = underlying;
  const row = { frontend, agentKey, type, owner, portName, expected, found };
  return { ...row, layer, agentError, lost, doubt, torn, proof, kind, underlying, why, byStart };
}

type OpenKind = (Settling | Undecided)['kind'];
