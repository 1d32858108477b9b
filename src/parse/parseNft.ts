import type { NftTable } from '../model/NodeFacts.ts';
import { parseNftRuleset } from './nft/parseNftRuleset.ts';
import { kubeProxyTablesOf } from './nft/tablesOfRuleset.ts';
import { type Parsed, parsed } from './Parsed.ts';

/** The tables named `kube-proxy` of `nft -j list ruleset`, with the number of their chains, in the order of the ruleset. */
export function parseNft(text: string): Parsed<readonly NftTable[]> {
  const ruleset = parseNftRuleset(text);
  return ruleset.ok ? parsed(kubeProxyTablesOf(ruleset.value)) : ruleset;
}
