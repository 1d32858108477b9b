import { randomBytes } from 'node:crypto';
import { lstatSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KprError, usageError } from '../core/KprError.ts';
import type { Format } from '../report/formats.ts';
import type { View } from '../report/View.ts';
import { plainPaint } from '../text/Style.ts';
import { visibleName } from '../text/visible.ts';
import type { SourceOptions } from './openSource.ts';

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
  reports: readonly Pick<ReportFile<never, never>, 'file'>[],
  read: readonly (string | undefined)[],
): void {
  const seen = new Set(read.flatMap((file) => (file === undefined ? [] : placeOf(file))));
  for (const { file } of reports) {
    if (seen.has(placeOf(file)))
      throw usageError(`${visibleName(file)} is named twice`, 'Give --report a file of its own for each format');
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
        writeReport(file, render(document, { ...view, width: undefined, unicode: true, paint: plainPaint }));
        break;
      }
      case 'document': {
        const { render } = await format.load();
        writeReport(file, render(document));
        break;
      }
    }
  }
}

/**
 * Puts a text in the place of a file, whole or not at all: readers such as node_exporter come at any moment. Never in
 * the place of a link, a device or a folder. Throws KprError.
 */
function writeReport(file: string, text: string): void {
  refuse(file);
  const temporary = join(dirname(file), `.kpr-${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new KprError(
      `Cannot write ${visibleName(file)}: ${error instanceof Error ? error.message : String(error)}`,
      'Give --report another file',
      { cause: error },
    );
  }
}

/**
 * The same where a failure is being told already. A file that the command line names elsewhere, too, may be what was to
 * be read, so it stays as it is.
 */
export function tryReport(file: string, text: string, argv: readonly string[]): void {
  const place = placeOf(file);
  if (argv.flatMap(endsOf).filter((end) => end !== '' && placeOf(end) === place).length > 1) return;
  try {
    writeReport(file, text);
  } catch (error) {
    if (!(error instanceof KprError)) throw error;
  }
}

/** `--report=json=a`, `json=a`, `a` */
const endsOf = (word: string): readonly string[] => word.split('=').map((_, i, parts) => parts.slice(i).join('='));

function refuse(file: string): void {
  if (file === '-')
    throw usageError('--report writes files, and nothing to stdout', 'What is printed is the format of -o');
  const there = typeOf(file, lstatSync);
  if (there !== undefined && !there.isFile())
    throw usageError(`${visibleName(file)} is no file but a folder, a link or a device`, 'Give --report another file');
  if (typeOf(dirname(file), statSync)?.isDirectory() !== true)
    throw usageError(
      `The folder of ${visibleName(file)} does not exist`,
      'Create it (mkdir -p) or choose another file',
    );
}

/** undefined: it is not there, or cannot be; then writing says why. */
function typeOf(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path);
  } catch {
    return undefined;
  }
}
