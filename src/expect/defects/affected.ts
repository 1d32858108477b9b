import { branches, branchOf, minorOf, newestRead, type Release } from '../../knowledge/releases.ts';
import { isAtLeast, type Version } from '../../knowledge/version.ts';
import type { AffectedReleases, Defect } from './Defect.ts';

/** Whether a release has a defect. Of releases that are newer than what was read, an open end says nothing. */
export function isAffected({ affects }: Pick<Defect, 'affects'>, version: Version): boolean {
  const branch = branchOf(version);
  const range = branch && affects[branch];
  if (branch === undefined || range === undefined) return false;
  if (!isAtLeast(version, range.from ?? `${branch}.0`)) return false;
  return range.fixed === 'never'
    ? !isAtLeast(version, nextPatch(newestRead[branch]))
    : !isAtLeast(version, range.fixed);
}

const nextPatch = (release: Release): string => release.replace(/\d+$/, (patch) => String(Number(patch) + 1));

/** The first release without a defect, on this branch or on the next that has one; undefined: there is none yet. */
export function firstWithout(
  { affects }: { readonly affects: AffectedReleases },
  version: Version,
): Release | undefined {
  return branches
    .filter((branch) => minorOf(branch) >= version.minor)
    .map((branch) => fixedOn(affects, branch))
    .find((release) => release !== 'never');
}

const fixedOn = (affects: AffectedReleases, branch: (typeof branches)[number]): Release | 'never' =>
  affects[branch]?.fixed ?? `${branch}.0`;
