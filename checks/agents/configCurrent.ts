import { defineOldCheck as defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { configDrift, type KeyChange } from '../../src/expect/agent/configDrift.ts';
import { isOperatorOnly, looksSecret } from '../../src/knowledge/configKeys.ts';
import { type Missing, valueOf } from '../../src/model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
import { listFirst } from '../../src/text/names.ts';
import { truncate } from '../../src/text/truncate.ts';
import { kpr1005 } from './problems/KPR1005.ts';

export const configCurrent = defineCheck({
  id: 'config-current',
  title: 'Agents run with the configuration that stands in the API',
  area: 'agents',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1005],
  needs: { cluster: ['ciliumConfig'] },
  wants: { cluster: ['ciliumNodeConfigs', 'nodes'], node: ['startedConfig', 'metrics', 'status'] },
  run({ snapshot, nodes }) {
    if (nodes.length === 0) return skip('no node to examine');
    return nodes.flatMap((view): (Finding<'KPR1005'> | Undecided)[] => {
      const { name, snapshot: node } = view;
      const outcome = compare(node, snapshot);
      if ('missing' in outcome) return [undecided(outcome, name)];
      if ('drift' in outcome) {
        if (outcome.drift === 0) return [];
        return [
          finding(
            kpr1005,
            'counted',
            { count: outcome.drift },
            {
              nodes: [name],
              evidence: [view.evidence('metrics', `cilium_drift_checker_config_delta ${outcome.drift}`)],
            },
          ),
        ];
      }
      const [operators, agents] = [
        outcome.filter(({ key }) => isOperatorOnly(key)),
        outcome.filter(({ key }) => !isOperatorOnly(key)),
      ];
      const about = (changes: readonly KeyChange[]) => ({
        nodes: [name],
        expected: listed(changes, 'now'),
        found: listed(changes, 'started'),
        evidence: [
          view.evidence(
            'startedConfig',
            `pod ${node.agent?.name ?? ''} started ${node.agent?.startedAt ?? 'at an unknown time'} with ${listed(changes, 'started')}`,
          ),
          ...driftSeen(node).map((excerpt) => view.evidence('metrics', excerpt)),
        ],
      });
      return [
        ...(agents.length > 0 ? [finding(kpr1005, 'changed', { keys: names(agents) }, about(agents))] : []),
        ...(operators.length > 0 ? [finding(kpr1005, 'operator', { keys: names(operators) }, about(operators))] : []),
      ];
    });
  },
});

/** The keys that differ; or what the agent itself counts, where the files can't tell; or why neither can be said. */
function compare(node: NodeSnapshot, { facts }: Snapshot): readonly KeyChange[] | { readonly drift: number } | Missing {
  const changes = configDrift(node, facts);
  const drift = valueOf(node.facts.metrics)?.configDrift;
  return 'missing' in changes && drift !== undefined ? { drift } : changes;
}

/** The agent's own count, where it keeps one: a second witness. */
function driftSeen({ facts }: NodeSnapshot): string[] {
  const drift = valueOf(facts.metrics)?.configDrift ?? 0;
  return drift > 0 ? [`cilium_drift_checker_config_delta ${drift}`] : [];
}

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
