import { isKnown } from '../../../model/Fact.ts';
import type { Family } from '../../../model/lb/address.ts';
import { ownChains } from '../../../model/iptablesChains.ts';
import type { IptablesChain, IptablesDump, IptablesRule, IptablesTable } from '../../../model/NodeFacts.ts';
import type {
  FilterAction,
  FilterChain,
  FilterCondition,
  FilterHook,
  FilterRule,
  FilterTable,
} from '../../../model/PacketFilter.ts';
import { argumentsOf } from '../../../model/RuleOptions.ts';
import { rangeOfNetwork } from '../../../model/addressNumber.ts';

/** Reads iptables' tables as filters. Nodes have most rules in common, and each is read once. */
export class IptablesFilters {
  readonly #read: Readonly<Record<Family, Map<string, ReadRule>>> = { ipv4: new Map(), ipv6: new Map() };

  /** The tables of all dumps that can drop packets; nat cannot. */
  in(dumps: readonly IptablesDump[]): readonly FilterTable[] {
    return dumps.flatMap(({ backend, family, tables }) =>
      (isKnown(tables) ? tables.value : [])
        .filter(({ name }) => name !== 'nat')
        .map((table) => this.#table(table, family, `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${backend}`)),
    );
  }

  #table(table: IptablesTable, family: Family, program: string): FilterTable {
    // kube-proxy has none of these in such tables.
    const chains = (table.parts?.common.chains ?? []).length === 0 ? ownChains(table) : table.chains;
    return {
      name: table.name,
      family,
      program,
      chains: new Map(chains.map((chain) => [chain.name, this.#chain(chain, family)])),
    };
  }

  #chain(chain: IptablesChain, family: Family): FilterChain {
    const { name, policy, counters } = chain;
    const read = (): readonly FilterRule[] => chain.rules.map((rule) => this.#rule(rule, family));
    let rules: readonly FilterRule[] | undefined;
    return {
      name,
      hook: isHook(name) ? name : undefined,
      drops: policy === 'DROP',
      packets: counters === undefined ? undefined : Number(counters.split(':')[0]),
      // Packets come to few of a table's chains.
      get rules() {
        return (rules ??= read());
      },
    };
  }

  #rule({ line, packets }: IptablesRule, family: Family): FilterRule {
    const ofFamily = this.#read[family];
    let read = ofFamily.get(line);
    if (read === undefined) ofFamily.set(line, (read = readRule(line, family)));
    return { ...read, packets, line };
  }
}

type ReadRule = Pick<FilterRule, 'conditions' | 'action'>;

const hooks: ReadonlySet<string> = new Set<FilterHook>(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);
const isHook = (name: string): name is FilterHook => hooks.has(name);

function readRule(line: string, family: Family): ReadRule {
  const words = argumentsOf({ line });
  const end = words.findIndex((word) => word === '-j' || word === '-g');
  return {
    conditions: conditionsOf(end === -1 ? words : words.slice(0, end), family),
    action: end === -1 ? { kind: 'goOn' } : actionOf(words[end + 1] ?? '', words[end] === '-g'),
  };
}

/** Targets after which a packet goes on to the next rule. */
const goingOn: ReadonlySet<string> = new Set([
  'AUDIT',
  'CHECKSUM',
  'CLASSIFY',
  'CONNSECMARK',
  'CT',
  'DSCP',
  'HL',
  'LOG',
  'NFLOG',
  'NOTRACK',
  'SECMARK',
  'SET',
  'TCPMSS',
  'TOS',
  'TRACE',
  'TTL',
]);

function actionOf(target: string, isGoto: boolean): FilterAction {
  if (target === 'ACCEPT') return { kind: 'accept' };
  if (target === 'DROP' || target === 'REJECT') return { kind: 'drop' };
  if (target === 'RETURN') return { kind: 'return' };
  if (target === 'MARK' || target === 'CONNMARK') return { kind: 'mark' };
  if (goingOn.has(target)) return { kind: 'goOn' };
  // Chains that do not exist, and what extensions do that are not known, are for the walk to find out.
  return { kind: isGoto ? 'goto' : 'jump', chain: target };
}

/** What is behind an option that is not known is not known either, but what else is asked still counts. */
function conditionsOf([, , ...words]: readonly string[], family: Family): readonly FilterCondition[] {
  const conditions: FilterCondition[] = [];
  let module = '';
  let not = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '!') {
      not = true;
      continue;
    }
    // Each match says by its own options what it asks; `socket` and a few more ask without any.
    if (word === '-m') {
      module = words[++at] ?? '';
      if (silentMatches.has(module)) conditions.push({ on: 'other' });
    } else if (word === '--comment') at += 1;
    else if (word.startsWith('-')) {
      const one = module === 'connmark' ? undefined : conditionOf(word, words[at + 1] ?? '', family);
      if (one !== undefined) at += 1;
      conditions.push({ ...(one ?? { on: 'other' }), ...(not && { not }) });
    }
    not = false;
  }
  return conditions;
}

const silentMatches: ReadonlySet<string> = new Set(['socket', 'rpfilter', 'ah', 'frag', 'rt', 'unclean']);

/** An option with one value; undefined: another one. */
function conditionOf(option: string, value: string, family: Family): FilterCondition | undefined {
  switch (option) {
    case '-i':
    case '-o':
      return { on: option === '-i' ? 'inLink' : 'outLink', name: value };
    case '-s':
    case '-d': {
      const range = rangeOfNetwork(value, family);
      return range && { on: option === '-s' ? 'source' : 'destination', family, ...range };
    }
    case '-p':
      return { on: 'protocol', protocol: protocolNames.get(value) ?? value };
    case '--dport':
    case '--sport': {
      const [, from, to = from] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(value) ?? [];
      return from === undefined
        ? undefined
        : { on: option === '--dport' ? 'port' : 'sourcePort', from: Number(from), to: Number(to) };
    }
    case '--ctstate':
    case '--state':
      return { on: 'state', states: new Set(value.split(',')) };
    case '--mark': {
      const [, mark, mask = '0xffffffff'] = /^(0x[\da-f]{1,8})(?:\/(0x[\da-f]{1,8}))?$/.exec(value) ?? [];
      return mark === undefined ? undefined : { on: 'mark', value: Number(mark), mask: Number(mask) };
    }
    default:
      return undefined;
  }
}

const protocolNames: ReadonlyMap<string, string> = new Map([
  ['6', 'tcp'],
  ['17', 'udp'],
]);
