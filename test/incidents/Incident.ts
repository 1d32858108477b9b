import type { Code, codes } from '../../src/knowledge/codes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';

/** `owner/repository#number` on GitHub, or the words by which a page or an enhancement is found. */
export type Source = `${string}/${string}#${number}` | `docs: ${string}`;

/** A public report, and what this program sees of it. */
export interface Incident {
  /** The first one names it; the others tell of the same. */
  readonly sources: readonly [Source, ...Source[]];
  /** What went wrong, as a clause. */
  readonly title: string;
  readonly outcome: Outcome;
}

export type Outcome = Seen | Control | Planned | Missed | Unseen;

/** A cluster in which it happens, and one next to it in which it does not. */
interface Seen {
  readonly kind: 'seen';
  readonly code: Code;
  /** What the finding is about: nodes (`n1,n2`), else objects (`shop/cart`); empty: the cluster. */
  readonly about: string;
  readonly scenario: Snapshot;
  readonly sibling: Snapshot;
}

/** It looks odd and is healthy: nothing may be said of it but notes. */
interface Control {
  readonly kind: 'control';
  readonly scenario: Snapshot;
}

type ReservedCode = Exclude<keyof typeof codes, Code>;

/** The code that will tell it: nothing raises that one yet, so that this no longer compiles when something does. */
interface Planned {
  readonly kind: 'planned';
  readonly code: ReservedCode;
}

/** The code that should tell it and does not. */
interface Missed {
  readonly kind: 'missed';
  readonly code: Code;
  /** What is wanting, as a clause. */
  readonly why: string;
}

export interface Unseen {
  readonly kind: 'unseen';
  readonly reason: UnseenReason;
  /** What would have to be seen, as a clause. */
  readonly why: string;
}

/** Why nothing can be seen of an incident from where this program looks. */
export const unseenReasons = {
  noCluster: 'it ends before there is a cluster to look at',
  otherPart: 'it lies in a part of Cilium or of the platform that has nothing to do with Services',
  outside: 'it lies with clients, networks or devices outside the cluster',
  wish: 'the wish that is not met stands in no object of the cluster',
  moment: 'it passes before anybody looks',
  past: 'releases that have it are older than those that are known here, and it shows in no table',
  told: 'the report does not tell what was wrong',
} as const satisfies Readonly<Record<string, string>>;
export type UnseenReason = keyof typeof unseenReasons;

type Sources = Source | readonly [Source, ...Source[]];
const listed = (sources: Sources): Incident['sources'] => (typeof sources === 'string' ? [sources] : sources);

/** What differs between the two clusters is what decides. */
interface Scenes {
  readonly scenario: Snapshot;
  readonly sibling: Snapshot;
}

/** @param finding `KPR3001 n1,n2`: the code, and what the finding is about */
export function seen(sources: Sources, title: string, finding: `${Code} ${string}` | Code, scenes: Scenes): Incident {
  const [code, about = ''] = finding.split(' ', 2);
  const outcome = { kind: 'seen', ...scenes, code: code as Code, about } as const;
  return { sources: listed(sources), title, outcome };
}

export const control = (sources: Sources, title: string, scenario: Snapshot): Incident => ({
  sources: listed(sources),
  title,
  outcome: { kind: 'control', scenario },
});

export const planned = (sources: Sources, title: string, code: ReservedCode): Incident => ({
  sources: listed(sources),
  title,
  outcome: { kind: 'planned', code },
});

export const missed = (sources: Sources, title: string, code: Code, why: string): Incident => ({
  sources: listed(sources),
  title,
  outcome: { kind: 'missed', code, why },
});

export const unseen = (sources: Sources, title: string, reason: UnseenReason, why: string): Incident => ({
  sources: listed(sources),
  title,
  outcome: { kind: 'unseen', reason, why },
});
