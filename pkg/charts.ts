// `npm run charts [VERSION…]`: writes src/knowledge/charts, what is known of each branch’s chart, from the charts
// themselves; `go` fetches them. Without a version, those of src/knowledge/releases.ts.
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { load } from 'js-yaml';
import { newestRead } from '../src/knowledge/releases.ts';
import type { ChartTable, KeyTree } from '../src/knowledge/charts/ChartTable.ts';
import type { TemplateNode } from '../src/knowledge/charts/TemplateNode.ts';
import { isKnownKey } from '../src/values/unknownKeys.ts';
import { isRecord } from '../src/text/isRecord.ts';
import { parseTemplate, type Template } from './charts/parseTemplate.ts';
import { inLines } from './charts/inLines.ts';
import { failingOf, includedBy, lean, pruned } from './charts/prune.ts';
import { type Reads, readsOf } from './charts/readsOf.ts';

const folder = join(import.meta.dirname, '../src/knowledge/charts');

/** Older branches, of which the names of their values are kept: to tell what was there once from what never was. */
const formerReleases = ['1.9.18', '1.10.0', '1.11.0', '1.12.19', '1.13.18', '1.14.19', '1.15.19'];

function chartOf(version: string): string {
  const said: unknown = JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', `github.com/cilium/cilium@v${version}`], {
      encoding: 'utf8',
      cwd: '/',
    }),
  );
  if (!isRecord(said) || typeof said['Dir'] !== 'string') throw new Error(`go does not say where ${version} is`);
  return join(said['Dir'], 'install/kubernetes/cilium');
}

function valuesOf(chart: string): Record<string, unknown> {
  const values: unknown = load(readFileSync(join(chart, 'values.yaml'), 'utf8'));
  if (!isRecord(values)) throw new Error(`${chart} has no values`);
  return values;
}

const templatesOf = (chart: string): ReadonlyMap<string, Template> =>
  new Map(
    globSync(join(chart, 'templates/**/*.{yaml,tpl,txt}'))
      .toSorted()
      .map((file) => [relative(join(chart, 'templates'), file), parseTemplate(readFileSync(file, 'utf8'))]),
  );

/** The one file that is rendered: what it makes is the configuration of the agents. */
const rendered = 'cilium-configmap.yaml';

function refusalsOf(templates: ReadonlyMap<string, Template>): Pick<ChartTable, 'files' | 'defined'> {
  const defined = new Map([...templates.values()].flatMap((one) => Array.from(one.defined)));
  const failing = failingOf(defined);
  const files = new Map<string, readonly TemplateNode[]>();
  for (const [name, template] of templates) {
    if (!name.endsWith('.yaml')) continue;
    const nodes = name === rendered ? lean(template.nodes) : pruned(template, failing);
    if (nodes.length > 0) files.set(name, nodes);
  }
  const needed = new Set<string>();
  const need = (nodes: readonly TemplateNode[]): void => {
    for (const name of includedBy(nodes)) {
      if (needed.has(name)) continue;
      needed.add(name);
      need(defined.get(name) ?? []);
    }
  };
  for (const nodes of files.values()) need(nodes);
  return {
    files: Object.fromEntries(files),
    defined: Object.fromEntries([...needed].toSorted().map((name) => [name, defined.get(name) ?? []])),
  };
}

/** `# -- … (deprecated, please use 'x.y' instead)` above a value. */
function deprecatedOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let above: { readonly key: string; readonly indent: number }[] = [];
  let right: string | undefined;
  for (const line of text.split('\n')) {
    right = /^\s*# --.*\(deprecated[,:;]\s*(?:please )?use ['`]?([\w.]+)/i.exec(line)?.[1] ?? right;
    const [, indent = '', key] = /^( *)([\w-]+):/.exec(line) ?? [];
    if (key === undefined) continue;
    above = [...above.filter((one) => one.indent < indent.length), { key, indent: indent.length }];
    if (right !== undefined) found[above.map((one) => one.key).join('.')] = right;
    right = undefined;
  }
  return found;
}

/** By the key in cilium-config, the value that it is made of: where `key: ` and a value stand next to each other. */
function optionsOf(nodes: readonly TemplateNode[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [i, node] of nodes.entries()) {
    const before = nodes[i - 1];
    const [, option] =
      before?.kind === 'text' ? (/^ {2}([\w-]+): *["']?$/m.exec(before.text.split('\n').at(-1) ?? '') ?? []) : [];
    const path = node.kind === 'action' ? pathIn(JSON.stringify(node.pipe)) : undefined;
    if (option !== undefined && path !== undefined) found.set(option, path);
    if ('body' in node)
      for (const [key, value] of [...optionsOf(node.body), ...optionsOf(node.otherwise)]) found.set(key, value);
  }
  return found;
}

function pathIn(pipe: string): string | undefined {
  const [, fields] = /"fields":\["Values",([^\]]*)\]/.exec(pipe) ?? [];
  return fields?.replaceAll('"', '').replaceAll(',', '.');
}

/** Read where the new name is empty, which it never is by default: without effect. */
const dead: ReadonlySet<string> = new Set(['hostServices']);

/** The names of all values: `true` stands for the end of a path, or for what is the user’s own below it. */
function keysOf(values: Record<string, unknown>, schema: unknown, { keys, open }: Reads): KeyTree {
  const tree: Record<string, unknown> = {};
  addValues(tree, values);
  addSchema(tree, schema);
  for (const key of keys) if (!dead.has(key)) addPath(tree, key.split('.'), false);
  for (const key of open) addPath(tree, key.split('.'), true);
  // Helm’s own: no template of the chart reads it.
  delete tree['global'];
  return tree as KeyTree;
}

function addValues(tree: Record<string, unknown>, values: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(values)) {
    const below = isRecord(value) && Object.keys(value).length > 0 ? memberOf(tree, key) : undefined;
    if (below === undefined) tree[key] ??= true;
    else if (isRecord(value)) addValues(below, value);
  }
}

function addSchema(tree: Record<string, unknown>, schema: unknown): void {
  if (!isRecord(schema) || !isRecord(schema['properties'])) return;
  for (const [key, member] of Object.entries(schema['properties'])) {
    if (!isRecord(member) || !isRecord(member['properties'])) tree[key] ??= true;
    else if (tree[key] !== true) addSchema(memberOf(tree, key), member);
  }
}

function memberOf(tree: Record<string, unknown>, key: string): Record<string, unknown> {
  const member = tree[key];
  if (isRecord(member)) return member;
  const made = {};
  tree[key] = made;
  return made;
}

/** What stands below `*` is named by the user. */
function addPath(tree: Record<string, unknown>, path: readonly string[], isOpen: boolean): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest[0] === '*' || (rest.length === 0 && isOpen)) tree[key] = true;
  else if (rest.length === 0) tree[key] ??= true;
  else if (tree[key] === undefined || isRecord(tree[key])) addPath(memberOf(tree, key), rest, isOpen);
}

function withoutProse(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutProse);
  if (!isRecord(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(
        ([key, value]) => key !== '$schema' && !(key === 'items' && isRecord(value) && Object.keys(value).length === 0),
      )
      .map(([key, value]) => [key, withoutProse(value)]),
  );
}

const write = (name: string, content: unknown): void => writeFileSync(join(folder, name), `${inLines(content)}\n`);

function writeTable(version: string): KeyTree {
  const chart = chartOf(version);
  const templates = templatesOf(chart);
  const values = valuesOf(chart);
  const schema: unknown = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
  const keys = keysOf(values, schema, readsOf([...templates.values()]));
  const branch = version.replace(/\.\d+$/, '');
  const configMap = templates.get(rendered)?.nodes ?? [];
  write(`${branch}.json`, {
    version,
    keys,
    deprecated: deprecatedOf(readFileSync(join(chart, 'values.yaml'), 'utf8')),
    options: Object.fromEntries(optionsOf(configMap)),
    values,
    schema: withoutProse(schema),
    ...refusalsOf(templates),
  } satisfies Record<keyof ChartTable, unknown>);
  return keys;
}

/** By key, the last branch that had it. */
function noteKeys(history: Map<string, string>, tree: unknown, branch: string, path = ''): void {
  if (!isRecord(tree)) return;
  for (const [key, member] of Object.entries(tree)) {
    const below = path === '' ? key : `${path}.${key}`;
    history.set(below, branch);
    noteKeys(history, member, branch, below);
  }
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  const history = new Map<string, string>();
  for (const version of formerReleases) {
    const values = valuesOf(chartOf(version));
    noteKeys(
      history,
      isRecord(values['global']) ? { ...values, ...values['global'] } : values,
      version.replace(/\.\d+$/, ''),
    );
  }
  const versions = process.argv.length > 2 ? process.argv.slice(2) : Object.values(newestRead);
  let newest: KeyTree = {};
  for (const version of versions) {
    newest = writeTable(version);
    noteKeys(history, newest, version.replace(/\.\d+$/, ''));
  }
  const former = [...history].filter(([key]) => !isKnownKey(key.split('.'), newest));
  write('formerKeys.json', Object.fromEntries(former.toSorted(([one], [other]) => (one < other ? -1 : 1))));
}
