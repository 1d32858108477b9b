import type { Severity } from '../../core/Problem.ts';
import type { VerdictKind } from '../../values/KeyVerdict.ts';
import type { CodeText, Count, DocumentHead } from '../DocumentHead.ts';
import type { ChangeReport } from './ChangeReport.ts';

/** Whether a change of Cilium may be made. */
export interface PreflightDocument extends DocumentHead {
  readonly command: 'preflight';
  /** unknown: nothing speaks against it, but not everything could be judged. */
  readonly verdict: PreflightVerdict;
  /** The same as the process's. */
  readonly exitCode: 0 | 1 | 3;
  readonly summary: PreflightSummaryReport;
  /** Whole milliseconds. */
  readonly durationMs: Count;
  /** What becomes of the given Helm values; null: none were given. */
  readonly values: ValuesReport | null;
  /** Whether the cluster is ready for a change, and how it is made; null: no cluster was asked. */
  readonly change: ChangeReport | null;
}

export interface PreflightSummaryReport {
  /** Keys of the values by severity, over all target versions. */
  readonly keys: Readonly<Record<KeyReport['severity'], Count>>;
  /** What was found on the cluster, by severity. */
  readonly findings: Readonly<Record<Severity, Count>>;
  /** Of the checklist. */
  readonly steps: Count;
}

export type PreflightVerdict = 'go' | 'noGo' | 'unknown';

export interface ValuesReport {
  /** Where values were found, in the order in which they are merged. */
  readonly sources: readonly ValuesSource[];
  /** What belongs to the same release and was not read. */
  readonly notRead: readonly string[];
  /** One for each target version. */
  readonly targets: readonly ValuesTarget[];
}

export interface ValuesSource {
  /** A file, `-` for standard input, or a flag. */
  readonly file: string;
  /** What holds them: `HelmRelease cilium`, `below cilium`; null: the file is nothing else. */
  readonly within: string | null;
}

export interface ValuesTarget {
  /** The branch that was asked for. */
  readonly branch: string;
  /** The release whose chart decided. */
  readonly chart: string;
  readonly verdict: PreflightVerdict;
  /** What happens with the keys, in the order in which they are written. */
  readonly keys: readonly KeyReport[];
}

/** What happens with one key. */
export interface KeyReport {
  /** As it is written, below what holds the values. */
  readonly key: string;
  readonly kind: VerdictKind;
  readonly code: CodeText | null;
  /** unknown: it could not be judged. */
  readonly severity: 'error' | 'warning' | 'info' | 'unknown';
  /** Helm ends with an error because of it. */
  readonly refused: boolean;
  /** Where it is written; null: nowhere. */
  readonly place: { readonly file: string; readonly line: Count; readonly column: Count } | null;
  readonly message: string;
  /** What to write instead; null: nothing, or what only a person can say. */
  readonly right: string | null;
}
