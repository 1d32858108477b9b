import { type Data, type DataMap, isMap, isTrue, TemplateError, textOf, UnsupportedError } from './Data.ts';
import { functions } from './functions.ts';
import type { Operand, Pipe, PipeCommand, TemplateNode } from '../../knowledge/charts/TemplateNode.ts';

/** Why Helm would not render a template. */
export interface TemplateFailure {
  /** The chart’s own words, or those of the template language. */
  readonly message: string;
  /** The values that decided it: those of each condition around it, the innermost first. */
  readonly conditions: readonly (readonly string[])[];
  /** `stop`: a type that does not go with what is done with it; what follows in the same file is not known. */
  readonly kind: 'fail' | 'stop' | 'unsupported';
}

export interface Evaluation {
  readonly text: string;
  readonly failures: readonly TemplateFailure[];
}

/** Members of the root beside the values. */
export interface Surroundings {
  readonly kubernetesVersion: string;
  readonly chartVersion: string;
  readonly namespace: string;
}

/**
 * What a condition reads when it asks for an API of the cluster: nobody knows it here, and Helm takes it for missing.
 */
export const capability = (name: string): string => `capability:${name}`;

/** Copies of values for templates, which may change what they are handed; maps that are the same are copied once. */
export class Copies {
  readonly #copies = new WeakMap<DataMap, DataMap>();
  /** Where in the values a map or a list stands. */
  readonly #paths = new WeakMap<object, string>();
  /** A template has changed one: whoever comes next needs new ones. */
  areChanged = false;

  pathOf(container: DataMap | readonly Data[]): string | undefined {
    return this.#paths.get(container);
  }

  ofMap(map: DataMap, path: string): DataMap {
    const known = this.#copies.get(map);
    if (known !== undefined && this.#paths.get(known) === path) return known;
    const copy: DataMap = {};
    this.#copies.set(map, copy);
    this.#paths.set(copy, path);
    for (const key of Object.keys(map))
      if (key !== '__proto__') copy[key] = this.#of(map[key] ?? null, path === '' ? key : `${path}.${key}`);
    return copy;
  }

  #of(value: Data, path: string): Data {
    if (isMap(value)) return this.ofMap(value, path);
    if (!Array.isArray(value)) return value;
    const copy = value.map((member) => this.#of(member, `${path}.*`));
    this.#paths.set(copy, path);
    return copy;
  }
}

/**
 * Renders templates as Helm does, but goes on after a `fail`, so that all of them are told. They share their values.
 * @param values those of the chart with the user’s; they are left as they are
 */
export function evaluator(
  defined: ReadonlyMap<string, readonly TemplateNode[]>,
  values: DataMap,
  surroundings: Surroundings,
  copies = new Copies(),
): (nodes: readonly TemplateNode[]) => Evaluation {
  const evaluation = new Evaluator(defined, values, surroundings, copies);
  return (nodes) => evaluation.run(nodes);
}

interface Variable {
  value: Data;
  /** What its value was made of. */
  reads: readonly string[];
}

/** What a list of nodes sees: its own variables, and those of the lists around it. */
interface Scope {
  readonly dot: Data;
  readonly variables: Map<string, Variable>;
  readonly outer: Scope | undefined;
}

class Stop {
  readonly kind: 'break' | 'continue';
  constructor(kind: 'break' | 'continue') {
    this.kind = kind;
  }
}

class Evaluator {
  readonly #defined: ReadonlyMap<string, readonly TemplateNode[]>;
  readonly #root: DataMap;
  readonly #copies: Copies;
  #failures: TemplateFailure[] = [];
  #conditions: (readonly string[])[] = [];
  #reads: string[] = [];
  #text: string[] = [];
  #depth = 0;

  constructor(
    defined: ReadonlyMap<string, readonly TemplateNode[]>,
    values: DataMap,
    { kubernetesVersion, chartVersion, namespace }: Surroundings,
    copies: Copies,
  ) {
    this.#defined = defined;
    this.#copies = copies;
    const own = copies.ofMap(values, '');
    own['AsMap'] = own;
    const [, major = '1', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(kubernetesVersion) ?? [];
    this.#root = {
      Values: own,
      Chart: { Name: 'cilium', Version: chartVersion, AppVersion: chartVersion },
      Release: {
        Name: 'cilium',
        Namespace: namespace,
        Service: 'Helm',
        IsInstall: true,
        IsUpgrade: false,
        Revision: 1,
      },
      Template: { Name: '', BasePath: '' },
      Capabilities: {
        KubeVersion: { Version: kubernetesVersion, GitVersion: kubernetesVersion, Major: major, Minor: minor },
        APIVersions: {
          Has: (name) => {
            this.#reads.push(capability(textOf(name)));
            return false;
          },
        },
      },
    };
  }

  run(nodes: readonly TemplateNode[]): Evaluation {
    this.#failures = [];
    this.#conditions = [];
    this.#reads = [];
    this.#text = [];
    this.#depth = 0;
    try {
      this.#list(nodes, rootScope(this.#root));
    } catch (error) {
      if (error instanceof TemplateError) this.#stop(error.message);
      else if (error instanceof UnsupportedError) this.#fail(error.message, 'unsupported');
      else throw error;
    }
    return { text: this.#text.join(''), failures: this.#failures };
  }

  /** What was read last is what did not go with what was done with it. */
  #stop(message: string): void {
    this.#conditions.push(this.#reads.slice(-1));
    this.#fail(message, 'stop');
  }

  #fail(message: string, kind: TemplateFailure['kind']): void {
    this.#failures.push({ message: message.trim(), conditions: this.#conditions.toReversed(), kind });
  }

  #list(nodes: readonly TemplateNode[], scope: Scope): void {
    for (const node of nodes) this.#node(node, scope);
  }

  #node(node: TemplateNode, scope: Scope): void {
    switch (node.kind) {
      case 'text':
        this.#text.push(node.text);
        return;
      case 'action':
        this.#action(node.pipe, scope);
        return;
      case 'if':
      case 'with':
        this.#branch(node, scope);
        return;
      case 'range':
        this.#range(node, scope);
        return;
      case 'template':
        this.#text.push(this.#include(node.name, node.pipe === undefined ? null : this.#pipe(node.pipe, scope)));
        return;
      case 'break':
      case 'continue':
        throw new Stop(node.kind);
    }
  }

  #action(pipe: Pipe, scope: Scope): void {
    const value = this.#pipe(pipe, scope);
    if (pipe.names.length === 0) this.#text.push(value === null ? '' : textOf(value));
  }

  #branch(node: TemplateNode & { readonly kind: 'if' | 'with' | 'range' }, scope: Scope): void {
    const from = this.#reads.length;
    const inner = innerOf(scope);
    const value = this.#pipe(node.pipe, inner);
    this.#conditions.push(this.#reads.slice(from));
    const isMet = isTrue(value);
    this.#list(isMet ? node.body : node.otherwise, isMet && node.kind === 'with' ? { ...inner, dot: value } : inner);
    this.#conditions.pop();
  }

  #range(node: TemplateNode & { readonly kind: 'if' | 'with' | 'range' }, scope: Scope): void {
    const from = this.#reads.length;
    const inner = innerOf(scope);
    const value = this.#pipe({ ...node.pipe, names: [] }, inner);
    const reads = this.#reads.slice(from);
    this.#conditions.push(reads);
    const entries = entriesOf(value);
    if (entries.length === 0) this.#list(node.otherwise, inner);
    for (const [key, member] of entries) if (!this.#turn(node, inner, key, member, reads)) break;
    this.#conditions.pop();
  }

  /** One turn of a range; false: it was the last. */
  #turn(
    { pipe: { names }, body }: { readonly pipe: Pipe; readonly body: readonly TemplateNode[] },
    scope: Scope,
    key: Data,
    member: Data,
    reads: readonly string[],
  ): boolean {
    const inner = innerOf(scope);
    const [first, second] = names;
    if (first !== undefined) inner.variables.set(first, { value: second === undefined ? member : key, reads });
    if (second !== undefined) inner.variables.set(second, { value: member, reads });
    try {
      this.#list(body, { ...inner, dot: member });
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      return error.kind === 'continue';
    }
    return true;
  }

  #pipe({ names, declares, commands }: Pipe, scope: Scope): Data {
    const from = this.#reads.length;
    let value: Data | undefined;
    for (const command of commands) value = this.#command(command, value, scope);
    const result = value ?? null;
    for (const name of names) {
      const reads = this.#reads.slice(from);
      const known = variableOf(name, scope);
      if (declares || known === undefined) scope.variables.set(name, { value: result, reads });
      else Object.assign(known, { value: result, reads: [...known.reads, ...this.#conditions.flat(), ...reads] });
    }
    return result;
  }

  #command([first, ...operands]: PipeCommand, piped: Data | undefined, scope: Scope): Data {
    if (first.kind !== 'call') {
      const value = this.#operand(first, scope);
      const [argument] = [...operands.map((one) => this.#operand(one, scope)), ...(piped === undefined ? [] : [piped])];
      return typeof value === 'function' ? value(argument ?? null) : value;
    }
    if (first.name === 'and' || first.name === 'or')
      return this.#shortCircuit(first.name === 'or', operands, piped, scope);
    const given = operands.map((one) => this.#operand(one, scope));
    return this.#call(first.name, piped === undefined ? given : [...given, piped]);
  }

  /** `and` and `or` read no further than they must. */
  #shortCircuit(ends: boolean, operands: readonly Operand[], piped: Data | undefined, scope: Scope): Data {
    let value: Data = null;
    for (const operand of operands) {
      value = this.#operand(operand, scope);
      if (isTrue(value) === ends) return value;
    }
    return piped ?? value;
  }

  #call(name: string, given: Data[]): Data {
    this.#noteRead(name, given);
    switch (name) {
      case 'fail':
        this.#fail(textOf(given[0] ?? ''), 'fail');
        return '';
      case 'required': {
        const [message = '', value = null] = given;
        if (value === null || value === '') this.#fail(textOf(message), 'fail');
        return value;
      }
      case 'include':
        return this.#include(textOf(given[0] ?? ''), given[1] ?? null);
      default:
        return this.#pure(name, given);
    }
  }

  #pure(name: string, given: Data[]): Data {
    const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (known === undefined) throw new UnsupportedError(`the function ${name} is not known here`);
    if (name === 'set' || name === 'unset') this.#copies.areChanged = true;
    return known(...given);
  }

  /** What is asked for by name, without a field. */
  #noteRead(name: string, given: readonly Data[]): void {
    if (name === 'hasKey' || name === 'get' || name === 'index')
      this.#noteKey(given[0], given.slice(1).map(textOf).join('.'));
    if (name === 'dig') this.#noteKey(given.at(-1), given.slice(0, -2).map(textOf).join('.'));
  }

  #noteKey(container: Data | undefined, key: string): void {
    if (!isMap(container) && !Array.isArray(container)) return;
    const path = this.#copies.pathOf(container);
    if (path !== undefined) this.#reads.push(path === '' ? key : key === '' ? path : `${path}.${key}`);
  }

  #include(name: string, dot: Data): string {
    const nodes = this.#defined.get(name);
    if (nodes === undefined) throw new UnsupportedError(`the template ${name} is not known here`);
    if (this.#depth > 50) throw new TemplateError('templates include each other without an end');
    const outer = this.#text;
    this.#text = [];
    this.#depth += 1;
    this.#list(nodes, rootScope(dot));
    this.#depth -= 1;
    const text = this.#text.join('');
    this.#text = outer;
    return text;
  }

  #operand(operand: Operand, scope: Scope): Data {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return this.#fields(scope.dot, operand.fields, false);
      case 'variable': {
        const variable = variableOf(operand.name, scope);
        if (variable === undefined) throw new TemplateError(`undefined variable ${operand.name}`);
        this.#reads.push(...variable.reads);
        return this.#fields(variable.value, operand.fields, true);
      }
      case 'nested':
        return this.#fields(this.#pipe(operand.pipe, scope), operand.fields, true);
      case 'call':
        return this.#call(operand.name, []);
    }
  }

  /** Nothing of nothing is nothing only where the first nothing is a variable or stands in parentheses. */
  #fields(start: Data, fields: readonly string[], mayBeNothing: boolean): Data {
    let value = start;
    for (const [i, field] of fields.entries()) {
      if (value === null && mayBeNothing && i === 0) return null;
      if (value === null) throw new TemplateError(`nil pointer evaluating interface {}.${field}`);
      if (!isMap(value)) throw new TemplateError(`can't evaluate field ${field} in ${textOf(value).slice(0, 40)}`);
      if (field !== 'AsMap') this.#noteKey(value, field);
      value = (Object.hasOwn(value, field) ? value[field] : undefined) ?? null;
    }
    return value;
  }
}

const rootScope = (dot: Data): Scope => ({
  dot,
  variables: new Map([['$', { value: dot, reads: [] }]]),
  outer: undefined,
});

const innerOf = (outer: Scope): Scope => ({ dot: outer.dot, variables: new Map(), outer });

function variableOf(name: string, { variables, outer }: Scope): Variable | undefined {
  return variables.get(name) ?? (outer === undefined ? undefined : variableOf(name, outer));
}

function entriesOf(value: Data): [Data, Data][] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.map((member, i) => [i, member]);
  if (isMap(value))
    return Object.keys(value)
      .toSorted()
      .map((key) => [key, value[key] ?? null]);
  if (typeof value === 'number') return Array.from({ length: Math.max(0, value) }, (_, i) => [i, i]);
  throw new TemplateError(`range can't iterate over ${textOf(value).slice(0, 40)}`);
}
