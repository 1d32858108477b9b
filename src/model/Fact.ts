export const missingReasons = [
  'forbidden',
  'unauthenticated',
  'timeout',
  'unreachable',
  'absent',
  'unparsed',
  'notCollected',
] as const;

/**
 * Why something is not known: forbidden (the user may not read it), unauthenticated (the server does not know, or no
 * longer knows, who asks), timeout, unreachable, absent (there is no such
 * thing), unparsed (the answer was not understood), notCollected (not asked, or not in the archive). Each leads to
 * another next step.
 */
export type MissingReason = (typeof missingReasons)[number];

export interface Missing {
  readonly missing: MissingReason;
  /** One sentence for people: what was asked, and what came instead. */
  readonly detail: string;
  /** The command that was to tell it, when one was run. */
  readonly source?: string;
  /** The exec had ended before, so that nobody knows whether the answer was on its way. */
  readonly unheard?: true;
}

/** How the detail of what did not come for it ends; the reason is `timeout`. */
export const timeWasUp = 'the time for the whole run was up';

/** How the detail of what stands in an archive, and was not read because the run had to end, begins. */
export const leftInArchive = 'not read from the archive';

/** How the detail of what came to its end while it was read ends, by nobody's fault; the reason is `notCollected`. */
export const meanwhile = 'while it was read';

export const isGoneMeanwhile = ({ missing: reason, detail }: Missing): boolean =>
  reason === 'notCollected' && detail.endsWith(meanwhile);

export interface Known<T> {
  readonly value: T;
  /** The command with which a reader can repeat the reading. */
  readonly source: string;
}

/** Something that was to be seen: what was seen, or the reason why nothing was. There is no third state. */
export type Fact<T> = Known<T> | Missing;

export const known = <T>(value: T, source: string): Known<T> => ({ value, source });

export const missing = (reason: MissingReason, detail: string): Missing => ({ missing: reason, detail });

export const isKnown = <T>(fact: Fact<T>): fact is Known<T> => 'value' in fact;

/** The value, or undefined: for optional inputs only. What a check depends on belongs in its `requires`. */
export const valueOf = <T>(fact: Fact<T>): T | undefined => (isKnown(fact) ? fact.value : undefined);

/**
 * Why nobody was asked, where that is so of all nodes: an older capture, or a sysdump. What only some have is lost on
 * the others; undefined then.
 */
export function whyOfNobody(facts: readonly Fact<unknown>[]): string | undefined {
  const whys = facts.map((fact) => (!isKnown(fact) && fact.missing === 'notCollected' ? fact.detail : undefined));
  return whys.includes(undefined) ? undefined : (whys[0] ?? 'there is no node to ask');
}

export const mapFact = <T, U>(fact: Fact<T>, change: (value: T) => U): Fact<U> =>
  isKnown(fact) ? known(change(fact.value), fact.source) : fact;
