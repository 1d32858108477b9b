import * as v from 'valibot';
import { missingReasons } from '../model/Fact.ts';

/** Why a document is not there, as captures and shards keep it. */
export const missingEntries = { missing: v.picklist(missingReasons), detail: v.string() };

/** Why an answer is not there: whether the exec had ended before decides what it proves. */
export const missingAnswer = v.object({
  ...missingEntries,
  command: v.exactOptional(v.string()),
  unheard: v.exactOptional(v.literal(true)),
});
