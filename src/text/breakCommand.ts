import { columnsOf } from './wrap.ts';

/**
 * A command as lines of at most `width` columns, of which all but the last end in a backslash, so that it can be pasted
 * as it stands: it is broken only at blanks that separate words for a shell, in quotes only where they hold a script.
 * Lines that follow are `hang` columns shorter, for who indents them.
 */
export function breakCommand(command: string, width: number, hang: number): string[] {
  // The text of a here-document goes as it is.
  if (command.includes('<<')) return command.split('\n');
  return linesOutsideQuotes(command).flatMap((line) => broken(line, width, hang));
}

const continued = ' \\';

function broken(line: string, width: number, hang: number): string[] {
  if (columnsOf(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  const next = (): void => {
    lines.push(current + continued);
    current = '';
  };
  for (const stage of stagesOf(wordsOf(line))) {
    const room = (): number => width - continued.length - (lines.length > 0 ? hang : 0);
    // What runs behind an operator begins a line of its own where it does not fit as a whole.
    if (current !== '' && columnsOf(`${current} ${stage.join(' ')}`) > room()) next();
    for (const unit of unitsOf(stage, width - continued.length - hang)) {
      if (current !== '' && columnsOf(`${current} ${unit}`) > room()) next();
      current = current === '' ? unit : `${current} ${unit}`;
    }
  }
  return [...lines, current];
}

/** Words up to each operator, which stands at the end of its line. */
function stagesOf(words: readonly string[]): string[][] {
  const stages: string[][] = [[]];
  for (const word of words) {
    stages.at(-1)?.push(word);
    if (['&&', '||', '|'].includes(word)) stages.push([]);
  }
  return stages;
}

/** A flag and what follows it stay together, where that is not wider than a line. */
function unitsOf(words: readonly string[], room: number): string[] {
  const units: string[] = [];
  for (const [at, word] of words.entries()) {
    const [first, ...more] = columnsOf(word) > room ? partsOf(word, words.slice(0, at), room) : [word];
    const before = units.at(-1);
    const isValue = before !== undefined && /^--?\w[\w-]*$/.test(before) && !first.startsWith('-');
    if (isValue && columnsOf(`${before} ${first}`) <= room) units.splice(-1, 1, `${before} ${first}`);
    else units.push(first);
    units.push(...more);
  }
  return units;
}

/** What a shell runs that is itself one word: `"$(kubectl …)"`, and what follows `bash -c`. */
function partsOf(word: string, before: readonly string[], room: number): readonly [string, ...string[]] {
  const [, substituted, afterIt = ''] = /^"\$\(([^"#\n]+)\)"(;?)$/.exec(word) ?? [];
  if (substituted !== undefined) return enclosed('"$(', unitsOf(wordsOf(substituted), room), `)"${afterIt}`);
  if (!/^(?:\S*\/)?(?:ba)?sh -c$/.test(before.slice(-2).join(' '))) return [word];
  // Nothing that a double quote or a comment would read otherwise.
  const [, doubled, after = ''] = /^"((?:[^"\\#\n]|\\[^"\n])+)"(;?)$/.exec(word) ?? [];
  if (doubled !== undefined) return enclosed('"', unitsOf(wordsOf(doubled), room), `"${after}`);
  const [, single, behind = ''] = /^'((?:[^'#\n]|'\\'')+)'(;?)$/.exec(word) ?? [];
  if (single === undefined) return [word];
  const script = unitsOf(wordsOf(single.replaceAll(quoteInQuotes, "'")), room);
  return enclosed(
    "'",
    script.map((unit) => unit.replaceAll("'", quoteInQuotes)),
    `'${behind}`,
  );
}

/** How single quotes hold one of their kind. */
const quoteInQuotes = String.raw`'\''`;

function enclosed(open: string, units: readonly string[], close: string): readonly [string, ...string[]] {
  const [first = '', ...more] = units;
  const last = more.pop();
  return last === undefined ? [open + first + close] : [open + first, ...more, last + close];
}

/** What blanks separate for the shell; nothing in quotes is separated. */
const wordsOf = (line: string): string[] =>
  cutOutsideQuotes(line, (char) => char === ' ').filter((word) => word !== '');

const linesOutsideQuotes = (text: string): string[] => cutOutsideQuotes(text, (char) => char === '\n');

type Quote = "'" | '"' | "$'";

function cutOutsideQuotes(text: string, isCut: (char: string) => boolean): string[] {
  const parts: string[] = [];
  let part = '';
  let quote: Quote | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\' && quote !== "'") {
      part += text.slice(at, at + 2);
      at += 1;
    } else if (quote === undefined && isCut(char)) {
      parts.push(part);
      part = '';
    } else {
      quote = quoteAfter(char, text[at - 1], quote);
      part += char;
    }
  }
  return [...parts, part];
}

function quoteAfter(char: string, before: string | undefined, open: Quote | undefined): Quote | undefined {
  if (open !== undefined) return char === open.at(-1) ? undefined : open;
  if (char === '"') return '"';
  if (char === "'") return before === '$' ? "$'" : "'";
  return undefined;
}
