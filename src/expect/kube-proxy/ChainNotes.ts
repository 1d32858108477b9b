import { canaryChain, perServiceHash } from '../../knowledge/iptablesOwners.ts';
import type { ChainOwners } from '../../knowledge/owners/ownerOfChain.ts';
import type { CommonRules, IptablesChain, IptablesRule } from '../../model/NodeFacts.ts';
import { optionsOf } from '../../model/RuleOptions.ts';
import { isWayOfKubeProxy } from './foreignJumps.ts';
import { type CurrentState, mayHarm } from './impactOfRule.ts';

/** A rule of kube-proxy’s that translates, and to which `address:port`. */
export interface Translation {
  readonly rule: IptablesRule;
  readonly to: string;
}

/** What a chain says by itself. */
export interface ChainNote {
  /** It is kube-proxy's, and no canary. */
  readonly isOwn: boolean;
  /** It is for one port of a Service, or one endpoint. */
  readonly isHashed: boolean;
  /** The Service is gone. */
  readonly isStale: boolean;
  /** To endpoints that are gone. */
  readonly gone: readonly Translation[];
  /** To which its rules lead, each once. */
  readonly targets: readonly string[];
}

interface Noted {
  readonly chain: IptablesChain;
  readonly note: ChainNote;
}

/** What the chains say that nodes have in common. */
export interface CommonNote {
  readonly chains: number;
  readonly rules: number;
  /** Chains of Services that are gone. */
  readonly stale: number;
  /** Those that lead to endpoints that are gone. */
  readonly gone: readonly (Noted & { readonly place: number })[];
}

/** What the rules say that nodes have in common in one chain, each in an order of its own. */
export interface ListNote {
  /** Whether any of them translates. */
  readonly translates: boolean;
  /** The lines of those that may harm somebody. */
  readonly harmful: ReadonlySet<string>;
  /** 1 for each of the common chains to which they lead, one way or another. */
  readonly reached: Uint8Array;
  /** To which other names they do. */
  readonly exits: ReadonlySet<string>;
}

export interface NotedState extends Omit<CurrentState, 'node' | 'listeners'> {
  readonly targets: () => ReadonlySet<string>;
  readonly owners: ChainOwners;
}

/** Where nodes have more than so many sets of rules in common, what they say is not held for all at once. */
const maxSets = 256;

/** What rules say by themselves: nodes have nearly all of them in common, and what these say is found out once. */
export class ChainNotes {
  readonly #state: NotedState;
  /** By table, then by name: the chain of the first node that has it. */
  readonly #notes = new Map<string, Map<string, Noted>>();
  readonly #common = new Map<CommonRules, CommonNote>();
  readonly #lists = new Map<CommonRules, Map<string, ListNote>>();

  constructor(state: NotedState) {
    this.#state = state;
  }

  isOwn(table: string, chain: string): boolean {
    return chain !== canaryChain && this.#state.owners.of(table, chain) === 'kubeProxy';
  }

  of(table: string, chain: IptablesChain): ChainNote {
    const ofTable = this.#notes.get(table) ?? new Map<string, Noted>();
    if (ofTable.size === 0) this.#notes.set(table, ofTable);
    const known = ofTable.get(chain.name);
    if (known !== undefined && saysTheSame(known.chain, chain)) return known.note;
    const note = this.#note(table, chain.name, chain.rules);
    // The others hold rules in an order that is a node's own.
    if (known === undefined && note.isHashed) ofTable.set(chain.name, { chain, note });
    return note;
  }

  ofCommon(table: string, common: CommonRules): CommonNote {
    let note = this.#common.get(common);
    if (note === undefined) {
      const all = common.chains.map((chain, place) => ({ chain, place, note: this.of(table, chain) }));
      note = {
        chains: all.length,
        rules: all.reduce((sum, { chain }) => sum + chain.rules.length, 0),
        stale: all.filter((one) => one.note.isStale).length,
        gone: all.filter((one) => one.note.gone.length > 0),
      };
      if (this.#common.size >= maxSets) this.#common.clear();
      this.#common.set(common, note);
    }
    return note;
  }

  /** @param list a chain that holds common rules */
  ofList(table: string, common: CommonRules, list: string): ListNote {
    let lists = this.#lists.get(common);
    if (lists === undefined) {
      if (this.#lists.size >= maxSets) this.#lists.clear();
      this.#lists.set(common, (lists = new Map<string, ListNote>()));
    }
    let note = lists.get(list);
    if (note === undefined) {
      const rules = common.rulesOf(list);
      note = {
        translates: rules.some(({ target }) => target === 'DNAT'),
        harmful: new Set(rules.filter((rule) => mayHarm(rule, this.#state)).map(({ line }) => line)),
        ...this.#behind(table, common, list),
      };
      lists.set(list, note);
    }
    return note;
  }

  /** Of a chain that holds common rules, of its own ones, where that is all. */
  ofOwn(table: string, chain: IptablesChain): ChainNote {
    const { name, parts } = chain;
    if (parts === undefined) return this.of(table, chain);
    return this.#note(table, name, this.ofList(table, parts.common, name).translates ? chain.rules : parts.own);
  }

  /** The rules of a chain that may harm somebody, and maybe others. */
  harmful(table: string, chain: IptablesChain): readonly IptablesRule[] {
    const { name, parts } = chain;
    if (parts === undefined) return chain.rules;
    const { harmful } = this.ofList(table, parts.common, name);
    if (harmful.size === 0) return parts.own;
    const own = new Set(parts.own.map(({ line }) => line));
    return chain.rules.filter(({ line }) => harmful.has(line) || own.has(line));
  }

  #note(table: string, name: string, rules: readonly IptablesRule[]): ChainNote {
    const { hashes, targets: live } = this.#state;
    const isOwn = this.isOwn(table, name);
    const hash = perServiceHash(name);
    return {
      isOwn,
      isHashed: hash !== undefined,
      isStale: isOwn && hash !== undefined && !name.startsWith('KUBE-SEP-') && !hashes().has(hash),
      gone: isOwn ? rules.flatMap(translationOf).filter(({ to }) => !live().has(to)) : [],
      targets: [...new Set(rules.flatMap(({ target }) => target ?? []))],
    };
  }

  #behind(table: string, common: CommonRules, list: string): Pick<ListNote, 'reached' | 'exits'> {
    const { chains } = common;
    const places = new Map(chains.map(({ name }, place) => [name, place]));
    const reached = new Uint8Array(chains.length);
    const exits = new Set<string>();
    const open: IptablesChain[] = [];
    const follow = (from: string, to: string | undefined): void => {
      if (to === undefined || !isWayOfKubeProxy(table, from, to, this.#state.owners.of)) return;
      const place = places.get(to);
      if (place === undefined) exits.add(to);
      else if (reached[place] === 0) {
        reached[place] = 1;
        open.push(...chains.slice(place, place + 1));
      }
    };
    for (const { target } of common.rulesOf(list)) follow(list, target);
    for (let chain = open.pop(); chain !== undefined; chain = open.pop())
      for (const target of this.of(table, chain).targets) follow(chain.name, target);
    return { reached, exits };
  }
}

/** Whatever packets met them. */
const saysTheSame = (a: IptablesChain, b: IptablesChain): boolean =>
  a === b || (a.rules.length === b.rules.length && a.rules.every(({ line }, at) => line === b.rules[at]?.line));

function translationOf(rule: IptablesRule): readonly Translation[] {
  const to = rule.target === 'DNAT' ? optionsOf(rule).toDestination : undefined;
  return to === undefined ? [] : [{ rule, to }];
}
