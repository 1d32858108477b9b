import { parseJson, TooManyValues } from '../text/parseJson.ts';
import { isRecord, type JsonObject } from '../text/isRecord.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf } from './text.ts';

export function readJson(text: string): Parsed<unknown> {
  try {
    return parsed(parseJson(text));
  } catch (error) {
    if (error instanceof TooManyValues) return unparsed(error.message);
    return unparsed(text.trim() === '' ? 'nothing was printed' : `no JSON: ${excerptOf(text)}`);
  }
}

/** A member that is an object, or an empty one. */
export const objectIn = (value: unknown): JsonObject => (isRecord(value) ? value : {});
export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
export const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/**
 * Objects one after the other, as Go's encoder prints a stream: several lines each or one. undefined: something else
 * stands between them, or the last one is cut.
 */
export function readJsonStream(text: string): JsonObject[] | undefined {
  const objects: JsonObject[] = [];
  let depth = 0;
  let begin = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"' && depth > 0) {
      quoted = true;
    } else if (char === '{') {
      if (depth++ === 0) begin = at;
    } else if (char === '}' && depth > 0) {
      if (--depth > 0) continue;
      const object = readJson(text.slice(begin, at + 1));
      if (!object.ok || !isRecord(object.value)) return undefined;
      objects.push(object.value);
    } else if (depth === 0 && !/\s/.test(char ?? '')) {
      return undefined;
    }
  }
  return depth === 0 ? objects : undefined;
}
