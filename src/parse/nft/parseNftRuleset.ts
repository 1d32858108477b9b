import type { NftBase, NftEntry, NftRuleset } from '../../model/NftRuleset.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { listIn, numberIn, readJson, textIn } from '../json.ts';
import { type Parsed, parsed, unparsed } from '../Parsed.ts';
import { excerptOf } from '../text.ts';

/** `nft -j list ruleset`, or any smaller list of nft's in JSON. */
export function parseNftRuleset(text: string): Parsed<NftRuleset> {
  const json = readJson(text);
  if (!json.ok) return json;
  const list = isRecord(json.value) ? json.value['nftables'] : undefined;
  if (!Array.isArray(list)) return unparsed('no list "nftables"');
  const entries: NftEntry[] = [];
  for (const printed of list) {
    if (!isRecord(printed)) return unparsed(`no object of nftables: ${excerptOf(JSON.stringify(printed))}`);
    entries.push(entryOf(printed));
  }
  return parsed({ entries });
}

function entryOf(printed: JsonObject): NftEntry {
  const [first, ...more] = Object.entries(printed);
  const other: NftEntry = { kind: 'other', printed };
  if (first === undefined || more.length > 0 || !isRecord(first[1])) return other;
  const [kind, object] = first;
  const family = textIn(object['family']);
  const table = textIn(object['table']);
  const name = textIn(object['name']);
  const handle = numberIn(object['handle']);
  switch (kind) {
    case 'table':
      return { kind, family, name, handle, printed };
    case 'chain':
      return { kind, family, table, name, handle, base: baseOf(object), printed };
    case 'set':
    case 'map':
      return { kind, family, table, name, handle, elements: listIn(object['elem']), printed };
    case 'rule': {
      const { comment } = object;
      return {
        kind,
        family,
        table,
        chain: textIn(object['chain']),
        handle,
        comment: typeof comment === 'string' ? comment : undefined,
        statements: listIn(object['expr']),
        printed,
      };
    }
    default:
      return other;
  }
}

function baseOf({ type, hook, prio, policy }: JsonObject): NftBase | undefined {
  if (typeof hook !== 'string') return undefined;
  return {
    type: textIn(type),
    hook,
    priority: numberIn(prio),
    policy: typeof policy === 'string' ? policy : undefined,
  };
}
