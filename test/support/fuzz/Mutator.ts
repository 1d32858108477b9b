/** Pieces that parsers and shells trip over. */
const mean = [
  '',
  ' ',
  '\n',
  '=',
  '"',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '/',
  ':',
  '0',
  '-1',
  '99999999999999999999',
  'null',
  '__proto__',
  'constructor',
  '/TCP/i',
  '[fd00::1]:80',
  '1e9',
  '\u0000',
  '::',
  '+',
  'FLAGS=',
  'SLOT=65535',
] as const;

/** What nobody expects in a field of an object: other types, flags, shell, terminal, paths, numbers out of range. */
const hostile: readonly unknown[] = [
  '--all',
  '-lx=y',
  '$(touch pwned)',
  '`id`',
  "'; reboot; '",
  '"',
  '\\',
  'a\nb',
  '\u001b[2J\u001b]0;x\u0007',
  '\u202eabc\u2066',
  '\u009b31m',
  '\ud800',
  '{{agentPod}}',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'a'.repeat(5000),
  '0.0.0.0',
  '::ffff:1.2.3.4',
  '999.1.1.1',
  'fe80::1%eth0',
  '10.0.0.0/33',
  '',
  'None',
  null,
  true,
  -1,
  0,
  65_536,
  1e308,
  [],
  {},
  [null],
  [[[[]]]],
  { a: { b: {} } },
];

/** Changes texts and objects at random, and the same way for the same seed. */
export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Mulberry32: from 0 to less than 1. */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /**
   * One to four changes: characters replaced, taken out, doubled, swapped in from a list of mean ones, or
   * the text cut off.
   */
  text(text: string): string {
    let changed = text;
    for (let times = 1 + this.below(4); times > 0; times--) {
      const at = this.below(changed.length);
      const length = Math.floor(this.random() * this.random() * 30);
      const [head, middle, tail] = [changed.slice(0, at), changed.slice(at, at + length), changed.slice(at + length)];
      changed = this.pick([
        () => head + this.pick(mean) + tail,
        () => head + tail,
        () => head + middle + middle + tail,
        () => head,
        () => head + String.fromCharCode(this.below(65_536)) + tail,
        () => tail + head,
        () => text,
      ])();
    }
    return changed;
  }

  /** Some lines of a long text. */
  excerpt(text: string, lines: number): string {
    const all = text.split('\n');
    const from = this.below(all.length);
    return all.slice(from, from + lines).join('\n');
  }

  /** A copy in which one to three members, wherever they lie, have another value, another name, or are not there. */
  object(value: unknown): unknown {
    const copy = structuredClone(value);
    for (let times = 1 + this.below(3); times > 0; times--) this.#change(copy);
    return copy;
  }

  #change(value: unknown): void {
    let at = value;
    for (;;) {
      if (typeof at !== 'object' || at === null) return;
      const members = at as Record<string, unknown>;
      const key = this.pick(Object.keys(members));
      if (key === undefined) return;
      const inside = members[key];
      if (typeof inside === 'object' && inside !== null && this.random() < 0.8 && Object.keys(inside).length > 0) {
        at = inside;
        continue;
      }
      const how = this.random();
      if (how < 0.1) delete members[key];
      else if (how < 0.2 && !Array.isArray(at)) members[`${String(this.pick(hostile))}/x`] = inside;
      else if (how < 0.3 && typeof inside === 'string') members[key] = this.text(inside);
      else members[key] = structuredClone(this.pick(hostile));
      return;
    }
  }
}
