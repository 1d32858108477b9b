import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KprError, usageError } from '../core/KprError.ts';
import type { Format } from '../report/formats.ts';
import type { View } from '../report/View.ts';
import { plainPaint } from '../text/Style.ts';
import { visibleName } from '../text/visible.ts';
import type { SourceOptions } from './openSource.ts';
import { putFile, refuseFile } from './putFile.ts';

/** Of --report: the answer in another format, too. */
export interface ReportFile<D, V extends View = View> {
  readonly format: Format<D, V>;
  readonly file: string;
}

/**
 * Before anything is asked of a cluster. `read` are the files that the answer is made of. Throws KprError for files
 * that could not be written.
 */
export function refuseReportFiles(
  written: readonly Pick<ReportFile<never, never>, 'file'>[],
  read: readonly (string | undefined)[],
): void {
  const seen = new Set(read.flatMap((file) => (file === undefined ? [] : placeOf(file))));
  for (const { file } of written) {
    if (seen.has(placeOf(file))) throw usageError(`${visibleName(file)} is named twice`, 'Give each a file of its own');
    seen.add(placeOf(file));
    refuse(file);
  }
}

/** The same for all names of a file but links to it. */
function placeOf(file: string): string {
  try {
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    return resolve(file);
  }
}

/** undefined: a cluster is read. */
export const archiveOf = (source: SourceOptions): string | undefined =>
  source.kind === 'archive' ? source.file : undefined;

/** The answer into each file, the last of them complete or as it was. Throws KprError. */
export async function writeReports<D, V extends View>(
  document: D,
  reports: readonly ReportFile<D, V>[],
  view: V,
): Promise<void> {
  for (const { format, file } of reports) {
    switch (format.kind) {
      case 'screen': {
        const render = await format.load();
        putFile(file, render(document, { ...view, width: undefined, unicode: true, paint: plainPaint }), instead);
        break;
      }
      case 'document': {
        const { render } = await format.load();
        putFile(file, render(document), instead);
        break;
      }
    }
  }
}

const instead = 'Choose another file';

/**
 * The same where a failure is being told already. A file that the command line names elsewhere, too, may be what was to
 * be read, so it stays as it is.
 */
export function tryReport(file: string, text: string, argv: readonly string[]): void {
  const place = placeOf(file);
  if (argv.flatMap(endsOf).filter((end) => end !== '' && placeOf(end) === place).length > 1) return;
  try {
    refuse(file);
    putFile(file, text, instead);
  } catch (error) {
    if (!(error instanceof KprError)) throw error;
  }
}

/** `--report=json=a`, `json=a`, `a` */
const endsOf = (word: string): readonly string[] => word.split('=').map((_, i, parts) => parts.slice(i).join('='));

function refuse(file: string): void {
  if (file === '-')
    throw usageError('--report writes files, and nothing to stdout', 'What is printed is the format of -o');
  refuseFile(file, instead);
}
