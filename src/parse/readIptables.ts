import { type Fact, isKnown, known, mapFact, type Missing, missing } from '../model/Fact.ts';
import type { IptablesDump, ProxyRules } from '../model/NodeFacts.ts';
import type { RawAnswer, RawNode } from '../model/raw.ts';
import { type IpvsFacts, tableOfPod } from './kubeproxy/readProxyTable.ts';
import { rowsOfRuleset } from './kubeproxy/rowsOfNftables.ts';
import { parseNftRuleset } from './nft/parseNftRuleset.ts';
import { kubeProxyTablesOf } from './nft/tablesOfRuleset.ts';
import { type IptablesSave, parseIptablesSave } from './parseIptablesSave.ts';
import type { KnownRules } from './digest/KnownRules.ts';
import { notAsked, readAnswer } from './readAnswer.ts';
import { ruleDumpNames, ruleDumps } from './rules/ruleDumps.ts';
import { SharedRules } from './rules/SharedRules.ts';

/**
 * Four dumps, each read or missing by itself; missing as a whole only when none was read.
 * @param known what nodes have in common, where they were asked for digests
 */
export function readIptables(
  { answers }: RawNode,
  shared: SharedRules = new SharedRules(),
  known?: KnownRules,
): Fact<readonly IptablesDump[]> {
  const read = ruleDumpNames.map((name) => {
    const { backend, family } = ruleDumps[name];
    const tables = mapFact(saveOf(answers[name], known), (save) =>
      save.isShared ? save.tables : shared.share({ backend, family }, save.tables),
    );
    return { backend, family, tables };
  });
  return together(read);
}

/** What the kube-proxy pod of the node says; `pod` is its name. */
export function readProxyRules(
  { answers }: RawNode,
  pod: string | undefined,
  ipvs: IpvsFacts,
  shared: SharedRules = new SharedRules(),
): Fact<ProxyRules> {
  const { proxyIptables, proxyIp6tables, proxyNft } = answers;
  const asked = [proxyIptables, proxyIp6tables, proxyNft].filter((answer) => answer !== undefined);
  if (asked.length === 0) {
    return pod === undefined ? missing('absent', 'there is no kube-proxy pod on this node') : notAsked;
  }
  const saves = [
    { family: 'ipv4' as const, save: saveOf(proxyIptables) },
    { family: 'ipv6' as const, save: saveOf(proxyIp6tables) },
  ];
  const ruleset = readAnswer(proxyNft, parseNftRuleset);
  const nftTables = mapFact(ruleset, kubeProxyTablesOf);
  const iptables = saves.map(({ family, save }) => {
    // The image chooses its backend by what the node uses, and says which.
    const backend = (isKnown(save) ? save.value.backend : undefined) ?? 'nft';
    return { backend, family, tables: mapFact(save, ({ tables }) => shared.share({ backend, family }, tables)) };
  });
  const commands: string[] = [];
  const reasons: Missing[] = [];
  for (const fact of [...iptables.map(({ tables }) => tables), nftTables] as const) {
    if ('missing' in fact) reasons.push(fact);
    else commands.push(fact.source);
  }
  const [command] = commands;
  if (command === undefined) return firstReason(reasons);
  const ofNft = mapFact(ruleset, (all) => {
    const rows = rowsOfRuleset(all);
    return rows && shared.rows.share(rows);
  });
  const table = tableOfPod(iptables, ofNft, ipvs, shared.rows);
  return known({ pod: pod ?? podIn(command) ?? 'kube-proxy', iptables, nftTables, table }, command);
}

function saveOf(answer: RawAnswer | undefined, inLittle?: KnownRules): Fact<IptablesSave> {
  // A kernel that has no nf_tables, or no such family, holds no rules in it: that is known, and nothing.
  if (answer !== undefined && !('missing' in answer) && answer.exitCode !== 0 && noSubsystem.test(answer.stderr)) {
    return known({ backend: undefined, tables: [], remarks: [] }, answer.command);
  }
  return readAnswer(answer, (text) => inLittle?.take(text) ?? parseIptablesSave(text));
}

const noSubsystem = /Failed to initialize nft: (?:Protocol not supported|Address family not supported)/;

function together(read: readonly IptablesDump[]): Fact<readonly IptablesDump[]> {
  const sources = read.flatMap(({ tables }) => (isKnown(tables) ? [tables.source] : []));
  const [source] = sources;
  if (source !== undefined) return known(read, source);
  return firstReason(read.flatMap(({ tables }) => (isKnown(tables) ? [] : [tables])));
}

const firstReason = (reasons: readonly Missing[]): Missing =>
  reasons.find((why) => why.missing !== 'notCollected') ?? reasons[0] ?? notAsked;

const podIn = (command: string): string | undefined => / exec (\S+)/.exec(command)?.[1];
