import type { Family, Protocol } from '../../model/lb/address.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import type { FrontendType } from '../../model/lb/lbFlags.ts';
import type { OwnerRef } from './OwnerRef.ts';

/** An address and port that an object of the API asks for, whatever becomes of it. */
export interface AskedFrontend {
  readonly key: FrontendKey;
  readonly owner: OwnerRef;
  readonly type: FrontendType;
  /** The zero address: every address of the node that serves NodePorts. */
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** Empty: none. */
  readonly portName: string;
}

/** What can be off as a whole, by the name of its frontends. */
export type Feature = 'NodePort' | 'LoadBalancer' | 'ExternalIPs' | 'HostPort';

/** Why an agent makes no frontend of what is asked for, as it decides while it reads the object. */
export type WhyRefused =
  | { readonly kind: 'externalName' }
  | { readonly kind: 'headless' }
  /** @member label of the Service, undefined: none; @member wanted by the agent, empty: Services without the label */
  | { readonly kind: 'otherProxy'; readonly label: string | undefined; readonly wanted: string }
  /** An annotation keeps the Service off this node. */
  | { readonly kind: 'keptOffNode' }
  /** The annotation service.cilium.io/type lets one type through. */
  | { readonly kind: 'otherTypeOnly'; readonly only: string }
  /** The agent does not serve this family. */
  | { readonly kind: 'familyOff'; readonly family: Family }
  | { readonly kind: 'featureOff'; readonly feature: Feature }
  /** The address of a LoadBalancer or an external IP is the node's own, and the port is one of NodePorts. */
  | { readonly kind: 'nodeAddress'; readonly min: number; readonly max: number }
  | { readonly kind: 'hostPortInRange'; readonly min: number; readonly max: number }
  /** `0.0.0.0` or `::` is written out, which is not the same as none. */
  | { readonly kind: 'zeroHostIP'; readonly hostIP: string };

export interface Refusal extends AskedFrontend {
  readonly why: WhyRefused;
}

/** Two objects that ask for one frontend: the agent programs one of them, wholly, and refuses the other, wholly. */
export interface Contest {
  readonly key: FrontendKey;
  readonly claimants: readonly [OwnerRef, OwnerRef];
}
