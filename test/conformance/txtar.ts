/** A script with the files that stand behind it (golang.org/x/tools/txtar). */
export interface Txtar {
  readonly script: readonly string[];
  readonly files: ReadonlyMap<string, string>;
}

export function parseTxtar(text: string): Txtar {
  const script: string[] = [];
  const files = new Map<string, string>();
  let name: string | undefined;
  let content: string[] = [];
  const close = (): void => {
    if (name !== undefined) files.set(name, content.map((line) => `${line}\n`).join(''));
    content = [];
  };
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    const heading = /^-- (.+) --\s*$/.exec(line);
    if (heading === null) {
      (name === undefined ? script : content).push(line);
      continue;
    }
    close();
    name = heading[1]?.trim() ?? '';
  }
  close();
  return { script, files };
}

/**
 * A line of a script, cut into words as a shell would: single quotes keep blanks; conditions and
 * prefixes are told apart.
 */
export interface Command {
  readonly line: number;
  readonly text: string;
  /** `[privileged] cmd`: what must hold. */
  readonly conditions: readonly string[];
  /** `! cmd` must fail. */
  readonly negated: boolean;
  readonly name: string;
  readonly args: readonly string[];
}

export function commandsOf(script: readonly string[]): readonly Command[] {
  return script.flatMap((text, index) => {
    if (text.trim() === '' || text.trimStart().startsWith('#')) return [];
    const words = wordsOf(text);
    const conditions: string[] = [];
    let negated = false;
    for (;;) {
      const first = words[0];
      if (first === undefined) return [];
      const condition = /^\[(.+)\]$/.exec(first);
      if (condition !== null) conditions.push(condition[1] ?? '');
      else if (first === '!') negated = true;
      // `*` retries until the rest of its section holds.
      else if (first !== '*' && first !== '?') break;
      words.shift();
    }
    const [name = '', ...args] = words;
    return [{ line: index + 1, text: text.trim(), conditions, negated, name, args }];
  });
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (const char of text) {
    if (char === "'") {
      quoted = !quoted;
      word ??= '';
    } else if (!quoted && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (!quoted && char === '#' && word === undefined) {
      break;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
