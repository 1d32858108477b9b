import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KprError, UnwrittenError, usageError } from '../core/KprError.ts';
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

/** The answer into each file, complete or as it was. Throws KprError, when all others are written. */
export async function writeReports<D, V extends View>(
  document: D,
  reports: readonly ReportFile<D, V>[],
  view: V,
): Promise<void> {
  const failures: KprError[] = [];
  for (const { format, file } of reports) {
    const text = await textIn(format, document, view);
    try {
      putFile(file, text, instead);
    } catch (error) {
      if (!(error instanceof KprError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined) throw first;
}

async function textIn<D, V extends View>(format: Format<D, V>, document: D, view: V): Promise<string> {
  switch (format.kind) {
    case 'screen':
      return (await format.load())(document, { ...view, width: undefined, unicode: true, paint: plainPaint });
    case 'document':
      return (await format.load()).render(document);
  }
}

/**
 * Files first: whoever reads the answer may leave before its end. A file that cannot be written takes the answer from
 * nobody; it is told afterwards. Throws UnwrittenError.
 */
export async function writeAndAnswer(write: () => Promise<void>, answer: () => Promise<void> | void): Promise<void> {
  let failure: KprError | undefined;
  try {
    await write();
  } catch (error) {
    if (!(error instanceof KprError)) throw error;
    failure = error;
  }
  await answer();
  if (failure !== undefined) throw new UnwrittenError(failure.message, failure.hint, { cause: failure });
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
