import type { Operand, Pipe, PipeCommand, TemplateNode } from '../../src/knowledge/charts/TemplateNode.ts';
import type { Template } from './parseTemplate.ts';

/** What the templates of a chart read of its values. */
export interface Reads {
  /** Keys that are read by name, dots between. */
  readonly keys: ReadonlySet<string>;
  /** Keys that are taken as a whole: whatever stands below is the user’s own. */
  readonly open: ReadonlySet<string>;
}

/** A path into the values; undefined: something else, or not known. */
type Path = readonly string[] | undefined;

interface Scope {
  readonly dot: Path;
  readonly variables: Map<string, Path>;
}

/** In place of the name of a map’s member, or the number of a list’s. */
const any = '*';
const root: Path = [];

/**
 * Follows the paths of values through all templates, whatever conditions say. What is read only to refuse it, is not
 * read: a condition around nothing but a `fail`.
 */
export function readsOf(templates: readonly Template[]): Reads {
  const defined = new Map(templates.flatMap(({ defined }) => [...defined]));
  const reader = new Reader(defined);
  for (const { nodes } of templates) reader.list(nodes, scopeOf(root));
  return { keys: reader.keys, open: reader.open };
}

// The root of a template is no path into the values, but holds them: `.Values.a` is the path [Values, a].
const scopeOf = (dot: Path): Scope => ({ dot, variables: new Map([['$', dot]]) });
const inner = ({ dot, variables }: Scope): Scope => ({ dot, variables: new Map(variables) });

class Reader {
  readonly keys = new Set<string>();
  readonly open = new Set<string>();
  readonly #defined: ReadonlyMap<string, readonly TemplateNode[]>;
  readonly #seen = new Set<string>();

  constructor(defined: ReadonlyMap<string, readonly TemplateNode[]>) {
    this.#defined = defined;
  }

  list(nodes: readonly TemplateNode[], scope: Scope): void {
    for (const node of nodes) this.#node(node, scope);
  }

  #node(node: TemplateNode, scope: Scope): void {
    switch (node.kind) {
      case 'text':
      case 'break':
      case 'continue':
        return;
      case 'action':
        this.#take(this.#pipe(node.pipe, scope), node.pipe.names.length === 0);
        return;
      case 'template':
        this.#include(node.name, node.pipe === undefined ? undefined : this.#pipe(node.pipe, scope));
        return;
      case 'if':
      case 'with':
      case 'range':
        this.#branch(node, scope);
    }
  }

  #branch(node: TemplateNode & { readonly kind: 'if' | 'with' | 'range' }, outer: Scope): void {
    if (onlyFails(node)) return;
    const scope = inner(outer);
    const path = this.#pipe({ ...node.pipe, names: [] }, scope);
    const members = path === undefined ? undefined : [...path, any];
    const names = node.pipe.names;
    if (node.kind !== 'range') for (const name of names) scope.variables.set(name, path);
    else
      for (const [i, name] of names.entries()) scope.variables.set(name, i === names.length - 1 ? members : undefined);
    if (node.kind === 'range') this.#note(members);
    const dot = node.kind === 'with' ? path : node.kind === 'range' ? members : scope.dot;
    this.list(node.body, { ...scope, dot });
    this.list(node.otherwise, scope);
  }

  #pipe({ names, commands }: Pipe, scope: Scope): Path {
    let path: Path;
    for (const [i, command] of commands.entries()) path = this.#command(command, scope, i === 0 ? undefined : path);
    for (const name of names) scope.variables.set(name, path);
    return path;
  }

  #command([first, ...operands]: PipeCommand, scope: Scope, piped: Path): Path {
    if (first.kind !== 'call') {
      for (const operand of operands) this.#operand(operand, scope);
      return this.#operand(first, scope);
    }
    const paths = [
      ...operands.map((operand) => this.#operand(operand, scope)),
      ...(piped === undefined ? [] : [piped]),
    ];
    return this.#call(first.name, operands, paths);
  }

  #call(name: string, operands: readonly Operand[], paths: readonly Path[]): Path {
    const names = operands.flatMap((one) =>
      one.kind === 'literal' && typeof one.value === 'string' ? [one.value] : [],
    );
    switch (name) {
      case 'hasKey':
      case 'get':
      case 'index': {
        const [path] = paths;
        return this.#note(path === undefined ? undefined : [...path, ...(names.length > 0 ? names : [any])]);
      }
      case 'dig': {
        const path = paths.at(-1);
        return this.#note(
          path === undefined
            ? undefined
            : [...path, ...names.slice(0, operands.length - (paths.length - operands.length > 0 ? 1 : 2))],
        );
      }
      case 'include': {
        const [file] = operands;
        if (file?.kind === 'literal')
          this.#include(
            String(file.value),
            paths.findLast((path) => path !== undefined),
          );
        return undefined;
      }
      // The first that is set: what comes behind it is what it was called before.
      case 'coalesce':
        return paths.find((path) => path !== undefined);
      case 'default':
      case 'deepCopy':
      case 'ternary':
        return paths.findLast((path) => path !== undefined);
      default:
        for (const path of paths) this.#take(path, wholes.has(name));
        return undefined;
    }
  }

  #operand(operand: Operand, scope: Scope): Path {
    switch (operand.kind) {
      case 'literal':
        return undefined;
      case 'call':
        return this.#call(operand.name, [], []);
      case 'dot':
        return this.#fields(scope.dot, operand.fields);
      case 'variable':
        return this.#fields(scope.variables.get(operand.name), operand.fields);
      case 'nested':
        return this.#fields(this.#pipe(operand.pipe, scope), operand.fields);
    }
  }

  #fields(start: Path, fields: readonly string[]): Path {
    if (start === undefined) return undefined;
    const path = [...start, ...fields.filter((field) => field !== 'AsMap')];
    return fields.length === 0 ? path : this.#note(path);
  }

  #include(name: string, dot: Path): void {
    const nodes = this.#defined.get(name);
    const call = `${name} ${dot?.join('.') ?? '?'}`;
    if (nodes === undefined || this.#seen.has(call)) return;
    this.#seen.add(call);
    this.list(nodes, scopeOf(dot));
  }

  #note(path: Path): Path {
    if (path?.[0] === 'Values' && path.length > 1) this.keys.add(path.slice(1).join('.'));
    return path;
  }

  #take(path: Path, whole: boolean): void {
    if (whole && path?.[0] === 'Values' && path.length > 1) this.open.add(path.slice(1).join('.'));
  }
}

/** Functions whose result holds all of a map. */
const wholes: ReadonlySet<string> = new Set([
  'toYaml',
  'toJson',
  'toRawJson',
  'mapToString',
  'merge',
  'mergeOverwrite',
  'concat',
  'tpl',
]);

function onlyFails(node: TemplateNode): boolean {
  if (node.kind === 'text') return node.text.trim() === '';
  if (node.kind === 'action') return isFail(node.pipe);
  if (node.kind !== 'if' && node.kind !== 'range' && node.kind !== 'with') return false;
  return (
    [...node.body, ...node.otherwise].every(onlyFails) &&
    [...node.body, ...node.otherwise].some((one) => one.kind !== 'text')
  );
}

function isFail({ commands: [command] }: Pipe): boolean {
  const [first] = command ?? [];
  return first?.kind === 'call' && first.name === 'fail';
}
