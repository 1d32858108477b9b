import type { Parsed } from './Parsed.ts';
import { type IptablesSave, IptablesSaveReader, type LeftOutLines } from './rules/IptablesSaveReader.ts';

export type { IptablesSave } from './rules/IptablesSaveReader.ts';

/** A whole dump, or one of which something is left out: see IptablesSaveReader. */
export function parseIptablesSave(text: string, leftOut?: LeftOutLines): Parsed<IptablesSave> {
  const reader = new IptablesSaveReader(leftOut);
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    reader.line(text.slice(from, to));
    from = to + 1;
  }
  return reader.end();
}
