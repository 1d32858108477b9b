import { type Fact, type Missing, missing, type MissingReason } from '../model/Fact.ts';
import type { Unread } from './Changes.ts';

/**
 * Why something could not be compared. @param nowhere reasons for which neither reading can have it, so that it is no
 * reason to doubt the rest
 */
export function unreadOf(
  what: string,
  before: Fact<unknown>,
  after: Fact<unknown>,
  nowhere: readonly MissingReason[],
): Unread {
  const lacking = [before, after].filter((fact): fact is Missing => 'missing' in fact);
  const [why = missing('notCollected', 'it was not read')] = lacking;
  const side = lacking.length === 2 ? 'both' : 'missing' in before ? 'before' : 'after';
  const isNowhere = side === 'both' && lacking.every((one) => nowhere.includes(one.missing));
  return { what, side, why, harmless: isNowhere };
}
