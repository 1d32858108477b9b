import type { Missing } from '../../model/Fact.ts';
import type { Family, Protocol, Scope } from '../../model/lb/address.ts';
import type { FrontendType } from '../../model/lb/lbFlags.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import type { Datapath } from '../lb/datapath.ts';
import type { Difference } from '../parity/Difference.ts';
import type { WhyUnserved } from '../served/WhyUnserved.ts';
import type { BackendTrace } from './traceBackends.ts';
import type { Way } from './traceWay.ts';

/**
 * `asExpected`: the table does what the API requires. `noBackends`: it does, and there is nobody to connect to.
 * `notServed`: such clients are not served at this frontend. `notHere`: another node decides. `settling`: differs now,
 * and may be right in a moment.
 */
export type TraceVerdict = 'asExpected' | 'noBackends' | 'notServed' | 'notHere' | 'different' | 'settling' | 'unknown';

/** One address and port of a Service as a client of one kind meets it on one node. */
export interface FrontendTrace {
  readonly type: FrontendType;
  readonly family: Family;
  /**
   * undefined: a NodePort, at whichever address of a node. The zero address: at other nodes' addresses, and loopback.
   */
  readonly address: string | undefined;
  readonly port: number;
  readonly protocol: Protocol;
  readonly portName: string;
  readonly way: Way;
  /** Rows of the map that decide; empty where none does. */
  readonly rows: readonly FrontendKey[];
  readonly scopes: 'one' | Scope;
  /** The one of the two policies that counts for such clients. */
  readonly policy: {
    readonly field: 'internalTrafficPolicy' | 'externalTrafficPolicy';
    readonly value: 'Cluster' | 'Local';
  };
  /** How packets reach a backend on another node; undefined: translated before there is a packet, or not here. */
  readonly forwarding: 'snat' | 'dsr' | undefined;
  readonly dsrDispatch: string | undefined;
  readonly algorithm: 'random' | 'maglev';
  readonly affinity: { readonly seconds: number; readonly by: 'clientNamespace' | 'clientAddress' } | undefined;
  readonly sourceRanges: { readonly cidrs: readonly string[]; readonly policy: 'allow' | 'deny' } | undefined;
  readonly l7ProxyPort: number | undefined;
  readonly backends: readonly BackendTrace[];
  /** Of `total` equal chances of a new connection, how many lead to no backend at all. */
  readonly nowhere: { readonly shares: number; readonly total: number } | undefined;
  readonly noBackend: Datapath['noBackend'];
  readonly differences: readonly Difference[];
  /** Why the agent could not program it, in its own words; undefined: it does not say so. */
  readonly agentError: string | undefined;
  /** Backends that are ClusterIPs of Services: nobody translates a connection to them once more. */
  readonly chained: readonly { readonly address: string; readonly service: string }[];
  /** Why nobody is served although the table is as the agent makes it; undefined: somebody is, or it is not known. */
  readonly unserved: WhyUnserved | undefined;
  readonly verdict: TraceVerdict;
  /** What the verdict rests on where the rest does not say it; why something is not known. */
  readonly reason: string | undefined;
}

export interface NodeTrace {
  readonly node: string;
  readonly frontends: readonly FrontendTrace[];
  /** Why there are no frontends; undefined where there are, or where that is not known. */
  readonly none: string | undefined;
  /** Why the node's table could not be judged. */
  readonly unknown: Missing | undefined;
  /** Why configuration stands for what is in effect. */
  readonly assumed: string | undefined;
  /** What else differs for this Service: rows that such a connection does not use. */
  readonly beside: readonly Difference[];
}
