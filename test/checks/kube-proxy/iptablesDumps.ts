import { readFileSync } from 'node:fs';
import { known } from '../../../src/model/Fact.ts';
import type { IptablesDump } from '../../../src/model/NodeFacts.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';

export const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/kube-proxy/${name}`, import.meta.url), 'utf8');

export function dump(
  text: string,
  backend: IptablesDump['backend'] = 'nft',
  family: IptablesDump['family'] = 'ipv4',
): IptablesDump {
  const save = parseIptablesSave(text);
  if (!('value' in save)) throw new Error('not understood');
  return { backend, family, tables: known(save.value.tables, `iptables-${backend}-save -c`) };
}

const table = (name: string, builtIn: readonly string[], lines: readonly string[]): string =>
  [`*${name}`, ...builtIn.map((chain) => `:${chain} ACCEPT [0:0]`), ...lines, 'COMMIT', ''].join('\n');

export const nat = (...lines: string[]): string => table('nat', ['PREROUTING', 'OUTPUT', 'POSTROUTING'], lines);
export const filter = (...lines: string[]): string => table('filter', ['INPUT', 'FORWARD', 'OUTPUT'], lines);
