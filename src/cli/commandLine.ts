import yargs, { type Argv, type Options } from 'yargs';
import type { Loaders } from '../app/Loaders.ts';
import type { KprError } from '../core/KprError.ts';
import type { Io } from '../terminal/Io.ts';
import { versionLine } from '../terminal/version.ts';
import { suggest } from '../text/suggest.ts';
import type { Args } from './args.ts';
import {
  captureFlags,
  againstFlag,
  cleanupFlags,
  comparedFlags,
  connectionFlags,
  diffFlags,
  formatFlag,
  generalFlags,
  resultFlags,
  sourceFlags,
  traceFlags,
} from './flags.ts';
import { usageError } from './usageError.ts';

/** A command with its flags looked at, ready to be run; `help` when the answer is a text already. */
export type Chosen =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly name: string;
      readonly args: Args;
      run(io: Io, loaders: Loaders): Promise<number>;
    };

type Run = (args: Args, io: Io, loaders: Loaders) => Promise<number>;

/** Each command is loaded when it is run: help is not to wait for what collects. */
const commands: Readonly<
  Record<string, { usage: string; describe: string; flags: Readonly<Record<string, Options>>; run: Run }>
> = {
  doctor: {
    usage: 'doctor',
    describe: 'Find what is wrong with kube-proxy replacement, where, why, and what to type',
    flags: { ...sourceFlags, ...resultFlags, ...formatFlag, ...connectionFlags, ...generalFlags },
    run: async (args, io, loaders) => (await import('./commands/doctor.ts')).doctor(args, io, loaders),
  },
  verify: {
    usage: 'verify',
    describe: 'Prove that every node serves every Service as the API asks; a gate with an exit code',
    flags: { ...againstFlag, ...sourceFlags, ...resultFlags, ...formatFlag, ...connectionFlags, ...generalFlags },
    run: async (args, io, loaders) => (await import('./commands/verify.ts')).verify(args, io, loaders),
  },
  trace: {
    usage: 'trace [service]',
    describe: 'Show the way of a connection to a Service on each node, expected against found (svc/NAME, NS/NAME)',
    flags: { ...traceFlags, ...sourceFlags, ...formatFlag, ...connectionFlags, ...generalFlags },
    run: async (args, io, loaders) => (await import('./commands/trace.ts')).trace(args, io, loaders),
  },
  capture: {
    usage: 'capture',
    describe: 'Write all that the checks look at into a file, for --from',
    flags: { ...captureFlags, ...sourceFlags, ...connectionFlags, ...generalFlags },
    run: async (args, io, loaders) => (await import('./commands/capture.ts')).capture(args, io, loaders),
  },
  diff: {
    usage: 'diff [before] [after]',
    describe: 'Show what changed since a capture: iptables by meaning or as a unified diff, and what Services reach',
    flags: { ...diffFlags, ...comparedFlags, ...formatFlag, ...connectionFlags, ...generalFlags },
    run: async (args, io, loaders) => (await import('./commands/diff.ts')).diff(args, io, loaders),
  },
  cleanup: {
    usage: 'cleanup',
    describe: 'Print a script for each node that takes away what kube-proxy left, with back-up, check and undo',
    flags: { ...cleanupFlags, ...sourceFlags, ...connectionFlags, ...generalFlags },
    run: async (args, io, loaders) => (await import('./commands/cleanup.ts')).cleanup(args, io, loaders),
  },
  explain: {
    usage: 'explain [code]',
    describe: 'Say what a finding means: symptom, cause, how to confirm it, remedy',
    flags: { ...formatFlag, ...generalFlags },
    run: async (args, io, loaders) => (await import('./commands/explain.ts')).explain(args, io, loaders),
  },
  checks: {
    usage: 'checks',
    describe: 'List the checks and the codes that each may raise',
    flags: { ...formatFlag, ...generalFlags },
    run: async (args, io, loaders) => (await import('./commands/listChecks.ts')).listChecks(args, io, loaders),
  },
  version: {
    usage: 'version',
    describe: 'Print the version',
    flags: generalFlags,
    run: async (_, io) => {
      io.stdout.write(`${versionLine()}\n`);
      return 0;
    },
  },
};

const epilogue = `Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 could not run; 3 could not verify (verify, or --strict); 130 interrupted.
diff: 0 the same; 1 different; 2 could not run; 3 not everything could be compared.
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
  for (const [name, { usage, describe, flags, run }] of Object.entries(commands)) {
    parser.command(
      usage,
      describe,
      (command: Argv) => command.options(flags),
      (args) => {
        chosen = { kind: 'command', name, args, run: (io, loaders) => run(args, io, loaders) };
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

/** Ends the parsing: behind a handler that returns, yargs renders the command's help in case of an error, which takes 20 ms. */
const isRead = new Error('the command line is read');

/** kubectl allows `-ojson`; yargs would take it for -o -j -s -o -n. Its boolean flags (-A, -q, -v) are none of these. */
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
  const [, one, other] = /^Arguments (\S+) and (\S+) are mutually exclusive/.exec(message) ?? [];
  if (one !== undefined) return [`--${one} and --${other ?? ''} exclude each other`];
  return [message.replaceAll(/\s*\n\s*/g, ' ').trim()];
}

function meant(typed: string): string {
  const command = suggest(typed, Object.keys(commands));
  const flag = suggest(typed, [...new Set(Object.values(commands).flatMap(({ flags }) => Object.keys(flags)))]);
  const word = command ?? (flag === undefined ? undefined : `--${flag}`);
  return word === undefined || word === `--${typed}` ? '' : `; did you mean ${word}?`;
}
