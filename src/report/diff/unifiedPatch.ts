import { FILE_HEADERS_ONLY as fileHeadersOnly, formatPatch, type StructuredPatchHunk } from 'diff';
import { lineDiff } from '../../changes/lineDiff.ts';

export interface PatchSides {
  /** Names of the two texts, for the lines `---` and `+++`. */
  readonly oldName: string;
  readonly newName: string;
  /** RFC 3339. */
  readonly oldTime: string;
  readonly newTime: string;
}

/**
 * Two texts, given as lines that each end with a line break, as a unified diff with this many lines around each change;
 * empty: they are equal.
 */
export function unifiedPatch(
  before: readonly string[],
  after: readonly string[],
  { oldName, newName, oldTime, newTime }: PatchSides,
  context: number,
): string {
  const hunks = hunksOf(before, after, context);
  if (hunks.length === 0) return '';
  return formatPatch(
    { oldFileName: oldName, newFileName: newName, oldHeader: oldTime, newHeader: newTime, hunks },
    fileHeadersOnly,
  );
}

/** Lines count from 1; the library itself prints a side without lines as standing before its first. */
interface OpenHunk {
  oldStart: number;
  newStart: number;
  oldLines: number;
  newLines: number;
  readonly lines: string[];
}

function hunksOf(before: readonly string[], after: readonly string[], context: number): StructuredPatchHunk[] {
  const hunks: OpenHunk[] = [];
  let open: OpenHunk | undefined;
  /** Lines of both texts that are behind us. */
  let old = 0;
  let now = 0;
  /** Equal lines before the next change. */
  let lead: readonly string[] = [];
  const runs = lineDiff(before, after);
  for (const [i, { kind, lines }] of runs.entries()) {
    if (kind === 'same') {
      const isLast = i === runs.length - 1;
      if (open !== undefined && (isLast || lines.length > 2 * context)) {
        addLines(open, ' ', lines.slice(0, context));
        open = undefined;
      } else if (open !== undefined) addLines(open, ' ', lines);
      old += lines.length;
      now += lines.length;
      lead = context === 0 ? [] : lines.slice(-context);
      continue;
    }
    if (open === undefined) {
      open = { oldStart: old - lead.length + 1, newStart: now - lead.length + 1, oldLines: 0, newLines: 0, lines: [] };
      addLines(open, ' ', lead);
      hunks.push(open);
    }
    addLines(open, kind === 'removed' ? '-' : '+', lines);
    if (kind === 'removed') old += lines.length;
    else now += lines.length;
  }
  return hunks;
}

function addLines(hunk: OpenHunk, mark: ' ' | '-' | '+', lines: readonly string[]): void {
  for (const line of lines) hunk.lines.push(mark + line);
  if (mark !== '+') hunk.oldLines += lines.length;
  if (mark !== '-') hunk.newLines += lines.length;
}
