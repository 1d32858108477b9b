import type { IptablesChain, IptablesDump, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import { SharedProxyRows } from '../kubeproxy/SharedProxyRows.ts';
import { ownText } from '../text.ts';

type Dump = Pick<IptablesDump, 'backend' | 'family'>;

interface Pool {
  readonly chains: Map<string, IptablesChain>;
  /** By their lines, as they are while no packet has met them. */
  readonly rules: Map<string, IptablesRule>;
}

/**
 * Rules that many nodes have, held once. kube-proxy writes nearly the same ones on every node, 200,000 of them on a
 * large cluster (60 MB), most of which no packet has met. A chain, too, is shared where all of it is the same. It also
 * lets go of the texts of the dumps, which V8 keeps as long as anything is left that was cut out of them.
 *
 * Rules are never shared between two tables or within one, so that each place of a node's rules is an
 * object of its own.
 */
export class SharedRules {
  /** Those of kube-proxy's tables that are not made of rules when somebody looks. */
  readonly rows = new SharedProxyRows();
  readonly #pools = new Map<string, Pool>();
  readonly #names = new Map<string, string>();

  share(dump: Dump, tables: readonly IptablesTable[]): readonly IptablesTable[] {
    return tables.map(({ name, chains }) => {
      const pool = this.#pool(dump, name);
      const taken = new Set<IptablesRule>();
      return { name: this.#name(name), chains: chains.map((chain) => this.#chain(pool, chain, taken)) };
    });
  }

  chain(dump: Dump, table: string, chain: IptablesChain): IptablesChain {
    return this.#chain(this.#pool(dump, table), chain, new Set());
  }

  #pool({ backend, family }: Dump, table: string): Pool {
    const key = `${backend} ${family} ${table}`;
    const pool = this.#pools.get(key) ?? { chains: new Map(), rules: new Map() };
    this.#pools.set(key, pool);
    return pool;
  }

  #chain(pool: Pool, { name, policy, counters, rules }: IptablesChain, taken: Set<IptablesRule>): IptablesChain {
    taken.clear();
    const own = rules.map((rule) => this.#rule(pool, rule, taken));
    const known = pool.chains.get(name);
    const isLike = known?.rules.length === own.length && known.rules.every((rule, at) => rule === own[at]);
    if (isLike && known.policy === policy && known.counters === counters) return known;
    const chain = {
      name: this.#name(name),
      policy: policy === undefined ? undefined : this.#name(policy),
      ...(counters !== undefined && { counters: counters === '0:0' ? '0:0' : ownText(counters) }),
      rules: isLike ? known.rules : own,
    };
    if (known === undefined) pool.chains.set(chain.name, chain);
    return chain;
  }

  #rule({ rules }: Pool, rule: IptablesRule, taken: Set<IptablesRule>): IptablesRule {
    let known = rules.get(rule.line);
    if (known === undefined) {
      known = {
        line: ownText(rule.line),
        packets: rule.packets === undefined ? undefined : 0,
        bytes: rule.bytes === undefined ? undefined : 0,
        target: rule.target === undefined ? undefined : this.#name(rule.target),
        comment: rule.comment === undefined ? undefined : ownText(rule.comment),
      };
      rules.set(known.line, known);
    }
    const { packets, bytes, counters } = rule;
    if (known.packets === packets && known.bytes === bytes && counters === undefined && !taken.has(known)) {
      taken.add(known);
      return known;
    }
    const { line, target, comment } = known;
    if (counters === undefined) return { line, packets, bytes, target, comment };
    return { line, packets, bytes, counters: ownText(counters), target, comment };
  }

  #name(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const own = ownText(name);
    this.#names.set(own, own);
    return own;
  }
}
