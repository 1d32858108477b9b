import { block } from '../formats/markdown.ts';

/** Commands in one block; none, no block. */
export const fenced = (commands: readonly string[], indent: string): readonly string[] =>
  commands.length === 0 ? [] : block(commands.join('\n'), indent).split('\n');
