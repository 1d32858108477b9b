/** What is done to a cluster, by the names under which it is typed. */
export const changes = ['enable', 'remove-kube-proxy', 'upgrade', 'rollback'] as const;
/**
 * `enable`: Cilium takes over from kube-proxy, which stays beside it; `remove-kube-proxy`: it goes, with its rules;
 * `upgrade`: to another version of Cilium; `rollback`: kube-proxy serves again.
 */
export type Change = (typeof changes)[number];

/** What somebody is about to do: a part of the question, and nothing that was seen. */
export interface Intent {
  readonly change: Change;
  /** Taken before the change, to compare with and to go back to; undefined: there is none. */
  readonly capture: CaptureAtHand | undefined;
  /** Of Cilium, after an upgrade; undefined: it stays. */
  readonly toVersion: string | undefined;
  /** For Helm; undefined: the release keeps those that it has. */
  readonly values?: HelmFlags | undefined;
}

/** Values as they were given, for Helm to take them again. */
export interface HelmFlags {
  /** `-` is standard input. */
  readonly files: readonly string[];
  readonly sets: readonly { readonly flag: '--set' | '--set-string'; readonly text: string }[];
}

/** What a capture of the cluster as it was before is good for. */
export interface CaptureAtHand {
  readonly file: string;
  /** RFC 3339. */
  readonly takenAt: string;
  /** Of all nodes: those of which it tells how kube-proxy served there. */
  readonly nodes: { readonly all: number; readonly served: number };
}
