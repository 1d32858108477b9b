import { type Fact, known, type Missing, missing } from '../model/Fact.ts';
import type { RawAnswer } from '../model/raw.ts';
import type { Parsed } from './Parsed.ts';
import { excerptOf } from './text.ts';

/** What a command printed, if it ended well. */
export interface AnswerText {
  readonly text: string;
  readonly stderr: string;
  readonly command: string;
}

export interface AnswerRules {
  /**
   * The text tells by itself whether it is whole, so that the exit code decides nothing (`cilium-dbg status`: health).
   */
  readonly selfContained?: boolean;
  /** It may end in the middle of a line: what a server says is passed on as it comes. */
  readonly mayEndAnywhere?: boolean;
  /** Reads what the program complains of; undefined: as any other complaint. */
  readonly explain?: (complaint: string) => Missing | undefined;
}

/** The fact that an answer is, by its parser. */
export function readAnswer<T>(
  answer: RawAnswer | undefined,
  parse: (text: string) => Parsed<T>,
  { selfContained = false, mayEndAnywhere = false, explain }: AnswerRules = {},
): Fact<T> {
  if (answer === undefined) return notAsked;
  if ('missing' in answer) return missingAnswer(answer);
  const failed = failureOf(answer, explain);
  if (failed !== undefined && !selfContained) return failed;
  const { text, command } = answer;
  if (hasTooManyLines(text)) return tooMany(answer);
  if (!mayEndAnywhere && isCut(text)) return cutOff(answer);
  const result = parse(text);
  if (result.ok) return known(result.value, command);
  return (
    failed ??
    explain?.(`${answer.stderr}\n${text}`) ??
    unparsedOf(command, `was not understood: ${result.why}${because(answer)}`)
  );
}

/**
 * A row, a rule or an entry of a map is a line, and some hundred bytes of memory. kube-proxy writes some ten rules for
 * a
 * Service of three backends: that is fifty thousand Services, and twice that. More is not taken apart.
 */
const maxLines = 1_000_000;

const tooMany = ({ command }: AnswerText): Missing =>
  unparsedOf(command, `was not understood: it has more than ${maxLines} lines`);

function hasTooManyLines(text: string): boolean {
  if (text.length <= maxLines) return false;
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1 && lines <= maxLines; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines > maxLines;
}

const missingAnswer = ({ missing: reason, detail, unheard, command }: Extract<RawAnswer, Missing>): Missing => ({
  ...missing(reason, detail),
  ...(command !== undefined && { source: command }),
  ...(unheard && { unheard }),
});

export const notAsked = missing('notCollected', 'it was not read this time');

/** What was printed, for those that put several answers together; missing where the command failed. */
export function answerText(answer: RawAnswer | undefined): AnswerText | Missing {
  if (answer === undefined) return notAsked;
  if ('missing' in answer) return missingAnswer(answer);
  if (hasTooManyLines(answer.text)) return tooMany(answer);
  return failureOf(answer, undefined) ?? (isCut(answer.text) ? cutOff(answer) : answer);
}

/** Programs end their last line; only JSON, which tells by itself where it ends, goes without. */
const isCut = (text: string): boolean => text !== '' && !text.endsWith('\n') && !/^\s*[[{]/.test(text);

const cutOff = ({ command }: AnswerText): Missing =>
  unparsedOf(command, 'was not understood: it was cut in the middle of a line');

function failureOf(answer: Exclude<RawAnswer, Missing>, explain: AnswerRules['explain']): Missing | undefined {
  const { text, stderr, exitCode, command } = answer;
  if (exitCode === 0) return undefined;
  const complaint = stderr.trim() === '' ? text : stderr;
  const explained = explain?.(complaint);
  if (explained !== undefined) return explained;
  if (exitCode === 127 || exitCode === 126) {
    return missing('absent', `${command} can't be run there${because({ stderr: complaint })}`);
  }
  if (agentIsSilent.test(complaint)) {
    return missing('unreachable', `the agent does not take connections${because({ stderr: complaint })}`);
  }
  return unparsedOf(command, `ended with status ${exitCode}${because({ stderr: complaint })}`);
}

/** @param why a sentence whose subject is the command */
export const unparsedOf = (command: string, why: string): Missing => ({
  ...missing('unparsed', `${command} ${why}`),
  source: command,
});

/** What cilium-dbg says when there is nobody behind the agent's socket. */
const agentIsSilent = /dial unix|Is the agent running|daemon unreachable/;

function because({ stderr }: { readonly stderr: string }): string {
  const line = excerptOf(stderr);
  return line === '' ? '' : `: ${line}`;
}
