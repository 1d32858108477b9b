import { CORE_SCHEMA as coreSchema, load } from 'js-yaml';
import { isRecord } from '../../text/isRecord.ts';
import { yamlHasMoreThan } from '../../text/parseJson.ts';

/** No tags beyond JSON's, no dates, no aliases (Kubernetes writes none; they can make a little text endless). */
const options = { schema: coreSchema, json: true, maxAliases: 0 } as const;

/**
 * Values in one text that is taken apart as a whole, each of which takes some hundred bytes meanwhile: an object of
 * Kubernetes has some hundred, and lists are taken apart item by item.
 */
const maxValues = 500_000;

/** Objects of one list: fifty thousand Services have some hundred thousand slices. */
const maxItems = 500_000;

/** One object. Throws an Error that says what is wrong with the text. */
export function readYamlObject(text: string): unknown {
  if (yamlHasMoreThan(maxValues, text)) throw new Error(`it holds more than ${maxValues} values`);
  return load(text, options);
}

/**
 * The items of a List, or the object itself when it is not a List. Items for which `wanted` says no, by their text, are
 * not even parsed: a sysdump has the pods of the whole cluster in one file. Throws an Error as above.
 */
export function readYamlList(text: string, wanted: (item: string) => boolean = () => true): unknown[] {
  const items = splitItems(text);
  if (items !== undefined && items.length > maxItems) throw new Error(`it holds more than ${maxItems} objects`);
  if (items !== undefined) return items.filter(wanted).map(readItem);
  const whole = readYamlObject(text);
  if (!isRecord(whole)) throw new Error('it holds no object');
  if (!('items' in whole)) return [whole];
  const listed: unknown = whole['items'];
  return Array.isArray(listed) ? listed : [];
}

/**
 * Kubernetes' own printer puts the dashes of a list below its key, so that an item is what stands between two lines
 * that begin with a dash; nothing else in a mapping can begin there. undefined: laid out in another way.
 */
function splitItems(text: string): string[] | undefined {
  const start = /^items:[ \t]*\r?\n(?=- )/m.exec(text);
  if (start === null) return undefined;
  const from = start.index + start[0].length;
  const end = /^[^\s\-#]/m.exec(text.slice(from));
  // It prints keys in alphabetical order: `apiVersion` before `items`, and `kind` behind.
  const head = text.slice(0, from);
  if (end === null && /^apiVersion:/m.test(head) && !/^kind:/m.test(head))
    throw new Error('it was cut: the end of its list is missing');
  const list = end === null ? text.slice(from) : text.slice(from, from + end.index);
  return list.split(/^(?=- )/m).filter((item) => item.trim() !== '');
}

function readItem(text: string): unknown {
  const parsed = readYamlObject(text);
  return Array.isArray(parsed) ? parsed[0] : parsed;
}
