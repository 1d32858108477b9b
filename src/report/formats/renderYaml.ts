import { dump } from 'js-yaml';
import { hazards, isHazardous } from '../../text/visible.ts';

/** Longer texts end js-yaml's expressions with a stack overflow. */
const longestUsual = 10_000;

/** The same document as that of -o json, for people who read YAML: nothing in it can act on a terminal. */
export function renderYaml(document: unknown): string {
  const quoted: string[] = [];
  const held: unknown = JSON.parse(
    JSON.stringify(document, (_key, value: unknown) => {
      if (typeof value !== 'string' || isUsual(value)) return value;
      return heldPlace(quoted.push(quotedText(value)) - 1);
    }),
  );
  return dump(held, { lineWidth: -1, noRefs: true }).replaceAll(
    heldPlaces,
    (_, at: string) => quoted[Number(at)] ?? '',
  );
}

const isUsual = (text: string): boolean => text.length <= longestUsual && !isHazardous(text.replaceAll('\n', ' '));

/** A zero-width character is hazardous, so that no text that is left as it is has one. */
const heldPlace = (at: number): string => `\u200b${at}\u200b`;
const heldPlaces = /\u200b(\d+)\u200b/g;

/** What JSON escapes YAML escapes in the same way, but for characters of more than 16 bits. */
const quotedText = (text: string): string =>
  JSON.stringify(text).replaceAll(hazards, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
