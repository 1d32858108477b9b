import type { RemedyStep } from '../core/Problem.ts';
import type { LineOptions } from './Page.ts';

/** Where the text of a finding begins: behind symbol and code. */
export const indent = 11;

/** The word before a line of a remedy. */
export const label = (word: string): LineOptions => ({ label: `    ${word}`, labelPaint: 'dim', indent });

/** Where a step is to be done; nothing for where the user is already. */
export const places: Readonly<Record<RemedyStep['where'], string>> = {
  workstation: '',
  node: ' (on the node)',
  controlPlane: ' (on a control-plane node)',
};
