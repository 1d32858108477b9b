import { canonicalAddress } from '../../model/lb/address.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { listIn, numberIn, objectIn, textIn } from '../json.ts';
import type { RuleCondition, Step } from './RuleGraph.ts';

/** The header field that a match is about: `saddr`, `daddr`, `dport`. */
export const fieldOf = (left: unknown): string => textIn(objectIn(objectIn(left)['payload'])['field']);

const always: RuleCondition = { source: undefined, maybe: false, affinity: 0, unknown: undefined };

/** A rule as steps: choices by chance become one step each, of which the last is taken if no other was. */
export function nftSteps(rule: JsonObject, sets: ReadonlyMap<string, JsonObject>): readonly Step[] {
  let when = always;
  for (const part of listIn(rule['expr'])) {
    const object = objectIn(part);
    if (isRecord(object['match'])) {
      when = narrowed(when, object['match'], sets);
    } else if (isRecord(object['vmap'])) {
      return choices(when, objectIn(object['vmap']['key']), objectIn(object['vmap']['data'])['set'], actOf);
    } else if (isRecord(object['dnat'])) {
      return dnatSteps(when, object['dnat']);
    } else {
      const act = actOf(object);
      if (act !== undefined) return [{ when, act }];
    }
  }
  return [];
}

function narrowed(when: RuleCondition, match: JsonObject, sets: ReadonlyMap<string, JsonObject>): RuleCondition {
  const { op, left, right } = match;
  const { meta, fib, ct } = objectIn(left);
  const key = textIn(objectIn(meta)['key']);
  // The entry has decided about these.
  if (key === 'l4proto' || ct !== undefined || fieldOf(left) === 'daddr') return when;
  if (op === '==') {
    if (fieldOf(left) === 'saddr' && typeof right === 'string' && right.startsWith('@')) {
      const timeout = numberIn(sets.get(right.slice(1))?.['timeout']);
      return timeout === undefined ? { ...when, unknown: `set ${right}` } : { ...when, maybe: true, affinity: timeout };
    }
    if (fieldOf(left) === 'saddr' || key === 'iifname') return { ...when, source: 'pod' };
    if (listIn(objectIn(fib)['flags']).includes('saddr') && right === 'local') return { ...when, source: 'node' };
  }
  return { ...when, unknown: JSON.stringify(match).slice(0, 120) };
}

function dnatSteps(when: RuleCondition, { addr, port }: JsonObject): readonly Step[] {
  const map = objectIn(addr)['map'];
  if (isRecord(map))
    return choices(when, objectIn(map['key']), objectIn(map['data'])['set'], (value) => backendAct(value['concat']));
  const act = backendAct(objectIn(addr)['concat'] ?? [addr, port]);
  return [act === undefined ? { when: { ...when, unknown: 'dnat' }, act: { kind: 'return' } } : { when, act }];
}

function backendAct(pair: unknown): Step['act'] | undefined {
  const [host, port] = listIn(pair);
  const address = canonicalAddress(textIn(host));
  const number = numberIn(port);
  return address === undefined || number === undefined ? undefined : { kind: 'backend', address, port: number };
}

/** `numgen random mod N` over entries 0 to N-1. */
function choices(
  when: RuleCondition,
  key: JsonObject,
  set: unknown,
  read: (value: JsonObject) => Step['act'] | undefined,
): readonly Step[] {
  const entries = listIn(set);
  const acts = entries.map((entry) => read(objectIn(listIn(entry)[1])));
  const isWhole = numberIn(objectIn(key['numgen'])['mod']) === entries.length && !acts.includes(undefined);
  const steps: Step[] = [];
  for (const [at, act] of acts.entries()) {
    const isLast = at === acts.length - 1;
    if (act !== undefined) steps.push({ when: { ...when, maybe: when.maybe || !isLast || !isWhole }, act });
  }
  // Base chains look up maps of kube-proxy by name; those are entries, not steps.
  if (!isWhole && key['numgen'] !== undefined)
    steps.push({ when: { ...when, unknown: 'a choice with gaps' }, act: { kind: 'return' } });
  return steps;
}

export function actOf(verdict: JsonObject): Step['act'] | undefined {
  for (const kind of ['jump', 'goto'] as const) {
    const target = objectIn(verdict[kind])['target'];
    if (typeof target === 'string') return { kind, target };
  }
  for (const kind of ['drop', 'reject', 'accept', 'return'] as const) if (kind in verdict) return { kind };
  return undefined;
}
