import { hazards } from '../text/visible.ts';

/**
 * A document as JSON that can be shown on a terminal: what a terminal would act on is escaped, its value is the same.
 */
export const renderJson = (document: unknown): string =>
  `${JSON.stringify(document, undefined, 2).replaceAll(hazards, (text) => (text === '\n' ? text : escapeUnits(text)))}\n`;

const escapeUnits = (text: string): string =>
  Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
