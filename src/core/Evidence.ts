import { shellQuote } from '../text/shell.ts';

/** What was seen and how to see it again. */
export interface Evidence {
  readonly node?: string;
  /** Shows the lines again, among others where it does not end in a `grep` for them. */
  readonly command: string;
  /** At most a few, as the program printed them; text from the cluster, not yet safe for a terminal. */
  readonly lines: readonly string[];
  /** Which of the lines decides, from 0; absent: no single one does. */
  readonly decides?: number;
}

/** A text of one or more lines, or lines of which one decides. */
export type Seen = string | SeenLines;

interface SeenLines {
  readonly lines: readonly string[];
  /** Index in `lines`. */
  readonly decides?: number;
  /** What stands in these lines and in few others of what the command prints. */
  readonly grep?: string;
}

export function evidenceOf(command: string, seen: Seen, node?: string): Evidence {
  const { lines, decides, grep } = typeof seen === 'string' ? linesOf(seen) : seen;
  return {
    ...(node === undefined ? {} : { node }),
    command: grep === undefined || command === '' ? command : `${command} | grep -F -- ${shellQuote(grep)}`,
    lines,
    ...(decides === undefined ? {} : { decides }),
  };
}

const linesOf = (text: string): SeenLines => ({ lines: text.trimEnd() === '' ? [] : text.trimEnd().split('\n') });
