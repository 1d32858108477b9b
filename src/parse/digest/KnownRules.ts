import type { IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import { type Parsed, parsed } from '../Parsed.ts';
import { parseIptablesSave } from '../parseIptablesSave.ts';
import type { IptablesSave } from '../rules/IptablesSaveReader.ts';
import { ruleDumps, type RuleDumpName } from '../rules/ruleDumps.ts';
import { SharedRules } from '../rules/SharedRules.ts';
import { excerptOf } from '../text.ts';
import { bucketCount } from './canonicalRows.ts';
import { LeftOutRules, type RuleBucket } from './LeftOutRules.ts';
import { RuleGaps } from './RuleGaps.ts';
import { ruleUnits } from './ruleUnits.ts';
import { wholeUpTo } from './wholeUpTo.ts';

/** Digits of a digest that travel; those of all buckets together prove them. */
const shortLength = 8;
/** More of a bucket's forms than that are not told to nodes. */
const maxTold = 16 * bucketCount;
/** Of so many whole dumps rules are learnt: it takes as long as to read them. */
const maxLearnt = 4;

/** What is known of one kind of dump. */
interface KnownDumps {
  readonly buckets: Map<string, RuleBucket>;
  readonly lists: Map<string, LeftOutRules>;
  learnt: number;
}

/** What is told to a node that is asked now. */
export type ToldRules = ReadonlyMap<RuleDumpName, readonly [nonce: string, known: string]>;

/**
 * Rules of kube-proxy that nodes have in common, learnt from those that print all (docs/digests.md): what
 * rulesDigest.pl leaves out is put back.
 */
export class KnownRules {
  /** What is left out is of these. */
  readonly shared = new SharedRules();
  readonly #sha256: (text: string) => string;
  readonly #minLength: number;
  readonly #most: { readonly learnt: number; readonly buckets: number };
  readonly #dumps = new Map<RuleDumpName, KnownDumps>();
  /** Until whoever reads the answer as a whole asks for it. */
  readonly #read = new Map<string, Parsed<IptablesSave>>();

  /**
   * @param sha256 of a text in UTF-8, in 64 digits
   * @param shards as many processes learnt, each for itself, and all of that is learnt again; undefined: this one does
   * @param leastLength dumps that are shorter are not learnt
   */
  constructor(sha256: (text: string) => string, shards?: number, leastLength = wholeUpTo.rules) {
    this.#sha256 = sha256;
    this.#minLength = leastLength;
    this.#most =
      shards === undefined
        ? { learnt: maxLearnt, buckets: maxTold }
        : { learnt: Number.POSITIVE_INFINITY, buckets: maxTold * shards };
  }

  /** @param nonce of this exec alone */
  known(nonce: string): ToldRules {
    return new Map(
      [...this.#dumps].flatMap(([name, { buckets }]) =>
        buckets.size === 0 ? [] : [[name, [nonce, [...buckets.keys()].slice(0, maxTold).join('')]] as const],
      ),
    );
  }

  /** Learns what an answer says; why it is not to be believed, undefined: it is, or it says all. */
  hear(name: RuleDumpName, text: string, nonce: string): string | undefined {
    const known = this.#dumps.get(name) ?? { buckets: new Map(), lists: new Map(), learnt: 0 };
    this.#dumps.set(name, known);
    if (!text.startsWith('digest ')) {
      this.#learnWhole(known, name, text);
      return undefined;
    }
    const save = this.#answer(known, name, text, nonce);
    if (typeof save === 'string') return save;
    this.#read.set(keyOf(text), save);
    return undefined;
  }

  /** What was read of an answer that was heard; undefined: nothing was. */
  take(text: string): Parsed<IptablesSave> | undefined {
    const save = this.#read.get(keyOf(text));
    this.#read.delete(keyOf(text));
    return save;
  }

  #learnWhole(known: KnownDumps, name: RuleDumpName, text: string): void {
    if (text.length < this.#minLength || known.learnt >= this.#most.learnt) return;
    known.learnt += 1;
    const save = parseIptablesSave(text);
    if (!save.ok) return;
    const { tables } = save.value;
    const learnt = this.#withoutCounters(name, tables);
    for (const units of ruleUnits(learnt)) this.#learn(known, units);
    // Whoever reads the answer finds it read: nearly all of it is what was learnt.
    const own = learnt.map(({ name: table, chains }, at) => ({
      name: table,
      chains: chains.map((chain, place) => {
        const met = tables[at]?.chains[place];
        return met?.rules.some(isMet) === true ? this.shared.chain(ruleDumps[name], table, met) : chain;
      }),
    }));
    this.#read.set(keyOf(text), parsed({ ...save.value, tables: own, isShared: true }));
  }

  #answer(known: KnownDumps, name: RuleDumpName, text: string, nonce: string): Parsed<IptablesSave> | string {
    const [, digest, head, tokens] =
      /^digest 1 ([0-9a-f]{64})\n(buckets ((?:\+|[0-9a-f]{8})*)\n)/.exec(text.slice(0, 4096)) ?? [];
    const places = tokens?.match(/\+|[0-9a-f]{8}/g);
    if (digest === undefined || head === undefined || places?.length !== bucketCount)
      return `its digest is none: ${excerptOf(text)}`;
    const hidden = places.flatMap((short) => (short === '+' ? [] : [known.buckets.get(short)]));
    const buckets = hidden.filter((bucket) => bucket !== undefined);
    if (buckets.length < hidden.length) return 'it speaks of rules that are not known';
    const rest = text.slice(`digest 1 ${digest}\n${head}`.length);
    const gaps = new RuleGaps(leftOutOf(known, buckets));
    // What is no dump of rules would be none, either, if all of it had come.
    const save = parseIptablesSave(rest, gaps);
    if (!save.ok) return save;
    const others = places.includes('+') ? ruleUnits(this.#withoutCounters(name, save.value.tables)) : [];
    let next = 0;
    const digests = places.map((short, at) =>
      short === '+' ? this.#learn(known, others[at] ?? []).digest : (buckets[next++]?.digest ?? ''),
    );
    if (this.#sha256([nonce, '\n', head, ...digests.map((one) => `${one}\n`), rest].join('')) !== digest)
      return 'its digest is not that of its rules';
    if (!gaps.isFilled) return 'rules have no place in what it prints';
    const tables = this.shared.share(ruleDumps[name], save.value.tables).map((table) => gaps.fill(table));
    return parsed({ ...save.value, tables, isShared: true });
  }

  #learn({ buckets }: KnownDumps, units: ReturnType<typeof ruleUnits>[number]): RuleBucket {
    const digest = this.#sha256(units.map(({ text }) => text).join(''));
    const short = digest.slice(0, shortLength);
    const known = buckets.get(short);
    if (known?.digest === digest) return known;
    const bucket = { digest, units: units.map(({ table, chain, rule }) => ({ table, chain, rule })) };
    if (known === undefined && buckets.size < this.#most.buckets) buckets.set(short, bucket);
    return bucket;
  }

  #withoutCounters(name: RuleDumpName, tables: readonly IptablesTable[]): readonly IptablesTable[] {
    const unmet = tables.map((table) => ({
      ...table,
      chains: table.chains.map((chain) =>
        chain.rules.some(isMet) ? { ...chain, rules: chain.rules.map(unmetRule) } : chain,
      ),
    }));
    return this.shared.share(ruleDumps[name], unmet);
  }
}

const isMet = ({ packets, bytes, counters }: IptablesRule): boolean =>
  (packets ?? 0) !== 0 || (bytes ?? 0) !== 0 || counters !== undefined;

function unmetRule(rule: IptablesRule): IptablesRule {
  const { line, target, comment } = rule;
  return isMet(rule) ? { line, packets: 0, bytes: 0, target, comment } : rule;
}

/** Nodes that leave out the same have one list. */
function leftOutOf({ lists }: KnownDumps, buckets: readonly RuleBucket[]): LeftOutRules {
  const key = buckets.map(({ digest }) => digest.slice(0, shortLength)).join('');
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list = new LeftOutRules(buckets);
  lists.set(key, list);
  return list;
}

/** What is said in little is told from all else by its first line, which proves the rest. */
const keyOf = (text: string): string =>
  text.startsWith('digest ') ? text.slice(0, Math.max(0, text.indexOf('\n'))) : text;
