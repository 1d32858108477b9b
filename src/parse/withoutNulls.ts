import { isRecord } from '../text/isRecord.ts';

/**
 * A value of JSON without the members that are null: Go prints an unset list or time so, and means that there is none.
 * What holds no such member is handed back as it is, so that nearly nothing is copied.
 */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return ofList(value);
  return isRecord(value) ? ofRecord(value) : value;
}

function ofList(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (const [at, item] of list.entries()) {
    const clean = withoutNulls(item);
    if (clean === item) continue;
    copy ??= [...list];
    copy[at] = clean;
  }
  return copy ?? list;
}

function ofRecord(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | undefined;
  for (const key in record) {
    const member = record[key];
    const clean = member === null ? undefined : withoutNulls(member);
    if (clean === member) continue;
    copy ??= { ...record };
    if (clean === undefined) delete copy[key];
    else copy[key] = clean;
  }
  return copy ?? record;
}
