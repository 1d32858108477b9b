import { isAtLeast, type Version } from './version.ts';

/**
 * The branches of Cilium that are known here, oldest first, each with the newest release whose sources and changelog
 * were read: what comes after it may be repaired, or broken anew.
 */
export const newestRead = {
  '1.16': '1.16.19',
  '1.17': '1.17.16',
  '1.18': '1.18.11',
  '1.19': '1.19.7',
  '1.20': '1.20.2',
} as const;
export type Branch = keyof typeof newestRead;
export const branches = ['1.16', '1.17', '1.18', '1.19', '1.20'] as const satisfies readonly Branch[];

export const newestBranch: Branch = '1.20';

export type ReleaseOf<B extends Branch> = B extends unknown ? `${B}.${number}` : never;
export type Release = ReleaseOf<Branch>;

/** undefined: a branch that is not known here. */
export const branchOf = ({ major, minor }: Pick<Version, 'major' | 'minor'>): Branch | undefined =>
  branches.find((branch) => branch === `${major}.${minor}`);

/** N of 1.N and 1.N.P. */
export const minorOf = (branch: Branch | Release): number => Number(branch.split('.')[1]);

/**
 * The first release with something on each branch that has it: what comes with 1.N.0 is often ported back to older
 * branches. Branches after the last that is named have it from their beginning, others that are not named never.
 */
export type FirstReleases = readonly [Release, ...Release[]];

/** Whether a version has what came with these releases. */
export function hasCome(version: Version, firsts: FirstReleases): boolean {
  const own = firsts.find((first) => first.startsWith(`${version.major}.${version.minor}.`));
  return isAtLeast(version, own ?? firsts.reduce(newer));
}

/** By their branch alone: a list has one of each. */
const newer = (one: Release, other: Release): Release => (minorOf(other) > minorOf(one) ? other : one);
