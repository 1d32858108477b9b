import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import type { LeftOutLines, LinesBefore } from '../rules/IptablesSaveReader.ts';
import type { LeftOutRules } from './LeftOutRules.ts';

/** So many of what is left out stand behind so many of what is not. */
interface Run {
  readonly behind: number;
  readonly count: number;
}

/** Where in a node's table chains are left out, and which of their rules packets met. */
interface TableGaps {
  readonly runs: Run[];
  /** Of the chains that are left out. */
  taken: number;
  /** Chain, rule, packets and bytes, one behind the other. */
  readonly met: number[];
  readonly lists: Map<string, ListGaps>;
}

/** Where in a chain rules are left out, and which ones. */
interface ListGaps {
  readonly runs: Run[];
  /** As far as it is known. */
  readonly order: Uint16Array | Uint32Array;
  count: number;
  /** Place in `order`, packets and bytes. */
  readonly met: number[];
  /** Which of the rules have come. */
  readonly seen: Uint8Array;
}

/** What a node says in place of the rules that it leaves out: read line by line, and put in again. */
export class RuleGaps implements LeftOutLines {
  readonly #leftOut: LeftOutRules;
  readonly #tables = new Map<string, TableGaps>();
  #filled = 0;

  constructor(leftOut: LeftOutRules) {
    this.#leftOut = leftOut;
  }

  /** Whether nothing is left out that has no place. */
  get isFilled(): boolean {
    return this.#filled === this.#leftOut.count;
  }

  hides(table: string, chain: string): boolean {
    return this.#leftOut.table(table).find(chain) !== -1;
  }

  /** @param line begins with `=` */
  read(table: string, line: string, { chains, rulesIn }: LinesBefore): string | undefined {
    const run = /^=(\d{1,7})$/.exec(line)?.[1];
    if (run !== undefined) return this.#skip(table, { behind: chains, count: Number(run) }) ? '' : undefined;
    const end = line.includes(' ') ? line.indexOf(' ') : line.length;
    const chain = line.slice(1, end);
    const items = line.slice(end);
    const at = this.#leftOut.table(table).find(chain);
    if (at !== -1) return this.#met(table, at, items) ? '' : undefined;
    return this.#listed(table, chain, items, rulesIn(chain));
  }

  /** The table with what was left out: made when somebody looks, as nodes have nearly all of it in common. */
  fill({ name, chains }: IptablesTable): IptablesTable {
    const gaps = this.#tables.get(name);
    if (gaps === undefined) return { name, chains };
    const own = chains.map((chain) => {
      const list = gaps.lists.get(chain.name);
      return list === undefined ? chain : listWith(chain, name, list, this.#leftOut);
    });
    return tableWith(name, own, gaps, this.#leftOut);
  }

  #skip(table: string, run: Run): boolean {
    const gaps = this.#gapsOf(table);
    gaps.runs.push(run);
    gaps.taken += run.count;
    this.#filled += run.count;
    return gaps.taken <= this.#leftOut.table(table).chains.length;
  }

  #met(table: string, chain: number, items: string): boolean {
    const gaps = this.#gapsOf(table);
    const rules = this.#leftOut.table(table).chains[chain]?.rules.length ?? 0;
    return (
      chain < gaps.taken &&
      eachItem(items, (rule, counters) => {
        if (rule >= rules || counters === undefined) return false;
        gaps.met.push(chain, rule, ...counters);
        return true;
      })
    );
  }

  #listed(table: string, chain: string, items: string, behind: number): string | undefined {
    const { length } = this.#leftOut.table(table).rulesOf(chain);
    const { lists } = this.#gapsOf(table);
    const list: ListGaps = lists.get(chain) ?? emptyList(length);
    const before = list.count;
    const isRead = eachItem(items, (rule, counters) => {
      if (rule >= length || list.seen[rule] !== 0) return false;
      list.seen[rule] = 1;
      if (counters !== undefined) list.met.push(list.count, ...counters);
      list.order[list.count++] = rule;
      return true;
    });
    if (!isRead) return undefined;
    const count = list.count - before;
    if (count === 0) return '';
    lists.set(chain, list);
    list.runs.push({ behind, count });
    this.#filled += count;
    return chain;
  }

  #gapsOf(table: string): TableGaps {
    const known = this.#tables.get(table);
    if (known !== undefined) return known;
    const gaps: TableGaps = { runs: [], taken: 0, met: [], lists: new Map() };
    this.#tables.set(table, gaps);
    return gaps;
  }
}

/** Apart from whoever reads: what it needed for that is not held. */
function tableWith(
  name: string,
  own: readonly IptablesChain[],
  { runs, met: numbers }: TableGaps,
  leftOut: LeftOutRules,
): IptablesTable {
  const common = leftOut.table(name);
  const met = new Float64Array(numbers);
  const all = (): readonly IptablesChain[] => merged(own, withMet(common.chains, met), runs);
  return {
    name,
    get chains() {
      return leftOut.lastChains.or(name, own, all);
    },
    parts: { common, own, before: countsBefore(own.length, runs) },
  };
}

const emptyList = (length: number): ListGaps => ({
  runs: [],
  order: length > 0xff_ff ? new Uint32Array(length) : new Uint16Array(length),
  count: 0,
  met: [],
  seen: new Uint8Array(length),
});

/** A chain with rules that many nodes have: of each node only their order is kept, and what packets met. */
function listWith(
  { name, policy, counters, rules: own }: IptablesChain,
  table: string,
  gaps: ListGaps,
  leftOut: LeftOutRules,
): IptablesChain {
  const { runs, order } = gaps;
  const common = leftOut.table(table);
  const met = new Float64Array(gaps.met);
  const inOrder = (): readonly IptablesRule[] => {
    const all = common.rulesOf(name);
    const rules = Array.from(order, (at) => all[at]).filter((rule) => rule !== undefined);
    for (let at = 0; at < met.length; at += 3) meet(rules, met[at], met[at + 1], met[at + 2]);
    return merged(own, rules, runs);
  };
  return {
    name,
    policy,
    ...(counters !== undefined && { counters }),
    get rules() {
      return leftOut.lastRules.or(`${table} ${name}`, order, inOrder);
    },
    parts: { common, own },
  };
}

function withMet(chains: readonly IptablesChain[], met: Float64Array): readonly IptablesChain[] {
  const own = [...chains];
  for (let at = 0; at < met.length; at += 4) {
    const chain = own[met[at] ?? 0];
    if (chain === undefined) continue;
    const rules = [...chain.rules];
    meet(rules, met[at + 1], met[at + 2], met[at + 3]);
    own[met[at] ?? 0] = { ...chain, rules };
  }
  return own;
}

function meet(rules: IptablesRule[], at = 0, packets = 0, bytes = 0): void {
  const rule = rules[at];
  if (rule !== undefined) rules[at] = { ...rule, packets, bytes };
}

function merged<T>(own: readonly T[], leftOut: readonly T[], runs: readonly Run[]): readonly T[] {
  const parts: (readonly T[])[] = [];
  let [next, at] = [0, 0];
  for (const { behind, count } of runs) {
    parts.push(own.slice(next, behind), leftOut.slice(at, at + count));
    next = behind;
    at += count;
  }
  const none: readonly T[] = [];
  return none.concat(...parts, own.slice(next));
}

/** How much of what is left out stands before each of the others. */
function countsBefore(length: number, runs: readonly Run[]): readonly number[] {
  let [next, before] = [0, 0];
  return Array.from({ length }, (_, at) => {
    for (; (runs[next]?.behind ?? length) <= at; next++) before += runs[next]?.count ?? 0;
    return before;
  });
}

type Counters = readonly [packets: number, bytes: number];

/**
 * Reads ` NUMBER` and ` NUMBER=PACKETS:BYTES`, of so many digits as numbers can hold. Of a large cluster each node says
 * thousands of them, and hardly any with counters.
 * @returns false: something else stands there, or is not taken
 */
function eachItem(items: string, take: (number: number, counters: Counters | undefined) => boolean): boolean {
  for (let at = 0; at < items.length;) {
    let number = 0;
    const from = at + 1;
    for (at = from; isDigit(items.charCodeAt(at)); at++) number = 10 * number + items.charCodeAt(at) - zero;
    if (items[from - 1] !== ' ' || at === from || at - from > 7) return false;
    let counters: Counters | undefined;
    if (items[at] === '=') {
      const next = items.indexOf(' ', at);
      const end = next === -1 ? items.length : next;
      counters = countersIn(items.slice(at + 1, end));
      if (counters === undefined) return false;
      at = end;
    }
    if (!take(number, counters)) return false;
  }
  return true;
}

const zero = 48;
const isDigit = (code: number): boolean => code >= zero && code < zero + 10;

function countersIn(text: string): Counters | undefined {
  const [, packets, bytes] = /^(0|[1-9]\d{0,14}):(0|[1-9]\d{0,14})$/.exec(text) ?? [];
  return packets === undefined ? undefined : [Number(packets), Number(bytes)];
}
