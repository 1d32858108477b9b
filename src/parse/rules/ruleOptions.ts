/** An option of a rule, in the order in which iptables-save prints them. */
export interface RuleOption {
  /** `-d`, `--dport`, … as printed. */
  readonly name: string;
  /** With `!` in front of it, or (as iptables before 1.4.3 printed it) of its value. */
  readonly negated: boolean;
  /** Without quotes and the backslashes in them; none for a flag. */
  readonly values: readonly string[];
}

/**
 * A rule as its options, whatever they are: nothing need be known of a match to take it apart.
 * @param line as iptables-save prints it, without counters; `-A CHAIN` is its first option
 */
export function ruleOptions(line: string): readonly RuleOption[] {
  const options: { name: string; negated: boolean; values: string[] }[] = [];
  let negated = false;
  for (const word of line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []) {
    const last = options.at(-1);
    if (word === '!') {
      negated = true;
    } else if (isOption(word)) {
      options.push({ name: word, negated, values: [] });
      negated = false;
    } else if (last !== undefined) {
      last.values.push(unquoted(word));
      last.negated ||= negated;
      negated = false;
    }
  }
  return options;
}

/** A value in quotes is none, whatever it begins with; a number below zero is none. */
const isOption = (word: string): boolean => /^-{1,2}[A-Za-z]/.test(word);

const unquoted = (word: string): string =>
  word.length > 1 && word.startsWith('"') && word.endsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;
