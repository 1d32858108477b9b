import type { IptablesRule } from './NodeFacts.ts';

/**
 * A rule of iptables-save taken apart, as far as rules of kube-proxy, and those that stand in their
 * way, use the language.
 */
export interface RuleOptions {
  readonly chain: string | undefined;
  /** With the mask, as printed; `!` in front where negated. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly inInterface: string | undefined;
  readonly outInterface: string | undefined;
  readonly protocol: string | undefined;
  readonly port: number | undefined;
  readonly sourceType: string | undefined;
  readonly destinationType: string | undefined;
  /** Of `-m recent --rcheck`. */
  readonly recentSeconds: number | undefined;
  readonly isRandom: boolean;
  /** Names of ipsets that it matches or changes. */
  readonly sets: readonly string[];
  readonly comment: string | undefined;
  /** What stands after `-j` or `-g`. */
  readonly target: string | undefined;
  readonly isGoto: boolean;
  readonly toDestination: string | undefined;
  /** Whether it is for every packet that comes by. */
  readonly isUnconditional: boolean;
  /** The first option that kube-proxy's rules for Services do not have. */
  readonly unknown: string | undefined;
}

/** Options with one value that is of interest, and with one that says nothing of whom a rule is for. */
const valued: ReadonlySet<string> = new Set([
  '-A',
  '-s',
  '-d',
  '-i',
  '-o',
  '-p',
  '-j',
  '-g',
  '--dport',
  '--src-type',
  '--dst-type',
  '--mode',
  '--seconds',
  '--comment',
  '--to-destination',
]);
const ignored: ReadonlySet<string> = new Set([
  '--name',
  '--mask',
  '--nfacct-name',
  '--set-xmark',
  '--reject-with',
  '--probability',
]);
const flags: ReadonlySet<string> = new Set([
  '--reap',
  '--rsource',
  '--rcheck',
  '--set',
  '--random-fully',
  '--persistent',
]);
const ofSets: ReadonlySet<string> = new Set(['--match-set', '--add-set', '--del-set', '--map-set']);

/** Whether it is worth while to look for names of ipsets in a rule: most rules have no option for them. */
export const mayNameSets = ({ line }: Pick<IptablesRule, 'line'>): boolean => line.includes('-set ');

/**
 * Reads a rule; every time anew, since a large cluster has 200,000 of them, and few are asked for more than once.
 * Total: what is not known is named.
 */
export function optionsOf({ line }: Pick<IptablesRule, 'line'>): RuleOptions {
  const words = wordsOf(line);
  const { values, sets, isUnconditional, unknown } = read(words);
  const goto = values.get('-g');
  return {
    // It stands first; an -A further back is the value of something else.
    chain: words[0] === '-A' ? words[1] : undefined,
    source: values.get('-s'),
    destination: values.get('-d'),
    inInterface: values.get('-i'),
    outInterface: values.get('-o'),
    protocol: values.get('-p'),
    port: numberOf(values.get('--dport')),
    sourceType: values.get('--src-type'),
    destinationType: values.get('--dst-type'),
    recentSeconds: values.has('--rcheck') ? numberOf(values.get('--seconds')) : undefined,
    isRandom: values.get('--mode') === 'random',
    sets,
    comment: unquoted(values.get('--comment')),
    target: values.get('-j') ?? goto,
    isGoto: goto !== undefined,
    toDestination: values.get('--to-destination'),
    isUnconditional,
    unknown,
  };
}

interface Read extends Pick<RuleOptions, 'sets' | 'isUnconditional' | 'unknown'> {
  readonly values: ReadonlyMap<string, string>;
}

function read(words: readonly string[]): Read {
  const values = new Map<string, string>();
  const sets: string[] = [];
  let unknown: string | undefined;
  let isUnconditional = true;
  let not = '';
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (valued.has(word)) {
      values.set(word, `${not}${words[++at] ?? ''}`);
      if (word === '-o' || (word === '--mode' && words[at] !== 'random')) unknown ??= word;
      isUnconditional &&= about.has(word);
    } else if (word === '-m') {
      at++;
      isUnconditional &&= words[at] === 'comment';
    } else {
      // What follows the target is the target's own.
      isUnconditional &&= values.has('-j') || values.has('-g');
      if (ignored.has(word)) at++;
      else if (flags.has(word)) values.set(word, '');
      else if (word !== '!') unknown ??= word;
      if (ofSets.has(word)) sets.push(words[++at] ?? '');
    }
    not = word === '!' ? word : '';
  }
  return { values, sets, isUnconditional, unknown };
}

/** They leave open whom a rule is for. */
const about: ReadonlySet<string> = new Set(['-A', '-j', '-g', '--comment', '--to-destination']);

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

/** Words, with what is quoted (comments, prefixes of logs) as one. */
const wordsOf = (line: string): readonly string[] => line.match(/"[^"\\]*(?:\\.[^"\\]*)*"|\S+/g) ?? [];

/** The words of a rule as a program takes them: without the quotes in which iptables-save puts comments. */
export const argumentsOf = ({ line }: Pick<IptablesRule, 'line'>): readonly string[] =>
  wordsOf(line).map((word) => unquoted(word) ?? word);

function unquoted(text: string | undefined): string | undefined {
  if (text === undefined || text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const inside = text.slice(1, -1);
  return inside.includes('\\') ? inside.replace(/\\(.)/g, '$1') : inside;
}
