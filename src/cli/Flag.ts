import type { Options } from 'yargs';
import { usageError } from '../core/KprError.ts';
import { parseDuration } from './parseDuration.ts';
import { parseSize } from './parseSize.ts';

/** A flag: what yargs has to know of it, and what the value is that was meant by what was typed. */
export interface Flag<T> {
  /** It is typed without dashes and by its place, after the command. */
  readonly isPositional?: true;
  /** An argument that may be typed several times. */
  readonly isRepeated?: true;
  /** What its value is, as the help names it: `FILE`. */
  readonly value?: string;
  /** Words that it may be, among others. */
  readonly words?: readonly string[];
  readonly yargs: Options;
  /**
   * @param typed what yargs gives; a flag that was given several times is an array. Throws KprError for what
   * makes no value.
   */
  read(typed: unknown, name: string): T;
}

/** Flags by the name under which they are typed. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The values of a table of flags. No other name can be looked up in it. */
export type Given<F extends Flags> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

/** What yargs gives for one command, read once: nobody behind this sees it. Throws KprError. */
export const readFlags = <F extends Flags>(flags: F, typed: Readonly<Record<string, unknown>>): Given<F> =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.read(typed[name], name)])) as Given<F>;

/** The same flags under a heading of the help. */
export const group = <F extends Flags>(heading: string, flags: F): F =>
  Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { ...flag, yargs: { group: `${heading}:`, ...flag.yargs } }]),
  ) as F;

/** Some flags of a table. */
export const only = <F extends Flags, K extends keyof F & string>(flags: F, ...names: readonly K[]): Pick<F, K> =>
  Object.fromEntries(Object.entries(flags).filter(([name]) => names.some((one) => one === name))) as Pick<F, K>;

type More = Pick<Options, 'alias' | 'default'>;
type Valued = More & { readonly value: string };

/** A flag that was given twice counts as kubectl counts it: the last one. Empty is not given. */
export const text = (describe: string, { value, ...more }: Valued): Flag<string | undefined> => ({
  value,
  yargs: { type: 'string', requiresArg: true, describe, ...more },
  read: lastText,
});

/**
 * Empty (a variable that is not set) is an error here, and so are two: something else, or nothing, is not what was
 * asked for.
 */
export const filledText = (describe: string, more: Valued): Flag<string | undefined> => ({
  ...text(describe, more),
  read: (typed, name) => {
    const given = new Set(allOf(typed).filter((one) => typeof one === 'string'));
    if (given.has('')) throw usageError(`--${name} is empty`);
    if (given.size > 1) throw usageError(`--${name} is given more than once: ${[...given].join(', ')}`);
    return lastText(typed);
  },
});

/** One of a few words; yargs refuses all others. The first is the default. */
export const choice = <const C extends string>(describe: string, [first, ...others]: readonly [C, ...C[]]): Flag<C> =>
  mapped(describe, [[first, first], ...others.map((word): [C, C] => [word, word])]);

/** What one of a few words stands for. The first is the default. */
export function mapped<T>(
  describe: string,
  meanings: readonly [readonly [string, T], ...(readonly [string, T])[]],
  more: Pick<Options, 'alias'> = {},
): Flag<T> {
  const choices = meanings.map(([word]) => word);
  const [[byDefault, otherwise]] = meanings;
  return {
    yargs: { type: 'string', requiresArg: true, describe, choices, default: byDefault, ...more },
    read: (typed) => new Map<unknown, T>(meanings).get(allOf(typed).at(-1)) ?? otherwise,
  };
}

/**
 * May be repeated, and hold several values with commas between. Empty is an error where it would stand for everything.
 */
export const list = (
  describe: string,
  value: string,
  whenEmpty: 'refused' | 'none' = 'refused',
): Flag<readonly string[]> => ({
  value,
  yargs: { type: 'string', requiresArg: true, describe },
  read: (typed, name) => {
    const values = commaSeparated(typed);
    if (values.length === 0 && typed !== undefined && whenEmpty === 'refused') throw usageError(`--${name} is empty`);
    return values;
  },
});

/** May be repeated; commas belong to the value. */
export const repeated = (describe: string, value: string, more: More = {}): Flag<readonly string[]> => ({
  value,
  yargs: { type: 'string', requiresArg: true, describe, ...more },
  read: (typed) => textsOf(typed).filter((value) => value !== ''),
});

export const toggle = (describe: string, more: More = {}): Flag<boolean> => ({
  yargs: { type: 'boolean', describe, ...more },
  read: (typed) => allOf(typed).at(-1) === true,
});

/** Whole milliseconds. */
export const duration = (describe: string, byDefault: string): Flag<number> => ({
  yargs: { type: 'string', requiresArg: true, describe, default: byDefault },
  read: (typed, name) => parseDuration(lastText(typed) ?? byDefault, name),
});

/** Bytes. */
export const size = (describe: string, byDefault: string): Flag<number> => ({
  yargs: { type: 'string', requiresArg: true, describe, default: byDefault },
  read: (typed, name) => parseSize(lastText(typed) ?? byDefault, name),
});

/** A kind of flag of its own, made of the last text that was typed. */
export const parsedText = <T>(
  describe: string,
  parse: (text: string, name: string) => T,
  more: Valued,
): Flag<T | undefined> => ({
  ...text(describe, more),
  read: (typed, name) => {
    const given = lastText(typed);
    return given === undefined ? undefined : parse(given, name);
  },
});

export const commaSeparated = (typed: unknown): readonly string[] =>
  textsOf(typed)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');

/** An argument: typed by its place. It may be left out, and empty is left out. */
export const positional = <T>(parse: (text: string) => T): Flag<T | undefined> => ({
  ...parsedText('', parse, { value: '' }),
  isPositional: true,
});

/** All arguments from its place on. */
export const positionals: Flag<readonly string[]> = {
  isPositional: true,
  isRepeated: true,
  yargs: {},
  read: (typed) => textsOf(typed).filter((value) => value !== ''),
};

function lastText(typed: unknown): string | undefined {
  const value = allOf(typed).at(-1);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const allOf = (typed: unknown): readonly unknown[] => [typed].flat();

const textsOf = (typed: unknown): readonly string[] => allOf(typed).filter((value) => typeof value === 'string');
