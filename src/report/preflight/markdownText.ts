import { visible, visibleLines } from '../../text/visible.ts';

/** Text in which nothing of Markdown or HTML begins. */
export const prose = (text: string): string =>
  visible(text.replaceAll('\n', ' ')).replaceAll(/[\\`*<[\]|]/g, String.raw`\$&`);

/** Text as code within a line. */
export const code = (text: string): string => `\`${visible(text).replaceAll('`', "'")}\``;

/** Commands in a block whose fence is longer than any run of back quotes inside. */
export function fenced(commands: readonly string[], indent: string): readonly string[] {
  if (commands.length === 0) return [];
  const lines = commands.flatMap((command) => visibleLines(command));
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sh`, ...lines, fence].map((line) => `${indent}${line}`.trimEnd());
}
