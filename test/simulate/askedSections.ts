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

/** How much stdin the script says that it reads, in bytes. */
export const stdinLength = (script: string): number => Number(/head -c (\d+)/.exec(script)?.[1] ?? 0);

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
      [...stdin.matchAll(/^(\w+)Words=\((.*)\)$/gm)].map(([, name = '', words = '']) => [name, unquoted(words)]),
    ),
    typed: unquoted(shell?.slice('run agentShell fn '.length) ?? ''),
  };
}

/** Words of a shell line; parts of each may stand between single quotes, or behind a backslash. */
const unquoted = (line: string): readonly string[] =>
  [...line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)].map(([word]) =>
    word.replaceAll(
      /'([^']*)'|\\(.)/g,
      (_, quoted: string | undefined, escaped: string | undefined) => quoted ?? escaped ?? '',
    ),
  );
