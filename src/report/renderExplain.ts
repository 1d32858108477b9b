import type { Problem, RaisedProblem, Variant } from '../core/Problem.ts';
import { fillText } from '../remedy/fill.ts';
import type { Style } from '../text/Style.ts';
import { Page } from './Page.ts';

const indent = 11;

/** All that is known about a code: what one notices, why it is so, how to see it by hand, what to do. */
export function renderExplain(problem: RaisedProblem, style: Style): string {
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
  for (const variant of Object.values(problem.variants)) renderVariant(page, variant, problem);
  return page.toString();
}

function renderVariant(page: Page, variant: Variant, problem: Problem): void {
  page.prose(shown(variant.message), { label: 'finding', labelPaint: variant.severity ?? problem.severity, indent });
  for (const { text, command, risk, where } of variant.steps) {
    const place = { workstation: '', node: ' (on the node)', controlPlane: ' (on a control-plane node)' }[where];
    page.prose(shown(text) + place, { label: '    do', labelPaint: 'dim', indent });
    if (command !== undefined) page.verbatim(shown(command), { indent, paint: 'bold' });
    if (risk !== undefined) page.prose(shown(risk), { label: '    risk', labelPaint: 'dim', indent });
  }
  if (variant.check !== undefined)
    page.verbatim(shown(variant.check), { label: '    check', labelPaint: 'dim', indent });
  if (variant.undo !== undefined) page.verbatim(shown(variant.undo), { label: '    undo', labelPaint: 'dim', indent });
  page.blank();
}

/** Without a finding the names stand for their values, as words that people see they have to replace. */
const shown = (template: string): string => fillText(template, {});
