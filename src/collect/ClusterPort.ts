import type { Missing } from '../model/Fact.ts';
import type { JsonObject } from '../text/isRecord.ts';

/** An answer, or the reason why there is none. A port never throws for what a server or a network does. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: Missing };

export interface ListOptions {
  /** e.g. `{ labelSelector: 'k8s-app=cilium' }` */
  readonly query?: Readonly<Record<string, string>>;
  /** Reduces each item when its page arrives, so that nobody has to hold whole objects of a large cluster. */
  readonly reduce?: (item: unknown) => unknown;
  /** When, by the clock of `performance`, no further page is asked for; asked again with each page. */
  readonly until?: () => number;
}

export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface ExecOptions {
  /** Whole milliseconds from the call to its end, connecting included. */
  readonly timeoutMs: number;
  /** Bytes of stdout and stderr together that are kept; what exceeds them ends the exec as `tooLarge`. */
  readonly maxBytes: number;
  /** Called with each piece of stdout as it arrives. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  /**
   * What the command is to read. Servers before Kubernetes 1.30 cannot be told where it ends, so the command has to
   * know (`head -c`); one that reads on waits there.
   */
  readonly stdin?: Uint8Array;
  /** What follows `stdin` as soon as it is known; never rejects. */
  readonly stdinLater?: Promise<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** How an exec ended; exactly one of these, exactly once. `stdout` holds what arrived until then. */
export type ExecOutcome = { readonly stdout: string; readonly stderr: string } & (
  | { readonly end: 'exited'; readonly exitCode: number }
  /** The server ran nothing: container not found, not running, command not found, … */
  | { readonly end: 'failed'; readonly message: string }
  /** The upgrade was refused with an HTTP status (401, 403, 404, 5xx). */
  | { readonly end: 'refused'; readonly httpStatus: number; readonly message: string }
  /** The connection closed before the command's status came. */
  | { readonly end: 'dropped'; readonly message: string }
  | { readonly end: 'timeout'; readonly afterMs: number }
  /** More came than this exec, or all that are under way together, may say; no more than the first MiB is kept. */
  | { readonly end: 'tooLarge'; readonly maxBytes: number }
  | { readonly end: 'unreachable'; readonly message: string }
  | { readonly end: 'aborted' }
);

/**
 * All that is ever sent to be made or removed: by `--probe-pod` a question about one's own rights, which the API has as
 * an object, a pod, and its end; by `job --apply` a Job and, where it is asked for, the account and roles of its pods.
 */
export type ClusterChange =
  | {
      readonly verb: 'create';
      readonly path:
        | `/api/v1/namespaces/${string}/pods`
        | '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
        | `/apis/batch/v1/namespaces/${string}/jobs`
        | `/api/v1/namespaces/${string}/serviceaccounts`
        | '/apis/rbac.authorization.k8s.io/v1/clusterroles'
        | '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
        | `/apis/rbac.authorization.k8s.io/v1/namespaces/${string}/roles`
        | `/apis/rbac.authorization.k8s.io/v1/namespaces/${string}/rolebindings`;
      readonly body: JsonObject;
    }
  | { readonly verb: 'delete'; readonly path: `/api/v1/namespaces/${string}/pods/${string}` };

/**
 * All that the program asks of a cluster. Two implementations: a client of its own for the API server (`live/`, whose
 * README says why it is not that of @kubernetes/client-node), and the user's own kubectl (`kubectl/`). GET only, and
 * exec of reading commands; `cleanup --apply` alone execs one that changes something, and `--probe-pod` and
 * `job --apply` alone change objects.
 */
export interface ClusterPort {
  /** What a person types to be where this port is: `kubectl` and the flags that choose context, user, server. */
  readonly kubectl: string;
  readonly contextName: string;
  readonly server: string;
  /** One object or document, by its path on the API server, e.g. `/version` or `/api/v1/namespaces/x/configmaps/y`. */
  get(path: string): Promise<Answer<unknown>>;
  /** All items of a collection, page by page; `path` without query. */
  list(path: string, options?: ListOptions): Promise<Answer<readonly unknown[]>>;
  exec(target: ExecTarget, command: readonly string[], options: ExecOptions): Promise<ExecOutcome>;
  /** Sends it once; only what ends a pod, which may be done twice, is tried again for what may pass. */
  change(change: ClusterChange): Promise<Answer<JsonObject>>;
  close(): Promise<void>;
}
