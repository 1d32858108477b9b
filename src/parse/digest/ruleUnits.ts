import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import { bucketCount } from './canonicalRows.ts';

/** What is known or not as a whole: a chain of a Service or an endpoint, or a rule that leads to such chains. */
export interface RuleUnit {
  /** Without counters, as docs/digests.md has it. */
  readonly text: string;
  readonly table: string;
  readonly chain: IptablesChain;
  /** undefined: all of the chain. */
  readonly rule: IptablesRule | undefined;
}

const hashed = /^KUBE-(?:SVC|EXT|FW|SEP|XLB)-[A-Z2-7]{16}$/;
/** Chains whose rules kube-proxy writes in no order. */
const lists: ReadonlySet<string> = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
]);
/** It depends on the node: which endpoints are its own, or from where a packet comes. */
const ofNode = /LOCAL| local /;

/**
 * What of a node's rules others can have, too, in buckets, each sorted by text: what rulesDigest.pl computes on nodes
 * (docs/digests.md).
 */
export function ruleUnits(tables: readonly IptablesTable[]): readonly (readonly RuleUnit[])[] {
  const buckets = Array.from({ length: bucketCount }, (): RuleUnit[] => []);
  const add = (said: string, unit: RuleUnit): void => {
    if (!ofNode.test(unit.text)) buckets[sumOf(said) % bucketCount]?.push(unit);
  };
  for (const { name: table, chains } of tables)
    for (const chain of chains) {
      const { name, policy, counters, rules } = chain;
      if (lists.has(name))
        for (const rule of rules) {
          const text = `${table} ${rule.line}\n`;
          add(text, { text, table, chain, rule });
        }
      else if (policy === undefined && counters === '0:0' && hashed.test(name)) {
        const text = `${table} :${name}\n${rules.map(({ line }) => `${line}\n`).join('')}`;
        add(`${table} ${name}`, { text, table, chain, rule: undefined });
      }
    }
  for (const bucket of buckets) bucket.sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)));
  return buckets;
}

/** Of ASCII alone: whatever else there is makes no digest that a node would say. */
function sumOf(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum += text.charCodeAt(at);
  return sum;
}
