import { missing, type Missing, type MissingReason } from '../../model/Fact.ts';
import { visibleName } from '../../text/visible.ts';

/** What a file of cilium-bugtool holds: output, and how the command ended when that was not well. */
export interface CommandOutput {
  readonly text: string;
  readonly failure: Failure | undefined;
}
export interface Failure {
  /** As Go names it, e.g. `exit status 1`. */
  readonly error: string;
  readonly why: Missing;
}

/** bugtool/cmd/root.go, writeCmdToFile; the last thing in the file. */
const errorLine = /(?:^|\n)> Error while running '([^\n]*)':\s+([^\n]*)\s*$/;
/** With --enable-markdown. The last line of some commands goes without its end. */
const fence = /^# [^\n]*\n\n```\n/;
const fenced = /^# [^\n]*\n\n```\n([\s\S]*)\n```\n*$/;

export function readCommandOutput(content: string, command: string): CommandOutput {
  // Only the end is searched: outputs are long.
  const tailAt = Math.max(0, content.length - 4096);
  const found = errorLine.exec(content.slice(tailAt));
  const output = found === null ? content : content.slice(0, tailAt + found.index);
  const text = unfenced(output);
  if (found === null)
    return text === undefined ? { text: output, failure: cutOff(command) } : { text, failure: undefined };
  const error = found[2] ?? '';
  return { text: text ?? output, failure: { error, why: toMissing(command, error, text ?? output) } };
}

/** undefined: the fence is not closed, so the file was cut. */
function unfenced(output: string): string | undefined {
  const [opening] = fence.exec(output.slice(0, 1000)) ?? [];
  if (opening === undefined) return output;
  const inside = fenced.exec(output)?.[1];
  return inside === undefined || inside === '' || inside.endsWith('\n') ? inside : `${inside}\n`;
}

const cutOff = (command: string): Failure => ({
  error: 'cut',
  why: missing('unparsed', `${command} was not understood: the file was cut, its fence is not closed`),
});

function toMissing(command: string, error: string, output: string): Missing {
  const last = visibleName(output.trim().split('\n').at(-1) ?? '');
  const detail = `${command} failed when the archive was made: ${visibleName(error)}${last === '' ? '' : `: ${last}`}`;
  return missing(reasonOf(`${error}\n${output.slice(-2048)}`), detail);
}

function reasonOf(text: string): MissingReason {
  if (/timeout|timed out|deadline exceeded|signal: (killed|terminated)/i.test(text)) return 'timeout';
  if (/executable file not found|command not found|exit status 127/i.test(text)) return 'absent';
  if (/cilium\.sock|connection refused|is the agent running/i.test(text)) return 'unreachable';
  if (/permission denied|operation not permitted/i.test(text)) return 'forbidden';
  return 'notCollected';
}
