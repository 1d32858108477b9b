import { nameOf } from '../../remedy/valuesOf.ts';
import type { RemedyReport } from '../../remedy/RemedyReport.ts';
import type { FindingReport, ReportCluster, ReportDocument, ReportSource } from '../ReportDocument.ts';
import type { UnknownGroup } from '../outline/Outline.ts';
import { kubernetesText, timeText } from '../renderHeader.ts';
import { reasonNames } from '../renderUnknowns.ts';
import { places } from '../stepWords.ts';
import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';

/** What was looked at, in a word or two. */
export const subjectOf = ({
  source,
  cluster,
}: {
  readonly source: ReportSource;
  readonly cluster: ReportCluster;
}): string => (source.kind === 'live' ? (cluster.context ?? cluster.server ?? 'the cluster') : source.file);

/** When, of what and of which versions. */
export const aboutOf = ({
  command,
  source,
  cluster,
  takenAt,
  durationMs,
}: Pick<ReportDocument, 'command' | 'source' | 'cluster' | 'takenAt' | 'durationMs'>): readonly string[] => [
  `kubectl kpr ${command}`,
  source.kind === 'live' ? subjectOf({ source, cluster }) : `${source.kind} ${source.file}`,
  timeText(takenAt),
  ...(cluster.ciliumVersions.length === 0 ? [] : [`Cilium ${listNames(cluster.ciliumVersions)}`]),
  ...(cluster.kubernetesVersion === null ? [] : [kubernetesText(cluster.kubernetesVersion)]),
  count(cluster.nodes, 'node'),
  ...(cluster.services === null ? [] : [count(cluster.services, 'Service')]),
  `${(durationMs / 1000).toFixed(1)} s`,
];

/** `KPR4001 Row is missing: … on n1 and n2 (Service shop/cart)`: a finding in one line. */
export function lineOf({ code, message, nodes, objects }: FindingReport): string {
  const where = nodes.length === 0 ? '' : ` on ${listNames(nodes)}`;
  const unnamed = objects.filter(({ name }) => !message.includes(name)).map(nameOf);
  return `${code} ${message}${where}${unnamed.length === 0 ? '' : ` (${listNames(unnamed)})`}`;
}

/** All of a finding, for a place that shows plain text. */
export function plainTextOf(finding: FindingReport): string {
  const { nodes, objects, expected, found, evidence, likelyCauses, remedy, alternatives = [] } = finding;
  return [
    `${finding.code} ${finding.message}`,
    ...(nodes.length === 0 ? [] : [`on ${listNames(nodes, true)}`]),
    ...(objects.length === 0 ? [] : [listNames(objects.map(nameOf), true)]),
    ...(likelyCauses.length === 0 ? [] : [`follows from ${listNames(likelyCauses)}`]),
    ...(expected === undefined ? [] : [`expected  ${expected}`]),
    ...(found === undefined ? [] : [`found     ${found}`]),
    ...evidence.map(({ command, excerpt }) => (command === '' ? excerpt : `$ ${command}\n${excerpt}`)),
    ...remedyLines(remedy),
    ...alternatives.map((way) => [`or ${way.title}`, remedyLines(way)].flat().join('\n')),
  ].join('\n');
}

const remedyLines = ({ steps, check, undo }: RemedyReport): readonly string[] => [
  ...steps.flatMap(({ text, where, risk, precondition, commands }) => [
    `do: ${text}${places[where]}`,
    ...(precondition === undefined ? [] : [`only if ${precondition.text}: ${precondition.command}`]),
    ...new Set(commands.map(({ command }) => `  ${command}`)),
    ...(risk === undefined ? [] : [`risk: ${risk}`]),
  ]),
  ...(check === undefined ? [] : [`check: ${check}`]),
  ...(undo === undefined ? [] : [`undo: ${undo}`]),
];

export const symbols = { error: '✖', warning: '⚠', info: 'ℹ', ok: '✔', unknown: '?', skipped: '○' } as const;

export function whyText({ why }: UnknownGroup): string {
  switch (why.kind) {
    case 'finding':
      return `not judged because of ${why.code}`;
    case 'sysdump':
      return 'no sysdump holds what is needed';
    case 'reason':
      return reasonNames[why.reason];
  }
}

/** What is suppressed, by whom, why and how long; a line each. */
export const suppressedLines = ({ suppressions }: ReportDocument): readonly string[] =>
  (suppressions?.suppressed ?? []).map(
    ({ code, message, nodes, reason, until, by }) =>
      `suppressed: ${code} ${message}${nodes.length === 0 ? '' : ` on ${listNames(nodes)}`} (${reason}; until ${until}, ${by})`,
  );
