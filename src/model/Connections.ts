import type { Missing } from './Fact.ts';
import type { FrontendType } from './lb/lbFlags.ts';

/** Where connections begin. */
export type ConnectOrigin =
  /** In the network of a node, by its agent. */
  | { readonly kind: 'node'; readonly node: string }
  /** Where this program runs. */
  | { readonly kind: 'here' }
  /** In a container of a pod, one that is there or one that was made for it; `node`: where it runs. */
  | {
      readonly kind: 'pod' | 'probePod';
      readonly namespace: string;
      readonly name: string;
      readonly node: string;
      readonly container: string;
    };

export interface ConnectPlace {
  readonly address: string;
  readonly port: number;
  /** Of UDP, DNS is asked alone: of what else it carries, nobody knows what would be answered. */
  readonly protocol: 'TCP' | 'UDP';
}

/** How one connection, or one question, ended. */
export interface ConnectEnd {
  readonly outcome: 'open' | 'refused' | 'timeout' | 'failed';
  /** Whole milliseconds. */
  readonly ms: number;
  /** What the kernel said; empty where it is open. */
  readonly detail: string;
}

/** An address of a Service, as somebody is to reach it. */
export interface ConnectTarget {
  readonly place: ConnectPlace;
  readonly type: FrontendType;

  readonly owner: {
    readonly kind: 'Service' | 'Pod' | 'CiliumLocalRedirectPolicy';
    readonly namespace: string;
    readonly name: string;
  };
  /** The node at whose address it is; undefined: it is not one of a node. */
  readonly atNode: string | undefined;
  /** Backends that may be chosen for it, and the nodes that they run on where the API says. */
  readonly backends: readonly { readonly place: ConnectPlace; readonly node: string | undefined }[];
}

/** What was tried from one place to one address, and, where that failed, to its backends without it. */
export interface TriedConnection {
  readonly origin: ConnectOrigin;
  readonly target: ConnectTarget;
  readonly ends: readonly ConnectEnd[];
  readonly directly: readonly {
    readonly place: ConnectPlace;
    readonly node: string | undefined;
    readonly end: ConnectEnd;
  }[];
}

/** All that was tried in a run. */
export interface Connections {
  readonly tried: readonly TriedConnection[];
  /** From where nothing could be tried. */
  readonly unable: readonly { readonly origin: ConnectOrigin; readonly why: Missing }[];
  /** How many pairs of origin and target there are, of which as many were planned as the budget allows. */
  readonly pairs: number;
  /** How many connections were planned, some pairs several times. */
  readonly planned: number;
  /** So many were opened a second from one place at most. */
  readonly ratePerSecond: number;
}

/** Whether it came to an answer. */
export const isAnswered = ({ outcome }: ConnectEnd): boolean => outcome === 'open';
