import type { Evidence } from '../../core/Evidence.ts';
import type { Missing } from '../../model/Fact.ts';
import type { Family } from '../../model/lb/address.ts';

/**
 * What the network of a node carries, as far as something on the node can break it: from the node to pods on itself, to
 * those of other nodes, from other nodes to its own, and between pods or clients and whatever is outside the cluster.
 */
export type Stretch = 'toOwnPods' | 'toOtherPods' | 'fromOtherNodes' | 'outside';

/** Something on a node that keeps packets from their way. */
interface HostCause<K extends CauseKind> {
  readonly kind: K;
  /** As in `it is stopped by …`: `cilium_vxlan, which is down`. */
  readonly what: string;
  readonly breaks: ReadonlySet<Stretch>;
  /** The only other nodes that it is about; absent: all of them. */
  readonly peers?: readonly string[];
  readonly family?: Family;
  /** It has dropped nothing yet, as far as is counted. */
  readonly isIdle?: true;
  readonly params: Readonly<Record<ParamOf[K], string>>;
  readonly evidence: Evidence;
}

interface ParamOf {
  readonly linkDown: 'link';
  readonly tunnelDown: 'link';
  readonly deviceDown: 'link';
  readonly routeMissing: 'address' | 'way' | 'peers';
  readonly routeOffLink: 'address' | 'way' | 'peers';
  readonly ownRouteMissing: 'address' | 'way';
  readonly routeRefuses: 'address' | 'kind' | 'network';
  readonly ruleTakes: 'rule' | 'priority' | 'network' | 'address' | 'peers';
  readonly forwardingOff: 'setting' | 'family';
  readonly linkForwardingOff: 'setting' | 'link';
  readonly podForwardingOff: never;
  readonly reverseFilter: 'links';
  readonly rule: 'rule' | 'owner' | 'traffic' | 'deletion';
  readonly policy: 'policy' | 'owner' | 'traffic' | 'change';
  readonly program: 'program';
}
export type CauseKind = keyof ParamOf;

/** One of these kinds, with its own params. */
export type CauseOf<K extends CauseKind> = { readonly [L in K]: HostCause<L> }[K];

/** What was found of one kind of thing on a node; `unknown`: what was read does not tell. */
export type HostJudgement<K extends CauseKind = CauseKind> =
  | { readonly kind: 'judged'; readonly causes: readonly CauseOf<K>[] }
  | { readonly kind: 'unknown'; readonly why: Missing }
  | { readonly kind: 'notApplicable'; readonly reason: string };

export const stretches = (...all: readonly Stretch[]): ReadonlySet<Stretch> => new Set(all);
export const allStretches = stretches('toOwnPods', 'toOtherPods', 'fromOtherNodes', 'outside');
