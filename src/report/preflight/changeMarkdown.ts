import { detailsOf, reasonsOf } from '../outline/reasonsOf.ts';
import { kubernetesText, timeText } from '../renderHeader.ts';
import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import { code, prose } from '../formats/markdown.ts';
import type { FindingReport, ReportDocument } from '../ReportDocument.ts';
import { guarded } from '../guarded.ts';
import { places } from '../stepWords.ts';
import type { ChangeReport, ChecklistStepReport } from './ChangeReport.ts';
import { changeNames, goalText, settingWords } from './changeWords.ts';
import { fenced } from './markdownText.ts';
import { verifiedText } from './renderChange.ts';

/** What was found and the checklist as Markdown, for a ticket: boxes to tick, and what was verified ticked. */
export function changeMarkdown(change: ChangeReport): readonly string[] {
  const { report, settings, losses, steps } = change;
  return [
    ...headOf(change),
    ...section('Verified', verified(report)),
    ...section('Found', report.findings.filter(({ severity }) => severity !== 'info').flatMap(findingLines)),
    ...section('Not known', unknowns(report)),
    ...section(
      'Taken over',
      settings.map((one) => `- ${code(settingWords(one))}: ${prose(one.from)}`),
    ),
    ...section(
      'To be expected',
      losses.map((loss) => `- ${prose(loss)}`),
    ),
    ...section(
      'Steps',
      steps.flatMap((step, i) => stepLines(step, i + 1)),
    ),
  ];
}

function headOf({ change, because, toVersion, report: { cluster, takenAt, tool } }: ChangeReport): readonly string[] {
  const about = [
    cluster.context === null ? undefined : `context ${cluster.context}`,
    cluster.ciliumVersions.length === 0 ? undefined : `Cilium ${listNames(cluster.ciliumVersions)}`,
    cluster.kubernetesVersion === null ? undefined : kubernetesText(cluster.kubernetesVersion),
    count(cluster.nodes, 'node'),
    `read ${timeText(takenAt)}`,
    `${tool.name} ${tool.version}`,
  ];
  const to = goalText(toVersion, cluster.ciliumVersions);
  return [
    `**${prose(change)}**${to === '' ? '' : ` ${prose(to.trimStart())}`}: ${prose(changeNames[change])}${because === null ? '' : ` ${prose(`(because ${because})`)}`}`,
    '',
    prose(about.filter((one) => one !== undefined).join(', ')),
  ];
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `### ${title}`, ...lines];

/** What passed is ticked; what had nothing to look at proves nothing, and is counted only. */
const verified = (report: ReportDocument): readonly string[] => [
  ...report.checks.flatMap(({ result, title }) => (result === 'pass' ? [`- [x] ${prose(title)}`] : [])),
  '',
  prose(verifiedText(report)),
];

function findingLines({ code: name, severity, message, nodes, remedy }: FindingReport): readonly string[] {
  const where = nodes.length === 0 ? '' : ` (on ${listNames(nodes)})`;
  const commands = remedy.steps.flatMap(({ text, precondition, commands: typed }) => [
    `  - ${prose(precondition === undefined ? text : `${text}, only if ${precondition.text}`)}`,
    ...fenced(
      typed.map(({ command }) => guarded(command, precondition)),
      '    ',
    ),
  ]);
  return [`- [ ] ${severity} ${name}: ${prose(message + where)}`, ...commands];
}

function unknowns({ checks }: ReportDocument): readonly string[] {
  return checks.flatMap(({ id, unknown }) => {
    if (unknown.length === 0) return [];
    return [`- [ ] ${id}: ${prose(reasonsOf(detailsOf(unknown)).join('; '))}`];
  });
}

function stepLines(step: ChecklistStepReport, number: number): readonly string[] {
  const box = step.done === undefined ? '[ ]' : '[x]';
  const head = `- ${box} **${number}.** ${prose(step.text + places[step.where])}`;
  if (step.done !== undefined) return [`${head} (${prose(step.done)})`];
  if (step.withheld === true) return [`${head} (not before what was found is put right)`];
  return [
    head,
    ...fenced(step.commands, '  '),
    ...(step.risk === undefined ? [] : [`  - risk: ${prose(step.risk)}`]),
    ...(step.check === undefined ? [] : ['  - check:', ...fenced([step.check], '    ')]),
    ...(step.wayBack === undefined ? [] : ['  - way back:', ...fenced([step.wayBack], '    ')]),
  ];
}
