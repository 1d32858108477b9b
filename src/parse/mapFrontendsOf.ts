import { type Fact, isKnown, type Known, known } from '../model/Fact.ts';
import type { FrontendKey } from '../model/lb/keys.ts';
import type { LbTable } from '../model/lb/LbTable.ts';
import type { MapFrontend } from '../model/NodeFacts.ts';
import type { RawAnswer } from '../model/raw.ts';

/**
 * What `parseMapFrontends` reads of `--frontends`, taken from the table that was made of the same text (of a large
 * cluster it is megabytes) or of the maps themselves. undefined: the table was not wholly understood, so the text is to
 * be read by itself.
 */
export function mapFrontendsOf(
  table: Fact<LbTable>,
  answer: RawAnswer | undefined,
): Known<ReadonlyMap<FrontendKey, MapFrontend>> | undefined {
  if (!isKnown(table) || answer === undefined || 'missing' in answer) return undefined;
  const { source, frontends, notUnderstood, torn, unattributed } = table.value;
  // Entries have no other text to be read from; those of foreign protocols are nobody's.
  if (source === 'pinnedMaps' ? unattributed > 0 : notUnderstood.length > 0 || torn.size > 0) return undefined;
  const selectable = new Map<FrontendKey, MapFrontend>();
  for (const { key, port, hasMaster, count } of frontends.values()) {
    if (port === 0 || !hasMaster) continue;
    if (count === undefined) return undefined;
    selectable.set(key, { selectable: count });
  }
  return known(selectable, answer.command);
}
