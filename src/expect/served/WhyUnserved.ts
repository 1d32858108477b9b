import type { Family, Protocol } from '../../model/lb/address.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import type { OwnerRef } from '../lb/OwnerRef.ts';
import type { AskedFrontend, WhyRefused } from '../lb/Refusal.ts';

/** Why a frontend has no backend that takes new connections, though its row is as the agent makes it. */
export type WhyNoBackend =
  /**
   * No EndpointSlice names the Service. @member selects whether a controller writes one for it; @member lookalike an
   * EndpointSlice that seems to be meant and lacks the label, `namespace/name`
   */
  | { readonly kind: 'noSlice'; readonly selects: boolean; readonly lookalike: string | undefined }
  /** No endpoint is ready: the application's. */
  | { readonly kind: 'notReady' }
  /** Its one endpoint is what Cilium's ingress and gateway controllers make up, and no L7 proxy takes the traffic. */
  | { readonly kind: 'placeholder' }
  /** Ready endpoints are of other families. */
  | { readonly kind: 'family'; readonly family: Family; readonly offered: readonly Family[] }
  /** Ready endpoints are of other protocols. */
  | { readonly kind: 'protocol'; readonly protocol: Protocol; readonly offered: readonly Protocol[] }
  /** Ports of ready endpoints have other names; none offered: the EndpointSlice has no port, since no pod has one. */
  | { readonly kind: 'portName'; readonly portName: string; readonly offered: readonly string[] }
  /** Its EndpointSlices lack the label service-proxy-name by which the agent chooses them. */
  | { readonly kind: 'sliceOfOtherProxy'; readonly wanted: string }
  /** A traffic policy Local, and every ready endpoint is on another node. */
  | { readonly kind: 'notLocal'; readonly policy: 'internal' | 'external' }
  /** Topology hints leave this node's zone without an endpoint; undefined: the node has no such label. */
  | { readonly kind: 'zone'; readonly zone: string | undefined }
  /** All that would fit is out of rotation: weight 0, or quarantined. */
  | { readonly kind: 'outOfRotation' }
  /** Ready endpoints are names (addressType FQDN), of which the agent makes nothing. */
  | { readonly kind: 'names' };

/** Why nobody gets through a frontend that has backends. */
export type WhyShut =
  /** No source range is of the address's family, or every address is denied. */
  | { readonly kind: 'sourceRanges'; readonly family: Family; readonly policy: 'allow' | 'deny' }
  /** The agent does not look at SCTP at all. */
  | { readonly kind: 'sctpOff' }
  /** SCTP packets keep their port, and the backends listen on others. */
  | { readonly kind: 'sctpPort'; readonly ports: readonly number[] };

/**
 * The agent took what asked first, and refuses all of the other object's frontends because of one. @member by the other
 * claimant; @member decided whether the node's table shows that it is the one which is served
 */
export interface WhyClaimed {
  readonly kind: 'claimed';
  readonly at: FrontendKey;
  readonly by: OwnerRef;
  readonly decided: boolean;
}

/** Two frontends of the agent become one row of the map, and the other one was written last. */
interface WhyOverwritten {
  readonly kind: 'overwritten';
  readonly by: OwnerRef;
}

/** Why a frontend that an object of the API asks for serves nobody on a node. */
export type WhyUnserved = WhyRefused | WhyNoBackend | WhyShut | WhyClaimed | WhyOverwritten;

export interface Unserved {
  readonly frontend: AskedFrontend;
  readonly why: WhyUnserved;
}

const meant: ReadonlySet<WhyUnserved['kind']> = new Set([
  'externalName',
  'headless',
  'keptOffNode',
  'otherTypeOnly',
] satisfies WhyUnserved['kind'][]);

/** Whether whoever wrote the object asked for exactly this: nothing is wrong. */
export const isMeant = (why: WhyUnserved): boolean =>
  meant.has(why.kind) || (why.kind === 'otherProxy' && why.label !== undefined);
