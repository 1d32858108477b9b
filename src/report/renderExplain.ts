import type { Problem, RaisedProblem, Remedy, RemedyStep, Variant } from '../core/Problem.ts';
import { fillText } from '../remedy/fill.ts';
import { usualCommand, usualText } from '../remedy/stepCommands.ts';
import type { Style } from '../text/Style.ts';
import type { ExplainDocument } from './ExplainDocument.ts';
import { Page } from './Page.ts';
import { indent, label, places } from './stepWords.ts';

/** All that is known about each code: what one notices, why it is so, how to see it by hand, what to do. */
export const renderExplain = ({ problems }: ExplainDocument, style: Style): string =>
  problems.map((problem) => problemText(problem, style)).join('\n');

function problemText(problem: RaisedProblem, style: Style): string {
  const page = new Page(style);
  page.prose(problem.title, { label: `${problem.code}  `, labelPaint: problem.severity, indent, paint: 'bold' });
  page.prose(`${problem.severity}, found by ${problem.phases.join(', ')}`, { indent, paint: 'dim' });
  page.blank();
  for (const [label, text] of [
    ['symptom', problem.symptom],
    ['cause', problem.cause],
    ['confirm', problem.confirm],
  ] as const) {
    page.prose(shown(text), { label, labelPaint: 'bold', indent });
    page.blank();
  }
  for (const alike of byRemedy(Object.values(problem.variants))) renderVariants(page, alike, problem);
  return page.toString();
}

/** Findings that are cured alike stand together, so that a remedy stands there once. */
const byRemedy = (variants: readonly Variant[]): readonly (readonly Variant[])[] => [
  ...Map.groupBy(variants, ({ remedy, alternatives }) => JSON.stringify([remedy, alternatives])).values(),
];

function renderVariants(page: Page, variants: readonly Variant[], problem: Problem): void {
  for (const { message, severity } of variants)
    page.prose(shown(message), { label: 'finding', labelPaint: severity ?? problem.severity, indent });
  const [variant] = variants;
  if (variant?.remedy !== undefined) renderRemedy(page, variant.remedy);
  for (const way of variant?.alternatives ?? []) {
    page.prose(shown(way.title), label('or'));
    renderRemedy(page, way);
  }
  page.blank();
}

function renderRemedy(page: Page, { steps, check, undo }: Remedy): void {
  for (const step of steps) renderStep(page, step);
  if (check !== undefined) page.command(shown(check), label('check'));
  if (undo !== undefined) page.command(shown(undo), label('undo'));
}

function renderStep(page: Page, step: RemedyStep): void {
  const { risk, where, precondition } = step;
  const command = usualCommand(step);
  page.prose(shown(usualText(step)) + places[where], label('do'));
  if (precondition !== undefined) {
    page.prose(`only if ${shown(precondition.text)}. This command fails until that is true:`, { indent });
    page.command(shown(precondition.command), { indent });
  }
  if (command !== undefined) page.command(shown(command), { indent, paint: 'bold' });
  if (risk !== undefined) page.prose(shown(risk), label('risk'));
}

/** Without a finding the names stand for their values, as words that people see they have to replace. */
const shown = (template: string): string => fillText(template, {});
