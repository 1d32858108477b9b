import { isRecord } from '../text/isRecord.ts';
import { ownText } from './text.ts';

/** Shorter ones V8 copies by itself. */
const shortest = 13;
/** Texts that many nodes say are few. */
const maxKnown = 50_000;

/**
 * Equal values that keep no answer of a node alive: what was cut out of a text refers to all of it, 100 kB a node.
 * What several nodes say in the same words is held once, and what one says as the last one did is that one's.
 */
export class OwnStrings {
  readonly #known = new Map<string, string>();
  #last: unknown;

  /** Of texts, lists, plain objects, maps and sets; everything else is handed back as it is. */
  own<T>(value: T): T;
  own(value: unknown): unknown {
    this.#last = this.#like(this.#last, value);
    return this.#last;
  }

  /** The value; where it equals what stood in that place before, that one. */
  #like(before: unknown, value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (before === value) return before;
    if (Array.isArray(value)) return this.#list(before, value);
    if (value instanceof Map) return this.#map(before, value);
    if (value instanceof Set) return new Set(Array.from(value, (one: unknown) => this.#like(undefined, one)));
    return isPlain(value) ? this.#record(before, value) : value;
  }

  #list(before: unknown, list: readonly unknown[]): readonly unknown[] {
    const old: readonly unknown[] = Array.isArray(before) ? before : [];
    const own = list.map((one, at) => this.#like(old[at], one));
    return areSame(old, own) && Array.isArray(before) ? old : own;
  }

  #map(before: unknown, map: ReadonlyMap<unknown, unknown>): ReadonlyMap<unknown, unknown> {
    const old: ReadonlyMap<unknown, unknown> = before instanceof Map ? before : new Map();
    const keys = Array.from(map.keys(), (key) => this.#like(undefined, key));
    const values = Array.from(map, ([key, one]) => this.#like(old.get(key), one));
    if (before instanceof Map && areSame([...old.keys()], keys) && areSame([...old.values()], values)) return old;
    return new Map(keys.map((key, at) => [key, values[at]]));
  }

  #record(before: unknown, record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const old: Readonly<Record<string, unknown>> = isPlain(before) ? before : {};
    const keys = Object.keys(record);
    const isFact = keys.length === 2 && 'value' in record && 'source' in record;
    // The command of a fact is cut out of nothing; as it is, its beginning is held once for all commands.
    const values = keys.map((key) => (isFact && key === 'source' ? record[key] : this.#like(old[key], record[key])));
    if (isPlain(before) && areSame(Object.keys(old), keys) && areSame(Object.values(old), values)) return old;
    return Object.fromEntries(keys.map((key, at) => [this.#text(key), values[at]]));
  }

  #text(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const own = text.length < shortest ? text : ownText(text);
    if (this.#known.size < maxKnown) this.#known.set(own, own);
    return own;
  }
}

/** In the same order, too: what is printed of them is in that order. */
const areSame = (before: readonly unknown[], now: readonly unknown[]): boolean =>
  before.length === now.length && now.every((one, at) => one === before[at]);

/** Not one of a class, whose members are not all that it is. */
const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && Object.getPrototypeOf(value) === Object.prototype;
