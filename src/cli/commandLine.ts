import yargs, { type Argv, type Options } from 'yargs';
import { type KprError, usageError } from '../core/KprError.ts';
import { type AnyFormat, reportFormats } from '../report/formats.ts';
import { suggest } from '../text/suggest.ts';
import type { PreparedCommand } from './Command.ts';
import { commands } from './commands/index.ts';
import type { Flags } from './Flag.ts';

/** A command that yargs understood; `help` when the answer is a text already. */
export type Chosen =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly name: string;
      /** Throws KprError for values that make no options. */
      prepare(): PreparedCommand;
    };

const epilogue = `Exit codes: 0 nothing at or above --fail-on; 1 findings (diff: different); 2 nothing was examined, or selected; 3 not everything could be judged (verify, --strict), or nothing; 130 interrupted.
Everything only reads, but for cleanup --apply: the cluster and its nodes stay as they are.`;

/** What was typed, as a command to run. Throws KprError when it makes none. */
export async function parseCommandLine(argv: readonly string[], columns: number | undefined): Promise<Chosen> {
  let chosen: Chosen | undefined;
  let problem: KprError | undefined;
  const parser = yargs()
    .locale('en')
    .scriptName('kubectl kpr')
    .usage('$0 <command>\n\nVerify and troubleshoot Cilium’s kube-proxy replacement.')
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
    })
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .version(false)
    .help('help')
    .alias('help', 'h')
    .group('help', 'General:')
    .wrap(Math.min(100, columns || 80))
    .epilogue(epilogue)
    .example('$0 doctor', 'What is wrong with the current cluster')
    .example('$0 doctor --from sysdump.zip', 'The same on a cilium sysdump')
    .example('$0 diff before.kpr', 'What changed since that capture')
    .fail((message: string | null, error: Error | undefined) => {
      // yargs throws some of its complaints itself; commands are run later, so nothing else can have been thrown.
      problem ??= usageError(...explained(message ?? error?.message ?? ''));
    });
  for (const [name, command] of commands) {
    parser.command(
      [name, ...Object.keys(partOf(command.flags, 'positional')).map((argument) => `[${argument}]`)].join(' '),
      command.describe,
      (parts: Argv) => parts.options(optionsOf(partOf(command.flags, 'flag'))),
      (args) => {
        chosen = { kind: 'command', name, prepare: () => command.prepare(args) };
        throw isRead;
      },
    );
  }
  let help = '';
  try {
    await parser.parseAsync(normalize(argv), {}, (_error: unknown, _args: unknown, output: string) => {
      help = output;
    });
  } catch (error) {
    if (error !== isRead) throw error;
  }
  if (problem) throw problem;
  if (help !== '') return { kind: 'help', text: `${help}\n` };
  if (chosen) return chosen;
  if (argv.length === 0) return { kind: 'help', text: `${await parser.getHelp()}\n` };
  throw usageError('No command was given');
}

/**
 * Ends the parsing: behind a handler that returns, yargs renders the command's help in case of an
 * error, which takes 20 ms.
 */
const isRead = new Error('the command line is read');

/**
 * kubectl allows `-ojson`; yargs would take it for -o -j -s -o -n. Its boolean flags (-A, -q, -v) are none of these.
 */
const normalize = (argv: readonly string[]): string[] =>
  argv.flatMap((arg) => {
    const joined = /^-([nosU])([^=].*)$/.exec(arg);
    return joined === null ? [arg] : [`-${joined[1] ?? ''}`, joined[2] ?? ''];
  });

/** yargs' message as one sentence, with the word that was probably meant. */
function explained(message: string): [message: string, hint?: string] {
  const [, unknown] = /^Unknown (?:arguments?|commands?): (.*)$/.exec(message) ?? [];
  if (unknown !== undefined) return [`Unknown command or flag: ${unknown}${meant(unknown.split(', ')[0] ?? '')}`];
  const [, flag, given, choices] = /Argument: (\S+), Given: (.*), Choices: (.*)/.exec(message) ?? [];
  if (flag !== undefined)
    return [`--${flag} cannot be ${given ?? ''}; it is one of ${(choices ?? '').replaceAll('"', '')}`];
  const [, lacking] = /^Not enough arguments following: (\S+)/.exec(message) ?? [];
  if (lacking !== undefined) return [`${lacking.length === 1 ? '-' : '--'}${lacking} needs a value`];
  return [message.replaceAll(/\s*\n\s*/g, ' ').trim()];
}

function meant(typed: string): string {
  const command = suggest(typed, [...commands.keys()]);
  const flags = [...commands.values()].flatMap((one) => Object.keys(partOf(one.flags, 'flag')));
  const flag = suggest(typed, [...new Set(flags)]);
  const word = command ?? (flag === undefined ? undefined : `--${flag}`);
  return word === undefined || word === `--${typed}` ? '' : `; did you mean ${word}?`;
}

const partOf = (flags: Flags, part: 'positional' | 'flag'): Flags =>
  Object.fromEntries(
    Object.entries(flags).filter(([, one]) => (one.isPositional === true) === (part === 'positional')),
  );

const optionsOf = (flags: Flags): Record<string, Options> =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.yargs]));

/**
 * The format that -o names, whatever else was typed, for failures: flags may not have been understood. undefined: none,
 * or a command whose -o is something else.
 */
export function formatTyped(argv: readonly string[]): AnyFormat | undefined {
  const args = normalize(argv);
  const command = args.map((word) => commands.get(word)).find((one) => one !== undefined);
  const formats = command === undefined ? defaultFormats : command.formats;
  const at = args.findLastIndex((word) => /^(?:-o|--output)(?:=|$)/.test(word));
  const name = /=(.*)$/s.exec(args[at] ?? '')?.[1] ?? args[at + 1];
  return at === -1 || name === undefined || !Object.hasOwn(formats, name) ? undefined : formats[name];
}

/** Nobody knows which command was meant. */
const defaultFormats: Readonly<Record<string, AnyFormat>> = reportFormats;
