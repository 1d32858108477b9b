import { gunzipSync } from 'node:zlib';
import { agentCommands, type NodeCommand } from '../knowledge/nodeCommands.ts';
import type { RawAnswer } from '../model/raw.ts';
import { missing, type Missing } from '../model/Fact.ts';
import { shellSection } from './agentScript.ts';
import { splitShell } from './splitShell.ts';

export interface SectionContext {
  readonly marker: string;
  readonly limitSeconds: number;
  /** What a person types to repeat the command of a section. */
  commandFor(name: string): string;
  /** Sections that may come compressed, as `run NAME packed` prints them. */
  readonly packed?: ReadonlySet<string>;
  /** Why a section that was asked for is not there, or was cut: how the exec ended. */
  readonly cut: Missing;
}

/**
 * Takes the output of `agentScript` apart. Gives an answer for each asked name, and for no other, whatever the text:
 * what has a begin and an end is an answer, everything else is missing for the reason for which the exec ended.
 */
export function readSections(text: string, asked: readonly string[], context: SectionContext): Map<string, RawAnswer> {
  const answers = new Map<string, RawAnswer>();
  const wanted = new Set(asked);
  const begin = `${context.marker} begin `;
  const end = `\n${context.marker} end `;
  for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, at + begin.length)) {
    const nameEnd = text.indexOf('\n', at);
    const close = nameEnd === -1 ? -1 : text.indexOf(end, nameEnd);
    if (close === -1) break;
    const name = text.slice(at + begin.length, nameEnd);
    const lineEnd = text.indexOf('\n', close + end.length);
    const trailer = text.slice(close + end.length, lineEnd === -1 ? undefined : lineEnd).split(' ');
    // An end line that was cut itself says nothing about its command.
    if (lineEnd !== -1 && (name === shellSection || wanted.has(name))) {
      const said = narrowed(text.slice(nameEnd + 1, Math.max(nameEnd + 1, close)));
      const output = unpacked(name, said, context);
      if (name === shellSection) for (const one of shellAnswers(output, trailer, asked, context)) answers.set(...one);
      else answers.set(name, toAnswer(output, trailer, context));
    }
    at = close;
  }
  for (const name of asked)
    if (!answers.has(name)) answers.set(name, { ...context.cut, command: context.commandFor(name) });
  return answers;
}

/**
 * An equal text by itself, in a byte for each sign where that is enough: agents say `µs`, by which V8 keeps all that a
 * node said in two, and whatever is cut out of it later.
 */
const narrowed = (text: string): string =>
  /[\u0100-\uffff]/.test(text) ? text : Buffer.from(text, 'latin1').toString('latin1');

/** Of gzip, in base64. */
const packedBeginning = 'H4sI';
/** As much as a node may say at all. */
const maxUnpackedBytes = 64 * 1024 * 1024;

/** Where an image has no gzip it comes as it is. undefined: what came compressed cannot be unpacked. */
function unpacked(name: string, output: string, { packed }: SectionContext): string | undefined {
  if (packed?.has(name) !== true || !output.startsWith(packedBeginning)) return output;
  try {
    return gunzipSync(Buffer.from(output, 'base64'), { maxOutputLength: maxUnpackedBytes }).toString('utf8');
  } catch {
    return undefined;
  }
}

/** The shell's answers by the names under which they would have been asked one by one. */
function shellAnswers(
  text: string | undefined,
  [, status = '', stderr = '']: readonly string[],
  asked: readonly string[],
  context: SectionContext,
): (readonly [string, RawAnswer])[] {
  const commands = asked.flatMap((name) => {
    const shell = shellCommandOf(name);
    return shell === undefined ? [] : [{ name, shell }];
  });
  if (status !== '0' || text === undefined)
    return commands.map(({ name }) => [name, toAnswer(text, [name, status, stderr], context)]);
  const texts = splitShell(
    text,
    commands.map(({ shell }) => shell),
  );
  return commands.map(({ name, shell }) => {
    const answer = texts.get(shell);
    const command = context.commandFor(name);
    if (answer === undefined)
      return [name, { ...missing('unparsed', `the agent's shell did not answer ${shell}`), command }];
    return [name, { text: answer, stderr: '', exitCode: 0, command }];
  });
}

function shellCommandOf(name: string): string | undefined {
  const command: NodeCommand | undefined = Object.entries(agentCommands).find(([known]) => known === name)?.[1];
  return command?.shell;
}

function toAnswer(
  text: string | undefined,
  [name = '', status = '', stderr = '']: readonly string[],
  context: SectionContext,
): RawAnswer {
  const command = context.commandFor(name);
  if (status === 'skipped') {
    return { ...missing('timeout', 'not asked: the agent had let another command wait before'), command };
  }
  if (status === 'unneeded') {
    return { ...missing('notCollected', 'not asked: what it shows was read from the maps themselves'), command };
  }
  // 124: `timeout` ended it; 137: it had to be killed. Told here alone, where `timeout` was what ran the command.
  if (status === '124' || status === '137') {
    return { ...missing('timeout', `no answer within ${context.limitSeconds} s`), command };
  }
  // No number is not 0: what printed the line was cut off, or is not the script.
  if (!/^\d{1,3}$/.test(status)) return { ...missing('unparsed', 'its last line does not say how it ended'), command };
  if (text === undefined) return { ...missing('unparsed', 'what came compressed cannot be unpacked'), command };
  return { text, stderr: Buffer.from(stderr, 'base64').toString('utf8'), exitCode: Number(status), command };
}
