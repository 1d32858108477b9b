import type { NftTable } from '../model/NodeFacts.ts';
import { isObject, objectIn, readJson, textIn } from './json.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';

/** The tables named `kube-proxy` of `nft -j list ruleset`, with the number of their chains, in the order of the ruleset. */
export function parseNft(text: string): Parsed<readonly NftTable[]> {
  const json = readJson(text);
  if (!json.ok) return json;
  const ruleset = objectIn(json.value)['nftables'];
  if (!Array.isArray(ruleset)) return unparsed('no list "nftables"');
  const chains = new Map<string, number>();
  for (const entry of ruleset) {
    if (!isObject(entry)) continue;
    const table = objectIn(entry['table']);
    const chain = objectIn(entry['chain']);
    if (table['name'] === 'kube-proxy') chains.set(textIn(table['family']), chains.get(textIn(table['family'])) ?? 0);
    if (chain['table'] === 'kube-proxy')
      chains.set(textIn(chain['family']), (chains.get(textIn(chain['family'])) ?? 0) + 1);
  }
  return parsed([...chains].map(([family, count]) => ({ family, chains: count })));
}
