import { type Fact, isKnown } from '../model/Fact.ts';
import { ownChains } from '../model/iptablesChains.ts';
import type { IptablesDump, IptablesTable, NetworkInterface } from '../model/NodeFacts.ts';
import { unparsedOf } from './readAnswer.ts';

/**
 * The dumps of rules that are the node's own. An agent's rules translate to the address of `cilium_host`, which no
 * other node has (cilium: pkg/datapath/iptables, "cilium host->cluster masquerade"): rules with another one belong to
 * another node, or to a time before this one.
 */
export function ownRules(
  iptables: Fact<readonly IptablesDump[]>,
  interfaces: Fact<readonly NetworkInterface[]>,
): Fact<readonly IptablesDump[]> {
  if (!isKnown(iptables) || !isKnown(interfaces)) return iptables;
  const own = new Set(interfaces.value.flatMap(({ addresses }) => addresses));
  // Nothing to compare with.
  if (!interfaces.value.some(({ name, addresses }) => name === agentDevice && addresses.length > 0)) return iptables;
  const dumps = iptables.value.map((dump) => ({ ...dump, tables: unlessOf(dump.tables, own) }));
  return dumps.some((dump, at) => dump.tables !== iptables.value[at]?.tables)
    ? { ...iptables, value: dumps }
    : iptables;
}

const agentDevice = 'cilium_host';

function unlessOf(tables: IptablesDump['tables'], own: ReadonlySet<string>): IptablesDump['tables'] {
  const foreign = isKnown(tables) ? agentAddresses(tables.value).find((address) => !own.has(address)) : undefined;
  return foreign === undefined
    ? tables
    : unparsedOf(tables.source ?? '', `has the agent’s rules for ${foreign}, which is no address of this node`);
}

const agentAddresses = (tables: readonly IptablesTable[]): string[] =>
  tables
    .filter(({ name }) => name === 'nat')
    .flatMap((table) => ownChains(table).filter(({ name }) => name === 'CILIUM_POST_nat'))
    .flatMap(({ rules }) => rules.flatMap(({ line }) => translatedTo(line)));

function translatedTo(rule: string): string[] {
  const words = rule.split(' ');
  const after = (flag: string): string | undefined =>
    words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined;
  const address = after('--to-source');
  return after('-o') === agentDevice && address !== undefined ? [address] : [];
}
