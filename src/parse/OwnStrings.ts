import { isRecord } from '../text/isRecord.ts';
import { ownText } from './text.ts';

/** Shorter ones V8 copies by itself. */
const shortest = 13;
/** Texts that many nodes say are few. */
const maxKnown = 50_000;

/**
 * Equal values that keep no answer of a node alive: what was cut out of a text refers to all of it, 100 kB a node.
 * What several nodes say in the same words is held once.
 */
export class OwnStrings {
  readonly #known = new Map<string, string>();

  /** Of texts, lists, plain objects, maps and sets; everything else is handed back as it is. */
  own<T>(value: T): T;
  own(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((one: unknown) => this.own(one));
    if (!isRecord(value)) return value;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Map.prototype && value instanceof Map)
      return new Map(Array.from(value, ([key, one]: [unknown, unknown]) => [this.own(key), this.own(one)]));
    if (prototype === Set.prototype && value instanceof Set)
      return new Set(Array.from(value, (one: unknown) => this.own(one)));
    if (prototype !== Object.prototype) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]: [string, unknown]) => [this.#text(key), this.own(one)]),
    );
  }

  #text(text: string): string {
    if (text.length < shortest) return text;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const own = ownText(text);
    if (this.#known.size < maxKnown) this.#known.set(own, own);
    return own;
  }
}
