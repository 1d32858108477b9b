/** Since when something is so, by what was read; nothing is guessed. */
export interface Since {
  /** RFC 3339 */
  readonly at: string;
  /** `about`: it began then; `atLeast`: it was so then, and perhaps before; `atMost`: it was not so yet then. */
  readonly bound: 'about' | 'atLeast' | 'atMost';
}

/** @param at undefined or malformed: nobody tells */
export const sinceWhen = (at: string | undefined, bound: Since['bound'] = 'about'): Since | undefined =>
  at === undefined || Number.isNaN(Date.parse(at)) ? undefined : { at, bound };

/** @param seconds before that time; undefined: nobody tells */
export const secondsBefore = (takenAt: string, seconds: number | undefined, bound: Since['bound']): Since | undefined =>
  seconds === undefined ? undefined : { at: new Date(Date.parse(takenAt) - seconds * 1000).toISOString(), bound };

/**
 * Since when the oldest of them is so. That none is older is known only if it is of each: one that says nothing, or how
 * old it is at least, may be older than any bound.
 */
export function oldestOf(all: readonly (Since | undefined)[]): Since | undefined {
  const told = all.filter((one) => one !== undefined);
  const begun = told.filter(({ bound }) => bound !== 'atMost').toSorted(byTime);
  if (begun[0] !== undefined) return begun[0];
  return told.length === all.length ? told.toSorted(byTime)[0] : undefined;
}

const byTime = (a: Since, b: Since): number => Date.parse(a.at) - Date.parse(b.at);
