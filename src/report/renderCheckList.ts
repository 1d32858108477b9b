import type { AnyCheck } from '../core/Check.ts';
import type { RunnablePhase } from '../core/Phase.ts';
import type { Problem } from '../core/Problem.ts';
import type { Style } from '../text/Style.ts';
import { Page } from './Page.ts';

/** What is said of a check without running it. */
export interface CheckListing extends Pick<AnyCheck, 'id' | 'title' | 'area' | 'codes'> {
  readonly phases: readonly RunnablePhase[];
}

/** The rule book: each check with what holds when it passes and the codes it may raise. */
export function renderCheckList(checks: readonly CheckListing[], style: Style): string {
  const page = new Page(style);
  for (const { id, title, codes, phases } of checks) {
    page.prose(title, { label: `${id}  `, labelPaint: 'bold', indent: 4 });
    page.prose(`${codes.join(', ')}  (${phases.join(', ')})`, { indent: 4, paint: 'dim' });
  }
  return page.toString();
}

/** One line for each code: for `explain` without one. */
export function renderCodeList(problems: Iterable<Problem>, style: Style): string {
  const page = new Page(style);
  for (const { code, title } of problems) {
    page.prose(title, { label: `${code}  `, labelPaint: 'bold', indent: 9 });
  }
  return page.toString();
}
