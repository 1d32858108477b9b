import { rulesSeen } from '../../src/expect/rulesSeen.ts';
import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { type ForeignRules, foreignRules, type RuleAt } from '../../src/expect/foreignRules.ts';
import { ownerNames } from '../../src/knowledge/owners/Owner.ts';
import { ChainOwners } from '../../src/knowledge/owners/ownerOfChain.ts';
import { type NetworkWorkload, networkWorkloads } from '../../src/knowledge/owners/workloads.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { isClusterOwnedDaemonSet, isClusterOwnedPod } from '../../src/model/clusterOwned.ts';
import type { DaemonSet, Pod } from '../../src/model/kubernetes.ts';
import type { IptablesDump } from '../../src/model/NodeFacts.ts';
import { argumentsOf } from '../../src/model/RuleOptions.ts';
import { count } from '../../src/text/plural.ts';
import { shellQuote } from '../../src/text/shell.ts';
import { listed } from './listed.ts';
import { kpr3009 } from './problems/KPR3009.ts';

/**
 * Rules of a CNI or service proxy that ran here once. Names in the API tell whether it still runs, anywhere: one that
 * is being started anew on a node is not gone. What could not be read of the rules is leftover-iptables’ to say.
 */
export const foreignRulesInUse = defineCheck({
  id: 'foreign-rules-in-use',
  title: 'Rules of other CNIs and service proxies are those of programs that run',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3009],
  requires: { cluster: ['daemonSets', 'pods'], node: ['iptables'] },
  run: ({ nodes, cluster, frame }) => {
    const isRunning = ({ names, within }: NetworkWorkload): boolean =>
      within.includes(frame.distribution) ||
      cluster.daemonSets.some((one) => names.test(one.metadata.name) && isWanted(one)) ||
      cluster.pods.some((one) => names.test(one.metadata.name) && isAlive(one));
    const gone = networkWorkloads.filter((one) => !isRunning(one));
    const owners = new ChainOwners();
    return forEachNode(nodes, (node) => passUnless(gone.flatMap((one) => findingOf(node, one, owners))));
  },
});

/** Names are anybody's to give: a tenant's pod of such a name keeps nothing from being found. */
const isWanted = (one: DaemonSet): boolean => isClusterOwnedDaemonSet(one) && one.status?.desiredNumberScheduled !== 0;
const isAlive = (one: Pod): boolean =>
  isClusterOwnedPod(one) && one.status?.phase !== 'Succeeded' && one.status?.phase !== 'Failed';

interface Left extends ForeignRules {
  readonly dump: IptablesDump;
}

function findingOf(
  node: NodeView<'iptables'>,
  { owner, names }: NetworkWorkload,
  owners: ChainOwners,
): readonly Finding<'KPR3009'>[] {
  const left = node.facts.iptables.flatMap((dump): Left[] => {
    const rules = isKnown(dump.tables) ? foreignRules(dump.tables.value, owner, owners) : undefined;
    return rules === undefined ? [] : [{ ...rules, dump }];
  });
  if (left.length === 0) return [];
  const active = left.flatMap((one) => one.active);
  const lines = [...active, ...left.flatMap(({ entrances }) => entrances)].slice(0, 4).map(({ rule }) => rule.line);
  const chains = left.reduce((sum, one) => sum + one.chains, 0);
  const about = { nodes: [node.name], evidence: [node.evidence('iptables', rulesSeen(node.facts.iptables, lines))] };
  const params = { owner: ownerNames[owner], chains: count(chains, 'chain') };
  if (active.length === 0) return [finding(kpr3009, 'idle', params, about)];
  const deletions = left.flatMap(({ dump, entrances }) => entrances.map((one) => deletion(dump, one)));
  return [
    finding(
      kpr3009,
      'active',
      {
        ...params,
        effects: listed([...new Set(active.map(({ table, rule }) => `${rule.target} (table ${table})`))]),
        pods: names.source,
        deletions: deletions.join('; '),
      },
      about,
    ),
  ];
}

/** What takes away the rule by which packets come to others: by its own words, each quoted anew. */
function deletion({ backend, family }: IptablesDump, { table, rule }: RuleAt): string {
  const program = `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${backend}`;
  const [, ...words] = argumentsOf(rule);
  return [program, '-w', '-t', table, '-D', ...words].map(shellQuote).join(' ');
}
