import { YAMLException } from 'js-yaml';

/** What is wrong in a text of YAML, and the offset at which it is. */
export interface YamlFault {
  readonly message: string;
  readonly offset: number;
  /** It stands too far left for what is open there. */
  readonly isLeft: boolean;
}

/** Brackets and indentation; charts of Cilium are nine deep. */
export const maxDepth = 100;
export const tooDeep = `it is nested more than ${maxDepth} deep`;

/**
 * What the library means: it says how far it got, and by its own names what it could not read there. undefined: the
 * error is none of YAML.
 */
export function yamlFault(error: unknown, text: string): YamlFault | undefined {
  if (!(error instanceof YAMLException)) return undefined;
  const { reason } = error;
  const offset = error.mark?.position ?? 0;
  const isLeft = reason === 'deficient indentation';
  const isNoKey = reason.startsWith('can not read a block mapping entry') || reason.startsWith("expected ':' after");
  return {
    message: isNoKey ? 'no colon with a blank behind it makes a key of this' : wordsFor(reason, text, offset),
    offset: isNoKey ? lineBefore(text, offset) : offset,
    isLeft,
  };
}

function wordsFor(reason: string, text: string, offset: number): string {
  if (reason.startsWith('nesting exceeded')) return tooDeep;
  if (reason === 'deficient indentation' || reason.startsWith('unexpected end of the'))
    return 'a bracket or a quote before it is not closed, or this stands too far left to belong to it';
  if (reason.startsWith('tab characters')) return 'tabs are not allowed as indentation';
  if (reason.startsWith('bad indentation') || reason.startsWith('end of the stream')) return misplaced(text, offset);
  return reason;
}

/** Something stands where nothing of its kind may. */
function misplaced(text: string, offset: number): string {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const char = text[offset] ?? '';
  if (char !== '' && '@`%]},'.includes(char)) return `no value begins with ${char}: put it in quotes`;
  if (char === ':' && /:\s/.test(before)) return 'a value with a colon and a blank in it: put it in quotes';
  if (char === ':') return 'a key within the value above it: it is indented wrongly, or a colon is missing there';
  return before.trim() === ''
    ? 'it is indented neither like what stands above it nor like what it could belong to'
    : 'nothing may follow a value in quotes or in brackets';
}

/** Where the line begins that was to be a key: before an offset or, at a colon, before the line of that. */
function lineBefore(text: string, offset: number): number {
  const behind = text[offset] === ':' ? text.lastIndexOf('\n', offset) + 1 : offset;
  const end = text.slice(0, behind).trimEnd().length;
  const start = text.lastIndexOf('\n', end - 1) + 1;
  return start + text.slice(start).search(/\S|$/);
}
