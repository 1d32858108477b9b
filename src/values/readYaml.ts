import {
  boolYaml11Tag,
  EVENT_ID as eventId,
  type Event,
  floatCoreTag,
  getScalarValue,
  intYaml11Tag,
  NOT_RESOLVED as notResolved,
  nullYaml11Tag,
  parseEvents,
  SCALAR_STYLE as scalarStyle,
  type ScalarEvent,
} from 'js-yaml';
import type { ChartValue, ChartValues } from '../knowledge/charts/ChartTable.ts';
import { refusedByHelm } from './formsOfHelm.ts';
import { maskPlaceholders } from './placeholders.ts';
import { furtherPath, isValueMap, type KeyPlace } from './PlacedValues.ts';
import { tabLine } from './tabLine.ts';
import { maxDepth, tooDeep, type YamlFault, yamlFault } from './yamlFault.ts';

/** What a text of YAML holds that cannot be read. */
export class YamlError extends Error {
  readonly line: number;
  readonly column: number;
  readonly hint: string;
  /** @param hint what to do about what Helm itself would take */
  constructor(
    message: string,
    { line, column }: { readonly line: number; readonly column: number },
    hint = 'Repair the YAML first: but for rare forms, Helm would not read it either',
  ) {
    super(message);
    this.line = line;
    this.column = column;
    this.hint = hint;
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

/** What one document may hold, aliases followed: charts of Cilium have some two thousand values. */
const maxValues = 20_000;
/** People may look at the first. */
const lastCounts = 'Helm takes the last of them without a word: leave the one that is meant';
const fewer = 'Give the values of Cilium alone';
/** Nine of ten lines of the chart's own values are comments. */
const maxLines = 5 * maxValues;
const tooMany = `it holds more than ${maxValues} values`;

/**
 * Reads YAML as Helm does: 1.1, where `yes` is true, with anchors and merge keys; but no key may stand twice. Throws
 * YamlError.
 * @param text of which placeholders may be masked already
 * @param start where in a file the text begins, if it stands in a block of it
 */
export function readYaml(
  text: string,
  file: string,
  start: Omit<TextBlock, 'text'> = { line: 1, indent: 0 },
): YamlDocument[] {
  const masked = maskPlaceholders(text);
  if ((masked.match(/[\n,]/g)?.length ?? 0) > maxLines)
    throw new YamlError(tooMany, { line: start.line, column: 1 }, fewer);
  const told = eventsOf(masked);
  const placeOf = placesIn(told, file, start);
  if ('fault' in told) {
    const { message, offset } = told.fault;
    throw new YamlError(message, placeOf(offset), message === tooDeep ? fewer : undefined);
  }
  const tab = tabLine(told.source, told.events);
  if (tab !== undefined) throw new YamlError('tabs are not allowed as indentation', placeOf(tab));
  const refusal = refusedByHelm(told.source, told.events);
  if (refusal !== undefined) throw new YamlError(refusal.message, placeOf(refusal.offset));
  return new EventReader(told.events, told.source, placeOf).read();
}

/** A text of which some lines were moved to the right. */
interface Moved {
  readonly source: string;
  /** From 0. */
  readonly lines: ReadonlySet<number>;
}

type Told = Moved & ({ readonly events: readonly Event[] } | { readonly fault: YamlFault });

/**
 * What the library tells of a text. It refuses lines within brackets and quotes that stand no further right than the
 * key of these, and Helm does not: such lines are moved. Where that is of no use, what it refused first is wrong.
 */
function eventsOf(text: string): Told {
  const lines = new Set<number>();
  const rows = text.split('\n');
  const mostReads = mostCharacters / (text.length + 1);
  let first: Told | undefined;
  for (let reads = 1; ; reads += 1) {
    const source = lines.size === 0 ? text : rows.map((row, at) => (lines.has(at) ? margin + row : row)).join('\n');
    const told = eventsIn(source);
    if ('events' in told) return { ...told, source, lines };
    const { isLeft, offset } = told.fault;
    const at = source.slice(0, offset).split('\n').length - 1;
    first ??= { ...told, source, lines: new Set() };
    const begins = source.slice(source.lastIndexOf('\n', offset - 1) + 1, offset).trim() === '';
    if (!isLeft || !begins || lines.has(at) || reads > mostReads) return first;
    for (const one of likeIt(rows, at)) lines.add(one);
  }
}

/** A line, and those behind it that are as deep and hold nothing else than brackets that close. */
function likeIt(rows: readonly string[], at: number): readonly number[] {
  const [indent = ''] = /^ */.exec(rows[at] ?? '') ?? [];
  const more = rows.flatMap((row, i) =>
    i > at && row.startsWith(indent) && closing.test(row.slice(indent.length)) ? i : [],
  );
  return [at, ...more];
}
const closing = /^[\]}]+,?[ \t\r]*$/;

/** All that is read for the sake of such lines; it takes a second. */
const mostCharacters = 4_000_000;
/** Further than any key. */
const margin = ' '.repeat(200);

function eventsIn(source: string): { readonly events: readonly Event[] } | { readonly fault: YamlFault } {
  try {
    return { events: parseEvents(source, { maxDepth }) };
  } catch (error) {
    const fault = yamlFault(error, source);
    if (fault === undefined) throw error;
    return { fault };
  }
}

type PlaceOf = (offset: number) => Where;

/** Lines and columns of offsets, in the text as it was. */
function placesIn({ source, lines }: Moved, file: string, start: Omit<TextBlock, 'text'>): PlaceOf {
  // What marks a text as UTF-8 is no column.
  const starts = [source.startsWith('\uFEFF') ? 1 : 0];
  for (let end = source.indexOf('\n'); end !== -1; end = source.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    let [from, to] = [0, starts.length];
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((starts[middle] ?? 0) <= offset) from = middle;
      else to = middle;
    }
    const column = offset - (starts[from] ?? 0) + 1 - (lines.has(from) ? margin.length : 0);
    return { file, line: from + start.line, column: column + start.indent };
  };
}

/** What one node is, and the offset at which it begins. */
interface Read {
  readonly value: ChartValue;
  readonly offset: number;
  /** A plain `<<` where a key stands. */
  readonly merges: boolean;
}

/** Values of what the library tells as a list: what opens, what stands in it, what closes. */
class EventReader {
  readonly #events: readonly Event[];
  readonly #source: string;
  readonly #placeOf: PlaceOf;
  /** By the event of each alias that of what it names. */
  readonly #named: ReadonlyMap<number, number>;
  #places = new Map<string, KeyPlace>();
  #blocks = new Map<string, TextBlock>();
  /** The next event. */
  #at = 0;
  #left = maxValues;

  constructor(events: readonly Event[], source: string, placeOf: PlaceOf) {
    this.#events = events;
    this.#source = source;
    this.#placeOf = placeOf;
    this.#named = source.includes('*') ? aliasesIn(events, source, placeOf) : new Map();
  }

  read(): YamlDocument[] {
    const documents: YamlDocument[] = [];
    while (this.#at < this.#events.length) {
      [this.#places, this.#blocks, this.#left] = [new Map(), new Map(), maxValues];
      // What opens the document, and what closes it.
      this.#at += 1;
      const { value } = this.#node('', 0);
      this.#at += 1;
      documents.push({ value, places: this.#places, blocks: this.#blocks });
    }
    return documents;
  }

  /** @param depth that of the path and, since an alias may be within what it names, of the merges around it */
  #node(path: string, depth: number): Read {
    const at = this.#at;
    const event = this.#events[at];
    const offset = startOf(event);
    this.#left -= 1;
    const wrong = this.#left < 0 ? tooMany : depth > maxDepth ? tooDeep : undefined;
    if (wrong !== undefined) throw new YamlError(wrong, this.#placeOf(offset), fewer);
    this.#at += 1;
    switch (event?.type) {
      case eventId.ALIAS:
        return { ...this.#alias(at, path, depth), offset };
      case eventId.MAPPING:
        return { value: this.#map(path, depth), offset, merges: false };
      case eventId.SEQUENCE:
        return { value: this.#list(path, depth), offset, merges: false };
      case eventId.SCALAR:
        return { ...this.#scalar(event, path), offset };
      case eventId.DOCUMENT:
      case eventId.POP:
      case undefined:
        throw new Error('events of YAML came in an unexpected order');
    }
  }

  /** What it names is read once more, for the values in it have another path here. */
  #alias(at: number, path: string, depth: number): Read {
    const behind = this.#at;
    this.#at = this.#named.get(at) ?? 0;
    const read = this.#node(path, depth + 1);
    this.#at = behind;
    return read;
  }

  #list(path: string, depth: number): ChartValue[] {
    const items: ChartValue[] = [];
    while (!this.#closes()) items.push(this.#node(furtherPath(path, String(items.length)), depth + 1).value);
    return items;
  }

  #map(path: string, depth: number): ChartValues {
    // A merge overrides what stands before it, and what stands behind it overrides the merge.
    const members: [string, ChartValue][] = [];
    const seen = new Set<ChartValue>();
    while (!this.#closes()) {
      // A key is no value.
      this.#left += 1;
      const { value: key, offset, merges } = this.#node(furtherPath(path, '?'), depth + 1);
      if (seen.has(key) && !merges)
        throw new YamlError('the key stands twice in its map', this.#placeOf(offset), lastCounts);
      seen.add(key);
      if (key === null || typeof key === 'object')
        throw new YamlError('only a text, a number or a boolean can be a key', this.#placeOf(offset));
      if (merges) members.push(...this.#merged(path, offset, depth));
      else members.push(this.#member(path, String(key), offset, depth));
    }
    return Object.fromEntries(members);
  }

  /** Of several maps the first counts. */
  #merged(path: string, offset: number, depth: number): [string, ChartValue][] {
    const { value } = this.#node(path, depth + 1);
    const maps = Array.isArray(value) ? value : [value];
    if (!maps.every(isValueMap)) throw new YamlError('<< takes a map, or a list of maps', this.#placeOf(offset));
    return maps.toReversed().flatMap((map) => Object.entries(map));
  }

  /** Keys of JSON are texts. */
  #member(within: string, key: string, offset: number, depth: number): [string, ChartValue] {
    const path = furtherPath(within, key);
    this.#places.set(path, { kind: 'file', ...this.#placeOf(offset) });
    return [key, this.#node(path, depth + 1).value];
  }

  /** Goes on behind the end, if this is it. */
  #closes(): boolean {
    const ends = this.#events[this.#at]?.type === eventId.POP;
    if (ends) this.#at += 1;
    return ends;
  }

  #scalar(event: ScalarEvent, path: string): Omit<Read, 'offset'> {
    const text = getScalarValue(this.#source, event);
    const tag = event.tagStart === -1 ? '' : this.#source.slice(event.tagStart, event.tagEnd);
    const isPlain = event.style === scalarStyle.PLAIN;
    if (event.style === scalarStyle.LITERAL_BLOCK || event.style === scalarStyle.FOLDED_BLOCK)
      this.#blocks.set(path, {
        text,
        line: this.#placeOf(event.valueStart).line,
        indent: Math.max(0, event.indent) + this.#placeOf(0).column - 1,
      });
    const value = isPlain && tag === '' ? plainValue(text) : taggedValue(text, tag);
    if (value === undefined) throw new YamlError(`this is no value of the kind ${tag}`, this.#placeOf(startOf(event)));
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new YamlError('JSON, which Helm makes of it, has no such number', this.#placeOf(startOf(event)));
    return { value, merges: isPlain && text === '<<' && tag === '' };
  }
}

/** By the event of each alias that of the last node before it which has its name. */
function aliasesIn(events: readonly Event[], source: string, placeOf: PlaceOf): ReadonlyMap<number, number> {
  let anchors = new Map<string, number>();
  const aliases = new Map<number, number>();
  for (const [at, event] of events.entries()) {
    if (event.type === eventId.DOCUMENT) anchors = new Map();
    if (!('anchorStart' in event) || event.anchorStart === -1) continue;
    const name = source.slice(event.anchorStart, event.anchorEnd);
    if (event.type !== eventId.ALIAS) anchors.set(name, at);
    else aliases.set(at, anchors.get(name) ?? unnamed(name, placeOf(event.anchorStart)));
  }
  return aliases;
}

function unnamed(name: string, place: Where): never {
  throw new YamlError(`no anchor before it has the name ${name}`, place);
}

function startOf(event: Event | undefined): number {
  switch (event?.type) {
    case eventId.SCALAR:
      // Quotes are none of the value.
      if (event.valueStart === -1) return Math.max(0, event.tagStart, event.anchorStart);
      return (
        event.valueStart -
        (event.style === scalarStyle.SINGLE_QUOTED || event.style === scalarStyle.DOUBLE_QUOTED ? 1 : 0)
      );
    case eventId.MAPPING:
    case eventId.SEQUENCE:
      return event.start;
    case eventId.ALIAS:
      return event.anchorStart - 1;
    case eventId.DOCUMENT:
    case eventId.POP:
    case undefined:
      return 0;
  }
}

/** In the order in which they are tried. Helm’s YAML has no times such as `1:30`, and no dates: they are texts. */
const plainTypes = [nullYaml11Tag, boolYaml11Tag, intYaml11Tag, floatCoreTag];

function plainValue(text: string): ChartValue {
  if (text.includes(':')) return text;
  const octal = octalOf(text);
  if (octal !== undefined) return octal;
  // Numbers may be written in groups: 1_000, 1.5_0, 1_0e3.
  const digits = /^[-+]?\d[\d_]*[.e]/i.test(text) ? text.replaceAll('_', '') : text;
  const [first = ''] = digits;
  for (const { implicitFirstChars, resolve, tagName } of plainTypes) {
    if (implicitFirstChars?.includes(first) === false) continue;
    const value: unknown = resolve(digits, false, tagName);
    if (value !== notResolved) return scalarOf(value);
  }
  return text;
}

/** `0o17`, which is not of YAML 1.1; Helm’s reader has it all the same. */
function octalOf(text: string): number | undefined {
  const [, sign = '', digits = ''] = /^([-+]?)0[oO](_*[0-7][0-7_]*)$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const value = Number.parseInt(digits.replaceAll('_', ''), 8);
  return sign === '-' ? -value : value;
}

/** `!!int "1"` is a number; of what JSON does not have Helm makes texts. undefined: it is none of its kind. */
function taggedValue(text: string, tag: string): ChartValue | undefined {
  const name = tag.replace(/^!!|^!<(.*)>$/, (_, named: string | undefined) => named ?? common);
  // Helm decodes it.
  if (name === common || name === `${common}binary`) return undefined;
  const type = plainTypes.find(({ tagName }) => tagName === name);
  if (type === undefined) return text;
  const octal = type === intYaml11Tag ? octalOf(text) : undefined;
  const value: unknown = octal ?? type.resolve(text, true, type.tagName);
  return value === notResolved ? undefined : scalarOf(value);
}
const common = 'tag:yaml.org,2002:';

const scalarOf = (value: unknown): ChartValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
