import type { Style } from '../text/Style.ts';
import type { ChecksDocument } from './ChecksDocument.ts';
import type { ExplainDocument } from './ExplainDocument.ts';
import { Page } from './Page.ts';

/** Each check with what holds when it passes and the codes it may raise. */
export function renderCheckList({ checks }: ChecksDocument, style: Style): string {
  const page = new Page(style);
  for (const { id, title, codes, phases } of checks) {
    page.prose(title, { label: `${id}  `, labelPaint: 'bold', indent: 4 });
    page.prose(`${codes.join(', ')}  (${phases.join(', ')})`, { indent: 4, paint: 'dim' });
  }
  return page.toString();
}

/** One line for each code: for `explain` without one. */
export function renderCodeList({ problems }: ExplainDocument, style: Style): string {
  const page = new Page(style);
  for (const { code, title } of problems) {
    page.prose(title, { label: `${code}  `, labelPaint: 'bold', indent: 9 });
  }
  return page.toString();
}
