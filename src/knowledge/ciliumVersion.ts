import SemVer from 'semver/classes/semver.js';
import { imageVersion, parseVersion, type Version } from './version.ts';

/** The minor versions 1.N of Cilium that this program knows from their sources and from running them. */
export const knownMinors = { from: 16, to: 20 } as const;

export const newestKnown: Version = new SemVer(`1.${knownMinors.to}.0`);

/** N of `1.N.P`, with or without a leading v, of a version or a whole image name; undefined: none in it. */
export function ciliumMinor(text: string | undefined): number | undefined {
  const version = parseVersion(text) ?? imageVersion(text);
  return version?.major === 1 ? version.minor : undefined;
}
