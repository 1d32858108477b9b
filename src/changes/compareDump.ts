import type { ServicePortName } from '../expect/kube-proxy/chainHashes.ts';
import type { Owner } from '../knowledge/owners/Owner.ts';
import { ownerOfChain } from '../knowledge/owners/ownerOfChain.ts';
import { ownerBesideFirewalld, ownerOfRule } from '../knowledge/owners/ownerOfRule.ts';
import type { IptablesChain, IptablesDump, IptablesRule, IptablesTable } from '../model/NodeFacts.ts';
import { chainServices, serviceOfRule } from './chainServices.ts';
import {
  addRules,
  type ChainChange,
  type DumpChanges,
  noRules,
  ownerGroupOf,
  type RuleTally,
  rulesHaveChanged,
} from './Changes.ts';
import { isBlank, isBuiltIn, rulesInOrder } from './iptablesLines.ts';
import { lineDiff } from './lineDiff.ts';

/** What two readings of one backend and family have, and the Services of both times by the hashes of their chains. */
export interface DumpPair {
  readonly backend: IptablesDump['backend'];
  readonly family: IptablesDump['family'];
  readonly before: readonly IptablesTable[];
  readonly after: readonly IptablesTable[];
  readonly hashes: ReadonlyMap<string, ServicePortName>;
}

/** By meaning: the order of rules in a chain counts, the order of chains and counters do not. */
export function compareDump(pair: DumpPair): DumpChanges {
  return new DumpComparison(pair).run();
}

class DumpComparison {
  readonly #pair: DumpPair;
  readonly #shares = new Map<Owner, RuleTally>();
  readonly #services = new Map<string, RuleTally>();
  readonly #chains: ChainChange[] = [];
  readonly #serviceOfChain: ReadonlyMap<string, string>;
  readonly #neededBy: readonly string[];
  /** The tables in which firewalld has chains, before or after. */
  readonly #firewalld: ReadonlySet<string>;

  constructor(pair: DumpPair) {
    this.#pair = pair;
    const { before, after, hashes } = pair;
    this.#serviceOfChain = new Map([...chainServices(after, hashes), ...chainServices(before, hashes)]);
    this.#neededBy = foreignUsers(after);
    this.#firewalld = new Set([...before, ...after].filter(hasFirewalld).map(({ name }) => name));
  }

  run(): DumpChanges {
    const { backend, family, before, after } = this.#pair;
    for (const name of namesOf(before, after)) {
      const [earlier, later] = [chainsOf(before, name), chainsOf(after, name)];
      for (const chain of new Set([...earlier.keys(), ...later.keys()]))
        this.#compare(name, chain, earlier.get(chain), later.get(chain));
    }
    const services = [...this.#services].filter(([, share]) => rulesHaveChanged(share));
    return {
      backend,
      family,
      shares: this.#shares,
      chains: this.#chains,
      services: new Map(services.sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  #compare(table: string, name: string, earlier: IptablesChain | undefined, later: IptablesChain | undefined): void {
    const any = earlier ?? later;
    if (any === undefined) return;
    const builtIn = isBuiltIn(any);
    const parts = new Map<Owner, Part>();
    const partOf = (owner: Owner): Part => {
      const known = parts.get(owner);
      if (known !== undefined) return known;
      const part: Part = { removed: [], added: [], same: [] };
      parts.set(owner, part);
      return part;
    };
    const own = ownerOfChain(table, name);
    if (!builtIn) partOf(own);
    const ownerOf = this.#firewalld.has(table) ? ownerBesideFirewalld : ownerOfRule;
    for (const [kind, rule] of differences(earlier, later)) partOf(ownerOf(table, name, rule))[kind].push(rule);
    const policy = builtIn ? policyChange(earlier, later) : undefined;
    if (policy !== undefined) partOf('builtIn');
    for (const [owner, part] of parts) {
      // Of a chain of somebody else's, these are some rules only.
      const isWhole = !builtIn && owner === own;
      const what =
        !isWhole || (earlier !== undefined && later !== undefined)
          ? 'changed'
          : earlier === undefined
            ? 'added'
            : 'removed';
      this.#add({ table, name, owner, what, isWhole, policy: owner === 'builtIn' ? policy : undefined }, part);
    }
  }

  #add({ table, name, owner, what, isWhole, policy }: ChainAt, part: Part): void {
    const { removed, added, moved } = withoutMoved(part.removed, part.added);
    const touched = removed.length + added.length + moved.length > 0 || policy !== undefined;
    const chains = { removed: 0, added: 0, changed: 0, same: 0 };
    if (isWhole) chains[what === 'changed' && !touched ? 'same' : what]++;
    addRules(this.#share(owner), {
      chains,
      rules: { removed: removed.length, added: added.length, changed: moved.length, same: part.same.length },
    });
    if (!touched && what === 'changed') return;
    if (ownerGroupOf(owner) === 'kubeProxy') {
      const own = this.#serviceOfChain.get(name);
      if (own !== undefined && isWhole) addRules(this.#service(own), { chains, rules: noRules().rules });
      for (const [kind, rules] of [
        ['removed', removed],
        ['added', added],
        ['changed', moved],
      ] as const) {
        for (const rule of rules) {
          const service = serviceOfRule(name, rule, this.#serviceOfChain);
          if (service !== undefined) this.#service(service).rules[kind]++;
        }
      }
    }
    this.#chains.push({
      table,
      chain: name,
      owner,
      what,
      removed: removed.map(({ line }) => line),
      added: added.map(({ line }) => line),
      moved: moved.map(({ line }) => line),
      policy,
      neededBy: owner === 'shared' && removed.length > 0 ? this.#neededBy : [],
    });
  }

  #share(owner: Owner): RuleTally {
    const known = this.#shares.get(owner) ?? noRules();
    this.#shares.set(owner, known);
    return known;
  }

  #service(name: string): RuleTally {
    const known = this.#services.get(name) ?? noRules();
    this.#services.set(name, known);
    return known;
  }
}

interface ChainAt {
  readonly table: string;
  readonly name: string;
  readonly owner: Owner;
  readonly what: ChainChange['what'];
  /** The chain itself is this owner's. */
  readonly isWhole: boolean;
  readonly policy: ChainChange['policy'];
}

interface Part {
  readonly removed: IptablesRule[];
  readonly added: IptablesRule[];
  readonly same: IptablesRule[];
}

const namesOf = (...dumps: readonly (readonly IptablesTable[])[]): ReadonlySet<string> =>
  new Set(dumps.flatMap((tables) => tables.map(({ name }) => name)));

const chainsOf = (tables: readonly IptablesTable[], name: string): ReadonlyMap<string, IptablesChain> =>
  new Map(
    tables
      .filter((table) => table.name === name)
      .flatMap(({ chains }) => chains.filter((chain) => !isBlank(chain)).map((chain) => [chain.name, chain])),
  );

function policyChange(earlier: IptablesChain | undefined, later: IptablesChain | undefined): ChainChange['policy'] {
  const before = earlier?.policy ?? 'ACCEPT';
  const after = later?.policy ?? 'ACCEPT';
  return before === after ? undefined : { before, after };
}

function* differences(
  earlier: IptablesChain | undefined,
  later: IptablesChain | undefined,
): Generator<readonly ['removed' | 'added' | 'same', IptablesRule]> {
  const before = earlier === undefined ? [] : rulesInOrder(earlier);
  const after = later === undefined ? [] : rulesInOrder(later);
  let a = 0;
  let b = 0;
  const runs = lineDiff(
    before.map(({ line }) => line),
    after.map(({ line }) => line),
  );
  for (const { kind, lines } of runs) {
    for (let i = 0; i < lines.length; i++) {
      const rule = kind === 'added' ? after[b] : before[a];
      if (kind !== 'added') a++;
      if (kind !== 'removed') b++;
      if (rule !== undefined) yield [kind, rule];
    }
  }
}

/** A rule that was both removed and added stands elsewhere now. */
function withoutMoved(
  removed: readonly IptablesRule[],
  added: readonly IptablesRule[],
): {
  readonly removed: readonly IptablesRule[];
  readonly added: readonly IptablesRule[];
  readonly moved: readonly IptablesRule[];
} {
  if (removed.length === 0 || added.length === 0) return { removed, added, moved: [] };
  const open = new Map<string, number>();
  for (const { line } of added) open.set(line, (open.get(line) ?? 0) + 1);
  const moved: IptablesRule[] = [];
  const gone = removed.filter((rule) => {
    const left = open.get(rule.line) ?? 0;
    if (left === 0) return true;
    open.set(rule.line, left - 1);
    moved.push(rule);
    return false;
  });
  const again = new Map<string, number>();
  for (const { line } of moved) again.set(line, (again.get(line) ?? 0) + 1);
  const fresh = added.filter(({ line }) => {
    const left = again.get(line) ?? 0;
    if (left > 0) again.set(line, left - 1);
    return left === 0;
  });
  return { removed: gone, added: fresh, moved };
}

const hasFirewalld = ({ name: table, chains }: IptablesTable): boolean =>
  chains.some(({ name }) => ownerOfChain(table, name) === 'firewalld');

/** Chains of others whose rules count on the mark that kube-proxy's shared chains set and act on. */
function foreignUsers(tables: readonly IptablesTable[]): readonly string[] {
  const users = new Set<string>();
  for (const { name: table, chains } of tables) {
    for (const { name, rules } of chains) {
      if (ownerGroupOf(ownerOfChain(table, name)) === 'kubeProxy') continue;
      const builtIn = ownerOfChain(table, name) === 'builtIn';
      if (!builtIn && rules.some(({ target }) => target !== undefined && ownerOfChain(table, target) === 'shared'))
        users.add(name);
    }
  }
  return [...users].sort();
}
