import type { Ipset } from '../../src/model/Ipset.ts';
import type { NftRuleset } from '../../src/model/NftRuleset.ts';

/** parseNftRuleset reads the same again: equal by value, not by blanks. */
export const printNftRuleset = ({ entries }: NftRuleset): string =>
  `${JSON.stringify({ nftables: entries.map(({ printed }) => printed) })}\n`;

/** parseIpsetSave reads the same again. */
export function printIpsetSave(sets: readonly Ipset[]): string {
  let text = '';
  for (const { name, type, options, members } of sets) {
    text += lineOf('create', name, type, options);
    for (const member of members) text += lineOf('add', name, member.element, member.options);
  }
  return text;
}

const lineOf = (...words: readonly string[]): string => `${words.filter((word) => word !== '').join(' ')}\n`;

/** As `ipset list -n`. */
export const printIpsetNames = (names: readonly string[]): string => names.map((name) => `${name}\n`).join('');
