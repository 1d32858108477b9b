import { truncate, truncateMiddle } from './truncate.ts';

/**
 * What a terminal would act on or would not show: C0 and C1 controls, DEL, marks that turn the direction of text,
 * line and paragraph separators, zero-width and tag characters, halves of surrogate pairs.
 */
export const hazards =
  // oxlint-disable-next-line no-control-regex -- finding them is the purpose
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

export const isHazardous = (text: string): boolean => text.search(hazards) !== -1;

const short: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` };

function escape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return short[char] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
}

/** Text from outside as one line that is safe to print. */
export const visible = (text: string): string => text.replaceAll(hazards, escape);

/** The same, line by line; tabs become blanks. */
export const visibleLines = (text: string): string[] =>
  text
    .replace(/(?<!\n)\n+$/, '')
    .split(/\r?\n/)
    .map((line) => visible(line.replaceAll('\t', '  ')));

/** A name from outside, for a sentence: safe to print, and not endless. */
export const visibleName = (name: string): string => truncateMiddle(visible(name), 200);

/**
 * Text from outside that goes into a sentence: white space and controls are one blank each run, at most 400 characters.
 */
export const oneLine = (text: string, most = 400): string =>
  truncate(text.replaceAll(spacesAndControls, ' ').trim(), most);

// oxlint-disable-next-line no-control-regex -- finding them is the purpose
const spacesAndControls = /[\u0000-\u001f\u007f-\u009f\s]+/g;
