import type { Question } from '../app/complete.ts';
import type { Command } from './Command.ts';
import type { Flags } from './Flag.ts';

type Word = Extract<Question, { readonly kind: 'words' }>['words'][number];

/** @param argv what was typed behind `kubectl kpr`; its last word is the one that is to be completed */
export function candidatesFor(argv: readonly string[], commands: ReadonlyMap<string, Command>): Question {
  const word = argv.at(-1) ?? '';
  const typed = argv.slice(0, -1);
  const name = typed.find((one) => commands.has(one));
  const command = name === undefined ? undefined : commands.get(name);
  if (name === undefined || command === undefined)
    return words([...[...commands].map(([one, { describe }]) => ({ word: one, about: describe })), ...helpWords], word);
  const before = typed.at(-1) ?? '';
  const [joined, flag] = /^--([a-z-]+)=/.exec(word) ?? [];
  if (flag !== undefined) return valuesOf(flag, command.flags, typed, word, joined);
  const waiting = flagOf(before, command.flags);
  if (waiting !== undefined && takesValue(command.flags, waiting)) return valuesOf(waiting, command.flags, typed, word);
  if (word.startsWith('-')) return words(flagWords(command.flags), word);
  return argumentsOf(name, typed, word);
}

const helpWords: readonly Word[] = [
  { word: 'help', about: 'Help for a command' },
  { word: 'options', about: 'Flags for the connection to the cluster' },
];

const words = (all: readonly Word[], start: string): Question => ({
  kind: 'words',
  words: all.filter(({ word }) => word.startsWith(start)),
});

const flagWords = (flags: Flags): readonly Word[] =>
  Object.entries(flags).flatMap(
    ([
      name,
      {
        isPositional,
        yargs: { describe },
      },
    ]) =>
      isPositional === true ? [] : [{ word: `--${name}`, ...(describe === undefined ? {} : { about: describe }) }],
  );

/** The flag that a word is, by its name or its letter. */
const flagOf = (word: string, flags: Flags): string | undefined =>
  Object.entries(flags).find(
    ([name, { yargs }]) => word === `--${name}` || (typeof yargs.alias === 'string' && word === `-${yargs.alias}`),
  )?.[0];

const takesValue = (flags: Flags, name: string): boolean => flags[name]?.yargs.requiresArg === true;

function valuesOf(flag: string, flags: Flags, typed: readonly string[], word: string, joined = ''): Question {
  const choices = flags[flag]?.yargs.choices ?? flags[flag]?.words;
  if (choices !== undefined)
    return words(
      choices.map((one) => ({ word: joined + String(one) })),
      word,
    );
  switch (flag) {
    case 'context':
      return { kind: 'names', of: 'contexts', connection: connectionOf(typed) };
    case 'namespace':
    case 'cilium-namespace':
      return { kind: 'names', of: 'namespaces', connection: connectionOf(typed) };
    case 'node':
      return { kind: 'names', of: 'nodes', connection: connectionOf(typed) };
    case 'check':
    case 'skip':
    case 'allow-unknown':
      return { kind: 'checks' };
    case 'report':
      return words(reportWords(flags), word);
    default:
      return flags[flag]?.value === 'FILE' || flags[flag]?.value === 'FOLDER' ? { kind: 'files' } : words([], word);
  }
}

/** Formats, which go on with a file. */
const reportWords = ({ output }: Flags): readonly Word[] =>
  (output?.yargs.choices ?? []).map((one) => ({ word: `${String(one)}=`, about: 'FORMAT=FILE' }));

function argumentsOf(command: string, typed: readonly string[], word: string): Question {
  switch (command) {
    case 'trace':
      return servicesFor(typed, word);
    case 'explain':
      return { kind: 'codes' };
    case 'completion':
      return words(
        ['bash', 'zsh', 'fish', 'powershell', 'install'].map((one) => ({ word: one })),
        word,
      );
    case 'diff':
    case 'merge':
    case 'preflight':
      return { kind: 'files' };
    default:
      return words([], word);
  }
}

/** `NAMESPACE/NAME`, `svc/NAME`, or `svc NAME`; where a namespace was named or is meant, names of Services in it. */
function servicesFor(typed: readonly string[], word: string): Question {
  const connection = connectionOf(typed);
  const [lead = ''] = /^(?:svc|service|services)\//.exec(word) ?? [];
  const namespace = namespaceOf(typed);
  if (lead === '' && namespace.length === 0 && !serviceWords.has(typed.at(-1) ?? ''))
    return { kind: 'names', of: 'services', connection };
  return { kind: 'names', of: 'servicesHere', connection: [...connection, ...namespace], lead };
}

const serviceWords: ReadonlySet<string> = new Set(['svc', 'service', 'services']);

const namespaceOf = (typed: readonly string[]): readonly string[] =>
  typed.flatMap((word, i) => {
    const [, joined] = /^(?:--namespace=|-n=?)(.+)$/.exec(word) ?? [];
    const next = word === '-n' || word === '--namespace' ? typed[i + 1] : undefined;
    const name = joined ?? next;
    return name === undefined ? [] : [`--namespace=${name}`];
  });

/** Which cluster was named so far, for kubectl. */
const connectionOf = (typed: readonly string[]): readonly string[] =>
  typed.flatMap((word, i) => {
    if (/^--(?:context|kubeconfig)=/.test(word)) return [word];
    return /^--(?:context|kubeconfig)$/.test(word) && typed[i + 1] !== undefined ? [`${word}=${typed[i + 1]}`] : [];
  });
