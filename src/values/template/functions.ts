import satisfies from 'semver/functions/satisfies.js';
import { type Data, type DataMap, isMap, isTrue, kindOf, TemplateError, textOf } from './Data.ts';

/** A function of text/template or sprig; it is pure, or changes a map that it is handed. */
export type TemplateFunction = (...given: Data[]) => Data;

// What charts of Cilium call where they decide something or write the agents’ configuration. Names and the order of
// arguments are sprig’s (https://masterminds.github.io/sprig); those that need the evaluation stand in evaluate.ts.

function numberOf(value: Data | undefined): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' ? Number(value.trim()) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
}
const int = (value: Data | undefined): number => Math.trunc(numberOf(value));
const string = (value: Data | undefined): string => (value === undefined ? '' : textOf(value));

function list(value: Data | undefined, of: string): Data[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`${of} wants a list, and has ${kindOf(value ?? null)}`);
}

function map(value: Data | undefined, of: string): DataMap {
  if (isMap(value)) return value;
  throw new TemplateError(`${of} wants a map, and has ${kindOf(value ?? null)}`);
}

/** Texts of what is no list are one text (sprig: strslice). */
const texts = (value: Data | undefined): string[] =>
  (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value])
    .filter((one) => one !== null)
    .map(textOf);

/** PlacedValues of different kinds cannot be compared. */
function equal(one: Data, other: Data): boolean {
  if (one === null || other === null) return one === other;
  if ([one, other].some((side) => isMap(side) || Array.isArray(side)))
    throw new TemplateError('non-comparable type in a comparison');
  if (typeof one !== typeof other)
    throw new TemplateError(`incompatible types for comparison: ${textOf(one)}, ${textOf(other)}`);
  return one === other;
}

function compare(one: Data | undefined, other: Data | undefined): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : one > other ? 1 : 0;
  throw new TemplateError('incompatible types for comparison');
}

const same = (one: Data, other: Data): boolean => JSON.stringify(one) === JSON.stringify(other);

/** `1.14`, `v1.14.2` and `1.14.2-rc.1` are versions (Masterminds/semver). */
function versionText(value: Data | undefined): string {
  const [, major, minor, patch, rest] =
    /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:-[\w.-]+)?(?:\+[\w.-]+)?)$/.exec(string(value)) ?? [];
  if (major === undefined) throw new TemplateError(`Invalid Semantic Version: ${string(value)}`);
  return `${major}.${minor ?? 0}.${patch ?? 0}${rest ?? ''}`;
}

/** The same few comparisons stand all over a chart, and reading a range takes its time. */
const compared = new Map<string, boolean>();

function isWithin(version: string, range: string): boolean {
  const both = `${version} ${range}`;
  const known = compared.get(both) ?? satisfies(version, range.replace(/(?<![\d.])(\d+\.\d+)-/, '$1.0-'));
  compared.set(both, known);
  return known;
}

/** Dates are milliseconds. undefined: no duration of Go. */
function durationOf(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = {
    h: 3_600_000,
    m: 60_000,
    s: 1000,
    ms: 1,
    us: 0.001,
    µs: 0.001,
    ns: 0.000001,
  };
  if (/^[+-]?0$/.test(text)) return 0;
  if (
    !/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|m|s|us|µs|ns)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|m|s|us|µs|ns))*$/.test(text)
  )
    return undefined;
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s|us|µs|ns)/g)];
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0), 0);
}

const indented = (width: Data | undefined, text: Data | undefined): string =>
  string(text).replaceAll(/^/gm, ' '.repeat(int(width)));

const quoted = (value: Data): string => (value === null ? '' : JSON.stringify(textOf(value)));

/** sprig’s are Go’s: `${1}` instead of `$1`, and no look-around. */
const pattern = (source: Data | undefined, flags = ''): RegExp => new RegExp(string(source), flags);

function printf(format: Data | undefined, ...values: Data[]): string {
  let at = 0;
  return string(format).replaceAll(/%[+#]?(?:\d*\.?\d*)([a-zA-Z%])/g, (_whole, verb: string) => {
    if (verb === '%') return '%';
    const value = values[at] ?? null;
    at += 1;
    return verb === 'q' ? JSON.stringify(textOf(value)) : value === null && verb === 's' ? '%!s(<nil>)' : textOf(value);
  });
}

function index(container: Data | undefined, ...keys: Data[]): Data {
  let value: Data = container ?? null;
  for (const key of keys) {
    if (value === null) throw new TemplateError('index of untyped nil');
    value = (Array.isArray(value) ? value[int(key)] : isMap(value) ? value[string(key)] : undefined) ?? null;
  }
  return value;
}

/** dig "a" "b" DEFAULT MAP */
function dig(...given: Data[]): Data {
  const keys = given.slice(0, -2);
  const fallback = given.at(-2) ?? null;
  let value: Data = map(given.at(-1), 'dig');
  for (const [i, key] of keys.entries()) {
    const member: Data | undefined = map(value, 'dig')[string(key)];
    if (member === undefined) return fallback;
    if (i < keys.length - 1 && member === null) return fallback;
    value = member;
  }
  return value;
}

const orderedKeys = (value: DataMap): string[] => Object.keys(value).toSorted();

export const functions: Readonly<Record<string, TemplateFunction>> = {
  not: (value = null) => !isTrue(value),
  eq: (one = null, ...others) => others.some((other) => equal(one, other)),
  ne: (one = null, other = null) => !equal(one, other),
  lt: (one, other) => compare(one, other) < 0,
  le: (one, other) => compare(one, other) <= 0,
  gt: (one, other) => compare(one, other) > 0,
  ge: (one, other) => compare(one, other) >= 0,
  len: (value = null) => {
    if (typeof value === 'string') return new TextEncoder().encode(value).length;
    if (Array.isArray(value)) return value.length;
    return Object.keys(map(value, 'len')).length;
  },
  index,
  slice: (value, from = 0, to?) => list(value, 'slice').slice(int(from), to === undefined ? undefined : int(to)),
  print: (...values) => values.map(textOf).join(''),
  printf,

  default: (fallback = null, value = null) => (isTrue(value) ? value : fallback),
  empty: (value = null) => !isTrue(value),
  coalesce: (...values) => values.find(isTrue) ?? null,
  ternary: (yes = null, no = null, condition = null) => (condition === true ? yes : no),
  all: (...values) => values.every(isTrue),
  any: (...values) => values.some(isTrue),

  kindOf: (value = null) => kindOf(value),
  kindIs: (kind, value = null) => kindOf(value) === kind,
  typeOf: (value = null) => kindOf(value),
  toString: (value: Data = null) => textOf(value),
  int,
  int64: int,
  float64: numberOf,
  atoi: int,
  add: (...values) => values.reduce<number>((sum, value) => sum + int(value), 0),
  sub: (one, other) => int(one) - int(other),
  mul: (...values) => values.reduce<number>((product, value) => product * int(value), 1),
  div: (one, other) => Math.trunc(int(one) / int(other)),
  max: (...values) => Math.max(...values.map(int)),
  min: (...values) => Math.min(...values.map(int)),

  quote: (...values) =>
    values
      .filter((value) => value !== null)
      .map(quoted)
      .join(' '),
  squote: (...values) =>
    values
      .filter((value) => value !== null)
      .map((value) => `'${textOf(value)}'`)
      .join(' '),
  trim: (value) => string(value).trim(),
  trimPrefix: (prefix, value) =>
    string(value).startsWith(string(prefix)) ? string(value).slice(string(prefix).length) : string(value),
  trimSuffix: (suffix, value) =>
    suffix !== '' && string(value).endsWith(string(suffix))
      ? string(value).slice(0, -string(suffix).length)
      : string(value),
  trunc: (length, value) => string(value).slice(0, int(length)),
  lower: (value) => string(value).toLowerCase(),
  upper: (value) => string(value).toUpperCase(),
  replace: (from, to, value) => string(value).replaceAll(string(from), string(to)),
  contains: (part, value) => string(value).includes(string(part)),
  hasPrefix: (prefix, value) => string(value).startsWith(string(prefix)),
  hasSuffix: (suffix, value) => string(value).endsWith(string(suffix)),
  join: (separator, value) => texts(value).join(string(separator)),
  split: (separator, value) =>
    Object.fromEntries(
      string(value)
        .split(string(separator))
        .map((part, i) => [`_${i}`, part]),
    ),
  splitList: (separator, value) => string(value).split(string(separator)),
  indent: indented,
  nindent: (width, value) => `\n${indented(width, value)}`,
  regexMatch: (source, value) => pattern(source).test(string(value)),
  regexReplaceAll: (source, value, by) =>
    string(value).replaceAll(pattern(source, 'g'), string(by).replaceAll(/\$\{(\w+)\}/g, '$$$1')),

  list: (...values) => values,
  first: (value) => list(value, 'first')[0] ?? null,
  mustFirst: (value) => list(value, 'first')[0] ?? null,
  last: (value) => list(value, 'last').at(-1) ?? null,
  initial: (value) => list(value, 'initial').slice(0, -1),
  rest: (value) => list(value, 'rest').slice(1),
  append: (value, one = null) => [...list(value, 'append'), one],
  concat: (...values) => values.flatMap((value) => list(value, 'concat')),
  has: (one = null, value = null) => value !== null && list(value, 'has').some((other) => same(one, other)),
  without: (value, ...others) => list(value, 'without').filter((one) => !others.some((other) => same(one, other))),
  uniq: (value) => list(value, 'uniq').filter((one, i, all) => all.findIndex((other) => same(one, other)) === i),
  sortAlpha: (value) => texts(value).toSorted(),

  dict: (...pairs) =>
    Object.fromEntries(pairs.flatMap((key, i) => (i % 2 === 0 ? [[string(key), pairs[i + 1] ?? null] as const] : []))),
  get: (value, key) => map(value, 'get')[string(key)] ?? '',
  set: (value, key, member = null) => {
    map(value, 'set')[string(key)] = member;
    return value ?? null;
  },
  unset: (value, key) => {
    delete map(value, 'unset')[string(key)];
    return value ?? null;
  },
  hasKey: (value, key) => Object.hasOwn(map(value, 'hasKey'), string(key)),
  keys: (value) => orderedKeys(map(value, 'keys')),
  values: (value) => orderedKeys(map(value, 'values')).map((key) => map(value, 'values')[key] ?? null),
  omit: (value, ...keys) =>
    Object.fromEntries(Object.entries(map(value, 'omit')).filter(([key]) => !keys.includes(key))),
  pick: (value, ...keys) =>
    Object.fromEntries(Object.entries(map(value, 'pick')).filter(([key]) => keys.includes(key))),
  dig,
  deepCopy: (value = null) => structuredClone(value),

  // JSON is YAML.
  toYaml: (value = null) => JSON.stringify(value),
  toJson: (value = null) => JSON.stringify(value),
  toRawJson: (value = null) => JSON.stringify(value),

  semverCompare: (range, version) => isWithin(versionText(version), string(range)),

  now: () => 0,
  dateModify: (duration, date) => numberOf(date) + (durationOf(string(duration)) ?? 0),
  mustDateModify: (duration, date) => {
    const added = durationOf(string(duration));
    if (added === undefined) throw new TemplateError(`time: invalid duration ${JSON.stringify(string(duration))}`);
    return numberOf(date) + added;
  },

  // Of a cluster that nobody has asked: what Helm gives where it only renders.
  lookup: () => ({}),
};
