/** What the script for an agent asks, as far as somebody who runs no shell needs to know it. */
export interface AskedScript {
  readonly marker: string;
  /** Names of sections in the order in which they are to be printed. */
  readonly sections: readonly string[];
  /** The words that a program is called with, by its name. */
  readonly words: ReadonlyMap<string, readonly string[]>;
  /** What is typed into the agent's shell. */
  readonly typed: readonly string[];
}

/**
 * Takes a script apart as `bash -c` gets it: the calls of `run` in the order of `main`'s lanes; behind `without OTHER`
 * and `[ "$S_OTHER" = 0 ] ||` stands what a healthy agent is not asked.
 */
export function askedSections(script: string, stdin: string): AskedScript {
  const bodies = new Map(
    [...script.matchAll(/^(\w+)\(\) \{\n([\s\S]*?)\n\}$/gm)].map(([, name = '', body = '']) => [name, body]),
  );
  const lanes = /^main (.*)$/m.exec(script)?.[1]?.split(' ') ?? [];
  const calls = lanes.flatMap((lane) => bodies.get(lane)?.split('\n') ?? []);
  const shell = calls.find((line) => line.startsWith('run agentShell fn '));
  return {
    marker: /^M=(\S+)/m.exec(script)?.[1] ?? '',
    sections: calls.flatMap((line) => /^(?:without \w+ )?run (\w+) /.exec(line)?.[1] ?? []),
    words: new Map(
      [...stdin.matchAll(/^(\w+)Words=\(/gm)].map((found) => [
        found[1] ?? '',
        unquoted(stdin.slice(found.index + found[0].length)),
      ]),
    ),
    typed: unquoted(shell?.slice('run agentShell fn '.length) ?? ''),
  };
}

/** Words of a shell, up to a parenthesis; parts of each may stand between single quotes, or behind a backslash. */
function unquoted(text: string): readonly string[] {
  const words: string[] = [];
  for (const [part, word] of text.matchAll(/((?:\$?'(?:[^'\\]|\\[^'])*'|\\.|[^\s'\\()])+)|\)|\s+/g)) {
    if (part === ')') break;
    if (word !== undefined)
      words.push(
        word.replaceAll(/\$?'([^']*)'|\\(.)/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ''),
      );
  }
  return words;
}
