// Writes docs/known-defects.md from src/expect/defects; a test fails while the page is older.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differenceCodes } from '../checks/tables/differenceWords.ts';
import type { Defect, DefectReference } from '../src/expect/defects/Defect.ts';
import { defects } from '../src/expect/defects/defects.ts';
import { type Branch, branches, newestRead } from '../src/knowledge/releases.ts';

export const pagePath = join(import.meta.dirname, '..', 'docs', 'known-defects.md');

/** Every known defect with all that is known of it, as Markdown: by reference in a table, and one section each. */
export const knownDefectsPage = (all: readonly Defect[] = defects): string =>
  [
    '# Known defects of Cilium that concern Services',
    '',
    'What `kubectl kpr` looks for as KPR1012. A defect is named only on nodes whose agent has one of these releases, and only where what',
    'brings it about is in the cluster. Findings about rows of the eBPF maps that it explains follow from it, and take its remedy.',
    '',
    `Read: the changelogs and sources up to ${Object.values(newestRead).join(', ')}. Of newer releases an open range says nothing.`,
    '',
    '| defect | releases | what goes wrong |',
    '| --- | --- | --- |',
    ...all.map(
      ({ reference, affects, title }) => `| [${reference}](#${anchor(reference)}) | ${ranges(affects)} | ${title} |`,
    ),
    ...all.flatMap(section),
    '',
  ].join('\n');

const section = (defect: Defect): readonly string[] => [
  '',
  `## ${defect.reference}`,
  '',
  `**${upperFirst(defect.title)}** (${harms[defect.harm]})`,
  '',
  `- told in: ${[defect.reference, ...(defect.also ?? [])].map(link).join(', ')}`,
  `- releases: ${ranges(defect.affects)}`,
  `- where: ${defect.meets}`,
  `- symptom: ${defect.symptom}`,
  `- workaround: ${defect.workaround ?? 'none is known'}`,
  ...(defect.explains.length === 0 ? [] : [`- explains: ${explained(defect)}`]),
];

const harms: Readonly<Record<Defect['harm'], string>> = {
  now: 'error',
  trap: 'warning',
  note: 'told with the finding that it explains',
};

const explained = ({ explains }: Defect): string =>
  explains
    .map((kind) => differenceCodes[kind])
    .toSorted()
    .map((code) => `[${code}](findings.md#${code.toLowerCase()})`)
    .join(', ');

/** `1.18.0 to 1.18.2, 1.19.0 and later 1.19 (not repaired)` */
const ranges = (affects: Defect['affects']): string =>
  branches.flatMap((branch) => rangeOn(branch, affects)).join(', ');

function rangeOn(branch: Branch, affects: Defect['affects']): readonly string[] {
  const range = affects[branch];
  if (range === undefined) return [];
  const from = range.from ?? `${branch}.0`;
  if (range.fixed === 'never') return [`${from} and later ${branch} (not repaired)`];
  const last = range.fixed.replace(/\d+$/, (patch) => String(Number(patch) - 1));
  return [last === from ? from : `${from} to ${last}`];
}

const link = (reference: DefectReference): string =>
  reference.startsWith('#')
    ? `[cilium/cilium${reference}](https://github.com/cilium/cilium/issues/${reference.slice(1)})`
    : `${reference} of its sources (not reported)`;

/** As GitHub makes it of a heading. */
const anchor = (reference: DefectReference): string => reference.toLowerCase().replaceAll(/[^a-z0-9-]/g, '');

const upperFirst = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

if (import.meta.main) writeFileSync(pagePath, knownDefectsPage());
