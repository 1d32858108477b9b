import type { Protocol, Scope } from '../../model/lb/address.ts';
import type { FlagName, FrontendType } from '../../model/lb/lbFlags.ts';
import type { BackendKey, FrontendKey } from '../../model/lb/keys.ts';
import type { BackendState } from '../../model/lb/LbTable.ts';
import type { OwnerRef } from './OwnerRef.ts';
import type { Contest, Refusal } from './Refusal.ts';

export interface ExpectedBackend {
  readonly key: BackendKey;
  readonly state: BackendState;
  /** Where the endpoint says that it runs; empty when it does not. */
  readonly nodeName: string;
  /** The API itself says two things (two EndpointSlices name the address differently), so either is right. */
  readonly ambiguous: boolean;
}

/** What the API requires one node to hold for one address, port, protocol and scope. */
export interface ExpectedFrontend {
  readonly key: FrontendKey;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly scope: Scope;
  readonly type: FrontendType;
  readonly flags: ReadonlySet<FlagName>;
  readonly owner: OwnerRef;
  readonly portName: string;
  /** All that the agent knows for this frontend, in no order; those in maintenance have no slot in the map. */
  readonly backends: readonly ExpectedBackend[];
  /**
   * Those that take new connections: the active ones or, where there is none, the terminating ones that still serve.
   */
  readonly selectable: readonly BackendKey[];
  /** Seconds; 0: no affinity. */
  readonly affinityTimeout: number;
  readonly algorithm: 'undef' | 'random' | 'maglev';
  /** CIDRs of the frontend's family, sorted. */
  readonly sourceRanges: readonly string[];
  /** Whether external traffic picks its backend from a Maglev table. */
  readonly maglev: boolean;
  /** Backends of other clusters, which this API does not know: they may come on top, or replace these. */
  readonly remote: 'none' | 'mayAdd' | 'mayReplace';
  /** Set when the row may as well be absent; the reason. */
  readonly optional: string | undefined;
  /** Other rows that are as right as this one, where two owners claim the same key and order of events decides. */
  readonly alternatives: readonly ExpectedFrontend[];
  /** For node-address rows of a NodePort or hostPort: the key under which the agent's own table holds it. */
  readonly agentKey: FrontendKey;
}

export interface ExpectedTable {
  readonly node: string;
  readonly frontends: ReadonlyMap<FrontendKey, ExpectedFrontend>;
  /** What is asked for, and the agent makes nothing of. */
  readonly refused: { readonly services: readonly Refusal[]; readonly hostPorts: readonly Refusal[] };
  /** Keys of which two objects would be the owner. */
  readonly contests: readonly Contest[];
  /** Addresses whose other ports are dropped by a wildcard row. */
  readonly wildcards: ReadonlyMap<string, FrontendType>;
  /** Source ranges, forwarding mode and routability are computed for this version. */
  readonly propertiesKnown: boolean;
  /** Row kinds about which nothing can be said here, with the reason. */
  readonly unknown: {
    /** Node addresses were not read: rows of NodePorts are compared under the zero address only. */
    readonly nodePortAddresses: string | undefined;
    /** Pods were not read: neither hostPort rows nor redirects can be judged. */
    readonly hostPorts: string | undefined;
    readonly redirects: string | undefined;
  };
}
