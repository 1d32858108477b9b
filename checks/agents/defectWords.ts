import { firstWithout } from '../../src/expect/defects/affected.ts';
import type { Defect, DefectReference, DefectText } from '../../src/expect/defects/Defect.ts';
import type { Version } from '../../src/knowledge/version.ts';

/** Where a defect is told of, as people look it up. */
export const referenceName = (reference: DefectReference): string =>
  reference.startsWith('#') ? `cilium/cilium${reference}` : `unreported, cilium ${reference}`;

/** undefined: no release that is known here is without it. */
export function upgradeFrom(defect: Pick<DefectText, 'affects'>, version: Version): string | undefined {
  const release = firstWithout(defect, version);
  return release && `Upgrade Cilium to ${release} or later`;
}

/** What helps best, in one sentence. */
export function cureOf(defect: Defect, version: Version): string {
  const upgrade = upgradeFrom(defect, version);
  const { workaround } = defect;
  if (upgrade === undefined) return workaroundOf(defect);
  return workaround === undefined ? upgrade : `${upgrade}; until then: ${lowerFirst(workaround)}`;
}

/** Where nothing is known that helps, it says so. */
export const workaroundOf = ({ workaround, reference }: DefectText): string =>
  workaround ?? `Follow ${referenceName(reference)}: nothing is known yet that helps`;

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
