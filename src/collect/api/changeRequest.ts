import { parseJson } from '../../text/parseJson.ts';
import { missing } from '../../model/Fact.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import type { Answer, ClusterChange } from '../ClusterPort.ts';

/** What is sent to make or end an object. */
export type ChangeRequest =
  | { readonly method: 'POST'; readonly path: string; readonly body: string }
  | { readonly method: 'DELETE'; readonly path: string };

/** A program that sleeps has nothing to finish; 0 would forget the pod before its node has ended it. */
const graceSeconds = 1;

/** A change as HTTP has it. */
export const changeRequest = (change: ClusterChange): ChangeRequest =>
  change.verb === 'create'
    ? { method: 'POST', path: change.path, body: JSON.stringify(change.body) }
    : { method: 'DELETE', path: `${change.path}?gracePeriodSeconds=${graceSeconds}` };

/** The object in a successful answer to a change. */
export function readChanged(asked: string, body: string): Answer<JsonObject> {
  try {
    const value = parseJson(body);
    if (isRecord(value) && typeof value['kind'] === 'string') return { ok: true, value };
  } catch {
    // As what is no object.
  }
  return { ok: false, why: missing('unparsed', `${asked}: the answer is no Kubernetes object`) };
}
