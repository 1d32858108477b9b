import SemVer from 'semver/classes/semver.js';
import coerce from 'semver/functions/coerce.js';
import rsort from 'semver/functions/rsort.js';

/**
 * A release of Cilium, Kubernetes or Linux. Compared as `1.20.0`: release candidates and what vendors
 * append are left off.
 */
export type Version = SemVer;

/** What a text begins with: `1.19.6`, `v1.20.0-rc.1`, `v1.31.4-eks-2d5f260`, `1.21`; undefined: no version. */
export function parseVersion(text: string | undefined): Version | undefined {
  const trimmed = text?.trim() ?? '';
  return /^v?\d{1,9}\.\d{1,9}(?!\d)/.test(trimmed) ? (coerce(trimmed) ?? undefined) : undefined;
}

/**
 * By the tag of a whole image name: `registry:5000/cilium/cilium:v1.18.4@sha256:1c…`; undefined: by digest
 * alone, or `latest`.
 */
export function imageVersion(image: string | undefined): Version | undefined {
  return parseVersion(/:([^:/@]+)(?:@|$)/.exec(image ?? '')?.[1]);
}

/** The dozen versions with which something changed: every node is compared with them. */
const milestones = new Map<string, Version>();

/** @param since e.g. `1.19.0` */
export function isAtLeast(version: Version, since: string): boolean {
  let milestone = milestones.get(since);
  if (milestone === undefined) {
    milestone = new SemVer(since);
    milestones.set(since, milestone);
  }
  return version.compare(milestone) >= 0;
}

/**
 * What a step leaves out, oldest first: `1.19` from 1.18 to 1.20. Only steps of one minor version are tried by Cilium's
 * maintainers (Documentation/operations/upgrade.rst).
 */
export const skippedMinors = (from: Version, to: Version): readonly string[] =>
  from.major === to.major
    ? Array.from({ length: Math.max(0, to.minor - from.minor - 1) }, (_, i) => `${to.major}.${from.minor + 1 + i}`)
    : [];

export const newestOf = (versions: readonly Version[]): Version | undefined => rsort([...versions])[0];
