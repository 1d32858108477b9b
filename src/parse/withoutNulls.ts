import { isRecord } from '../text/isRecord.ts';

/**
 * A value of JSON without the members that are null: Go prints an unset list or time so, and means that there is none.
 * What holds no such member is handed back as it is, so that nearly nothing is copied. So is what lies deeper than any
 * object of the API goes: nobody reads it, and there is no telling how deep it is.
 */
export function withoutNulls(value: unknown, depth = 0): unknown {
  if (depth > deepest) return value;
  if (Array.isArray(value)) return ofList(value, depth + 1);
  return isRecord(value) ? ofRecord(value, depth + 1) : value;
}

const deepest = 100;

function ofList(list: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (const [at, item] of list.entries()) {
    const clean = withoutNulls(item, depth);
    if (clean === item) continue;
    copy ??= [...list];
    copy[at] = clean;
  }
  return copy ?? list;
}

/** Made member by member: of an object that lost one V8 makes a table, which takes several times the memory. */
function ofRecord(record: Readonly<Record<string, unknown>>, depth: number): Readonly<Record<string, unknown>> {
  let isSame = true;
  const copy: Record<string, unknown> = {};
  for (const key in record) {
    const member = record[key];
    const clean = member === null ? undefined : withoutNulls(member, depth);
    if (clean !== member) isSame = false;
    // As a member of its own, whatever it is called.
    if (clean !== undefined && key === '__proto__') Object.defineProperty(copy, key, { ...asGiven, value: clean });
    else if (clean !== undefined) copy[key] = clean;
  }
  return isSame ? record : copy;
}

const asGiven = { writable: true, enumerable: true, configurable: true };
