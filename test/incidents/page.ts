// Writes docs/incidents.md from the incidents of this folder; a test fails while the page is older.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Incident, type Source, unseenReasons } from './Incident.ts';
import { incidentFiles } from './index.ts';
import { outcomeCounts } from './summary.ts';

export const pagePath = join(import.meta.dirname, '..', '..', 'docs', 'incidents.md');

/** Every public report with the code that tells it and the file that tests it, as Markdown. */
export function incidentsPage(files: Readonly<Record<string, readonly Incident[]>> = incidentFiles): string {
  const all = Object.entries(files).flatMap(([file, some]) => some.map((one) => ({ one, file })));
  const { seen, control, planned, missed, unseen } = outcomeCounts(all.map(({ one }) => one));
  return [
    '# Public reports, and what tells them',
    '',
    'Each of these went wrong in a real cluster, and was told in public. Of each there is a small cluster in which it happens and one next to it in',
    'which it does not: in the first the code must be raised on the right node or object, in the second there must be no alarm. `npm run incidents`',
    'prints how much each code tells.',
    '',
    `Of ${all.length} reports ${seen} are told and ${control} are healthy states that look odd, of which nothing may be said; ${planned} wait for a code that`,
    `is reserved, ${missed} are missed, and of ${unseen} nothing can be seen from where this program looks.`,
    '',
    '| report | what went wrong | told by | tested in |',
    '| --- | --- | --- | --- |',
    ...all.map(
      ({ one, file }) =>
        `| ${one.sources.map(link).join(', ')} | ${one.title} | ${toldBy(one)} | ${testedIn(one, file)} |`,
    ),
    '',
  ].join('\n');
}

/** As links where it is an issue or a pull request. */
function link(source: Source): string {
  const [repository, number] = source.split('#', 2);
  return source.startsWith('docs: ') || number === undefined
    ? source.replace(/^docs: /, '')
    : `[${source}](https://github.com/${repository}/issues/${number})`;
}

function toldBy({ outcome }: Incident): string {
  switch (outcome.kind) {
    case 'seen':
      return `[${outcome.code}](findings.md#${outcome.code.toLowerCase()})`;
    case 'control':
      return 'nothing: it is healthy';
    case 'planned':
      return `${outcome.code}, which is [reserved](findings.md#reserved-codes)`;
    case 'missed':
      return `missed, ${outcome.code}: ${outcome.why}`;
    case 'unseen':
      return `not to be seen: ${unseenReasons[outcome.reason]} (${outcome.why})`;
  }
}

const testedIn = ({ outcome }: Incident, file: string): string =>
  outcome.kind === 'seen' || outcome.kind === 'control' ? `[${file}](../test/incidents/${file})` : '';

if (import.meta.main) writeFileSync(pagePath, incidentsPage());
