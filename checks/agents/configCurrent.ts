import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { nextStart } from '../../src/expect/agent/nextStart.ts';
import { configDriftOnNode, helmNamesIn, isHelmName, type KeyChange } from '../../src/expect/agent/configDrift.ts';
import { isOperatorOnly, looksSecret } from '../../src/knowledge/configKeys.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import { listFirst } from '../../src/text/names.ts';
import { truncate } from '../../src/text/truncate.ts';
import { kpr1005 } from './problems/KPR1005.ts';

export const configCurrent = defineCheck({
  id: 'config-current',
  title: 'Agents run with the configuration that stands in the API',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1005],
  requires: { cluster: ['ciliumConfig'] },
  optional: { node: ['startedConfig', 'metrics'] },
  uses: [configDriftOnNode, nextStart],
  run: ({ nodes }) =>
    forEachNode(nodes, (node) => {
      const changes = node.derived(configDriftOnNode);
      // Where the files can't tell, the agent's own count may.
      const drift = valueOf(node.facts.metrics)?.configDrift;
      if (!('missing' in changes))
        return passUnless([
          ...ofChanges(node, others(node, changes), drift ?? 0),
          ...ofHelm(node, changes, drift ?? 0),
        ]);
      if (drift === undefined) return inconclusive(changes);
      if (drift === 0) return pass;
      const about = { nodes: [node.name], evidence: [node.evidence('metrics', counted(drift))] };
      return finding(kpr1005, 'counted', { count: drift }, about);
    }),
});

type View = NodeView<never, 'startedConfig' | 'metrics', never, typeof configDriftOnNode | typeof nextStart>;

/** Without what agents-would-start says: a change that makes agents end, or that leaves nobody to serve Services. */
function others({ derived }: View, changes: readonly KeyChange[]): readonly KeyChange[] {
  const next = derived(nextStart);
  if ('missing' in next) return changes;
  const said = new Set(next.refusals.map(({ key }) => key));
  if (next.leavesNobody) said.add('kube-proxy-replacement');
  if (next.leavesServices !== undefined) said.add('k8s-service-proxy-name');
  return changes.filter(({ key }) => !said.has(key));
}

function ofChanges(node: View, changes: readonly KeyChange[], drift: number): Finding<'KPR1005'>[] {
  const options = changes.filter(({ key }) => !isHelmName(key));
  const operator = options.filter(({ key }) => isOperatorOnly(key));
  const agents = options.filter(({ key }) => !isOperatorOnly(key));
  return [
    ...(agents.length > 0 ? [finding(kpr1005, 'changed', { keys: names(agents) }, about(node, agents, drift))] : []),
    ...(operator.length > 0
      ? [finding(kpr1005, 'operator', { keys: names(operator) }, about(node, operator, drift))]
      : []),
  ];
}

/** They are passed over in silence, so that it makes no difference whether the agent started with them. */
function ofHelm(node: View, changes: readonly KeyChange[], drift: number): Finding<'KPR1005'>[] {
  const { startedConfig } = node.facts;
  const changed = new Set(changes.map(({ key }) => key));
  const kept = isKnown(startedConfig) ? helmNamesIn(startedConfig.value).filter(({ key }) => !changed.has(key)) : [];
  const held = [...changes.filter(({ key, now }) => isHelmName(key) && now !== ''), ...kept];
  return held.length === 0 ? [] : [finding(kpr1005, 'helmName', { keys: names(held) }, about(node, held, drift))];
}

const about = ({ name, agent, evidence }: View, some: readonly KeyChange[], drift: number) => ({
  nodes: [name],
  expected: listed(some, 'now'),
  found: listed(some, 'started'),
  evidence: [
    evidence(
      'startedConfig',
      `pod ${agent?.name ?? ''} started ${agent?.startedAt ?? 'at an unknown time'} with ${listed(some, 'started')}`,
    ),
    // A second witness, where the agent keeps one.
    ...(drift > 0 ? [evidence('metrics', counted(drift))] : []),
  ],
});

const counted = (drift: number): string => `cilium_drift_checker_config_delta ${drift}`;

const names = (changes: readonly KeyChange[]): string =>
  listFirst(
    changes.map(({ key }) => key),
    6,
  );

const listed = (changes: readonly KeyChange[], when: 'started' | 'now'): string =>
  changes
    .slice(0, 6)
    .map((change) => `${change.key}=${looksSecret(change.key) ? '(not shown)' : short(change[when])}`)
    .join(', ');

const short = (value: string): string => (value === '' ? '(none)' : truncate(value, 40));
