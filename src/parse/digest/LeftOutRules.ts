import type { CommonRules, IptablesChain, IptablesRule } from '../../model/NodeFacts.ts';
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
  /** Of a table, by name: among these. */
  readonly places: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Of a table and a chain: `nat KUBE-SERVICES`. */
  readonly rules: ReadonlyMap<string, readonly IptablesRule[]>;
}

/** What was made last under a name: of many nodes nobody looks at two in turns, and all would fill a gigabyte. */
class LastMade<T> {
  readonly #last = new Map<string, { readonly of: object; readonly made: readonly T[] }>();

  /** The same as last time, where that was of the same object. */
  or(name: string, of: object, make: () => readonly T[]): readonly T[] {
    const last = this.#last.get(name);
    if (last?.of === of) return last.made;
    const made = make();
    this.#last.set(name, { of, made });
    return made;
  }
}

/** What all nodes leave out that say the same of their buckets; it is made of these when somebody looks. */
export class LeftOutRules {
  /** Of tables, and of chains of tables, as a node has them. */
  readonly lastChains = new LastMade<IptablesChain>();
  readonly lastRules = new LastMade<IptablesRule>();
  readonly #buckets: readonly RuleBucket[];
  readonly #tables = new Map<string, CommonRules>();
  #made: WeakRef<Content> | undefined;

  constructor(buckets: readonly RuleBucket[]) {
    this.#buckets = buckets;
  }

  /** The same object for all nodes. */
  table(name: string): CommonRules {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const content = (): Content => this.#content();
    const common: CommonRules = {
      get chains() {
        return content().chains.get(name) ?? [];
      },
      rulesOf: (chain) => content().rules.get(`${name} ${chain}`) ?? [],
      find: (chain) => content().places.get(name)?.get(chain) ?? -1,
    };
    this.#tables.set(name, common);
    return common;
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
    const places = new Map([...chains].map(([table, list]) => [table, placesIn(list)]));
    const made = { chains, places, rules };
    this.#made = new WeakRef(made);
    return made;
  }
}

const placesIn = (chains: readonly IptablesChain[]): ReadonlyMap<string, number> =>
  new Map(chains.map(({ name }, place) => [name, place]));

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: T[] = [];
  lists.set(key, list);
  return list;
}
