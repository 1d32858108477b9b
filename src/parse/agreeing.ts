import { type Fact, isKnown, mapFact, type Missing } from '../model/Fact.ts';
import type { IptablesDump, NftTable } from '../model/NodeFacts.ts';
import { type AnyNftTable, kubeProxysAmong } from './parseNftTables.ts';
import { unparsedOf } from './readAnswer.ts';

/** Those that iptables-nft takes for its own, by their names (iptables: nft.c, xtables_ipv4). */
const ofIptables: ReadonlySet<string> = new Set(['raw', 'mangle', 'nat', 'filter', 'security']);

/**
 * iptables-nft keeps its tables in nf_tables, so that each of two answers tells whether the other is whole: rules that
 * were not printed are not rules that are not there. Where they contradict each other, what is too short is missing.
 */
export function agreeing(
  iptables: Fact<readonly IptablesDump[]>,
  tables: Fact<readonly AnyNftTable[]>,
): { readonly iptables: Fact<readonly IptablesDump[]>; readonly nftTables: Fact<readonly NftTable[]> } {
  if (!isKnown(iptables) || !isKnown(tables)) return { iptables, nftTables: mapFact(tables, kubeProxysAmong) };
  const unlisted = iptables.value.flatMap((dump) => tablesNotIn(dump, tables.value))[0];
  if (unlisted !== undefined)
    return { iptables, nftTables: unparsedOf(tables.source, `does not list ${unlisted}, which is there`) };
  const dumps = iptables.value.map((dump) => ({ ...dump, tables: unlessEmpty(dump, tables.value) }));
  return {
    iptables: dumps.some((dump, at) => dump.tables !== iptables.value[at]?.tables)
      ? { ...iptables, value: dumps }
      : iptables,
    nftTables: mapFact(tables, kubeProxysAmong),
  };
}

const familyOf = ({ family }: IptablesDump): string => (family === 'ipv4' ? 'ip' : 'ip6');

function tablesNotIn(dump: IptablesDump, listed: readonly AnyNftTable[]): readonly string[] {
  if (dump.backend !== 'nft' || !isKnown(dump.tables)) return [];
  const family = familyOf(dump);
  const names = new Set(listed.flatMap((one) => (one.family === family ? [one.name] : [])));
  return dump.tables.value.flatMap(({ name }) => (names.has(name) ? [] : [`${family} ${name}`]));
}

/** A dump without tables, where there are some. (Of one that nft made, iptables says that it is none of its own.) */
function unlessEmpty(dump: IptablesDump, listed: readonly AnyNftTable[]): IptablesDump['tables'] {
  const { backend, tables } = dump;
  if (backend !== 'nft' || !isKnown(tables) || tables.value.length > 0) return tables;
  const family = familyOf(dump);
  const first = listed.find((one) => one.family === family && ofIptables.has(one.name));
  return first === undefined ? tables : contradicted(tables.source, `${family} ${first.name}`);
}

const contradicted = (command: string, table: string): Missing =>
  unparsedOf(command, `printed nothing, and there is a table ${table}`);
