import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOnNode, replacementWanted } from '../../src/expect/kube-proxy/replacement.ts';
import { isKnown, type Missing, missing, valueOf } from '../../src/model/Fact.ts';
import type { Distribution } from '../../src/model/Snapshot.ts';
import { listFirst } from '../../src/text/names.ts';
import { type Unreplaced, unreplacedNodes } from './unreplacedNodes.ts';
import { conflictOf, holderOf, objectOf, type Runs, variantOf } from './kubeProxyRuns.ts';
import { kpr3001 } from './problems/KPR3001.ts';

export const kubeProxyAbsent = defineCheck({
  id: 'kube-proxy-absent',
  title: 'kube-proxy does not run beside its replacement',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3001],
  requires: { cluster: ['daemonSets', 'systemPods'] },
  optional: { cluster: ['ciliumNodeConfigs'], node: ['status', 'proxyHealth'] },
  uses: [replacementWanted, replacementOnNode, kubeProxyPresence, agentConfigOnNode],
  run({ cluster, frame, nodes, derived, evidence }) {
    if (nodes.length === 0) return notApplicable('no node to examine');
    if (derived(replacementWanted) === 'off')
      return notApplicable('kube-proxy replacement is off, so kube-proxy is needed');
    const judged = nodes.map((node) => ({ node, beside: runsBeside(node) }));
    const running = judged.flatMap(({ node, beside }) =>
      beside === undefined || 'missing' in beside ? [] : [{ node, runs: beside }],
    );
    const seen = (excerpt: string): Evidence => evidence('systemPods', { lines: [excerpt], of: ['kube-proxy'] });
    const unreplaced = unreplacedNodes(nodes, valueOf(cluster.ciliumNodeConfigs) ?? []);
    return passUnless([
      ...[...Map.groupBy(running, ({ runs }) => holderOf(runs)).values()].flatMap((group) =>
        findingOf(group, { distribution: frame.distribution, seen, unreplaced }),
      ),
      ...judged.flatMap(({ node, beside }) =>
        beside !== undefined && 'missing' in beside ? [inconclusive(beside, node.name)] : [],
      ),
    ]);
  },
});

type View = NodeView<
  never,
  'status' | 'proxyHealth',
  never,
  typeof replacementOnNode | typeof kubeProxyPresence | typeof agentConfigOnNode
>;

/** kube-proxy as it runs beside its replacement; undefined: it does not; missing: nothing tells. */
function runsBeside({ facts, derived }: View): Runs | Missing | undefined {
  const presence = derived(kubeProxyPresence);
  const replacement = derived(replacementOnNode);
  // Where the replacement is not in effect, kube-proxy is what keeps the node going.
  if (presence.kind === 'none' || replacement === 'off') return undefined;
  if (presence.kind === 'unclear') return missing('notCollected', presence.why);
  if (replacement === 'on') return presence;
  return isKnown(facts.status)
    ? missing('absent', 'the agent does not say whether it replaces kube-proxy')
    : facts.status;
}

/** On all nodes where the same keeps it. */
function findingOf(
  group: readonly { readonly node: View; readonly runs: Runs }[],
  { distribution, seen: evidence, unreplaced }: Surroundings,
): Finding<'KPR3001'>[] {
  const [one] = group;
  if (one === undefined) return [];
  const nodes = group.map(({ node }) => node);
  const conflict = conflictOf(nodes);
  const holders = new Map(group.flatMap(({ runs }) => byName(objectOf(runs))));
  const [first = ''] = holders.keys();
  const what = holders.size > 1 ? `${first}, … (${holders.size})` : first;
  const seen =
    one.runs.by === 'embedded' || one.runs.by === 'process'
      ? one.node.evidence('proxyHealth', 'kube-proxy answers on 127.0.0.1:10256')
      : evidence(`${what} on ${nodes.length} node(s)`);
  const about = {
    nodes: nodes.map(({ name }) => name),
    objects: [...holders.values()],
    ...(conflict !== undefined && { severity: 'error' as const }),
    evidence: [seen],
    since: startOf(group),
  };
  const hindrance = conflict === undefined ? '' : `; ${conflict}`;
  if (unreplaced !== undefined) return [halfwayFinding(unreplaced, hindrance, about)];
  return [finding(kpr3001, variantOf(one.runs, distribution), { what, conflict: hindrance }, about)];
}

/** When the first of its pods started; undefined: no pod tells. */
const startOf = (group: readonly { readonly runs: Runs }[]): string | undefined =>
  group
    .flatMap(({ runs }) => ('pod' in runs ? (runs.pod?.status?.startTime ?? []) : []))
    .toSorted()
    .at(0);

/** Nodes go one after the other: the next is the first that Cilium does not serve yet. */
function halfwayFinding(
  { names, next, how }: Unreplaced,
  conflict: string,
  about: Pick<Finding, 'nodes' | 'objects' | 'evidence'> & {
    readonly severity?: 'error';
    readonly since: string | undefined;
  },
): Finding<'KPR3001'> {
  const params = { conflict, others: listFirst(names, 5), next };
  switch (how.kind) {
    case 'exempted':
      return finding(kpr3001, 'halfwayExempted', params, about);
    case 'labelled': {
      const { config, label } = how;
      const labelKey = label.replace(/=.*/s, '');
      return finding(kpr3001, 'halfwayLabelled', { ...params, config, label, labelKey }, about);
    }
    case 'unknown':
      return finding(kpr3001, 'halfway', params, about);
    default:
      return how satisfies never;
  }
}

interface Surroundings {
  readonly distribution: Distribution;
  readonly seen: (excerpt: string) => Evidence;
  readonly unreplaced: Unreplaced | undefined;
}

const byName = (object: ObjectRef | undefined): [string, ObjectRef][] =>
  object === undefined ? [] : [[`${object.namespace}/${object.name}`, object]];
