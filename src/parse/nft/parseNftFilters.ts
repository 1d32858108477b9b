import type { FilterChain, FilterHook, FilterRule, FilterTable } from '../../model/PacketFilter.ts';
import { type Parsed, parsed, unparsed } from '../Parsed.ts';
import { excerptOf, linesOf, ownText } from '../text.ts';
import { readNftRule } from './readNftRule.ts';

/** linux: include/uapi/linux/netfilter.h, NFPROTO_… and the numbers of hooks */
const families: ReadonlyMap<string, string> = new Map([
  ['1', 'inet'],
  ['2', 'ip'],
  ['10', 'ip6'],
]);
const hooks: readonly FilterHook[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

interface OpenChain extends FilterChain {
  readonly rules: FilterRule[];
}

interface OpenTable extends FilterTable {
  readonly chains: Map<string, OpenChain>;
  readonly maps: Map<string, readonly string[]>;
}

/**
 * What programs/agent/nftFilters.pl prints: chains of a table, maps of verdicts, then its rules, or `more` where they
 * are too many to be read: what such a table lets pass is not known, so that it is left out.
 */
export function parseNftFilters(text: string): Parsed<readonly FilterTable[]> {
  const tables = new Map<string, OpenTable>();
  for (const line of linesOf(text)) {
    if (line === '') continue;
    const [kind, family = '', name = '', ...words] = line.split(' ');
    const table = tableOf(tables, family, name);
    const isRead =
      table !== undefined &&
      ((kind === 'chain' && addChain(table, words)) ||
        (kind === 'map' && addMap(table, words)) ||
        (kind === 'rule' && addRule(table, words)) ||
        (kind === 'more' && tables.delete(`${family} ${name}`)));
    if (!isRead) return unparsed(`a line that is no chain and no rule: ${excerptOf(line)}`);
  }
  return parsed(
    Array.from(tables.values(), ({ name, family, program, chains }): FilterTable => ({
      name,
      family,
      program,
      chains,
    })),
  );
}

function tableOf(tables: Map<string, OpenTable>, number: string, name: string): OpenTable | undefined {
  const family = families.get(number);
  if (family === undefined || name === '') return undefined;
  const key = `${number} ${name}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const table: OpenTable = {
    name: `${family} ${name}`,
    family: family === 'inet' ? undefined : family === 'ip' ? 'ipv4' : 'ipv6',
    program: 'nft',
    chains: new Map(),
    maps: new Map(),
  };
  tables.set(key, table);
  return table;
}

/** `forward 2 10 0 filter`: the hook, its priority, whether its policy is to accept, and its type. */
function addChain({ chains }: OpenTable, [name = '', hook, priority, policy, type]: readonly string[]): boolean {
  if (name === '') return false;
  if (hook !== undefined && (!/^[0-4]$/.test(hook) || !/^-?\d+$/.test(priority ?? '') || !/^[01]$/.test(policy ?? '')))
    return false;
  chains.set(ownText(name), {
    name: ownText(name),
    // Chains of the type nat see the first packet of a connection only to translate it.
    hook: hook === undefined || type === 'nat' ? undefined : hooks[Number(hook)],
    drops: policy === '0',
    packets: undefined,
    rules: [],
  });
  return true;
}

/** `__map0 0c00…`: its elements, each in hexadecimal. */
function addMap({ maps }: OpenTable, [name = '', ...elements]: readonly string[]): boolean {
  if (name === '' || !elements.every((one) => /^(?:[\da-f]{2})+$/.test(one))) return false;
  maps.set(name, elements);
  return true;
}

function addRule(
  { name, chains, maps }: OpenTable,
  [chain = '', handle = '', ...expressions]: readonly string[],
): boolean {
  const rules = chains.get(chain)?.rules;
  if (rules === undefined || !/^\d+$/.test(handle)) return false;
  const read = readNftRule(expressions, `rule ${name} ${chain} handle ${handle}`, maps);
  if (read !== undefined) rules.push(...read);
  return read !== undefined;
}
