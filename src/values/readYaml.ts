import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { ChartValue, ChartValues } from '../knowledge/charts/ChartTable.ts';
import { maskPlaceholders } from './placeholders.ts';
import { furtherPath, isValueMap, type KeyPlace } from './PlacedValues.ts';

/** What a text of YAML holds that cannot be read. */
export class YamlError extends Error {
  readonly line: number;
  readonly column: number;
  constructor(message: string, { line, column }: { readonly line: number; readonly column: number }) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** One document of a file. */
export interface YamlDocument {
  readonly value: ChartValue;
  /** Where the key at each path stands; numbers are the places in lists. */
  readonly places: ReadonlyMap<string, KeyPlace>;
  /** Texts that stand as a block of lines: what they hold can be found in the file. */
  readonly blocks: ReadonlyMap<string, TextBlock>;
}

/** The lines of a block scalar in their file. */
export interface TextBlock {
  readonly text: string;
  readonly line: number;
  /** Blanks before each line. */
  readonly indent: number;
}

interface Where {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What one document may hold, aliases followed: charts of Cilium have some two thousand values, nine deep. */
const maxValues = 20_000;
const maxDepth = 100;

/**
 * Reads YAML as Helm does: 1.1, where `yes` is true, with anchors and merge keys, and no key twice. Throws YamlError.
 * @param text of which placeholders may be masked already
 * @param start where in a file the text begins, if it stands in a block of it
 */
export function readYaml(
  text: string,
  file: string,
  start: Omit<TextBlock, 'text'> = { line: 1, indent: 0 },
): YamlDocument[] {
  const lines = new LineCounter();
  const masked = maskPlaceholders(text);
  if ((masked.match(/[\n,]/g)?.length ?? 0) > maxLines) throw new YamlError(tooMany, { line: start.line, column: 1 });
  const deep = tooDeepAt(masked);
  if (deep !== undefined) throw new YamlError(tooDeep, placeIn(masked, deep, start));
  const documents = parseAllDocuments(masked, {
    version: '1.1',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
    // Looked for below: the library compares each with each.
    uniqueKeys: false,
    logLevel: 'silent',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !foreignTags.has(tag.tag)),
  });
  const placeOf = (offset: number): Where => {
    const { line, col } = lines.linePos(offset);
    return { file, line: line + start.line - 1, column: col + start.indent };
  };
  const all = Array.isArray(documents) ? documents : [];
  return all
    .filter(({ contents, errors }) => contents !== null || errors.length > 0)
    .map((document) => new DocumentReader(document, masked, placeOf).read());
}

/** Nine of ten lines of the chart's own values are comments. */
const maxLines = 5 * maxValues;
const tooMany = `it holds more than ${maxValues} values`;
const tooDeep = `it is nested more than ${maxDepth} deep`;

/** Where more brackets are open than so many: the library takes seconds, and more room than there is, to say so. */
function tooDeepAt(text: string): number | undefined {
  let open = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    open = Math.max(0, open + (bracket === '[' || bracket === '{' ? 1 : -1));
    if (open > mostBrackets) return index;
  }
  return undefined;
}
/** Texts hold some that are not closed. */
const mostBrackets = 1000;

function placeIn(text: string, offset: number, start: Omit<TextBlock, 'text'>): Omit<Where, 'file'> {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length + start.line - 1, column: (lines.at(-1) ?? '').length + 1 + start.indent };
}

/** Types that JSON does not have: Helm makes texts of them. */
const foreignTags: ReadonlySet<string> = new Set([
  'tag:yaml.org,2002:binary',
  'tag:yaml.org,2002:omap',
  'tag:yaml.org,2002:pairs',
  'tag:yaml.org,2002:set',
  'tag:yaml.org,2002:timestamp',
]);

class DocumentReader {
  readonly #document: Document.Parsed;
  readonly #source: string;
  readonly #placeOf: (offset: number) => Where;
  readonly #places = new Map<string, KeyPlace>();
  readonly #blocks = new Map<string, TextBlock>();
  readonly #aliases: ReadonlyMap<Alias, Node>;
  #left = maxValues;

  constructor(document: Document.Parsed, source: string, placeOf: (offset: number) => Where) {
    this.#document = document;
    this.#source = source;
    this.#placeOf = placeOf;
    this.#aliases = source.includes('*') ? aliasesOf(document) : new Map();
  }

  read(): YamlDocument {
    const [error] = this.#document.errors;
    if (error !== undefined) throw new YamlError(firstLine(error.message), this.#placeOf(error.pos[0]));
    const value = this.#value(this.#document.contents, '');
    return { value, places: this.#places, blocks: this.#blocks };
  }

  /** @param depth that of the path and, since an alias may be within what it names, of the merges around it */
  #value(node: Node | null | undefined, path: string, depth = 0): ChartValue {
    this.#left -= 1;
    const wrong = this.#left < 0 ? tooMany : depth > maxDepth ? tooDeep : undefined;
    if (wrong !== undefined) throw new YamlError(wrong, this.#placeOf(node?.range?.[0] ?? 0));
    if (isAlias(node)) return this.#value(this.#aliases.get(node), path, depth + 1);
    if (isMap(node)) return this.#map(node, path, depth);
    if (isSeq(node))
      return node.items.map((item, i) => this.#value(item as Node, furtherPath(path, String(i)), depth + 1));
    if (!isScalar(node)) return null;
    this.#noteBlock(node, path);
    return scalarOf(node);
  }

  #map(node: YAMLMap, path: string, depth: number): ChartValues {
    const merged: ChartValues[] = [];
    const own: [string, ChartValue][] = [];
    const seen = new Set<unknown>();
    for (const pair of node.items) {
      const key = keyOf(pair);
      const same = isScalar(pair.key) ? pair.key.value : pair.key;
      if (seen.has(same)) throw new YamlError('Map keys must be unique', this.#placeOf(startOf(pair) ?? 0));
      seen.add(same);
      if (key === '<<') merged.push(...this.#merged(pair.value as Node, path, depth));
      else own.push([key, this.#member(pair, furtherPath(path, key), depth)]);
    }
    return Object.assign({}, ...merged.toReversed(), Object.fromEntries(own));
  }

  #member(pair: Pair, path: string, depth: number): ChartValue {
    const { value } = pair;
    const place = startOf(pair);
    if (place !== undefined) this.#places.set(path, { kind: 'file', ...this.#placeOf(place) });
    return this.#value(value as Node | null, path, depth + 1);
  }

  #merged(node: Node, path: string, depth: number): ChartValues[] {
    const value = this.#value(node, path, depth + 1);
    return (Array.isArray(value) ? value : [value]).filter(isValueMap);
  }

  #noteBlock(node: Scalar, path: string): void {
    const range = node.range;
    if (typeof node.value !== 'string' || !range || (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED'))
      return;
    const header = this.#source.indexOf('\n', range[0]);
    const { line } = this.#placeOf(header);
    const [, indent = ''] = /^(?:[ \t]*\n)*([ ]*)/.exec(this.#source.slice(header + 1)) ?? [];
    this.#blocks.set(path, { text: node.value, line: line + 1, indent: indent.length });
  }
}

/** The last node before each alias that has its name. The library looks through the whole document each time. */
function aliasesOf(document: Document.Parsed): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, Node>();
  visit(document, {
    Node(_key, node) {
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      if (isAlias(node) && target !== undefined) aliases.set(node, target);
      else if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return aliases;
}

const startOf = ({ key }: Pair): number | undefined =>
  isScalar(key) || isCollection(key) ? key.range?.[0] : undefined;

/** The library has a symbol for the key that merges. */
const keyOf = ({ key }: Pair): string =>
  isScalar(key) ? (typeof key.value === 'symbol' ? '<<' : String(key.value)) : String(key);

function scalarOf({ value }: Scalar): ChartValue {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

const firstLine = (text: string): string => text.split('\n')[0] ?? text;
