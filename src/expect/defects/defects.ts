import { addressDefects } from './addressDefects.ts';
import type { Defect } from './Defect.ts';
import { globalServiceDefects } from './globalServiceDefects.ts';
import { hostPortDefects } from './hostPortDefects.ts';
import { modeDefects } from './modeDefects.ts';
import { redirectDefects } from './redirectDefects.ts';
import { replacementOffDefects } from './replacementOffDefects.ts';
import { tableDefects } from './tableDefects.ts';

/**
 * Defects of Cilium that concern Services. Releases are those of the changelogs, and of the sources where these could
 * be read; a branch is named where it certainly has the defect.
 */
export const defects: readonly Defect[] = [
  ...tableDefects,
  ...hostPortDefects,
  ...addressDefects,
  ...redirectDefects,
  ...globalServiceDefects,
  ...modeDefects,
  ...replacementOffDefects,
];
