import { isRecord } from '../text/isRecord.ts';

/**
 * A value of JSON without the members that are null: Go prints an unset list or time so, and means that there is none.
 * What holds no such member is handed back as it is, so that nearly nothing is copied. So is what lies deeper than any
 * object of the API goes: nobody reads it, and there is no telling how deep it is.
 */
export function withoutNulls(value: unknown): unknown {
  return holdsNull(value, 0) ? clean(value, 0) : value;
}

/** Looked at first, for hardly any object does, and a copy of each would be made in vain. */
function holdsNull(value: unknown, depth: number): boolean {
  if (value === null) return depth > 0;
  if (depth > deepest) return false;
  if (Array.isArray(value)) return value.some((item) => holdsNull(item, depth + 1));
  if (!isRecord(value)) return false;
  for (const key in value) if (holdsNull(value[key], depth + 1)) return true;
  return false;
}

function clean(value: unknown, depth: number): unknown {
  if (depth > deepest) return value;
  if (Array.isArray(value)) return ofList(value, depth + 1);
  return isRecord(value) ? ofRecord(value, depth + 1) : value;
}

const deepest = 100;

function ofList(list: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (const [at, item] of list.entries()) {
    const kept = clean(item, depth);
    if (kept === item) continue;
    copy ??= [...list];
    copy[at] = kept;
  }
  return copy ?? list;
}

/** Made member by member: of an object that lost one V8 makes a table, which takes several times the memory. */
function ofRecord(record: Readonly<Record<string, unknown>>, depth: number): Readonly<Record<string, unknown>> {
  let isSame = true;
  const copy: Record<string, unknown> = {};
  for (const key in record) {
    const member = record[key];
    const kept = member === null ? undefined : clean(member, depth);
    if (kept !== member) isSame = false;
    // As a member of its own, whatever it is called.
    if (kept !== undefined && key === '__proto__') Object.defineProperty(copy, key, { ...asGiven, value: kept });
    else if (kept !== undefined) copy[key] = kept;
  }
  return isSame ? record : copy;
}

const asGiven = { writable: true, enumerable: true, configurable: true };
