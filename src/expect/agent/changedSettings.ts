import type { RawSettings } from '../../model/RawSettings.ts';

export interface ChangedSetting {
  readonly key: string;
  /** undefined: it was not set. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Keys of which two readings of the same settings have different texts, in alphabetical order. */
export const changedSettings = (before: RawSettings, after: RawSettings): readonly ChangedSetting[] =>
  [...new Set([...before.byKey.keys(), ...after.byKey.keys()])]
    .toSorted()
    .map((key) => ({ key, before: before.byKey.get(key), after: after.byKey.get(key) }))
    .filter((one) => one.before !== one.after);
