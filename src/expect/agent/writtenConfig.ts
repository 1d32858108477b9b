import type { RawSettings } from '../../model/RawSettings.ts';

/** What stands in cilium-config, key by key: to compare with what charts write there, and for nothing else. */
export const writtenConfig = ({ byKey }: RawSettings): ReadonlyMap<string, string> => byKey;
