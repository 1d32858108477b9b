import type { IptablesDump } from '../../model/NodeFacts.ts';
import type { AnswerName } from '../../model/raw.ts';

/** Whose rules an agent is asked for, by the answers that hold them. */
export const ruleDumps = {
  iptablesNft: { backend: 'nft', family: 'ipv4' },
  ip6tablesNft: { backend: 'nft', family: 'ipv6' },
  iptablesLegacy: { backend: 'legacy', family: 'ipv4' },
  ip6tablesLegacy: { backend: 'legacy', family: 'ipv6' },
} as const satisfies { readonly [Name in AnswerName]?: Pick<IptablesDump, 'backend' | 'family'> };

export type RuleDumpName = keyof typeof ruleDumps;
export const ruleDumpNames = Object.keys(ruleDumps) as RuleDumpName[];
