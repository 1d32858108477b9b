import { firstWithout } from '../../src/expect/defects/affected.ts';
import type { Defect, DefectReference, DefectText } from '../../src/expect/defects/Defect.ts';
import type { Version } from '../../src/knowledge/version.ts';

/** Where a defect is told of, as people look it up. */
export const referenceName = (reference: DefectReference): string =>
  reference.startsWith('#') ? `cilium/cilium${reference}` : `unreported, cilium ${reference}`;

/** What helps best, in one sentence. */
export function cureOf(defect: Defect, version: Version): string {
  const release = firstWithout(defect, version);
  const { workaround } = defect;
  if (release === undefined) return workaroundOf(defect);
  const upgrade = `Upgrade Cilium to ${release} or later`;
  return workaround === undefined ? upgrade : `${upgrade}; until then: ${lowerFirst(workaround)}`;
}

/** Where nothing is known that helps, it says so. */
export const workaroundOf = ({ workaround, reference }: DefectText): string =>
  workaround ?? `Follow ${referenceName(reference)}: nothing is known yet that helps`;

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
