/** What the script for an agent asks, as far as somebody who runs no shell needs to know it. */
export interface AskedScript {
  readonly marker: string;
  /** Names of sections in the order in which they are to be printed. */
  readonly sections: readonly string[];
  /** Those of them that are to come compressed. */
  readonly packed: ReadonlySet<string>;
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
  const shell = calls.flatMap((line) => /^run agentShell (?:packed )?fn (.*)$/.exec(line)?.[1] ?? [])[0];
  return {
    marker: /^M=(\S+)/m.exec(script)?.[1] ?? '',
    sections: calls.flatMap((line) => /^(?:without \w+ )?run (\w+) /.exec(line)?.[1] ?? []),
    packed: new Set(calls.flatMap((line) => /^(?:without \w+ )?run (\w+) packed /.exec(line)?.[1] ?? [])),
    words: new Map(
      [...stdin.matchAll(/^(\w+)Words=\(/gm)].map((found) => [
        found[1] ?? '',
        unquoted(stdin.slice(found.index + found[0].length)),
      ]),
    ),
    typed: unquoted(shell ?? ''),
  };
}

/**
 * Words of a shell, up to a parenthesis; parts of each may stand between single quotes, with escapes behind `$`, or
 * behind a backslash.
 */
function unquoted(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [part, escaped, plain, one] of text.matchAll(
    /\$'((?:[^'\\]|\\.)*)'|'([^']*)'|\\(.)|[^\s'\\()$]+|\$|\s+|\)/gs,
  )) {
    if (part === ')' || /^\s/.test(part)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      if (part === ')') return words;
    } else word = `${word ?? ''}${escaped === undefined ? (plain ?? one ?? part) : unescaped(escaped)}`;
  }
  return word === undefined ? words : [...words, word];
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, code?: string, one?: string) =>
    code === undefined ? (one ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  );
