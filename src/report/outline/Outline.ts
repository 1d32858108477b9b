import type { Harm, Severity } from '../../core/Problem.ts';
import type { ObjectRef } from '../../core/Finding.ts';
import type { MissingReason } from '../../model/Fact.ts';
import type { FindingReport } from '../ReportDocument.ts';

/** A report in the order in which a person should read it. Every format for people is made of it. */
export interface Outline {
  readonly headline: Headline;
  /** What is wrong, each cause once: outages before other harm now before traps. */
  readonly causes: readonly Block[];
  /** Nothing in them is to be acted on. */
  readonly notes: readonly Block[];
  readonly unknowns: readonly UnknownGroup[];
}

/** The verdict in words. */
export interface Headline {
  /** e.g. `FAIL` */
  readonly word: string;
  /** What is broken, where, and whom it harms; goes on from the word and a colon. */
  readonly text: string;
  /** The first cause, and how many more there are. */
  readonly short: string;
}

/** One cause with what it brings about. */
export interface Block {
  /** The worst of all findings in it. */
  readonly severity: Severity;
  readonly harm: Harm;
  readonly isOutage: boolean;
  /** `for about 5 minutes`; undefined: nothing that was read tells. */
  readonly lasted: string | undefined;
  readonly lead: FindingReport;
  /** Findings of the same code that show in the same way elsewhere, or are about the same object. */
  readonly others: readonly FindingReport[];
  /** The worst first; one for each code. */
  readonly effects: readonly Effect[];
}

/** What a cause brings about, of one code. */
export interface Effect {
  readonly code: string;
  readonly severity: Severity;
  readonly harm: Harm;
  readonly isOutage: boolean;
  /** The message of a single finding, else what all have in common. */
  readonly text: string;
  readonly nodes: readonly string[];
  readonly objects: readonly ObjectRef[];
  readonly findings: readonly [FindingReport, ...FindingReport[]];
}

/** What could not be judged for one reason. */
export interface UnknownGroup {
  readonly why: UnknownCause;
  /** Ids. */
  readonly checks: readonly string[];
  readonly details: readonly UnknownDetail[];
}

export type UnknownCause =
  /** A finding explains it. */
  | { readonly kind: 'finding'; readonly code: string }
  /** No archive of this kind holds it. */
  | { readonly kind: 'sysdump' }
  | { readonly kind: 'reason'; readonly reason: MissingReason };

export interface UnknownDetail {
  readonly text: string;
  /** Empty: on no node in particular. */
  readonly nodes: readonly string[];
}
