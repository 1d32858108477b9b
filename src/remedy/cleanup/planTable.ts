import { createHash } from 'node:crypto';
import { kubeProxyChain } from '../../knowledge/owners/kubeProxyChains.ts';
import type { IptablesChain, IptablesDump, IptablesTable } from '../../model/NodeFacts.ts';
import type { Division } from './divideTable.ts';

/**
 * How kube-proxy's rules of one table are taken away: payloads for `iptables-restore --noflush`, one after the other.
 */
export interface TablePlan {
  readonly backend: IptablesDump['backend'];
  readonly family: IptablesDump['family'];
  readonly table: string;
  readonly chains: number;
  /** In these chains, and the jumps into them. */
  readonly rules: number;
  /**
   * Whole payloads, `*table` to `COMMIT`; each is applied as a whole or not at all. The first takes away every jump.
   */
  readonly stages: readonly string[];
  /** Digest of kube-proxy's rules before the first stage and after each: by it a script sees where it is. */
  readonly states: readonly string[];
}

/**
 * The nft backend needs time that grows with the square of the chains that are deleted in one transaction: 25,000 take
 * 14 s at once, and below one second in batches of this size. The legacy backend replaces a table as a whole anyway.
 */
export const batchSize = 2000;

/** undefined: nothing of kube-proxy is to be taken away. */
export function planTable(
  { backend, family }: Pick<IptablesDump, 'backend' | 'family'>,
  table: IptablesTable,
  { chains, jumps }: Pick<Division, 'chains' | 'jumps'>,
  batch: number = batchSize,
): TablePlan | undefined {
  if (chains.length === 0 && jumps.length === 0) return undefined;
  const batches = backend === 'nft' && chains.length > batch ? inBatches(table.name, chains, batch) : [inOrder(chains)];
  const jumpLines = jumps.map(({ line }) => line);
  const gone = new Set<string>();
  const states = [digest(chains, jumpLines, gone)];
  const stages = batches.map((names, index) => {
    for (const name of names) gone.add(name);
    states.push(digest(chains, [], gone));
    return payload(table.name, names, index === 0 ? jumpLines : []);
  });
  return {
    backend,
    family,
    table: table.name,
    chains: chains.length,
    rules: jumps.length + chains.reduce((sum, { rules }) => sum + rules.length, 0),
    stages,
    states,
  };
}

/** Chains are emptied first, so that they can be deleted in any order. */
const payload = (table: string, chains: readonly string[], jumps: readonly string[]): string =>
  [
    `*${table}`,
    ...chains.map((name) => `:${name} - [0:0]`),
    ...jumps.map((line) => line.replace(/^-A /, '-D ')),
    ...chains.map((name) => `-X ${name}`),
    'COMMIT',
    '',
  ].join('\n');

/**
 * What the script's `share` prints for the same rules, through sha256sum: jumps stand in built-in
 * chains, which come first.
 */
function digest(chains: readonly IptablesChain[], jumps: readonly string[], gone: ReadonlySet<string>): string {
  const hash = createHash('sha256');
  const left = chains.filter(({ name }) => !gone.has(name));
  for (const { name } of left) hash.update(`:${name}\n`);
  for (const line of jumps) hash.update(`${line}\n`);
  for (const { rules } of left) for (const { line } of rules) hash.update(`${line}\n`);
  return hash.digest('hex');
}

/** Each chain behind all that lead to it, so that none is still needed when its turn to go comes. */
function inOrder(chains: readonly IptablesChain[]): readonly string[] {
  const names = new Set(chains.map(({ name }) => name));
  const targetsOf = new Map(
    chains.map(({ name, rules }) => [
      name,
      new Set(
        rules.flatMap(({ target }) => (target !== undefined && target !== name && names.has(target) ? [target] : [])),
      ),
    ]),
  );
  const referrers = new Map<string, number>([...names].map((name) => [name, 0]));
  for (const targets of targetsOf.values())
    for (const target of targets) referrers.set(target, (referrers.get(target) ?? 0) + 1);
  const ordered = [...names].filter((name) => referrers.get(name) === 0);
  for (const name of ordered) {
    for (const target of targetsOf.get(name) ?? []) {
      const left = (referrers.get(target) ?? 0) - 1;
      referrers.set(target, left);
      if (left === 0) ordered.push(target);
    }
  }
  // The kernel takes no loops; a dump that has one all the same loses no chain here.
  const placed = new Set(ordered);
  return [...ordered, ...[...names].filter((name) => !placed.has(name))];
}

/** First what everything hangs on, which is little: from then on no packet gets to the rest. */
function inBatches(table: string, chains: readonly IptablesChain[], size: number): readonly (readonly string[])[] {
  const ordered = inOrder(chains);
  const heads = new Set(chains.filter(({ name }) => isHead(table, name)).map(({ name }) => name));
  const rest = ordered.filter((name) => !heads.has(name));
  const batches = [ordered.filter((name) => heads.has(name))];
  for (let from = 0; from < rest.length; from += size) batches.push(rest.slice(from, from + size));
  return batches;
}

/** Chains into which packets jump from built-in ones; no chain of a single Service leads to them. */
function isHead(table: string, chain: string): boolean {
  const known = kubeProxyChain(table, chain);
  return known !== undefined && known.hashed !== true;
}
