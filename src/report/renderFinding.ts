import type { StepReport } from '../remedy/RemedyReport.ts';
import { nameOf } from '../remedy/valuesOf.ts';
import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Verbosity } from '../text/Style.ts';
import type { Page } from './Page.ts';
import type { FindingReport } from './ReportDocument.ts';

/** Where the text of a finding begins: behind symbol and code. */
const indent = 11;
const label = (word: string): { label: string; labelPaint: 'dim'; indent: number } => ({
  label: `    ${word}`,
  labelPaint: 'dim',
  indent,
});

/** @param before the finding shown before it: a remedy that it shares is not written twice */
export function renderFinding(
  page: Page,
  one: FindingReport,
  before: FindingReport | undefined,
  detail: Verbosity,
): void {
  const all = detail === 'verbose';
  page.prose(one.message, {
    label: `${page.symbols[one.severity]} ${one.code}  `,
    labelPaint: one.severity,
    indent,
    paint: 'bold',
  });
  const unnamed = one.objects.map(nameOf).filter((name) => !one.message.includes(name.split(' ')[1] ?? name));
  if (unnamed.length > 0) page.prose(listNames(unnamed, all), { indent });
  if (one.nodes.length > 0) page.prose(`on ${listNames(one.nodes, all)}`, { indent });
  if (one.likelyCauses.length > 0) page.prose(`follows from ${listNames(one.likelyCauses)}, see above`, { indent });
  if (one.expected !== undefined) page.verbatim(`expected  ${one.expected}`, { indent });
  if (one.found !== undefined) page.verbatim(`found     ${one.found}`, { indent });
  if (detail === 'quiet') return;

  for (const { command, excerpt } of all ? one.evidence : one.evidence.slice(0, 1))
    renderEvidence(page, command, excerpt, all);
  if (!all && one.remedy.steps.length > 0 && isSame(one.remedy, before?.remedy)) {
    page.prose('as for the finding above', label('do'));
    return;
  }
  for (const step of one.remedy.steps) renderStep(page, step, all);
  if (one.remedy.check !== undefined) page.verbatim(one.remedy.check, label('check'));
  if (one.remedy.undo !== undefined) page.verbatim(one.remedy.undo, label('undo'));
}

const isSame = (one: FindingReport['remedy'], other: FindingReport['remedy'] | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const excerptLines = 5;

function renderEvidence(page: Page, command: string, excerpt: string, all: boolean): void {
  if (command !== '') page.verbatim(command, label('see'));
  const lines = excerpt.trimEnd().split('\n');
  const shown = all ? lines : lines.slice(0, excerptLines);
  if (excerpt.trim() !== '')
    for (const line of shown) page.verbatim(`${page.symbols.bar} ${line}`, { indent, paint: 'dim' });
  if (shown.length < lines.length)
    page.prose(`and ${count(lines.length - shown.length, 'more line')} (-v)`, { indent, paint: 'dim' });
}

function renderStep(page: Page, step: StepReport, all: boolean): void {
  const where = { workstation: '', node: ' (on the node)', controlPlane: ' (on a control-plane node)' }[step.where];
  page.prose(step.text + where, label('do'));
  // What is typed on each of several nodes is often the same.
  const commands = [...new Map(step.commands.map((one) => [one.command, one])).values()];
  const shown = all || commands.length <= 3 ? commands : commands.slice(0, 2);
  for (const { command } of shown) page.verbatim(command, { indent, paint: 'bold' });
  if (shown.length < commands.length) {
    const others = commands.slice(shown.length).flatMap(({ node }) => node ?? []);
    page.prose(`likewise for ${listNames(others)} (-v)`, { indent, paint: 'dim' });
  }
  if (step.risk !== undefined) page.prose(step.risk, label('risk'));
}
