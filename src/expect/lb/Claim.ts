import type { Protocol, Scope } from '../../model/lb/address.ts';
import type { FrontendType } from '../../model/lb/lbFlags.ts';
import type { ServiceBackend } from './endpointBackends.ts';
import type { OwnerRef } from './OwnerRef.ts';
import type { TrafficDistribution } from './selectBackends.ts';

/** What of a Service holds for all of its frontends. */
export interface ServiceTraits {
  readonly owner: OwnerRef;
  /** RFC 3339 or empty; the older of two claimants is named first. */
  readonly createdAt: string;
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  /** Seconds; 0: none. */
  readonly affinityTimeout: number;
  readonly sourceRanges: readonly string[];
  readonly sourceRangesDeny: boolean;
  /** By annotation, where annotations are honoured; undefined: the agent's own mode. */
  readonly forwardingMode: 'dsr' | 'snat' | undefined;
  readonly algorithm: 'undef' | 'random' | 'maglev';
  readonly delegatesIfLocal: boolean;
  readonly loopback: boolean;
  readonly distribution: TrafficDistribution;
  readonly loadBalancerClass: string | undefined;
  readonly remote: 'none' | 'mayAdd' | 'mayReplace';
}

/** A frontend as an object of the API asks for it, before it is spread over the node's addresses. */
export interface Claim {
  readonly traits: ServiceTraits;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly scope: Scope;
  readonly type: FrontendType;
  readonly portName: string;
  /** All backends of its Service, to be selected from. */
  readonly backends: readonly ServiceBackend[];
  /** Traffic goes to the backends of a redirect policy instead. */
  readonly redirected: boolean;
  readonly optional: string | undefined;
}
