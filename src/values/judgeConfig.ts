import type { TemplateNode } from '../knowledge/charts/TemplateNode.ts';
import { looksSecret } from '../knowledge/configKeys.ts';
import { parseVersion } from '../knowledge/version.ts';
import { agentRefusals } from './agentRefusals.ts';
import { changedDefaults, configOf } from './changedDefaults.ts';
import type { ValuesJudgement } from './judgeValues.ts';
import type { KeyVerdict } from './KeyVerdict.ts';
import { agentConfigFile, type Chart, type RenderTarget } from './renderChart.ts';

type Config = ReadonlyMap<string, string>;

/** The charts of the version that runs, and of the one to go to. */
interface Step {
  readonly before: Chart;
  readonly after: Chart;
}

/**
 * What becomes of the agents’ configuration as it is, where nobody gave the values that it was made of: what is as the
 * running version’s chart has it by default, follows the default of the next; all else was set by somebody, and stays
 * as far as that chart still writes it. Names of values that no chart knows cannot be found that way. Pure.
 */
export function judgeConfig(live: Config, charts: Step, target: RenderTarget): ValuesJudgement {
  const configs = { before: configOf(charts.before, {}, target), after: configOf(charts.after, {}, target) };
  const isDecided = (option: string): boolean => live.get(option) !== configs.before.get(option);
  const set = [...live].filter(([option]) => isDecided(option));
  const gone = set.filter(([option]) => isGone(option, charts));
  const kept = set.filter(([option]) => !isGone(option, charts));
  const config = new Map([...configs.after, ...kept]);
  return {
    version: charts.after.table.version,
    verdicts: [
      ...gone.map(([option, value]) => removed(option, value, charts)),
      ...refusals(config, charts.after),
      ...changedDefaults(charts, configs, isDecided),
    ],
    config,
  };
}

/** What the running version’s chart writes and the next does not; what neither does came by extraConfig, and stays. */
const isGone = (option: string, { before, after }: Step): boolean => writes(before, option) && !writes(after, option);

const writes = ({ files }: Chart, option: string): boolean => isWritten(files.get(agentConfigFile) ?? [], option);

const isWritten = (nodes: readonly TemplateNode[], option: string): boolean =>
  nodes.some((node) =>
    node.kind === 'text'
      ? node.text.includes(`  ${option}:`)
      : 'body' in node && (isWritten(node.body, option) || isWritten(node.otherwise, option)),
  );

const removed = (option: string, value: string, { before, after }: Step): KeyVerdict =>
  verdictOf(before.table.options[option] ?? option, {
    kind: 'removed',
    severity: 'warning',
    message: `cilium-config has ${option}${looksSecret(option) ? '' : `=${value}`}, and the chart of ${after.table.version} does not write it any more`,
  });

function refusals(config: Config, chart: Chart): readonly KeyVerdict[] {
  const version = parseVersion(chart.table.version);
  if (version === undefined) return [];
  return agentRefusals(config, version).map(({ options, message }) => {
    const option = options.find((one) => config.has(one)) ?? options[0] ?? '';
    return verdictOf(chart.table.options[option] ?? option, { kind: 'agentRefuses', severity: 'error', message });
  });
}

const verdictOf = (key: string, verdict: Pick<KeyVerdict, 'kind' | 'severity' | 'message'>): KeyVerdict => ({
  key,
  path: key.split('.'),
  place: undefined,
  refused: false,
  right: undefined,
  repair: undefined,
  ...verdict,
});
