import type { Options } from 'yargs';
import { usageError } from '../core/KprError.ts';
import { suggest } from '../text/suggest.ts';
import { wrap } from '../text/wrap.ts';
import type { Command } from './Command.ts';
import type { Flags } from './Flag.ts';
import { connectionFlags, connectionHeading } from './flags.ts';

type Commands = ReadonlyMap<string, Command>;

const name = 'kubectl kpr';
const exitCodes: readonly Row[] = [
  ['0', 'nothing at or above --fail-on was found; diff: the same'],
  ['1', 'findings; diff: different'],
  ['2', 'nothing was examined: usage, connection, or a selection that selects nothing'],
  ['3', 'not everything could be judged (verify, doctor --strict), or nothing'],
  ['130', 'interrupted; what was known is printed'],
];

/**
 * The help that was asked for: by `--help` or `-h` anywhere, by `help [COMMAND]`, by `options`, or by typing nothing.
 * undefined: something else was typed. Throws KprError where the command does not exist. Pure.
 *
 * @param columns of the terminal; undefined: it is no terminal
 */
export function helpFor(argv: readonly string[], commands: Commands, columns: number | undefined): string | undefined {
  const width = Math.min(100, columns ?? 80);
  const [first, second] = argv;
  if (first === undefined) return generalHelp(commands, width);
  if (first === 'help' && second !== undefined && !isHelpFlag(second)) return topicHelp(second, commands, width);
  if (first === 'help') return generalHelp(commands, width);
  if (first === 'options') return optionsHelp(width);
  if (!argv.some(isHelpFlag)) return undefined;
  if (!first.startsWith('-')) return topicHelp(first, commands, width);
  const word = argv.find((one) => commands.has(one));
  return word === undefined ? generalHelp(commands, width) : topicHelp(word, commands, width);
}

const isHelpFlag = (word: string): boolean => word === '--help' || word === '-h';

function topicHelp(topic: string, commands: Commands, width: number): string {
  if (topic === 'options') return optionsHelp(width);
  const command = commands.get(topic);
  if (command !== undefined) return commandHelp(command, width);
  const meant = suggest(topic, [...commands.keys()]);
  throw usageError(`Unknown command: ${topic}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

function generalHelp(commands: Commands, width: number): string {
  const all = [...commands].map(([word, { describe }]): Row => [`${name} ${word}`, `${describe}.`]);
  const examples = ['doctor', 'verify', 'diff'].flatMap((word) => commands.get(word)?.examples.slice(0, 1) ?? []);
  return text([
    ['Verify and troubleshoot Cilium’s kube-proxy replacement.'],
    examplesText(examples, width),
    ['Commands:', ...table(all, width)],
    ['Exit codes:', ...table(exitCodes, width)],
    ['Usage:', `  ${name} COMMAND [flags]`],
    wrap(
      `Everything only reads, except cleanup --apply, job --apply and --probe-pod. "${name} COMMAND --help" tells more about a command, "${name} options" lists the flags for the connection to the cluster.`,
      width,
    ),
  ]);
}

function commandHelp({ describe, examples, usage, flags }: Command, width: number): string {
  const groups = Map.groupBy(
    Object.entries(flags).filter(([, { isPositional }]) => isPositional !== true),
    ([, { yargs }]) => yargs.group ?? '',
  );
  const shown = [...groups].filter(([heading]) => heading !== connectionHeading);
  const connects = groups.has(connectionHeading);
  return text([
    wrap(`${describe}.`, width),
    examplesText(examples, width),
    ...shown.map(([heading, group]) => [heading].concat(table(group.map(flagRow), width))),
    ['Usage:', `  ${name} ${usage} [flags]`],
    connects
      ? wrap(`"${name} options" lists the flags for the connection to the cluster, as kubectl has them.`, width)
      : [],
  ]);
}

const optionsHelp = (width: number): string =>
  text([
    wrap('These flags work with every command that connects to a cluster, and mean what they mean to kubectl:', width),
    table(Object.entries<Flags[string]>(connectionFlags).map(flagRow), width),
  ]);

const examplesText = (examples: readonly Command['examples'][number][], width: number): readonly string[] => [
  'Examples:',
  ...examples.flatMap(([comment, line], i) => [
    ...(i === 0 ? [] : ['']),
    ...wrap(comment, Math.max(width - 4, 20)).map((part) => `  # ${part}`),
    `  ${name} ${line}`,
  ]),
];

type Row = readonly [left: string, right: string];

function flagRow([word, { yargs, value }]: readonly [string, Flags[string]]): Row {
  const alias = typeof yargs.alias === 'string' ? `-${yargs.alias}, ` : '    ';
  return [`${alias}--${word}${valueText(yargs, value)}`, describeText(yargs)];
}

/** What it is where it is not given, else what it may be; in brackets what may be left out. */
function valueText({ type, default: byDefault, requiresArg }: Options, value = 'TEXT'): string {
  if (type === 'boolean') return byDefault === true ? '=true' : '';
  if (typeof byDefault === 'string') return `=${byDefault}`;
  return requiresArg === true ? `=${value}` : `[=${value}]`;
}

const describeText = ({ describe = '', choices }: Options): string =>
  choices === undefined ? `${describe}.` : `${describe} (${choices.map(String).join(', ')}).`;

/** Two columns; what is too long on the left has the line for itself. */
function table(rows: readonly Row[], width: number): readonly string[] {
  const indent = 2 + Math.min(34, Math.max(...rows.map(([left]) => left.length))) + 2;
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, Math.max(width - indent, 20));
    const fits = left.length + 4 <= indent;
    const head = fits ? `${`  ${left}`.padEnd(indent)}${lines[0] ?? ''}` : `  ${left}`;
    return [head, ...lines.slice(fits ? 1 : 0).map((line) => ' '.repeat(indent) + line)];
  });
}

const text = (paragraphs: readonly (readonly string[])[]): string =>
  `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
