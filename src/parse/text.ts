import { truncate } from '../text/truncate.ts';

/** Lines without their ends, whichever they are. */
export const linesOf = (text: string): string[] => text.split(/\r?\n/);

// oxlint-disable-next-line no-control-regex -- they are what is to go
const control = /[\u0000-\u001f\u007f-\u009f]+/g;

/** The first line that says something, fit to stand in a sentence: one line, no control characters, not long. */
export function excerptOf(text: string): string {
  const line = /\S[^\r\n]*/.exec(text)?.[0] ?? '';
  const clean = line.slice(0, 500).replace(control, ' ').trim();
  return truncate(clean, 160);
}

/** An equal text that keeps nothing else alive: what V8 cuts out of a text refers to all of it. */
export const ownText = (text: string): string => ` ${text}`.slice(1);
