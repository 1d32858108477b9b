import type { ChartValue, ChartValues } from '../knowledge/charts/ChartTable.ts';
import { isValueMap, pathText, type KeyPlace, type PlacedValues } from './PlacedValues.ts';

type SetFlag = '--set' | '--set-string';

const maxDepth = 100;

/**
 * `a.b=c,d[0]=e,f={x,y}` as Helm reads it (helm: pkg/strvals). Throws an Error that says what is wrong.
 * @param flag `--set-string` takes every value for text
 */
export function parseSet(text: string, flag: SetFlag): PlacedValues {
  const places = new Map<string, KeyPlace>();
  let tree: ChartValues = {};
  // Helm takes a comma at the end for nothing.
  for (const part of split(text.replace(/(?<!\\),$/, ''), ',')) {
    const [name = '', ...rest] = split(part, '=');
    const value = rest.join('=');
    const path = pathOf(name);
    if (rest.length === 0 || name === '') throw refused(flag, text, part, 'is no NAME=VALUE');
    if (path === undefined) throw refused(flag, text, part, 'has brackets that hold no place in a list');
    if (value.startsWith('{') && !value.endsWith('}')) throw refused(flag, text, part, 'has a list that does not end');
    if (path.length > maxDepth) throw refused(flag, text, part, `is nested more than ${maxDepth} deep`);
    tree = putAt(tree, path, valueOf(value, flag)) as ChartValues;
    for (const [i] of path.entries())
      places.set(pathText(path.slice(0, i + 1).map(String)), { kind: 'flag', flag, text });
  }
  return { tree, places };
}

const refused = (flag: SetFlag, text: string, part: string, why: string): Error =>
  new Error(`${flag} ${shortened(text)}: ${JSON.stringify(shortened(part))} ${why}`);

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** At a mark that neither has a backslash before it nor stands in braces. */
function split(text: string, mark: string): string[] {
  const parts = [''];
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    if (char === mark && depth <= 0) parts.push('');
    else {
      const taken = char === '\\' ? text.slice(i, i + 2) : char;
      parts.push(`${parts.pop() ?? ''}${taken}`);
      i += taken.length - 1;
    }
  }
  return parts;
}

/** Numbers are places in a list. undefined: there are other brackets. */
function pathOf(name: string): (string | number)[] | undefined {
  const path: (string | number)[] = [];
  for (const one of split(name, '.')) {
    const parts = partsOf(one);
    if (parts === undefined) return undefined;
    path.push(...parts);
  }
  return path;
}

function partsOf(text: string): (string | number)[] | undefined {
  const indexes: number[] = [];
  let key = text;
  // From the end, one after the other: an expression for all of them would begin anew at each.
  for (let index = indexAtEnd(key); index !== undefined; index = indexAtEnd(key)) {
    indexes.unshift(Number(index.slice(1, -1)));
    key = key.slice(0, -index.length);
    if (indexes.length > maxDepth) break;
  }
  if (indexes.length <= maxDepth && /(?<!\\)\[/.test(key)) return undefined;
  return key === '' ? indexes : [unescaped(key), ...indexes];
}

/** `[12]` */
const indexAtEnd = (text: string): string | undefined => /\[\d{1,4}\]$/.exec(text.slice(-6))?.[0];

function valueOf(text: string, flag: SetFlag): ChartValue {
  if (text.startsWith('{') && text.endsWith('}'))
    return text === '{}' ? [] : split(text.slice(1, -1), ',').map((one) => scalarOf(one, flag));
  return scalarOf(text, flag);
}

function scalarOf(text: string, flag: SetFlag): ChartValue {
  const plain = unescaped(text);
  if (flag === '--set-string') return plain;
  if (plain === 'null') return null;
  if (plain === 'true' || plain === 'false') return plain === 'true';
  return plain === '0' || /^-?[1-9]\d{0,15}$/.test(plain) ? Number(plain) : plain;
}

const unescaped = (text: string): string => text.replaceAll(/\\(.)/gs, '$1');

function putAt(under: ChartValue | undefined, path: readonly (string | number)[], value: ChartValue): ChartValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const list = Array.isArray(under) ? [...under] : [];
    while (list.length < key) list.push(null);
    list[key] = putAt(list[key], rest, value);
    return list;
  }
  const map: ChartValues = isValueMap(under) ? under : {};
  return { ...map, [key]: putAt(Object.hasOwn(map, key) ? map[key] : undefined, rest, value) };
}
