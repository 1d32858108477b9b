import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface Source {
  /** From the root of the repository. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** Files of this repository, without what others wrote: node_modules and recordings. */
export const sourcesOf = (patterns: readonly string[]): readonly Source[] =>
  globSync(patterns, { cwd: root, exclude: ['**/node_modules/**', '**/fixtures/**'] })
    .toSorted()
    .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n') }));

/** `path:line: text` of each line that is found. */
export const placesIn = (
  sources: readonly Source[],
  isFound: (line: string, source: Source) => boolean,
): readonly string[] =>
  sources.flatMap((source) =>
    source.lines.flatMap((line, at) => (isFound(line, source) ? [`${source.path}:${at + 1}: ${line.trim()}`] : [])),
  );
