import type { Operand, Pipe, PipeCommand, TemplateNode } from '../../src/knowledge/charts/TemplateNode.ts';

/** The nodes of a file, and the templates that it defines. */
export interface Template {
  readonly nodes: readonly TemplateNode[];
  readonly defined: ReadonlyMap<string, readonly TemplateNode[]>;
}

/** Reads a template file of a chart. Throws an Error for what is no template. */
export const parseTemplate = (source: string): Template => new TemplateParser(source).parse();

type Token =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  /** `.`, `.a.b`, `$x.a` */
  | { readonly kind: 'path'; readonly text: string }
  /** `.a.b` right behind a parenthesis. */
  | { readonly kind: 'fields'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

type Piece = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'code'; readonly tokens: Tokens };

const action =
  /\{\{(?:-(?=\s))?((?:\s*\/\*[\s\S]*?\*\/\s*)|(?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`}]|\}(?!\}))*?)(?:(?<=\s)-)?\}\}/g;

/** Texts and actions in turn; `{{-` and `-}}` take the white space next to them away. */
function* pieces(source: string): Generator<Piece> {
  let from = 0;
  let trimsStart = false;
  for (const match of source.matchAll(action)) {
    const [whole, code = ''] = match;
    const text = source.slice(from, match.index);
    const left = trimsStart ? text.trimStart() : text;
    yield { kind: 'text', text: whole.startsWith('{{-') ? left.trimEnd() : left };
    from = match.index + whole.length;
    trimsStart = whole.endsWith('-}}');
    if (!code.trimStart().startsWith('/*')) yield { kind: 'code', tokens: new Tokens(code) };
  }
  const rest = source.slice(from);
  if (rest.includes('{{')) throw new Error('an action without an end');
  yield { kind: 'text', text: trimsStart ? rest.trimStart() : rest };
}

const token = /\s+|"(?:[^"\\]|\\.)*"|`[^`]*`|-?\d+(?:\.\d+)?|\$?\w*(?:\.\w+)+|\$\w*|\.|[A-Za-z_]\w*|:=|[=|(),]/gy;

/** The words of one action, to be taken one by one. */
class Tokens {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(code: string) {
    this.#tokens = tokensOf(code);
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  take(): Token {
    const taken = this.next;
    if (taken === undefined) throw new Error('an action ends too early');
    this.#at += 1;
    return taken;
  }

  takeIf(kind: 'word' | 'mark', text: string): boolean {
    const is = this.sees(kind, text);
    if (is) this.#at += 1;
    return is;
  }

  sees(kind: 'word' | 'mark', text: string, ahead = 0): boolean {
    const seen = this.#tokens[this.#at + ahead];
    return seen?.kind === kind && seen.text === text;
  }
}

function tokensOf(code: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  for (const [text] of code.matchAll(token)) {
    if (text.trim() !== '')
      found.push(code[at - 1] === ')' && text.startsWith('.') ? { kind: 'fields', text } : tokenOf(text));
    at += text.length;
  }
  if (at !== code.length) throw new Error(`not understood: ${code.slice(at, at + 20)}`);
  return found;
}

function tokenOf(text: string): Token {
  if (text.startsWith('"')) return { kind: 'string', value: unescaped(text) };
  if (text.startsWith('`')) return { kind: 'string', value: text.slice(1, -1) };
  if (/^-?\d/.test(text)) return { kind: 'number', value: Number(text) };
  if (/^[.$]/.test(text)) return { kind: 'path', text };
  return /^\w/.test(text) ? { kind: 'word', text } : { kind: 'mark', text };
}

/** Go’s escapes that charts use are JSON’s, too. */
const unescaped = (text: string): string => String(JSON.parse(text));

class TemplateParser {
  readonly #pieces: Generator<Piece>;
  readonly #defined = new Map<string, readonly TemplateNode[]>();
  /** The action that ended the list of nodes that was read last. */
  #end: Tokens | undefined;

  constructor(source: string) {
    this.#pieces = pieces(source);
  }

  parse(): Template {
    const nodes = this.#list();
    if (this.#end !== undefined) throw new Error('an end without a beginning');
    return { nodes, defined: this.#defined };
  }

  /** Up to `end` or `else`, or to the end of the file. */
  #list(): TemplateNode[] {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const { value: piece, done } = this.#pieces.next();
      if (done === true) {
        this.#end = undefined;
        return nodes;
      }
      if (piece.kind === 'text') {
        if (piece.text !== '') nodes.push(piece);
        continue;
      }
      if (piece.tokens.sees('word', 'end') || piece.tokens.sees('word', 'else')) {
        this.#end = piece.tokens;
        return nodes;
      }
      nodes.push(...this.#node(piece.tokens));
    }
  }

  #node(tokens: Tokens): TemplateNode[] {
    for (const kind of ['if', 'with', 'range'] as const)
      if (tokens.takeIf('word', kind)) return [this.#branch(kind, tokens)];
    if (tokens.takeIf('word', 'define')) {
      const name = stringOf(tokens);
      this.#defined.set(name, this.#list());
      return [];
    }
    if (tokens.takeIf('word', 'template')) {
      const name = stringOf(tokens);
      return [{ kind: 'template', name, pipe: tokens.next === undefined ? undefined : pipeOf(tokens) }];
    }
    for (const kind of ['break', 'continue'] as const) if (tokens.takeIf('word', kind)) return [{ kind }];
    return [{ kind: 'action', pipe: pipeOf(tokens) }];
  }

  #branch(kind: 'if' | 'with' | 'range', tokens: Tokens): TemplateNode {
    const pipe = pipeOf(tokens);
    const body = this.#list();
    const end = this.#end;
    if (end === undefined) throw new Error(`${kind} without an end`);
    if (!end.takeIf('word', 'else')) return { kind, pipe, body, otherwise: [] };
    for (const nested of ['if', 'with'] as const)
      if (end.takeIf('word', nested)) return { kind, pipe, body, otherwise: [this.#branch(nested, end)] };
    const otherwise = this.#list();
    if (this.#end === undefined) throw new Error(`${kind} without an end`);
    return { kind, pipe, body, otherwise };
  }
}

function stringOf(tokens: Tokens): string {
  const taken = tokens.take();
  if (taken.kind !== 'string') throw new Error('a template without a name');
  return taken.value;
}

function pipeOf(tokens: Tokens): Pipe {
  const names = namesOf(tokens);
  const declares = names.length > 0 && tokens.takeIf('mark', ':=');
  if (names.length > 0 && !declares) tokens.takeIf('mark', '=');
  const commands = [commandOf(tokens)];
  while (tokens.takeIf('mark', '|')) commands.push(commandOf(tokens));
  return { names, declares, commands };
}

/** `$a :=`, `$a, $b :=` or `$a =` in front of a pipe. */
function namesOf(tokens: Tokens): string[] {
  const names: string[] = [];
  const isNamed = tokens.next?.kind === 'path' && /^\$\w+$/.test(tokens.next.text);
  if (!isNamed || !(['=', ':=', ','] as const).some((mark) => tokens.sees('mark', mark, 1))) return names;
  do {
    const taken = tokens.take();
    if (taken.kind === 'path') names.push(taken.text);
  } while (tokens.takeIf('mark', ','));
  return names;
}

function commandOf(tokens: Tokens): PipeCommand {
  const command: [Operand, ...Operand[]] = [operandOf(tokens)];
  while (tokens.next !== undefined && !tokens.sees('mark', '|') && !tokens.sees('mark', ')'))
    command.push(operandOf(tokens));
  return command;
}

function operandOf(tokens: Tokens): Operand {
  const taken = tokens.take();
  switch (taken.kind) {
    case 'string':
    case 'number':
      return { kind: 'literal', value: taken.value };
    case 'path':
      return pathOf(taken.text);
    case 'word':
      return wordOf(taken.text);
    case 'mark':
    case 'fields':
      return nestedOf(taken.text, tokens);
  }
}

function pathOf(text: string): Operand {
  if (text.startsWith('.')) return { kind: 'dot', fields: fieldsOf(text) };
  const [name = '$', ...fields] = text.split('.');
  return { kind: 'variable', name, fields };
}

const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['nil', null],
]);

function wordOf(text: string): Operand {
  const value = words.get(text);
  return value === undefined ? { kind: 'call', name: text } : { kind: 'literal', value };
}

function nestedOf(mark: string, tokens: Tokens): Operand {
  if (mark !== '(') throw new Error(`not understood: ${mark}`);
  const pipe = pipeOf(tokens);
  if (!tokens.takeIf('mark', ')')) throw new Error('a parenthesis without an end');
  return { kind: 'nested', pipe, fields: fieldsBehind(tokens) };
}

function fieldsBehind(tokens: Tokens): readonly string[] {
  if (tokens.next?.kind !== 'fields') return [];
  const { text } = tokens.next;
  tokens.take();
  return fieldsOf(text);
}

const fieldsOf = (text: string): string[] => text.split('.').filter((field) => field !== '');
