import type { Precondition } from '../core/Problem.ts';
import type { RemedyReport, StepReport } from '../remedy/RemedyReport.ts';
import { nameOf } from '../remedy/valuesOf.ts';
import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Verbosity } from '../text/Style.ts';
import type { Page } from './Page.ts';
import type { EvidenceReport, FindingReport } from './ReportDocument.ts';
import { indent, label, places } from './stepWords.ts';

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

  for (const seen of all ? one.evidence : one.evidence.slice(0, 1)) renderEvidence(page, seen, all);
  if (!all && one.remedy.steps.length > 0 && isSame(one, before)) {
    page.prose('as for the finding above', label('do'));
    return;
  }
  renderRemedy(page, one.remedy, all);
  for (const way of one.alternatives ?? []) {
    page.prose(way.title, label('or'));
    renderRemedy(page, way, all);
  }
}

function renderRemedy(page: Page, { steps, check, undo }: RemedyReport, all: boolean): void {
  for (const step of steps) renderStep(page, step, all);
  if (check !== undefined) page.verbatim(check, label('check'));
  if (undo !== undefined) page.verbatim(undo, label('undo'));
}

const isSame = (one: FindingReport, other: FindingReport | undefined): boolean =>
  JSON.stringify([one.remedy, one.alternatives]) === JSON.stringify([other?.remedy, other?.alternatives]);

const excerptLines = 5;

function renderEvidence(page: Page, { command, excerpt, decides }: EvidenceReport, all: boolean): void {
  if (command !== '') page.verbatim(command, label('see'));
  const lines = excerpt.trim() === '' ? [] : excerpt.trimEnd().split('\n');
  // The line that decides is among those that are shown.
  const first = all || decides === undefined ? 0 : Math.max(0, decides - excerptLines + 1);
  const shown = all ? lines : lines.slice(first, first + excerptLines);
  for (const [i, line] of shown.entries())
    page.verbatim(`${page.symbols.bar} ${line}`, { indent, ...(i + first === decides ? {} : { paint: 'dim' }) });
  if (shown.length < lines.length)
    page.prose(`and ${count(lines.length - shown.length, 'more line')} (-v)`, { indent, paint: 'dim' });
}

function renderStep(page: Page, step: StepReport, all: boolean): void {
  page.prose(step.text + places[step.where], label('do'));
  if (step.precondition !== undefined) renderPrecondition(page, step.precondition);
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

function renderPrecondition(page: Page, { text, command }: Precondition): void {
  page.prose(`only if ${text}; this fails while it does not hold:`, { indent });
  page.verbatim(command, { indent });
}
