import { diffArrays } from 'diff';

/** A run of lines: in both, only before, or only after. */
export interface Run {
  readonly kind: 'same' | 'removed' | 'added';
  readonly lines: readonly string[];
}

/**
 * Beyond this many lines on both sides together, what stands between two anchors is replaced as a whole: Myers'
 * way is quadratic.
 */
const maxGap = 2000;
/** The most differences that a gap may have; one with more is replaced as a whole. */
const maxEdits = 400;

/**
 * What happened between two texts, line by line, in about linear time: lines that stand once in each of both and in the
 * same order are anchors (patience), and only what lies between two of them is compared by `diff`.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): readonly Run[] {
  const runs = new Runs();
  let a = 0;
  let b = 0;
  const ends = [before.length, after.length] as const;
  for (const [nextA, nextB] of [...anchors(before, after), ends]) {
    addGap(runs, before, after, { a, b, nextA, nextB });
    if (nextA < before.length) runs.add('same', before.slice(nextA, nextA + 1));
    a = nextA + 1;
    b = nextB + 1;
  }
  return runs.done();
}

interface Gap {
  readonly a: number;
  readonly b: number;
  readonly nextA: number;
  readonly nextB: number;
}

function addGap(runs: Runs, before: readonly string[], after: readonly string[], gap: Gap): void {
  let { a, b, nextA, nextB } = gap;
  const from = a;
  while (a < nextA && b < nextB && before[a] === after[b]) {
    a++;
    b++;
  }
  runs.add('same', before.slice(from, a));
  const until = nextA;
  while (nextA > a && nextB > b && before[nextA - 1] === after[nextB - 1]) {
    nextA--;
    nextB--;
  }
  const removed = before.slice(a, nextA);
  const added = after.slice(b, nextB);
  const changes =
    removed.length === 0 || added.length === 0 || removed.length + added.length > maxGap
      ? undefined
      : diffArrays(removed, added, { maxEditLength: maxEdits });
  if (changes === undefined) {
    runs.add('removed', removed);
    runs.add('added', added);
  } else {
    for (const { added, removed, value } of changes) runs.add(added ? 'added' : removed ? 'removed' : 'same', value);
  }
  runs.add('same', before.slice(nextA, until));
}

/** Collects runs; neighbours of one kind are one, and of what was replaced the old stands before the new. */
class Runs {
  readonly #runs: { kind: Run['kind']; lines: string[] }[] = [];

  add(kind: Run['kind'], lines: readonly string[]): void {
    if (lines.length === 0) return;
    const last = this.#runs.at(-1);
    if (last?.kind === kind) {
      for (const line of lines) last.lines.push(line);
      return;
    }
    const beforeLast = this.#runs.at(-2);
    if (kind === 'removed' && last?.kind === 'added' && beforeLast?.kind === 'removed') {
      for (const line of lines) beforeLast.lines.push(line);
      return;
    }
    if (kind === 'removed' && last?.kind === 'added') {
      this.#runs.splice(-1, 0, { kind, lines: [...lines] });
      return;
    }
    this.#runs.push({ kind, lines: [...lines] });
  }

  done(): readonly Run[] {
    return this.#runs;
  }
}

/**
 * Positions of the lines that stand once in each text, as many as keep one order: the longest rising sequence of them.
 */
function anchors(before: readonly string[], after: readonly string[]): readonly (readonly [number, number])[] {
  const inBefore = once(before);
  const inAfter = once(after);
  const pairs: (readonly [number, number])[] = [];
  for (const [line, a] of inBefore) {
    const b = inAfter.get(line);
    if (a !== several && b !== undefined && b !== several) pairs.push([a, b]);
  }
  return longestRising(pairs);
}

const several = -1;

/** The position of each line; `several` where it stands more than once. In the order of first positions. */
function once(lines: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    found.set(line, found.has(line) ? several : i);
  }
  return found;
}

/** Of pairs with rising first numbers, the most that have rising second numbers, too. */
function longestRising(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  /** The pile's top by its index in `pairs`, as in the card game that gives patience its name. */
  const tops: number[] = [];
  const previous = new Int32Array(pairs.length).fill(-1);
  for (let i = 0; i < pairs.length; i++) {
    const value = pairs[i]?.[1] ?? 0;
    let from = 0;
    let to = tops.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((pairs[tops[middle] ?? 0]?.[1] ?? 0) < value) from = middle + 1;
      else to = middle;
    }
    previous[i] = from === 0 ? -1 : (tops[from - 1] ?? -1);
    tops[from] = i;
  }
  const rising: (readonly [number, number])[] = [];
  for (let i = tops.at(-1) ?? -1; i !== -1; i = previous[i] ?? -1) {
    const pair = pairs[i];
    if (pair !== undefined) rising.push(pair);
  }
  return rising.toReversed();
}
