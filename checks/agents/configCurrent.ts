import { defineCheck, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { ciliumMinor } from '../../src/knowledge/ciliumVersion.ts';
import { followedKeys, isOperatorOnly, looksSecret, resolverKeys } from '../../src/knowledge/configKeys.ts';
import { isKnown, type Missing, missing, valueOf } from '../../src/model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
import { listFirst } from '../../src/text/names.ts';
import { truncate } from '../../src/text/truncate.ts';
import { configOf, nodeConfigsOf } from './configOf.ts';
import { kpr1005 } from './problems/KPR1005.ts';

/** One key that an agent would read differently now. */
interface Change {
  readonly key: string;
  readonly started: string;
  readonly now: string;
}

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
      const about = (changes: readonly Change[]) => ({
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
function compare(node: NodeSnapshot, snapshot: Snapshot): readonly Change[] | { readonly drift: number } | Missing {
  const { startedConfig, metrics, status } = node.facts;
  const drift = valueOf(metrics)?.configDrift;
  const byAgent = (why: Missing) => (drift === undefined ? why : { drift });
  if (!isKnown(startedConfig)) return byAgent(startedConfig);
  const started = startedConfig.value;
  const overridden = limitsOverrides(started)
    ? nodeConfigsOf(node.name, snapshot).flatMap(({ spec }) => Object.keys(spec?.defaults ?? {}))
    : [];
  const changes = changesOf(configOf(node.name, snapshot), started).filter(({ key }) => !overridden.includes(key));

  // Since 1.17 the init container leaves this list. Without it kubelet keeps a mounted ConfigMap up to date by itself.
  const sources = started.get('config-sources');
  if (sources === undefined && changes.length === 0 && (ciliumMinor(valueOf(status)?.version) ?? 0) >= 17) {
    return byAgent(missing('notCollected', 'the agent reads a mounted ConfigMap, which shows the present values only'));
  }
  if (changes.length === 0) return changes;
  if (!isKnown(snapshot.facts.ciliumNodeConfigs)) return byAgent(snapshot.facts.ciliumNodeConfigs);
  if (sources !== undefined && otherSources(sources)) {
    return byAgent(
      missing('notCollected', 'the agent also reads other sources than cilium-config and CiliumNodeConfigs'),
    );
  }
  return changes;
}

/** Empty and absent are one: the command that reads the files prints nothing for an empty one. */
function changesOf(now: ReadonlyMap<string, string>, started: ReadonlyMap<string, string>): Change[] {
  const ignored = new Set(started.get('ignore-flags-drift-checker')?.split(/[\s,]+/));
  return [...new Set([...now.keys(), ...started.keys()])]
    .filter((key) => !resolverKeys.has(key) && !followedKeys.has(key) && !ignored.has(key))
    .map((key) => ({ key, started: started.get(key)?.trim() ?? '', now: now.get(key)?.trim() ?? '' }))
    .filter(({ started, now }) => started !== now)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The agent's own count, where it keeps one: a second witness. */
function driftSeen({ facts }: NodeSnapshot): string[] {
  const drift = valueOf(facts.metrics)?.configDrift ?? 0;
  return drift > 0 ? [`cilium_drift_checker_config_delta ${drift}`] : [];
}

/** With lists of allowed or denied keys it is not told here which overrides count. */
const limitsOverrides = (started: ReadonlyMap<string, string>): boolean =>
  /"(allow|deny)ConfigKeys":\s*\["/.test(started.get('config-sources-overrides') ?? '');

/** Sources that the snapshot does not hold: other ConfigMaps, annotations of the Node. */
const otherSources = (sources: string): boolean =>
  /"kind":\s*"node"/.test(sources) || (sources.match(/"kind":\s*"config-map"/g) ?? []).length > 1;

const names = (changes: readonly Change[]): string =>
  listFirst(
    changes.map(({ key }) => key),
    6,
  );

const listed = (changes: readonly Change[], when: 'started' | 'now'): string =>
  changes
    .slice(0, 6)
    .map((change) => `${change.key}=${looksSecret(change.key) ? '(not shown)' : short(change[when])}`)
    .join(', ');

const short = (value: string): string => (value === '' ? '(none)' : truncate(value, 40));
