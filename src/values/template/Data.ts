import { isRecord } from '../../text/isRecord.ts';

/** What templates work with: JSON, and what stands in a chart’s root beside the values. */
export type Data = null | boolean | number | string | Data[] | DataMap | Method;
export interface DataMap {
  [key: string]: Data;
}
/** A method of an object in the root, such as `.Capabilities.APIVersions.Has`. */
export type Method = (argument: Data) => Data;

/** What ends a template in Helm, too: a type that does not go with what is done with it. */
export class TemplateError extends Error {}
/** What this evaluation does not know, whatever Helm would do. */
export class UnsupportedError extends Error {}

export const isMap = (value: Data | undefined): value is DataMap => isRecord(value);

/** Go: zero values are false. */
export function isTrue(value: Data): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return value !== null && value !== false && value !== 0 && value !== '';
}

/** Go’s name of a kind (sprig: kindOf). */
export function kindOf(value: Data): string {
  if (value === null) return 'invalid';
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'float64';
  return isMap(value) ? 'map' : typeof value;
}

/** As Go’s `%v` prints it. */
export function textOf(value: Data): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
  if (typeof value === 'number') return numberText(value);
  if (!isMap(value)) return String(value);
  const members = Object.keys(value).toSorted();
  return `map[${members.map((key) => `${key}:${textOf(value[key] ?? null)}`).join(' ')}]`;
}

/** Whole numbers of values files stay as they are written. */
const numberText = (value: number): string => String(value);
