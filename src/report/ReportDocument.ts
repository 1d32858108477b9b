import type { WhyUnserved } from '../expect/served/WhyUnserved.ts';
import type { ObjectRef } from '../core/Finding.ts';
import type { Harm, Layer, Severity } from '../core/Problem.ts';
import type { ExitCode, exitCodes, FailOn, Verdict } from '../core/verdict.ts';
import type { Area } from '../knowledge/codes.ts';
import type { MissingReason } from '../model/Fact.ts';
import type { Distribution } from '../model/Snapshot.ts';
import type { AlternativeReport, RemedyReport } from '../remedy/RemedyReport.ts';
import type { ConnectionsReport } from './ConnectionsReport.ts';
import type { AgainstReport } from './against/AgainstReport.ts';
import type { CodeText, Count, DocumentHead } from './DocumentHead.ts';

/**
 * One document: a report or, when the program could not run, an error.
 *
 * @public the root of docs/report.schema.json
 */
export type ReportOrError = ReportDocument | ErrorDocument;

/** What every other format is made from. */
export interface ReportDocument extends DocumentHead {
  /** `doctor` or `verify`; others may come. */
  readonly command: string;
  /**
   * fail: a finding at or above --fail-on. unknown: none, but something, or everything, could not be judged.
   * interrupted: the user stopped it. error: no node could be read, so that nothing was examined. pass: something was
   * judged, everything else too (or may be unknown, by --allow-unknown), and nothing at or above --fail-on was found.
   */
  readonly verdict: Verdict;
  /**
   * The same as the process's: 0 nothing at or above --fail-on, 1 findings, 2 no node could be read, 3 could not
   * verify, 130 interrupted.
   */
  readonly exitCode: ExitCode;
  readonly gate: GateReport;
  readonly summary: SummaryReport;
  /** With the verdict error only: no node could be read. What the API's objects tell stands in the findings. */
  readonly error?: ErrorText;
  /** RFC 3339: when the cluster was read. */
  readonly takenAt: string;
  /** Whole milliseconds, from the start of the program to this report. */
  readonly durationMs: Count;
  /** Of a live cluster only: what the run might take, in whole milliseconds; it follows the number of nodes. */
  readonly timeLimitMs?: Count;
  readonly source: ReportSource;
  readonly cluster: ReportCluster;
  readonly coverage: {
    readonly nodes: NodesCoverage;
    /** null where tables were not compared. */
    readonly frontends: FrontendsCoverage | null;
  };
  /** Every check of the command, in the order of the rule book; those that were left out are skipped. */
  readonly checks: readonly CheckReport[];
  /** Causes before what they bring about; errors before warnings before information. */
  readonly findings: readonly FindingReport[];
  /** With --against only. */
  readonly against?: AgainstReport;
  /** Where anything was to be suppressed. What is suppressed is in no other list, and its check has not passed. */
  readonly suppressions?: SuppressionsReport;
  /** With --baseline only. */
  readonly baseline?: BaselineReport;
  /** Connections that nodes opened to each other's pods and their own; absent: none was (--no-probe, a sysdump). */
  readonly reach?: ReachTotals;
  /** With --connect only. */
  readonly connections?: ConnectionsReport;
}

/** Connections of nodes to pods and to each other. Each node opens all of its own once, at one moment. */
export interface ReachTotals {
  /** How many nodes were to open; more than were tried where some did not tell. */
  readonly planned: Count;
  /** Nodes that told how theirs ended. */
  readonly nodes: Count;
  readonly tried: Count;
  /** Who refuses is there, too. */
  readonly answered: Count;
  /** Timed out or failed. */
  readonly failed: Count;
  /** The most that one node opened, which is the rate as well: it opens them together, and no others in that run. */
  readonly mostFromOne: Count;
}

export interface SuppressionsReport {
  readonly suppressed: readonly (SuppressionReport & {
    readonly severity: Severity;
    readonly message: string;
    readonly nodes: readonly string[];
    readonly objects: readonly ObjectRef[];
  })[];
  /** Their last day is over, so they suppress nothing. */
  readonly expired: readonly SuppressionReport[];
  /** Nothing was found that they would suppress. */
  readonly unused: readonly SuppressionReport[];
  /** Annotations that are not understood. */
  readonly malformed: readonly string[];
}

export interface SuppressionReport {
  /** A code, or the id of a check. */
  readonly code: string;
  readonly reason: string;
  /** The last day on which it holds. */
  readonly until: string;
  /** Where it is written: a file, or a Service. */
  readonly by: string;
}

/** How this report differs from an earlier one. */
export interface BaselineReport {
  /** RFC 3339: when the cluster was read then. */
  readonly takenAt: string;
  /** Whether only what is new leads to exit code 1. */
  readonly failOnNew: boolean;
  readonly known: Count;
  readonly new: Count;
  /** What was found then and is not any more. */
  readonly gone: readonly {
    readonly code: CodeText;
    readonly nodes: readonly string[];
    readonly objects: readonly ObjectRef[];
  }[];
}

/** What leads to which exit code. */
export interface GateReport {
  /** Findings from this severity on lead to 1. */
  readonly failOn: FailOn;
  /** What is unknown leads to 3, unless it is among `allowedUnknown`. */
  readonly unknownFails: boolean;
  /** Ids of checks and codes, or `against`: what may be unknown. */
  readonly allowedUnknown: 'all' | readonly string[];
}

export interface SummaryReport {
  /** By severity. */
  readonly findings: Readonly<Record<Severity, Count>>;
  /** By result. */
  readonly checks: Readonly<Record<CheckReport['result'], Count>>;
  /** Checks that could not judge everything; they may have findings, too. */
  readonly inconclusive: Count;
}

/** Frontends that the API asks for, and how many are as they should be on every node whose table was judged. */
export interface FrontendsCoverage {
  /** Rows of the nodes' tables, those for addresses of nodes, too. */
  readonly total: Count;
  readonly verified: Count;
  /** Nodes whose tables were judged. */
  readonly nodes: Count;
  /** The same of each of them. */
  readonly byNode: readonly { readonly node: string; readonly total: Count; readonly verified: Count }[];
  /** Frontends of Services and hostPorts, each once: the sum of the following. */
  readonly asked: Count;
  readonly served: Count;
  /** Their rows are not as the API requires on some node. */
  readonly differ: Count;
  /** Tables are as agents make them, and connections lead nowhere. */
  readonly notServed: readonly {
    readonly reason: WhyUnserved['kind'];
    readonly text: string;
    readonly frontends: Count;
  }[];
  readonly notKnown: Count;
}

/** Printed instead of a report when the program could not run. */
export interface ErrorDocument extends DocumentHead {
  /** null when none was understood. */
  readonly command: string | null;
  readonly verdict: 'error';
  /** The same as the process's. */
  readonly exitCode: typeof exitCodes.couldNotRun | typeof exitCodes.interrupted;
  readonly error: ErrorText;
}

export interface ErrorText {
  readonly message: string;
  /** What to do next. */
  readonly hint: string;
}

export type ReportSource = { readonly kind: 'live' } | ArchiveSource<'capture'> | ArchiveSource<'sysdump'>;

interface ArchiveSource<Kind extends string> {
  readonly kind: Kind;
  readonly file: string;
  /** With which commands of this report reach the cluster; absent: it is not known, and has to be chosen first. */
  readonly kubectl?: string;
}

export interface ReportCluster {
  readonly context: string | null;
  readonly server: string | null;
  readonly kubernetesVersion: string | null;
  /** Each version that an agent said it is, in ascending order of text; empty when none answered. */
  readonly ciliumVersions: readonly string[];
  readonly ciliumNamespace: string;
  readonly distribution: Distribution;
  readonly nodes: Count;
  readonly services: Count | null;
}

export interface NodesCoverage {
  readonly total: Count;
  /** Nodes where an agent is to run and that neither --node nor --sample left out. */
  readonly covered: Count;
  /** Covered nodes of which anything at all is known. */
  readonly read: Count;
  /** The names of those that were read. */
  readonly names: readonly string[];
  readonly excluded: readonly { readonly node: string; readonly why: string }[];
  /** Left out with --node, or not drawn with --sample. */
  readonly notSelected: readonly string[];
  /** With --sample only: by what the nodes that were looked at were drawn; the same seed draws the same ones. */
  readonly sample?: { readonly size: Count; readonly seed: Count };
  /** Of `merge` only, where there are any: shards that left nothing, and why. Nodes of theirs stand in `notRead`. */
  readonly lostShards?: readonly string[];
  readonly notRead: readonly { readonly node: string; readonly reason: MissingReason; readonly detail: string }[];
}

/** A pass has nothing that it could not judge. */
export type CheckReport = PassedCheckReport | OtherCheckReport;

interface CheckHead {
  /** @pattern ^[a-z0-9-]+$ */
  readonly id: string;
  /** What holds when the check passes. */
  readonly title: string;
  readonly area: Area;
  /** The codes that it may raise. */
  readonly codes: readonly CodeText[];
}

export interface PassedCheckReport extends CheckHead {
  readonly result: 'pass';
  readonly unknown: readonly [];
}

export interface OtherCheckReport extends CheckHead {
  readonly result: 'fail' | 'skipped' | 'unknown';
  /** Why it was skipped, or (the first reason) why it is unknown. */
  readonly reason?: string;
  /** What it could not judge; may stand beside findings. */
  readonly unknown: readonly UnknownReport[];
}

export interface UnknownReport {
  /** null: on no node. */
  readonly node: string | null;
  readonly reason: MissingReason;
  readonly detail: string;
  /** The id of the failed check that explains it. */
  readonly blockedBy: string | null;
}

export interface FindingReport {
  readonly code: CodeText;
  /** In which of its ways the finding shows. */
  readonly variant: string;
  /** The id of the check that raised it. */
  readonly check: string;
  readonly severity: Severity;
  readonly harm: Harm;
  /** The first thing between the API and a packet that is wrong; absent: it is not known, or none of these. */
  readonly layer?: Layer;
  readonly title: string;
  /** What is wrong in a few words, without where. */
  readonly brief: string;
  readonly message: string;
  /** Where it is found nobody is served, or no name resolves. */
  readonly outage?: true;
  /** Empty for a finding about the cluster as a whole. */
  readonly nodes: readonly string[];
  readonly objects: readonly ObjectRef[];
  /** The values that the message holds, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly expected?: string;
  readonly found?: string;
  readonly evidence: readonly EvidenceReport[];
  /** RFC 3339: since when it is so; absent: nothing that was read tells. */
  readonly since?: string;
  /** It was so already then, or not yet; absent: it began then. */
  readonly sinceBound?: 'atLeast' | 'atMost';
  /** Codes of findings of this report that are known to bring this one about. */
  readonly likelyCauses: readonly CodeText[];
  /** Place in `findings`, from 0, of the one that is shown as its cause; it stands before. Absent: it has none here. */
  readonly effectOf?: Count;
  /** What to do first; no steps: nothing. */
  readonly remedy: RemedyReport;
  /** Other ways to the same end. */
  readonly alternatives?: readonly AlternativeReport[];
  /** With --baseline only: it was not there, or not as bad, when that was written. */
  readonly isNew?: boolean;
}

export interface EvidenceReport {
  readonly node?: string;
  /** Shows the same again. */
  readonly command: string;
  /** The lines that were seen. */
  readonly excerpt: string;
  /** Which of the lines decides, from 0; absent: no single one does. */
  readonly decides?: Count;
}
