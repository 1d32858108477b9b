/**
 * Values in one document. The objects of a thousand nodes with fifty thousand Services are some three million; each
 * takes up to a hundred bytes of memory, and no more than three of text.
 */
const maxValues = 5_000_000;

/** Lists within lists: a list in memory takes fifty times its two letters. Objects of the API have a few. */
const maxDepth = 1000;

/** It is JSON, perhaps, and not read. */
export class TooManyValues extends Error {
  constructor(most = `${maxValues} values`) {
    super(`it holds more than ${most}`);
  }
}

/**
 * JSON that others have written. Throws a SyntaxError where the text is no JSON, TooManyValues where it holds more
 * than any answer does.
 */
export function parseJson(text: string): unknown {
  if (hasMore(text, maxValues, isBeforeJson)) throw new TooManyValues();
  if (text.includes(tooDeep) && isDeep(text)) throw new TooManyValues(`${maxDepth} lists within each other`);
  return JSON.parse(text);
}

const tooDeep = '['.repeat(maxDepth);
const stringsAndLists = /"[^"\\]*(?:\\[^][^"\\]*)*"|\[+/g;

/** Whether so many lists begin one in the other; what stands in strings is no list. */
function isDeep(text: string): boolean {
  for (const [found] of text.matchAll(stringsAndLists))
    if (found.length >= maxDepth && found.startsWith('[')) return true;
  return false;
}

/** Whether YAML text holds more values than so many. */
export const yamlHasMoreThan = (most: number, text: string): boolean => hasMore(text, most, isBeforeYaml);

function hasMore(text: string, most: number, isCounted: (code: number) => boolean): boolean {
  // A value and what stands before it are two characters at least.
  if (text.length <= 2 * most) return false;
  let count = 0;
  for (let at = 0; at < text.length && count <= most; at += 1) if (isCounted(text.charCodeAt(at))) count += 1;
  return count > most;
}

/** What stands before a value: a comma, a bracket, a brace. In a string it counts, too. */
const isBeforeJson = (code: number): boolean => code === 44 || code === 91 || code === 123;
const isBeforeYaml = (code: number): boolean => code === 10 || isBeforeJson(code);
