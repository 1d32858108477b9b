import type { RemedyReport } from '../../remedy/RemedyReport.ts';
import { nameOf } from '../../remedy/valuesOf.ts';
import { listFirst, listNames } from '../../text/names.ts';
import { plainPaint } from '../../text/Style.ts';
import { Page } from '../Page.ts';
import { renderAgainst } from '../against/renderAgainst.ts';
import type { AgainstReport } from '../against/AgainstReport.ts';
import type { Block } from '../outline/Outline.ts';
import { outlineOf } from '../outline/outlineOf.ts';
import type { ErrorDocument, EvidenceReport, FindingReport, ReportDocument } from '../ReportDocument.ts';
import { places } from '../stepWords.ts';
import { block, paragraphs, prose } from './markdown.ts';
import { aboutOf, suppressedLines, symbols, whyText } from './plainText.ts';

/** For a ticket or a chat: the verdict, each cause with its effects and what to do first, and what is unknown. */
export function renderReportMarkdown(report: ReportDocument): string {
  const { headline, causes, notes, unknowns } = outlineOf(report);
  return paragraphs([
    `**${prose(`${headline.word}: ${headline.text}`)}**`,
    prose(aboutOf(report).join(' · ')),
    ...causes.flatMap(causeParts),
    ...(report.against === undefined ? [] : [againstBlock(report.against)]),
    notes
      .map(({ lead, others }) => `- ${symbols.info} ${prose(lead.message)}${more(others.length)} ${lead.code}`)
      .join('\n'),
    suppressedLines(report)
      .map((line) => `- ${symbols.skipped} ${prose(line)}`)
      .join('\n'),
    unknowns
      .map((group) => `- ${symbols.unknown} ${prose(`${whyText(group)}: ${listNames(group.checks)}`)}`)
      .join('\n'),
    `Exit code ${report.exitCode}`,
  ]);
}

export const markdownFailure = ({ error }: ErrorDocument): string =>
  paragraphs([`**${prose(`ERROR: ${error.message}`)}**`, prose(error.hint)]);

function causeParts({ severity, lead, others, effects, lasted }: Block): readonly string[] {
  const { nodes, objects, expected, found, evidence, remedy, alternatives = [] } = lead;
  return [
    `**${symbols[severity]} ${prose(lead.message)}** ${lead.code}`,
    [
      ...(nodes.length === 0 ? [] : [`on ${prose(listNames(nodes))}`]),
      ...(lasted === undefined ? [] : [lasted]),
      ...(objects.length === 0 ? [] : [prose(listNames(objects.map(nameOf)))]),
      ...(others.length === 0 ? [] : [prose(`and ${others.length} more like it${onOthers(lead, others)}`)]),
    ].join('; '),
    ...(expected === undefined && found === undefined
      ? []
      : [block(`expected  ${expected ?? ''}\nfound     ${found ?? ''}`)]),
    effects.length === 0 ? '' : `Therefore:\n${effects.map(effectLine).join('\n')}`,
    ...evidence.slice(0, 1).map(evidenceBlock),
    ...remedyParts(remedy),
    alternatives.length === 0 ? '' : `Other ways: ${prose(`kubectl kpr explain ${lead.code}`)}`,
  ];
}

/** Nodes that a ticket names; who has more of them has a report for it. */
const mostNames = 20;

function onOthers({ nodes }: FindingReport, others: readonly FindingReport[]): string {
  const names = [...new Set(others.flatMap((one) => one.nodes))].filter((name) => !nodes.includes(name));
  return names.length === 0 ? '' : ` on ${listFirst(names, mostNames)}`;
}

const effectLine = ({ severity, text, nodes, code }: Block['effects'][number]): string =>
  `- ${symbols[severity]} ${prose(text)}${nodes.length === 0 ? '' : ` on ${prose(listNames(nodes))}`} ${code}`;

const more = (number: number): string => (number === 0 ? '' : ` (and ${number} more)`);

/** Of what was seen, the line that decides among them. */
const shownLines = 8;

function evidenceBlock({ command, excerpt, decides = 0 }: EvidenceReport): string {
  const lines = excerpt.trimEnd().split('\n');
  const first = Math.max(0, decides - shownLines + 1);
  const shown = lines.slice(first, first + shownLines);
  return block([...(command === '' ? [] : [`$ ${command}`]), ...shown].join('\n'));
}

/** Of one step; the others are alike, for other nodes. */
const shownCommands = 3;

function remedyParts({ steps, check, undo }: RemedyReport): readonly string[] {
  return [
    ...steps.map(({ text, where, risk, precondition, commands }, i) => {
      const lines = [...new Set(commands.map(({ command }) => command))];
      const left = lines.length - shownCommands;
      return [
        `${i + 1}. ${prose(text + places[where])}${left > 0 ? ` (likewise on ${left} more)` : ''}`,
        ...(precondition === undefined
          ? []
          : [`   only if ${prose(precondition.text)}:`, block(precondition.command, '   ')]),
        ...(lines.length === 0 ? [] : [block(lines.slice(0, shownCommands).join('\n'), '   ')]),
        ...(risk === undefined ? [] : [`   risk: ${prose(risk)}`]),
      ].join('\n');
    }),
    ...(check === undefined ? [] : [`Check:\n${block(check)}`]),
    ...(undo === undefined ? [] : [`Undo:\n${block(undo)}`]),
  ];
}

function againstBlock(against: AgainstReport): string {
  const page = new Page({ width: undefined, unicode: true, paint: plainPaint });
  renderAgainst(page, against, 'normal');
  return block(page.toString());
}
