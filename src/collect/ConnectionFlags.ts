import type { ClusterPort } from './ClusterPort.ts';

/** The flags that choose a cluster and an identity, named and meant as kubectl's. Empty strings count as not given. */
export interface ConnectionFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  readonly asUid?: string | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly namespace?: string | undefined;
  /** Whole milliseconds for one request, its retries and its body included. */
  readonly requestTimeoutMs?: number | undefined;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** A port to a real cluster: it also knows the namespace that `-n` defaults to. */
export interface ConnectedPort extends ClusterPort {
  /** The flag, else the context's namespace, else `default`. */
  readonly namespace: string;
}

export const defaultRequestTimeoutMs = 15_000;

/** At most this much of an answer is read: one page of the largest kind is some megabytes. */
export const maxAnswerBytes = 64 * 1024 * 1024;
