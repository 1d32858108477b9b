import yargs, { type Argv, type Options } from 'yargs';
import { helpHint, type KprError, usageError } from '../core/KprError.ts';
import { type AnyFormat, reportFormats } from '../report/formats.ts';
import { shellQuote } from '../text/shell.ts';
import { suggest } from '../text/suggest.ts';
import type { Command, PreparedCommand } from './Command.ts';
import { commands } from './commands/index.ts';
import type { Flags } from './Flag.ts';
import { helpFor } from './help.ts';

/** A command that yargs understood; `help` when the answer is a text already. */
export type Chosen =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly name: string;
      /** Throws KprError for values that make no options. */
      prepare(): PreparedCommand;
    };

/** What was typed, as a command to run. Throws KprError when it makes none. */
export async function parseCommandLine(argv: readonly string[], columns: number | undefined): Promise<Chosen> {
  const help = helpFor(argv, commands, columns);
  if (help !== undefined) return { kind: 'help', text: help };
  refuseHalfTrue(argv);
  let chosen: Chosen | undefined;
  let problem: KprError | undefined;
  const parser = yargs()
    .locale('en')
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
    .help(false)
    .fail((message: string | null, error: Error | undefined) => {
      // yargs throws some of its complaints itself; commands are run later, so nothing else can have been thrown.
      problem ??= usageError(...explained(message ?? error?.message ?? '', argv));
    });
  for (const [name, command] of commands) {
    parser.command(
      [
        name,
        ...Object.entries(partOf(command.flags, 'positional')).map(
          ([argument, { isRepeated }]) => `[${argument}${isRepeated === true ? '..' : ''}]`,
        ),
      ].join(' '),
      command.describe,
      (parts: Argv) => parts.options(optionsOf(partOf(command.flags, 'flag'))),
      (args) => {
        chosen = { kind: 'command', name, prepare: () => command.prepare(args) };
        throw isRead;
      },
    );
  }
  try {
    await parser.parseAsync(normalize(argv));
  } catch (error) {
    if (error !== isRead) throw error;
  }
  if (problem) throw problem;
  if (chosen) return chosen;
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
    if (arg === '--no-color') return ['--color=never'];
    const joined = /^-([nosU])([^=].*)$/.exec(arg);
    return joined === null ? [arg] : [`-${joined[1] ?? ''}`, joined[2] ?? ''];
  });

/** yargs takes `--strict=yes`, and `--strict=1`, for false. */
function refuseHalfTrue(argv: readonly string[]): void {
  const command = commandIn(argv);
  const flags = partOf(commands.get(command ?? '')?.flags ?? {}, 'flag');
  for (const word of argv) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (flags[name]?.yargs.type === 'boolean' && value !== 'true' && value !== 'false')
      throw usageError(`--${name} cannot be ${JSON.stringify(value)}; it is one of true, false`, helpHint(command));
  }
}

/** yargs' message as one sentence, with the word that was probably meant. */
function explained(message: string, argv: readonly string[]): [message: string, hint?: string] {
  const [, unknown] = /^Unknown (?:arguments?|commands?): (.*)$/.exec(message) ?? [];
  if (unknown !== undefined) return unknownText(unknown.split(', ')[0] ?? '', argv);
  const [, flag, given, choices] = /Argument: (\S+), Given: (.*), Choices: (.*)/.exec(message) ?? [];
  const hint = helpHint(commandIn(argv));
  if (flag !== undefined)
    return [`--${flag} cannot be ${given ?? ''}; it is one of ${(choices ?? '').replaceAll('"', '')}`, hint];
  const [, lacking] = /^Not enough arguments following: (\S+)/.exec(message) ?? [];
  if (lacking !== undefined) return [`${lacking.length === 1 ? '-' : '--'}${lacking} needs a value`, hint];
  return [message.replaceAll(/\s*\n\s*/g, ' ').trim(), hint];
}

/** @param bare as yargs names it, without dashes */
function unknownText(bare: string, argv: readonly string[]): [message: string, hint?: string] {
  const word = argv.find((one) => one.startsWith('-') && one.replace(/^--?(.*?)(?:=.*)?$/s, '$1') === bare);
  const command = commandIn(argv);
  const hint = helpHint(command);
  const refused = command === undefined ? undefined : commands.get(command)?.refuses[bare];
  if (word !== undefined && refused !== undefined) return [refused, hint];
  if (word !== undefined) {
    const flags = command === undefined ? commands : [[command, commands.get(command)] as const];
    const known = [...flags].flatMap(([, one]) => Object.keys(partOf(one?.flags ?? {}, 'flag')));
    const meant = suggest(bare, [...new Set(known)]);
    return [
      `Unknown flag: ${word.split('=')[0] ?? word}${meant === undefined || meant === bare ? '' : `; did you mean --${meant}?`}`,
      hint,
    ];
  }
  if (command === undefined) {
    const meant = suggest(bare, [...commands.keys()]);
    return [`Unknown command: ${bare}${meant === undefined ? '' : `; did you mean ${meant}?`}`];
  }
  const { flags } = commands.get(command) ?? { flags: {} };
  const reads = 'from' in flags ? `A capture or a sysdump is read with --from ${shellQuote(bare)}; ${hint}` : hint;
  return [`kubectl kpr ${command} does not take the argument ${bare}`, reads];
}

/** The command that was typed, if any. */
const commandIn = (argv: readonly string[]): string | undefined => argv.find((word) => commands.has(word));

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
  const formats = formatsTyped(args);
  const at = args.findLastIndex((word) => /^(?:-o|--output)(?:=|$)/.test(word));
  const name = /=(.*)$/s.exec(args[at] ?? '')?.[1] ?? args[at + 1];
  return at === -1 || name === undefined || !Object.hasOwn(formats, name) ? undefined : formats[name];
}

/** The same of each --report. */
export function reportsTyped(
  argv: readonly string[],
): readonly { readonly format: AnyFormat; readonly file: string }[] {
  const formats = formatsTyped(argv);
  return argv.flatMap((word, at) => {
    const typed = word === '--report' ? argv[at + 1] : /^--report=(.*)$/s.exec(word)?.[1];
    const [, name = '', file = ''] = /^([^=]*)=(.+)$/s.exec(typed ?? '') ?? [];
    const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
    return format === undefined ? [] : [{ format, file }];
  });
}

function formatsTyped(args: readonly string[]): Command['formats'] {
  const command = commands.get(commandIn(args) ?? '');
  return command === undefined ? defaultFormats : command.formats;
}

/** Nobody knows which command was meant. */
const defaultFormats: Readonly<Record<string, AnyFormat>> = reportFormats;
