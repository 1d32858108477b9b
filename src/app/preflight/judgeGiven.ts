import type { KeyTree } from '../../knowledge/charts/ChartTable.ts';
import { chartOf, formerKeys } from '../../knowledge/charts/index.ts';
import { type Branch, branches, newestBranch } from '../../knowledge/releases.ts';
import type { HelmFlags } from '../../model/Intent.ts';
import { buildValuesReport, type JudgedTarget } from '../../report/preflight/buildValuesReport.ts';
import type { ValuesReport } from '../../report/preflight/PreflightDocument.ts';
import { changedDefaults, configOf, isSetIn } from '../../values/changedDefaults.ts';
import type { FoundValues } from '../../values/findValues.ts';
import { judgeConfig } from '../../values/judgeConfig.ts';
import { type JudgingPlace, judgeValues, type ValuesJudgement } from '../../values/judgeValues.ts';
import { type Chart, readChart } from '../../values/renderChart.ts';
import { type GivenValues, readTexts, readValues } from './readValues.ts';

/** For what values are judged. */
export interface ValuesPlace {
  /** The versions to go to, oldest first. */
  readonly targets: readonly [Branch, ...Branch[]];
  /** undefined: nobody knows what runs. */
  readonly running: Branch | undefined;
  readonly around: JudgingPlace;
}

export interface JudgedValues {
  readonly report: ValuesReport;
  /** For the newest of the versions. */
  readonly newest: ValuesJudgement;
  /** The names of its values. */
  readonly known: KeyTree;
  /** Files, by their names. */
  readonly texts: GivenValues['texts'];
}

/** What Helm takes for granted where no cluster is asked; without a version, for the newest that is known. */
export const withoutCluster = ([first = newestBranch, ...others]: readonly Branch[]): ValuesPlace => ({
  targets: [first, ...others],
  running: undefined,
  around: { kubernetesVersion: 'v1.34.0', namespace: 'kube-system' },
});

/** Files and flags. Throws KprError for what cannot be read. */
export async function judgedValues(given: HelmFlags, place: ValuesPlace): Promise<JudgedValues> {
  const [first, ...others] = place.targets;
  const texts = readTexts(given.files);
  const known = (await chartOf(others.at(-1) ?? first)).keys;
  return judged(readValues(texts, given.sets, known), known, place);
}

/** What Helm keeps of a release. */
export async function judgedRelease(values: FoundValues, place: ValuesPlace): Promise<JudgedValues> {
  const { keys } = await chartOf(place.targets[0]);
  return judged({ values, sources: [values], elsewhere: [], texts: new Map() }, keys, place);
}

async function judged(given: GivenValues, known: KeyTree, place: ValuesPlace): Promise<JudgedValues> {
  const former = await formerKeys();
  const judge = async (branch: Branch, at: number): Promise<JudgedTarget> => {
    const chart = readChart(await chartOf(branch));
    const judgement = judgeValues(given.values, chart, former, place.around);
    const before = place.targets[at - 1] ?? place.running;
    return { branch, judgement: { ...judgement, verdicts: [...judgement.verdicts, ...(await changed(before))] } };

    async function changed(old: Branch | undefined): Promise<ValuesJudgement['verdicts']> {
      if (old === undefined || !isBefore(old, branch)) return [];
      const charts = { before: readChart(await chartOf(old)), after: chart };
      const configs = { before: configOf(charts.before, given.values.tree, place.around), after: judgement.config };
      return changedDefaults(charts, configs, isSetIn(given.values.tree));
    }
  };
  return reported(given, known, await Promise.all(place.targets.map(judge)));
}

/** cilium-config as it is. undefined: no chart of what runs is known, or it does not change. */
export async function judgedConfig(
  { file, config }: { readonly file: string; readonly config: ReadonlyMap<string, string> },
  { targets: [target], running, around }: ValuesPlace,
): Promise<JudgedValues | undefined> {
  if (running === undefined || !isBefore(running, target)) return undefined;
  const after: Chart = readChart(await chartOf(target));
  const charts = { before: readChart(await chartOf(running)), after };
  const judgement = judgeConfig(config, charts, around);
  const unread = { what: 'the values that it was made of', file: 'a Secret, which --release-values reads' };
  const given = { sources: [{ file, within: undefined }], elsewhere: [unread], texts: new Map<string, string>() };
  return reported(given, after.table.keys, [{ branch: target, judgement }]);
}

function reported(
  { sources, elsewhere, texts }: Omit<GivenValues, 'values'>,
  known: KeyTree,
  targets: readonly JudgedTarget[],
): JudgedValues {
  const newest = targets.at(-1)?.judgement;
  if (newest === undefined) throw new Error('values are judged for one version at least');
  return { report: buildValuesReport(sources, elsewhere, targets), newest, known, texts };
}

const isBefore = (one: Branch, other: Branch): boolean => branches.indexOf(one) < branches.indexOf(other);
