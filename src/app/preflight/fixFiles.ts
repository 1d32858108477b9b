import type { KeyTree } from '../../knowledge/charts/ChartTable.ts';
import { unifiedPatch } from '../../report/diff/unifiedPatch.ts';
import type { Io } from '../../terminal/Io.ts';
import { visible } from '../../text/visible.ts';
import { fixText } from '../../values/fixText.ts';
import { type KeyVerdict, repairOf } from '../../values/KeyVerdict.ts';
import { putFile } from '../putFile.ts';

export interface FixOptions {
  /** Files are changed; otherwise the change is printed alone. */
  readonly writes: boolean;
}

/** Lines around each change. */
const context = 3;

/**
 * Prints what the files with values should say as a unified diff for `patch`, and changes them if that is wanted.
 * Throws KprError for a file that cannot be written.
 * @param texts the files as they were read, by their names
 */
export function fixFiles(
  texts: ReadonlyMap<string, string>,
  verdicts: readonly KeyVerdict[],
  known: KeyTree,
  { writes }: FixOptions,
  { stdout, stderr }: Io,
): void {
  const open: string[] = [];
  const written: string[] = [];
  for (const [file, before] of texts) {
    const own = verdicts.filter(({ place }) => place?.kind === 'file' && place.file === file);
    const repairs = own.flatMap((one) => repairOf(one) ?? []);
    const { text, left } = fixText(before, file, known, repairs);
    stdout.write(
      unifiedPatch(linesOf(before), linesOf(text), { oldName: file, newName: file, oldTime: '', newTime: '' }, context),
    );
    if (writes && text !== before) {
      putFile(file, text, 'Leave --write out, and apply the diff where the file can be changed');
      written.push(file);
    }
    open.push(...own.filter((one) => isOpen(one, left)).map(({ key }) => `${key} (${file})`));
  }
  const flags = verdicts.filter(({ place, severity }) => place?.kind !== 'file' && severity !== 'info');
  open.push(...flags.map(({ key }) => key));
  if (open.length > 0) stderr.write(`Not in it, to be done by hand: ${visible(open.join(', '))}\n`);
  if (writes) stderr.write(written.length > 0 ? `Written: ${visible(written.join(', '))}\n` : 'Nothing was written\n');
}

/** What a person has to see to. */
function isOpen(verdict: KeyVerdict, left: readonly unknown[]): boolean {
  const repair = repairOf(verdict);
  return verdict.severity !== 'info' && (repair === undefined || left.includes(repair));
}

/** Without what stands below a last line that does not end, `patch` and `git apply` do not find that line. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}
