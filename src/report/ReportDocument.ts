import type { ObjectRef } from '../core/Finding.ts';
import type { Harm, Layer, Severity } from '../core/Problem.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Area } from '../knowledge/codes.ts';
import type { MissingReason } from '../model/Fact.ts';
import type { Distribution } from '../model/Snapshot.ts';
import type { AlternativeReport, RemedyReport } from '../remedy/RemedyReport.ts';
import type { AgainstReport } from './against/AgainstReport.ts';

/**
 * The published report (docs/report.schema.json): what `-o json` prints, and what every other format is made from.
 * `null` is what could not be known; an absent key is what does not apply. New keys may come with any version of the
 * program; schemaVersion rises when one goes away or changes its meaning.
 */
export interface ReportDocument extends DocumentHead {
  readonly command: string;
  readonly verdict: Verdict;
  /** With the verdict `error` only: no node could be read. What the API's objects tell stands in the findings. */
  readonly error?: ErrorText;
  /** RFC 3339, when the cluster was read. */
  readonly takenAt: string;
  /** Whole milliseconds, from the start of the program to this report. */
  readonly durationMs: number;
  readonly source: ReportSource;
  readonly cluster: ReportCluster;
  readonly coverage: { readonly nodes: NodesCoverage; readonly frontends: FrontendsCoverage | null };
  /** In the order of the rule book. */
  readonly checks: readonly CheckReport[];
  /** Causes first. */
  readonly findings: readonly FindingReport[];
  /** With `--against` only. */
  readonly against?: AgainstReport;
}

/** How many of the frontends that the API asks for are as they should be on every node whose table was read. */
export interface FrontendsCoverage {
  readonly total: number;
  readonly verified: number;
  /** Nodes whose tables were judged. */
  readonly nodes: number;
}

/** Printed with `-o json` instead of a report when the program could not run. */
export interface ErrorDocument extends DocumentHead {
  readonly command: string | null;
  readonly verdict: 'error';
  readonly error: ErrorText;
}

export interface ErrorText {
  readonly message: string;
  /** What to do next. */
  readonly hint: string;
}

interface DocumentHead {
  readonly schemaVersion: typeof schemaVersion;
  readonly tool: { readonly name: typeof toolName; readonly version: string };
  readonly exitCode: number;
}

export const schemaVersion = 1;
export const toolName = 'kubectl-kpr';

export type ReportSource =
  | { readonly kind: 'live' }
  | { readonly kind: 'capture'; readonly file: string }
  | { readonly kind: 'sysdump'; readonly file: string };

export interface ReportCluster {
  readonly context: string | null;
  readonly server: string | null;
  readonly kubernetesVersion: string | null;
  /** Each version that an agent said it is, in ascending order of text; empty when none answered. */
  readonly ciliumVersions: readonly string[];
  readonly ciliumNamespace: string;
  readonly distribution: Distribution;
  readonly nodes: number;
  readonly services: number | null;
}

export interface NodesCoverage {
  readonly total: number;
  /** Nodes where an agent is to run and that the user did not leave out. */
  readonly covered: number;
  /** Covered nodes of which anything at all is known. */
  readonly read: number;
  readonly excluded: readonly { readonly node: string; readonly why: string }[];
  readonly notSelected: readonly string[];
  readonly notRead: readonly { readonly node: string; readonly reason: MissingReason; readonly detail: string }[];
}

export interface CheckReport {
  readonly id: string;
  readonly title: string;
  readonly area: Area;
  readonly result: 'pass' | 'fail' | 'skipped' | 'unknown';
  /** Why it was skipped, or (the first reason) why it is unknown. */
  readonly reason?: string;
  readonly codes: readonly string[];
  /** What could not be judged; may stand beside findings. */
  readonly unknown: readonly UnknownReport[];
}

export interface UnknownReport {
  /** null: not judged at all, on no node. */
  readonly node: string | null;
  readonly reason: MissingReason;
  readonly detail: string;
  /** The id of the failed check that explains it. */
  readonly blockedBy: string | null;
}

export interface FindingReport {
  readonly code: string;
  readonly variant: string;
  /** The id of the check that raised it. */
  readonly check: string;
  readonly severity: Severity;
  readonly harm: Harm;
  /** The first thing between the API and a packet that is wrong; absent: it is not known, or none of these. */
  readonly layer?: Layer;
  readonly title: string;
  readonly message: string;
  /** Empty for a finding about the cluster as a whole. */
  readonly nodes: readonly string[];
  readonly objects: readonly ObjectRef[];
  /** The values that the message holds, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly expected?: string;
  readonly found?: string;
  readonly evidence: readonly EvidenceReport[];
  /** Codes of findings of this report that are known to bring this one about. */
  readonly likelyCauses: readonly string[];
  /** What to do first; no steps: nothing. */
  readonly remedy: RemedyReport;
  /** Other ways to the same end. */
  readonly alternatives?: readonly AlternativeReport[];
}

export interface EvidenceReport {
  readonly node?: string;
  /** Shows the same again. */
  readonly command: string;
  /** The lines that were seen. */
  readonly excerpt: string;
  /** Which of the lines decides, from 0; absent: no single one does. */
  readonly decides?: number;
}
