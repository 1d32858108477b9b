/** Columns that a text takes; wide characters are not expected here, and an error of one does no harm. */
export const columnsOf = (text: string): number => Array.from(text).length;

/** Keeps words together in one line. */
export const glued = (text: string): string => text.replaceAll(' ', glue);
export const glue = '\u00a0';

/**
 * Prose as lines of at most `width` columns. Words are never cut: names and addresses must stay whole to be copied.
 * `firstUsed` are columns that something else takes in the first line.
 */
export function wrap(text: string, width: number | undefined, firstUsed = 0): string[] {
  const words = text.split(/[ \t\n]+/).filter((word) => word !== '');
  if (width === undefined) return [words.join(' ')];
  const lines: string[] = [];
  let line = '';
  let used = firstUsed;
  for (const word of words) {
    const length = columnsOf(word);
    if (line !== '' && used + 1 + length > width) {
      lines.push(line);
      line = word;
      used = length;
    } else {
      used += length + (line === '' ? 0 : 1);
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
