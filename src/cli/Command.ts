import type { Context } from '../app/Context.ts';
import type { AnyFormat } from '../report/formats.ts';
import { type Flags, type Given, readFlags } from './Flag.ts';

/** What it is for, and what is typed behind `kubectl kpr`. */
type Examples = readonly [Example, ...Example[]];
type Example = readonly [what: string, line: string];

interface Definition<F extends Flags, O> {
  /** One sentence without a period. */
  readonly describe: string;
  /** What is typed for what, the most usual first. */
  readonly examples: Examples;
  /** The command and its arguments, without flags. */
  readonly usage: string;
  readonly flags: F;
  /** Flags of other commands that make no sense here, and why, as a sentence without a period. */
  readonly refuses?: Readonly<Record<string, string>>;
  /** Of -o, where that chooses among formats: how a failure is told follows them. */
  readonly formats?: Readonly<Record<string, AnyFormat>>;
  /** What was typed, as options. Pure; throws KprError for what makes no command. */
  readonly read: (given: Given<F>) => O;
  /** Gives the exit code; throws KprError. Loads what it needs: help must not wait for the code that collects. */
  readonly run: (options: O, context: Context) => Promise<number>;
}

/** A command whose options' type is forgotten, as the command line holds it. */
export interface Command {
  readonly describe: string;
  readonly examples: Examples;
  readonly usage: string;
  readonly flags: Flags;
  readonly refuses: Readonly<Record<string, string>>;
  readonly formats: Readonly<Record<string, AnyFormat>>;
  /** @param typed what yargs gives. Throws KprError. */
  prepare(typed: Readonly<Record<string, unknown>>): PreparedCommand;
}

/** A command with its options, ready to be run. */
export interface PreparedCommand {
  readonly options: unknown;
  run(context: Context): Promise<number>;
}

export const defineCommand = <F extends Flags, O>({ read, run, ...command }: Definition<F, O>): Command => ({
  formats: {},
  refuses: {},
  ...command,
  prepare: (typed) => {
    const options = read(readFlags(command.flags, typed));
    return { options, run: (context) => run(options, context) };
  },
});
