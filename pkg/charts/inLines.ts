import { isRecord } from '../../src/text/isRecord.ts';

const widest = 160;

/** JSON of which whatever fits stands on one line, so that a change of a chart shows as the lines that it changes. */
export function inLines(value: unknown, indent = ''): string {
  const short = JSON.stringify(value);
  if (short.length + indent.length <= widest || typeof value !== 'object') return short;
  const inner = `${indent} `;
  const members = isRecord(value)
    ? Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([key, member]) => `${JSON.stringify(key)}:${inLines(member, inner)}`)
    : Array.isArray(value)
      ? value.map((member) => inLines(member, inner))
      : [];
  const [open, close] = isRecord(value) ? ['{', '}'] : ['[', ']'];
  return `${open}\n${members.map((member) => inner + member).join(',\n')}\n${indent}${close}`;
}
