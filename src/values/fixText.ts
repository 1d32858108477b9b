import { dump } from 'js-yaml';
import type { ChartValue, KeyTree } from '../knowledge/charts/ChartTable.ts';
import { findValues, type FoundValues } from './findValues.ts';
import type { Repair } from './KeyVerdict.ts';
import { withoutMasks } from './placeholders.ts';
import { isValueMap, type KeyPath, pathText, valueAt, withValueAt } from './PlacedValues.ts';
import { readYaml } from './readYaml.ts';

export interface FixedText {
  readonly text: string;
  /** Repairs that could not be made line by line: in a flow map (`{a: 1}`), or of a key that an anchor puts there. */
  readonly left: readonly Repair[];
}

/**
 * Makes repairs in a file with values: lines go, come, or change, and all others, with their comments, stay as they
 * are. Each repair is read back, and left out where the file would not say what was meant. Pure.
 */
export function fixText(text: string, file: string, known: KeyTree, repairs: readonly Repair[]): FixedText {
  const left: Repair[] = [];
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const hasReturns = text.includes('\r\n');
  let fixed = text.slice(mark.length);
  if (hasReturns) fixed = fixed.replaceAll('\r\n', '\n');
  for (const repair of repairs) {
    const next = withRepair(fixed, file, known, repair);
    if (next === undefined) left.push(repair);
    else fixed = next;
  }
  return { text: mark + (hasReturns ? fixed.replaceAll('\n', '\r\n') : fixed), left };
}

function withRepair(text: string, file: string, known: KeyTree, repair: Repair): string | undefined {
  const source = sourceOf(text, file, known, repair);
  if (source === undefined) return undefined;
  const lines = new Lines(text);
  const next = edited(lines, source, repair);
  // What stands for a placeholder while it is read must not get into the file.
  if (next !== undefined && withoutMasks(next) !== next && withoutMasks(text) === text) return undefined;
  return next !== undefined && isAsMeant(next, file, known, source, repair) ? next : undefined;
}

/** Where the key is written that goes or changes; of several the one that counts. */
function sourceOf(text: string, file: string, known: KeyTree, { removes, sets }: Repair): FoundValues | undefined {
  const path = removes ?? sets[0]?.path;
  if (path === undefined) return undefined;
  try {
    const { values } = findValues(readYaml(text, file), file, known);
    return values.findLast(({ places }) => places.has(pathText(path)));
  } catch {
    return undefined;
  }
}

function isAsMeant(text: string, file: string, known: KeyTree, before: FoundValues, repair: Repair): boolean {
  const probe: Repair = repair.sets.length > 0 ? { removes: undefined, sets: repair.sets } : repair;
  const after = sourceOf(text, file, known, probe);
  if (repair.sets.length === 0) return after === undefined && isReadable(text, file);
  if (after === undefined) return false;
  const wanted = repair.sets.reduce(
    (tree, { path, value }) => withValueAt(tree, path, value),
    repair.removes === undefined ? before.tree : withValueAt(before.tree, repair.removes, undefined),
  );
  return sorted(wanted) === sorted(after.tree);
}

function isReadable(text: string, file: string): boolean {
  try {
    readYaml(text, file);
    return true;
  } catch {
    return false;
  }
}

const sorted = (value: ChartValue): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    isValueMap(member as ChartValue)
      ? Object.fromEntries(Object.entries(member as object).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/** A key and what stands below it, as lines of a file. */
interface Block {
  /** The first line, from 0. */
  readonly from: number;
  /** The line behind the last one. */
  readonly to: number;
  /** How far right the key stands. */
  readonly indent: number;
  /** What stands before it: blanks, and dashes if it is the first of a member of a list. */
  readonly prefix: string;
}

class Lines {
  readonly all: readonly string[];
  constructor(text: string) {
    this.all = text.split('\n');
  }

  at(line: number): string {
    return this.all[line] ?? '';
  }

  /** undefined: the key does not begin its line. */
  blockOf({ places }: FoundValues, path: KeyPath): Block | undefined {
    const place = places.get(pathText(path));
    if (place?.kind !== 'file') return undefined;
    const from = place.line - 1;
    const indent = place.column - 1;
    const prefix = this.at(from).slice(0, indent);
    return /^ *(?:- +)*$/.test(prefix) ? { from, to: this.#end(from, indent), indent, prefix } : undefined;
  }

  /** What is deeper belongs to it, and a list as deep as its key; blank lines and comments behind it do not. */
  #end(from: number, indent: number): number {
    let end = from + 1;
    for (let line = from + 1; line < this.all.length; line += 1) {
      const text = this.at(line);
      const depth = text.search(/\S/);
      if (depth === -1 || (text[depth] === '#' && depth <= indent)) continue;
      if (depth < indent || (depth === indent && !/^\s*-(\s|$)/.test(text))) break;
      end = line + 1;
    }
    return end;
  }

  /** Comments right above a block and as deep as it, which speak of it. */
  commentsOf({ from, indent }: Block): readonly string[] {
    let first = from;
    while (first > 0 && this.at(first - 1).search(/\S/) === indent && this.at(first - 1)[indent] === '#') first -= 1;
    return this.all.slice(first, from);
  }

  /** The text with some lines in place of a block. */
  with({ from, to }: Pick<Block, 'from' | 'to'>, lines: readonly string[]): string {
    return this.all.toSpliced(from, to - from, ...lines).join('\n');
  }
}

function edited(lines: Lines, source: FoundValues, { removes, sets }: Repair): string | undefined {
  if (removes === undefined) return replaced(lines, source, sets);
  const old = lines.blockOf(source, removes);
  if (old === undefined) return undefined;
  const moved = sets.map(({ path, value }) => ({
    path,
    body: bodyOf(lines, old, value, source, removes),
  }));
  const parent = pathText(removes.slice(0, -1));
  const here = moved.filter(
    ({ path }) => pathText(path.slice(0, -1)) === parent || (removes.length === 1 && !hasParent(source, path)),
  );
  const elsewhere = moved.filter((one) => !here.includes(one));
  const inPlace = here
    .flatMap(({ path, body }) => nested(path.slice(removes.length - 1), body, old.indent))
    .map((line, i) => (i === 0 ? old.prefix + line.slice(old.indent) : line));
  const gone =
    inPlace.length > 0
      ? old
      : (emptied(
          lines,
          source,
          removes,
          elsewhere.map(({ path }) => path),
        ) ?? old);
  // The dash belongs to what comes next, too.
  if (inPlace.length === 0 && gone.prefix.includes('-')) return undefined;
  // They move along with what they speak of.
  const above = elsewhere.length > 0 && inPlace.length === 0 ? lines.commentsOf(old) : [];
  const from = gone.from === old.from ? gone.from - above.length : gone.from;
  // From the end of the file, so that lines keep their places.
  const edits = [
    { at: { from, to: gone.to }, put: inPlace },
    ...elsewhere.map(({ path, body }) => insertion(lines, source, path, { ...body, above }, gone)),
  ];
  if (edits.some((edit) => edit === undefined)) return undefined;
  return edits
    .flatMap((edit) => edit ?? [])
    .toSorted((one, other) => other.at.from - one.at.from)
    .reduce((text, { at, put }) => new Lines(text).with(at, put), lines.all.join('\n'));
}

/** Another value at the same place. */
function replaced(lines: Lines, source: FoundValues, sets: Repair['sets']): string | undefined {
  const [set] = sets;
  const block = set === undefined ? undefined : lines.blockOf(source, set.path);
  if (set === undefined || block === undefined) return undefined;
  const { key, text, comment } = endsOf(lines.at(block.from));
  if (key === '') return undefined;
  const body = Array.isArray(set.value)
    ? [
        `${key}${comment}`,
        ...listLines(set.value, block.indent + 2, writtenAs(text, block, valueAt(source.tree, set.path))),
      ]
    : [`${key} ${yamlOf(set.value)}${comment}`];
  return lines.with(block, [...body, ...commentsBelow(lines, block, text)]);
}

/** Where nothing but comments stands below a key, such as members that somebody took out. */
function commentsBelow(lines: Lines, { from, to }: Block, text: string): readonly string[] {
  const below = lines.all.slice(from + 1, to);
  return /^[|>]/.test(text) || below.some((line) => !/^\s*(?:#|$)/.test(line)) ? [] : below;
}

/** What stands behind a key: on its line, and below it, with how deep that stood. */
interface Body {
  readonly first: string;
  readonly below: readonly string[];
  readonly indent: number;
  /** Comments that belong above the key. */
  readonly above?: readonly string[];
}

/** A key with its colon, what is written behind it, and the comment at the end, with the blanks before it. */
function endsOf(line: string): { readonly key: string; readonly text: string; readonly comment: string } {
  const [key = ''] = /^\s*(?:"[^"]*"|'[^']*'|[^:#]+):/.exec(line) ?? [];
  const rest = line.slice(key.length);
  const [quoted = ''] = /^\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/.exec(rest) ?? [];
  const at = rest.slice(quoted.length).search(/\s#/);
  const value = at === -1 ? rest : rest.slice(0, quoted.length + at).trimEnd();
  return { key, text: value.trim(), comment: rest.slice(value.length) };
}

/** As it was written, with its comments, if it is the same value, or a map without some of its members. */
function bodyOf(lines: Lines, block: Block, value: ChartValue, source: FoundValues, path: KeyPath): Body {
  const { key, text, comment } = endsOf(lines.at(block.from));
  const kept = linesOf(lines, block, value, source, path);
  if (kept !== undefined) return { first: lines.at(block.from).slice(key.length), below: kept, indent: block.indent };
  if (Array.isArray(value)) {
    const written = writtenAs(text, block, valueAt(source.tree, path));
    return { first: comment, below: listLines(value, 2, written), indent: 0 };
  }
  if (isValueMap(value)) {
    const below = yamlOf(value).split('\n');
    return { first: comment, below: below.map((line) => `  ${line}`), indent: 0 };
  }
  return { first: ` ${yamlOf(value)}${comment}`, below: [], indent: 0 };
}

/** What stands below a key, without the members that its value is to have no more; undefined: it changes otherwise. */
function linesOf(
  lines: Lines,
  { from, to }: Block,
  value: ChartValue,
  source: FoundValues,
  path: KeyPath,
): readonly string[] | undefined {
  const old = valueAt(source.tree, path);
  const gone = isValueMap(old) && isValueMap(value) ? Object.keys(old).filter((one) => !Object.hasOwn(value, one)) : [];
  const rest = gone.reduce((tree, one) => withValueAt(tree, [...path, one], undefined), source.tree);
  const left = valueAt(rest, path);
  if (left === undefined || sorted(left) !== sorted(value)) return undefined;
  const blocks = gone.map((one) => lines.blockOf(source, [...path, one]));
  if (blocks.some((one) => one === undefined || one.from === from)) return undefined;
  const isGone = (line: number): boolean =>
    blocks.some((one) => one !== undefined && one.from <= line && line < one.to);
  return lines.all.slice(from + 1, to).filter((_, i) => !isGone(from + 1 + i));
}

const yamlOf = (value: ChartValue): string => dump(value, { lineWidth: -1, quoteStyle: 'double' }).trimEnd();

/** A value of one line, and how it is written there: with its quotes, or what another tool fills in. */
interface Written {
  readonly value: ChartValue;
  readonly text: string;
}

const writtenAs = (text: string, { from, to }: Block, value: ChartValue | undefined): Written | undefined =>
  value === undefined || to > from + 1 ? undefined : { value, text };

const listLines = (values: readonly ChartValue[], indent: number, written: Written | undefined): string[] =>
  values.map((value) => `${' '.repeat(indent)}- ${value === written?.value ? written.text : yamlOf(value)}`);

/** Keys below each other, and the body of the last. */
function nested(path: KeyPath, { first, below, indent: stood, above = [] }: Body, indent: number): string[] {
  const depth = indent + 2 * (path.length - 1);
  const heads = path.map((key, i) => `${' '.repeat(indent + 2 * i)}${key}:`);
  const last = heads.pop() ?? '';
  const comments = above.map((line) => ' '.repeat(depth) + line.trim());
  return [...heads, ...comments, last + first, ...below.map((line) => shifted(line, depth - stood))];
}

const shifted = (line: string, by: number): string =>
  line.trim() === '' ? line : by >= 0 ? ' '.repeat(by) + line : line.slice(Math.min(-by, line.search(/\S/)));

const hasParent = ({ tree }: FoundValues, path: KeyPath): boolean =>
  path.length > 1 && isValueMap(valueAt(tree, path.slice(0, 1)));

/** The block of the highest key that has nothing left once this one goes, and gets nothing either. */
function emptied(lines: Lines, source: FoundValues, removes: KeyPath, comes: readonly KeyPath[]): Block | undefined {
  const rest = withValueAt(source.tree, removes, undefined);
  const isKept = (path: KeyPath): boolean =>
    valueAt(rest, path) !== undefined || comes.some((one) => pathText(one.slice(0, path.length)) === pathText(path));
  let length = removes.length;
  while (length > 1 && !isKept(removes.slice(0, length - 1))) length -= 1;
  return lines.blockOf(source, removes.slice(0, length));
}

/** Below the nearest key above it that is there. */
function insertion(
  lines: Lines,
  source: FoundValues,
  path: KeyPath,
  body: Body,
  gone: Block,
): { readonly at: Pick<Block, 'from' | 'to'>; readonly put: string[] } | undefined {
  for (let length = path.length - 1; length > 0; length -= 1) {
    const above = path.slice(0, length);
    const value = valueAt(source.tree, above);
    if (!isValueMap(value)) continue;
    const parent = lines.blockOf(source, above);
    const [child] = Object.keys(value);
    const sibling = child === undefined ? undefined : lines.blockOf(source, [...above, child]);
    if (parent === undefined || sibling === undefined || sibling.from === parent.from) return undefined;
    const at = parent.from + 1;
    return { at: { from: at, to: at }, put: nested(path.slice(length), body, sibling.indent) };
  }
  return atRoot(lines, source, path, body, gone);
}

/** Behind the top of what goes. */
function atRoot(
  lines: Lines,
  source: FoundValues,
  path: KeyPath,
  body: Body,
  gone: Block,
): { readonly at: Pick<Block, 'from' | 'to'>; readonly put: string[] } | undefined {
  const roots = Object.keys(source.tree).flatMap((key) => lines.blockOf(source, [key]) ?? []);
  const root = roots.find(({ from, to }) => from <= gone.from && gone.from < to);
  if (root === undefined) return undefined;
  const at = Math.max(root.to, gone.to);
  return { at: { from: at, to: at }, put: nested(path, body, root.indent) };
}
