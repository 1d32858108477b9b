/** A rule of iptables-save, as far as kube-proxy's rules use the language. */
export interface RuleOptions {
  /** With the mask, as printed; `!` in front where negated. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly inInterface: string | undefined;
  readonly protocol: string | undefined;
  readonly port: number | undefined;
  readonly sourceType: string | undefined;
  readonly destinationType: string | undefined;
  /** Of `-m recent --rcheck`. */
  readonly recentSeconds: number | undefined;
  readonly isRandom: boolean;
  readonly target: string | undefined;
  readonly isGoto: boolean;
  readonly toDestination: string | undefined;
  /** The first option that is not known here. */
  readonly unknown: string | undefined;
}

/** Options that take a value and say nothing about who a rule is for. */
const ignored: ReadonlySet<string> = new Set([
  '-A',
  '-m',
  '--comment',
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
  '--set',
  '--random-fully',
  '--rcheck',
  '--persistent',
]);

/** @param line as iptables-save prints it, without counters. Total: what is not known is named. */
export function readRuleOptions(line: string): RuleOptions {
  const words = wordsOf(line);
  const values = new Map<string, string>();
  let isRandom = false;
  let unknown: string | undefined;
  let negated = '';
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '!') {
      negated = '!';
      continue;
    }
    if (flags.has(word)) {
      values.set(word, '');
    } else if (ignored.has(word)) {
      at++;
    } else if (known.has(word)) {
      values.set(word, `${negated}${words[++at] ?? ''}`);
    } else if (word === '--mode') {
      isRandom = words[++at] === 'random';
      if (!isRandom) unknown ??= word;
    } else {
      unknown ??= word;
    }
    negated = '';
  }
  const seconds = values.has('--rcheck') ? numberOf(values.get('--seconds')) : undefined;
  return {
    source: values.get('-s'),
    destination: values.get('-d'),
    inInterface: values.get('-i'),
    protocol: values.get('-p'),
    port: numberOf(values.get('--dport')),
    sourceType: values.get('--src-type'),
    destinationType: values.get('--dst-type'),
    recentSeconds: seconds,
    isRandom,
    target: values.get('-j') ?? values.get('-g'),
    isGoto: values.has('-g'),
    toDestination: values.get('--to-destination'),
    unknown,
  };
}

const known: ReadonlySet<string> = new Set([
  '-s',
  '-d',
  '-i',
  '-p',
  '-j',
  '-g',
  '--dport',
  '--src-type',
  '--dst-type',
  '--seconds',
  '--to-destination',
]);

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

/** Words, with what is quoted (comments) as one. */
const wordsOf = (line: string): readonly string[] => line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
