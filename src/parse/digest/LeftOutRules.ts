import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import type { RuleUnit } from './ruleUnits.ts';

/** One bucket of rules as some nodes have it. */
export interface RuleBucket {
  /** SHA-256, 64 digits. */
  readonly digest: string;
  readonly units: readonly Omit<RuleUnit, 'text'>[];
}

interface Content {
  /** Of a table, sorted by name. */
  readonly chains: ReadonlyMap<string, readonly IptablesChain[]>;
  /** Of a table and a chain: `nat KUBE-SERVICES`. */
  readonly rules: ReadonlyMap<string, readonly IptablesRule[]>;
}

/** What all nodes leave out that say the same of their buckets; it is made of these when somebody looks. */
export class LeftOutRules {
  readonly #buckets: readonly RuleBucket[];
  #made: WeakRef<Content> | undefined;
  /** Of each table, the node at which somebody looked last, and its chains. */
  readonly #last = new Map<string, { readonly gaps: object; readonly chains: readonly IptablesChain[] }>();

  constructor(buckets: readonly RuleBucket[]) {
    this.#buckets = buckets;
  }

  chains(table: string): readonly IptablesChain[] {
    return this.#content().chains.get(table) ?? [];
  }

  rules(table: string, chain: string): readonly IptablesRule[] {
    return this.#content().rules.get(`${table} ${chain}`) ?? [];
  }

  /** The same again for the node at which somebody looked last: of many, nobody looks at two in turns. */
  lastOr(table: string, gaps: object, make: () => readonly IptablesChain[]): readonly IptablesChain[] {
    const last = this.#last.get(table);
    if (last?.gaps === gaps) return last.chains;
    const chains = make();
    this.#last.set(table, { gaps, chains });
    return chains;
  }

  /** How many chains and rules that are left out by themselves there are. */
  get count(): number {
    const { chains, rules } = this.#content();
    return [...chains.values(), ...rules.values()].reduce((sum, { length }) => sum + length, 0);
  }

  #content(): Content {
    const known = this.#made?.deref();
    if (known !== undefined) return known;
    const chains = new Map<string, IptablesChain[]>();
    const rules = new Map<string, IptablesRule[]>();
    for (const { units } of this.#buckets)
      for (const { table, chain, rule } of units)
        if (rule === undefined) listOf(chains, table).push(chain);
        else listOf(rules, `${table} ${chain.name}`).push(rule);
    for (const list of chains.values()) list.sort((a, b) => (a.name < b.name ? -1 : 1));
    const made = { chains, rules };
    this.#made = new WeakRef(made);
    return made;
  }
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: T[] = [];
  lists.set(key, list);
  return list;
}

/** Where in a node's table chains are left out, and which of these packets met. */
interface TableGaps {
  /** Chains that stand in the dump before the gap, and how many are left out there. */
  readonly runs: { readonly behind: number; readonly count: number }[];
  readonly met: Map<number, IptablesChain>;
  /** Of the chains that are left out. */
  taken: number;
}

/** What a node says in place of the rules that it leaves out: read line by line, and put in again. */
export class RuleGaps {
  readonly #leftOut: LeftOutRules;
  readonly #tables = new Map<string, TableGaps>();
  /** By table and chain: which of the rules have come. */
  readonly #seen = new Map<string, Uint8Array>();
  #filled = 0;

  constructor(leftOut: LeftOutRules) {
    this.#leftOut = leftOut;
  }

  /** Whether nothing is left out that has no place. */
  get isFilled(): boolean {
    return this.#filled === this.#leftOut.count;
  }

  hides(table: string, chain: string): boolean {
    return this.#find(table, chain) !== -1;
  }

  /**
   * @param line begins with `=`
   * @param before how many chains of the table were declared before it
   * @returns rules that are to stand behind those of their chain; undefined: there is no such line
   */
  read(
    table: string,
    line: string,
    before: number,
  ): { readonly chain: string; readonly rules: readonly IptablesRule[] } | undefined {
    const run = /^=(\d{1,7})$/.exec(line)?.[1];
    if (run !== undefined) return this.#skip(table, Number(run), before) ? { chain: '', rules: [] } : undefined;
    const [chain = '', ...items] = line.slice(1).split(' ');
    const at = this.#find(table, chain);
    if (at === -1) return this.#listed(table, chain, items);
    const own = metIn(this.#leftOut.chains(table)[at], items);
    const gaps = this.#gapsOf(table);
    if (own === undefined || at >= gaps.taken) return undefined;
    gaps.met.set(at, own);
    return { chain, rules: [] };
  }

  /** The table with what was left out: made when somebody looks, as nodes have nearly all of it in common. */
  fill({ name, chains: own }: IptablesTable): IptablesTable {
    const gaps = this.#tables.get(name);
    if (gaps === undefined) return { name, chains: own };
    const leftOut = this.#leftOut;
    return {
      name,
      get chains() {
        return leftOut.lastOr(name, gaps, () => filled(own, leftOut.chains(name), gaps));
      },
    };
  }

  #skip(table: string, count: number, behind: number): boolean {
    const gaps = this.#gapsOf(table);
    gaps.runs.push({ behind, count });
    gaps.taken += count;
    this.#filled += count;
    return gaps.taken <= this.#leftOut.chains(table).length;
  }

  #listed(table: string, chain: string, items: readonly string[]): ReturnType<RuleGaps['read']> {
    const all = this.#leftOut.rules(table, chain);
    const key = `${table} ${chain}`;
    const seen = this.#seen.get(key) ?? new Uint8Array(all.length);
    this.#seen.set(key, seen);
    const rules: IptablesRule[] = [];
    for (const item of items) {
      const end = item.indexOf('=');
      const number = numberIn(end === -1 ? item : item.slice(0, end));
      const rule = number === undefined ? undefined : all[number];
      if (rule === undefined || number === undefined || seen[number] !== 0) return undefined;
      seen[number] = 1;
      const own = end === -1 ? rule : withCounters(rule, item.slice(end + 1));
      if (own === undefined) return undefined;
      rules.push(own);
    }
    this.#filled += rules.length;
    return { chain, rules };
  }

  #gapsOf(table: string): TableGaps {
    const known = this.#tables.get(table);
    if (known !== undefined) return known;
    const gaps: TableGaps = { runs: [], met: new Map(), taken: 0 };
    this.#tables.set(table, gaps);
    return gaps;
  }

  /** Its place among the chains of the table that are left out; -1: it is none of them. */
  #find(table: string, name: string): number {
    const chains = this.#leftOut.chains(table);
    let [from, to] = [0, chains.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((chains[middle]?.name ?? '') < name) from = middle + 1;
      else to = middle;
    }
    return chains[from]?.name === name ? from : -1;
  }
}

function filled(
  own: readonly IptablesChain[],
  leftOut: readonly IptablesChain[],
  { runs, met }: TableGaps,
): readonly IptablesChain[] {
  const hidden = [...leftOut];
  for (const [at, chain] of met) hidden[at] = chain;
  const parts: (readonly IptablesChain[])[] = [];
  let [next, at] = [0, 0];
  for (const { behind, count } of runs) {
    parts.push(own.slice(next, behind), hidden.slice(at, at + count));
    next = behind;
    at += count;
  }
  const none: readonly IptablesChain[] = [];
  return none.concat(...parts, own.slice(next));
}

/** A chain of which packets met the rules with these numbers; undefined: it has none of these. */
function metIn(chain: IptablesChain | undefined, items: readonly string[]): IptablesChain | undefined {
  if (chain === undefined) return undefined;
  const rules = [...chain.rules];
  for (const item of items) {
    const end = item.indexOf('=');
    const number = numberIn(item.slice(0, Math.max(0, end)));
    const rule = number === undefined ? undefined : rules[number];
    const own = rule && withCounters(rule, item.slice(end + 1));
    if (own === undefined || number === undefined) return undefined;
    rules[number] = own;
  }
  return { ...chain, rules };
}

const numberIn = (text: string): number | undefined => (/^\d{1,7}$/.test(text) ? Number(text) : undefined);

/** @param text `packets:bytes`, of so many digits as numbers can hold */
function withCounters(rule: IptablesRule, text: string): IptablesRule | undefined {
  const [, packets, bytes] = /^(0|[1-9]\d{0,14}):(0|[1-9]\d{0,14})$/.exec(text) ?? [];
  return packets === undefined ? undefined : { ...rule, packets: Number(packets), bytes: Number(bytes) };
}
