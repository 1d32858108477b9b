import {
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
  type YAMLMap,
} from 'yaml';
import type { ChartValue, ChartValues } from '../knowledge/charts/ChartTable.ts';
import { maskPlaceholders } from './placeholders.ts';
import { isValueMap, type KeyPath, pathText, type KeyPlace } from './PlacedValues.ts';

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

/** PlacedValues that one file may hold: anchors can make a little text endless. */
const maxValues = 200_000;

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
  const documents = parseAllDocuments(masked, {
    version: '1.1',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
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
  #left = maxValues;

  constructor(document: Document.Parsed, source: string, placeOf: (offset: number) => Where) {
    this.#document = document;
    this.#source = source;
    this.#placeOf = placeOf;
  }

  read(): YamlDocument {
    const [error] = this.#document.errors;
    if (error !== undefined) throw new YamlError(firstLine(error.message), this.#placeOf(error.pos[0]));
    const value = this.#value(this.#document.contents, []);
    return { value, places: this.#places, blocks: this.#blocks };
  }

  #value(node: Node | null | undefined, path: KeyPath): ChartValue {
    this.#left -= 1;
    if (this.#left < 0)
      throw new YamlError(`it holds more than ${maxValues} values`, this.#placeOf(node?.range?.[0] ?? 0));
    if (isAlias(node)) return this.#value(node.resolve(this.#document), path);
    if (isMap(node)) return this.#map(node, path);
    if (isSeq(node)) return node.items.map((item, i) => this.#value(item as Node, [...path, String(i)]));
    if (!isScalar(node)) return null;
    this.#noteBlock(node, path);
    return scalarOf(node);
  }

  #map(node: YAMLMap, path: KeyPath): ChartValues {
    const merged: ChartValues[] = [];
    const own: [string, ChartValue][] = [];
    for (const pair of node.items) {
      const key = keyOf(pair);
      if (key === '<<') merged.push(...this.#merged(pair.value as Node, path));
      else own.push([key, this.#member(pair, [...path, key])]);
    }
    return Object.assign({}, ...merged.toReversed(), Object.fromEntries(own));
  }

  #member({ key, value }: Pair, path: KeyPath): ChartValue {
    const place = isScalar(key) || isCollection(key) ? key.range?.[0] : undefined;
    if (place !== undefined) this.#places.set(pathText(path), { kind: 'file', ...this.#placeOf(place) });
    return this.#value(value as Node | null, path);
  }

  #merged(node: Node, path: KeyPath): ChartValues[] {
    const value = this.#value(node, path);
    return (Array.isArray(value) ? value : [value]).filter(isValueMap);
  }

  #noteBlock(node: Scalar, path: KeyPath): void {
    const range = node.range;
    if (typeof node.value !== 'string' || !range || (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED'))
      return;
    const header = this.#source.indexOf('\n', range[0]);
    const { line } = this.#placeOf(header);
    const [, indent = ''] = /^(?:[ \t]*\n)*([ ]*)/.exec(this.#source.slice(header + 1)) ?? [];
    this.#blocks.set(pathText(path), { text: node.value, line: line + 1, indent: indent.length });
  }
}

/** The library has a symbol for the key that merges. */
const keyOf = ({ key }: Pair): string =>
  isScalar(key) ? (typeof key.value === 'symbol' ? '<<' : String(key.value)) : String(key);

function scalarOf({ value }: Scalar): ChartValue {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

const firstLine = (text: string): string => text.split('\n')[0] ?? text;
