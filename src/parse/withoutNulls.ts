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

function ofRecord(record: Readonly<Record<string, unknown>>, depth: number): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | undefined;
  for (const key in record) {
    const member = record[key];
    const clean = member === null ? undefined : withoutNulls(member, depth);
    if (clean === member) continue;
    copy ??= { ...record };
    if (clean === undefined) delete copy[key];
    else copy[key] = clean;
  }
  return copy ?? record;
}
