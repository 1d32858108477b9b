import { readFileSync } from 'node:fs';
import type { IptablesTable } from '../../../src/model/NodeFacts.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';

export const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/kube-proxy/${name}`, import.meta.url), 'utf8');

export function tablesOf(dump: string): readonly IptablesTable[] {
  const parsed = parseIptablesSave(dump);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.value.tables;
}

/** One table of these lines; built-in chains need not be written. */
export function aTable(name: string, ...lines: readonly string[]): IptablesTable {
  const builtIn = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']
    .filter((chain) => !lines.some((line) => line.startsWith(`:${chain} `)))
    .map((chain) => `:${chain} ACCEPT [0:0]`);
  const declared = new Set(lines.flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? []));
  const used = new Set(lines.flatMap((line) => /^-A (\S+)/.exec(line)?.[1] ?? []));
  const chains = [...used].filter((chain) => !declared.has(chain) && !/^(PRE|POST|IN|OUT|FOR)/.test(chain));
  const [table] = tablesOf(
    [`*${name}`, ...builtIn, ...chains.map((chain) => `:${chain} - [0:0]`), ...lines, 'COMMIT', ''].join('\n'),
  );
  if (table === undefined) throw new Error('no table');
  return table;
}

type Model = Map<string, string[]>;

/** Chains with their rules, in the order of a dump. */
export const modelOf = ({ chains }: IptablesTable): Model =>
  new Map(chains.map(({ name, rules }) => [name, rules.map(({ line }) => line)]));

/**
 * What `iptables-restore --noflush` makes of a table: a line `:CHAIN` makes or empties a chain; a rule that is not
 * there cannot be deleted, nor a chain to which a rule leads; and a payload that fails changes nothing.
 */
export function restore(table: Model, payload: string): Model {
  const after: Model = new Map([...table].map(([chain, rules]) => [chain, [...rules]]));
  const lines = payload.split('\n');
  if (!/^\*\S+$/.test(lines[0] ?? '') || lines.at(-1) !== '' || lines.at(-2) !== 'COMMIT')
    throw new Error('no payload');
  for (const line of lines.slice(1, -2)) {
    const [, kind, chain = ''] = /^(:|-D |-X )(\S+)/.exec(line) ?? [];
    const rules = after.get(chain);
    if (kind === ':') after.set(chain, []);
    else if (kind === '-D ') {
      const index = rules?.indexOf(line.replace(/^-D/, '-A')) ?? -1;
      if (index === -1) throw new Error(`no such rule: ${line}`);
      rules?.splice(index, 1);
    } else if (kind === '-X ') {
      if (rules === undefined || rules.length > 0) throw new Error(`not there, or not empty: ${chain}`);
      if ([...after.values()].flat().some((rule) => new RegExp(` -[jg] ${chain}$`).test(rule)))
        throw new Error(`in use: ${chain}`);
      after.delete(chain);
    } else throw new Error(`a line that no payload has: ${line}`);
  }
  return after;
}
