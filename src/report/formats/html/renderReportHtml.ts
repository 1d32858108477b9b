import type { AlternativeReport, RemedyReport, StepReport } from '../../../remedy/RemedyReport.ts';
import { nameOf } from '../../../remedy/valuesOf.ts';
import { listNames } from '../../../text/names.ts';
import { count } from '../../../text/plural.ts';
import { truncate } from '../../../text/truncate.ts';
import type { AgainstReport } from '../../against/AgainstReport.ts';
import type { Block, Effect, UnknownGroup } from '../../outline/Outline.ts';
import { outlineOf } from '../../outline/outlineOf.ts';
import { areaNames } from '../../renderTable.ts';
import type { CheckReport, EvidenceReport, FindingReport, ReportDocument } from '../../ReportDocument.ts';
import { places } from '../../stepWords.ts';
import { longestText, type Markup, markup } from '../markup.ts';
import { type NodeRow, nodeMatrix } from '../nodeMatrix.ts';
import { aboutOf, suppressedLines, symbols, whyText } from '../plainText.ts';
import { fold, htmlPage, partLines, longTable, pre, section, table } from './page.ts';

/** The report as one page: the verdict, which nodes, each cause with its effects and its remedy, what is unknown. */
export function renderReportHtml(report: ReportDocument): string {
  const { headline, causes, notes, unknowns } = outlineOf(report);
  return htmlPage({
    title: `kubectl kpr ${report.command}: ${headline.word}`,
    verdict: report.verdict,
    headline: `${headline.word}: ${headline.text}`,
    about: aboutOf(report),
    filters: { error: 'errors', warning: 'warnings', info: 'notes', unknown: 'unknown' },
    body: [
      matrixSection(report),
      section('What is wrong', causes.map(blockCard)),
      ...againstSections(report.against),
      section('Notes', notes.map(blockCard)),
      section(
        'Suppressed',
        suppressedLines(report).map((line) => markup`<p>${symbols.skipped} ${line}</p>\n`),
      ),
      section('What could not be judged', unknowns.map(unknownCard)),
      checksSection(report.checks),
    ],
  });
}

/** Rows of a larger cluster in which nothing is to be seen are folded. */
const shownRows = 40;

function matrixSection(report: ReportDocument): Markup {
  const { areas, rows } = nodeMatrix(report);
  const heads = ['node', ...areas.map((area) => areaNames[area])];
  return section('Nodes', [
    markup`<div class="matrix">${[...longTable(heads, rows.map(cellsOf), shownRows, 'node')]}</div>\n`,
    markup`<p class="dim">${states.map((state) => markup`<span class="${state}">${symbols[state]}</span> ${stateNames[state]} `)}</p>\n`,
  ]);
}

const cellsOf = ({ node, cells }: NodeRow): readonly Markup[] => [
  node === null ? markup`<em>the cluster</em>` : markup`${node}`,
  ...cells.map((state) => markup`<span class="${state}" title="${stateNames[state]}">${symbols[state]}</span>`),
];

const states = ['error', 'warning', 'info', 'ok', 'unknown', 'skipped'] as const;
const stateNames: Readonly<Record<keyof typeof symbols, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  ok: 'fine',
  unknown: 'unknown',
  skipped: 'nothing to judge',
};

const blockCard = ({
  severity,
  lead,
  others,
  effects,
  lasted,
}: Block): Markup => markup`<article class="${severity}" data-severity="${severity}">
${findingMarkup(lead)}${lasted === undefined ? '' : markup`<p>${lasted}</p>\n`}${others.map((one) => fold(headOf(one), [detailsOf(one)]))}${effects.length === 0 ? '' : markup`<p><strong>Therefore:</strong></p>\n<ul>${effects.map(effectItem)}</ul>\n`}${remedyMarkup(lead)}</article>
`;

const findingMarkup = (one: FindingReport): Markup =>
  markup`<span class="code">${one.code}</span><h3>${mark(one)} ${one.message}</h3>\n${detailsOf(one)}`;

const mark = ({ severity }: Pick<FindingReport, 'severity'>): Markup =>
  markup`<span class="${severity}" title="${severity}">${symbols[severity]}</span>`;

const headOf = (one: FindingReport): Markup => markup`${mark(one)} ${one.message}${onNodes(one.nodes)}`;

const onNodes = (nodes: readonly string[]): string => (nodes.length === 0 ? '' : ` (${listNames(nodes)})`);

const effectItem = ({ code, severity, text, nodes, findings }: Effect): Markup =>
  markup`<li>${fold(
    markup`${mark({ severity })} ${text}${onNodes(nodes)} <span class="dim">${code}${findings.length > 1 ? `, ${findings.length} times` : ''}</span>`,
    findings.map((one) => markup`<div class="card">${findingMarkup(one)}</div>\n`),
  )}</li>\n`;

const detailsOf = ({ nodes, objects, expected, found, evidence }: FindingReport): Markup =>
  markup`${nodes.length === 0 ? '' : markup`<p>on ${listNames(nodes, nodes.length <= 12)}</p>\n`}${objects.length === 0 ? '' : markup`<p class="dim">${listNames(objects.map(nameOf), objects.length <= 12)}</p>\n`}${comparison(expected, found)}${evidence.slice(0, 1).map(evidenceMarkup)}${evidence.length > 1 ? fold(markup`${count(evidence.length - 1, 'more piece')} of evidence`, evidence.slice(1).map(evidenceMarkup)) : ''}`;

const comparison = (expected: string | undefined, found: string | undefined): Markup =>
  expected === undefined && found === undefined
    ? markup``
    : table(['expected', 'found'], [[partLines(expected ?? '', found), partLines(found ?? '', expected)]]);

function evidenceMarkup({ command, excerpt, decides }: EvidenceReport): Markup {
  const lines = truncate(excerpt, longestText)
    .split('\n')
    .map((line, i) => (i === decides ? markup`<span class="decides">${line}</span>\n` : markup`${line}\n`));
  return markup`${command === '' ? '' : markup`<p class="dim">see</p>\n${pre(command)}`}${excerpt.trim() === '' ? '' : markup`<pre>${lines}</pre>\n`}`;
}

const remedyMarkup = ({ remedy, alternatives = [] }: FindingReport): Markup =>
  remedy.steps.length + alternatives.length === 0
    ? markup``
    : markup`<p><strong>What to do</strong></p>\n${stepsMarkup(remedy)}${alternatives.map((way: AlternativeReport) => fold(markup`or ${way.title}`, [stepsMarkup(way)]))}`;

const stepsMarkup = ({ steps, check, undo }: RemedyReport): Markup =>
  markup`<ol>${steps.map(stepItem)}</ol>\n${check === undefined ? '' : markup`<p class="dim">check</p>\n${pre(check)}`}${undo === undefined ? '' : markup`<p class="dim">undo</p>\n${pre(undo)}`}`;

function stepItem({ text, where, risk, precondition, commands }: StepReport): Markup {
  const lines = [...new Set(commands.map(({ command }) => command))];
  return markup`<li>${text}${places[where]}${precondition === undefined ? '' : markup`<p>only if ${precondition.text}. This command fails until that is true:</p>\n${pre(precondition.command)}`}${lines.length === 0 ? '' : pre(lines.join('\n'))}${risk === undefined ? '' : markup`<p class="warning">risk: ${risk}</p>\n`}</li>\n`;
}

const unknownCard = (group: UnknownGroup): Markup => markup`<article class="unknown" data-severity="unknown">
<h3><span class="unknown">?</span> ${whyText(group)}: ${group.checks.join(', ')}</h3>
<ul>${group.details.map(({ text, nodes }) => markup`<li>${nodes.length === 0 ? '' : `${listNames(nodes, nodes.length <= 12)}: `}${text}</li>\n`)}</ul>
</article>
`;

function checksSection(checks: readonly CheckReport[]): Markup {
  const states = { pass: 'ok', fail: 'error', skipped: 'skipped', unknown: 'unknown' } as const;
  const rows = checks.map((one) => {
    const state = states[one.result];
    const reason = one.result === 'pass' ? '' : (one.reason ?? '');
    return [markup`<span class="${state}">${symbols[state]}</span> ${one.result}`, one.id, one.title, reason];
  });
  return section('Checks', [
    fold(markup`${count(checks.length, 'check')}`, [
      table(['result', 'check', 'holds when it passes', 'reason'], rows),
    ]),
  ]);
}

function againstSections(against: AgainstReport | undefined): readonly Markup[] {
  if (against === undefined) return [];
  const { file, services, lost, intended, unknown, reasons } = against;
  const { same, endpoints, service } = services.counts;
  const titles = new Map(reasons.map(({ name, title }) => [name, title]));
  return [
    section(`Against ${file}`, [
      markup`<p>${same + endpoints + service} of ${count(services.total, 'Service')} reach the same backends</p>\n`,
      ...(lost.length === 0
        ? []
        : [
            table(
              ['', 'Service', 'frontend', 'on', 'expected', 'found', 'code'],
              lost.map((one) => [
                mark(one),
                one.service,
                one.frontend,
                listNames(one.nodes),
                partLines(one.expected.join(', '), one.found.join(', ')),
                partLines(one.found.join(', '), one.expected.join(', ')),
                one.code ?? '',
              ]),
            ),
          ]),
      ...unknown.map(
        ({ node, service: name, detail }) =>
          markup`<p class="unknown">? ${[name, node].filter((part) => part !== null).join(' on ')}: ${detail}</p>\n`,
      ),
      ...(intended.length === 0
        ? []
        : [
            fold(markup`${count(intended.length, 'intended difference')}`, [
              table(
                ['Service', 'frontend', 'why', 'before', 'now'],
                intended.map((one) => [
                  one.service,
                  one.frontend,
                  one.reasons.map((name) => titles.get(name) ?? name).join('; '),
                  partLines(one.before.join(', ')),
                  partLines(one.now.join(', ')),
                ]),
              ),
            ]),
          ]),
    ]),
  ];
}
