import { count } from '../../text/plural.ts';
import type { Verbosity } from '../../text/Style.ts';
import { glued } from '../../text/wrap.ts';
import { outlineOf } from '../outline/outlineOf.ts';
import { Page } from '../Page.ts';
import type { View } from '../View.ts';
import type {
  KeyReport,
  PreflightDocument,
  PreflightVerdict,
  ValuesReport,
  ValuesTarget,
} from './PreflightDocument.ts';
import { renderChange, renderChecklist } from './renderChange.ts';

/** The answer of `preflight` for people. */
export function renderPreflight(document: PreflightDocument, view: View): string {
  const page = new Page(view);
  const { values, change } = document;
  if (change !== null) renderChange(page, change, view.detail);
  if (change !== null && values !== null) page.blank();
  if (values !== null) renderValues(page, values, view.detail);
  if (change !== null && view.detail !== 'quiet') renderChecklist(page, change);
  page.blank();
  const paint = { go: 'ok', noGo: 'error', unknown: 'unknown' } as const;
  page.prose(verdictText(document), {
    label: `exit ${document.exitCode}: `,
    labelPaint: paint[document.verdict],
  });
  return page.toString();
}

/** With what decides on the cluster; where nothing there does, it is the values. */
function verdictText({ verdict, change }: PreflightDocument): string {
  if (change === null || verdict === 'go') return verdictWords[verdict];
  if (verdict === 'noGo' && change.report.verdict !== 'fail') return `${verdictWords.noGo}: the Helm values`;
  const { text } = outlineOf(change.report).headline;
  return text === '' ? verdictWords[verdict] : `${verdictWords[verdict]}: ${text}`;
}

const verdictWords: Readonly<Record<PreflightVerdict, string>> = {
  go: 'go',
  noGo: 'no-go',
  unknown: 'not known: nothing speaks against it, but not everything could be judged',
};

function renderValues(page: Page, { sources, notRead, targets }: ValuesReport, detail: Verbosity): void {
  if (detail !== 'quiet') {
    const from = sources.map(({ file, within }) => (within === null ? file : `${within} in ${file}`));
    page.prose(from.join(page.symbols.separator), {
      label: 'kubectl kpr preflight  ',
      labelPaint: 'bold',
      indent: 4,
      paint: 'dim',
    });
    for (const one of notRead) page.prose(`not read: ${one}; give it with --values`, { indent: 4 });
  }
  for (const target of targets) renderTarget(page, target);
}

function renderTarget(page: Page, { branch, chart, keys }: ValuesTarget): void {
  page.blank();
  page.prose(`Cilium ${branch} (chart ${chart}): ${summaryOf(keys)}`, { paint: 'bold' });
  for (const key of keys) renderKey(page, key);
}

function summaryOf(keys: readonly KeyReport[]): string {
  const refused = keys.filter((key) => key.refused).length;
  const parts = [
    ...(refused === 0 ? [] : [`${refused} refused`]),
    ...(['error', 'warning', 'info', 'unknown'] as const).flatMap((severity) => {
      const number = keys.filter((key) => key.severity === severity && !key.refused).length;
      return number === 0 ? [] : [severityWords[severity](number)];
    }),
  ];
  return parts.length === 0 ? 'every key is taken as it is meant' : parts.join(', ');
}

const severityWords = {
  error: (number: number) => `${count(number, 'error')} that Helm does not tell`,
  warning: (number: number) => count(number, 'warning'),
  info: (number: number) => count(number, 'note'),
  unknown: (number: number) => `${number} not judged`,
} as const;

function renderKey(page: Page, { key, severity, place, message, right, code }: KeyReport): void {
  const where = place === null ? '' : place.line === 0 ? place.file : `${place.file}:${place.line}:${place.column}`;
  page.prose([glued(key), glued(where)].filter((part) => part !== '').join('  '), {
    label: `${page.symbols[severity]} `,
    labelPaint: severity,
    indent: 4,
    paint: 'bold',
  });
  page.prose(`${message}${code === null ? '' : ` (${code})`}`, { indent: 4 });
  if (right !== null) page.prose(right, { label: '    instead: ', labelPaint: 'dim', indent: 13 });
}
