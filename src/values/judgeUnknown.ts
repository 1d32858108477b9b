import type { ChartValue, ChartValues, FormerKeys, KeyTree } from '../knowledge/charts/ChartTable.ts';
import { type FormerValue, formerValues, type Move } from '../knowledge/charts/formerValues.ts';
import { usageError } from '../core/KprError.ts';
import type { Chart } from './renderChart.ts';
import { keySuggester } from './suggestKey.ts';
import { isKnownKey, unknownKeys } from './unknownKeys.ts';
import { isValueMap, type KeyPath, pathText, valueAt } from './PlacedValues.ts';
import type { Repair, VerdictKind } from './KeyVerdict.ts';

/** A key that the chart does not have. */
export interface UnknownKey {
  readonly path: KeyPath;
  readonly kind: VerdictKind & ('removed' | 'renamed' | 'unknown');
  readonly right: string | undefined;
  readonly note: string | undefined;
  /** What follows where Helm does not refuse it. */
  readonly silently?: string | undefined;
  /** What takes its place; at least it goes. */
  readonly repair: Repair;
  /** Something was asked for by it that does not happen. */
  readonly isMeant: boolean;
}

/** The values of the oldest charts have some hundred that are gone; each is tried with the chart's templates. */
const mostUnknown = 500;

/**
 * The keys of a tree that a chart passes over in silence, or refuses because they have gone. Throws KprError for what
 * are hardly values of Cilium.
 */
export function judgeUnknown(tree: ChartValues, { table }: Chart, former: FormerKeys): readonly UnknownKey[] {
  const paths = unknownKeys(tree, table.keys, table.values).filter((path) => isWritten(path, tree, table.keys));
  if (paths.length > mostUnknown)
    throw usageError(
      `${paths.length} of the values are none of Cilium ${table.version}, so they are not judged`,
      'Give the values of Cilium alone',
    );
  if (paths.length === 0) return [];
  const suggested = keySuggester(table);
  return paths.map((path) => judged(path, valueAt(tree, path) ?? null, { table, former, suggested }));
}

/** `global` is a name of Helm’s own, unless what stands below it once stood there for Cilium. */
function isWritten(path: KeyPath, tree: ChartValues, keys: Chart['table']['keys']): boolean {
  const value = valueAt(tree, path);
  if (pathText(path) !== 'global') return true;
  return isValueMap(value) && Object.keys(value).some((key) => isKnownKey([key], keys) || byKey.has(key));
}

const byKey: ReadonlyMap<string, FormerValue> = new Map(formerValues.map((one) => [one.key, one]));

/** What is known of keys. */
interface Known {
  readonly table: Chart['table'];
  readonly former: FormerKeys;
  readonly suggested: ReturnType<typeof keySuggester>;
}

function judged(path: KeyPath, value: ChartValue, { table, former, suggested }: Known): UnknownKey {
  const key = path.join('.');
  const gone: Repair = { removes: path, sets: [] };
  if (path.some((one) => one.includes('.')) && isKnownKey(key.split('.'), table.keys)) return dotted(path, value);
  if (key === 'global') return ofGlobal(path, value);
  const known = byKey.get(key);
  if (key === 'tunnel') return ofTunnel(path, value);
  if (known !== undefined && (known.right === undefined || isKnownKey(known.right.split('.'), table.keys)))
    return ofFormer(path, value, known, former, table);
  const last = former[key] ?? lastOfMembers(path, value, former);
  if (last !== undefined)
    return {
      path,
      kind: 'removed',
      right: undefined,
      note: lastNote(last),
      repair: gone,
      isMeant: isSwitchedOn(value),
    };
  const right = suggested(path);
  const repair: Repair =
    right === undefined || isValueMap(value) !== isMapAt(right, table)
      ? gone
      : { ...gone, sets: [{ path: right.split('.'), value }] };
  return { path, kind: 'unknown', right, note: undefined, repair, isMeant: right !== undefined };
}

/** A map that is as good as gone: what once stood in it is. */
const lastOfMembers = (path: KeyPath, value: ChartValue, former: FormerKeys): string | undefined =>
  Object.keys(isValueMap(value) ? value : {})
    .map((key) => former[[...path, key].join('.')])
    .find((last) => last !== undefined);

const isMapAt = (key: string, { values }: Chart['table']): boolean => isValueMap(valueAt(values, key.split('.')));

const lastNote = (last: string): string => `in the chart up to ${last}`;

/** Nothing, and switched off, asks for nothing. */
const isSwitchedOn = (value: ChartValue): boolean =>
  isValueMap(value)
    ? Object.values(value).some(isSwitchedOn)
    : value !== null && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);

const isNothing = (value: ChartValue): boolean =>
  value === null ||
  value === '' ||
  ((isValueMap(value) || Array.isArray(value)) &&
    Object.values(value).every((member: ChartValue) => isNothing(member)));

function dotted(path: KeyPath, value: ChartValue): UnknownKey {
  const right = path.flatMap((key) => key.split('.'));
  return {
    path,
    kind: 'unknown',
    right: right.reduceRight((inner, key) => (inner === '' ? key : `${key}: {${inner}}`), ''),
    note: 'a key with a dot in it: as for --set, not for a file',
    repair: { removes: path, sets: [{ path: right, value }] },
    isMeant: true,
  };
}

function ofGlobal(path: KeyPath, value: ChartValue): UnknownKey {
  const members = Object.entries(isValueMap(value) ? value : {});
  return {
    path,
    kind: 'unknown',
    right: 'its keys at the root',
    note: 'the layout of the charts before 1.9: nothing below it has any effect',
    repair: { removes: path, sets: members.map(([key, member]) => ({ path: [key], value: member })) },
    isMeant: true,
  };
}

/** One value became two. */
function ofTunnel(path: KeyPath, value: ChartValue): UnknownKey {
  const isOff = value === 'disabled' || value === false;
  const sets = isOff
    ? [{ path: ['routingMode'], value: 'native' }]
    : [
        { path: ['routingMode'], value: 'tunnel' },
        { path: ['tunnelProtocol'], value: typeof value === 'string' && value !== '' ? value : 'vxlan' },
      ];
  const right = sets.map((one) => `${one.path.join('.')}: ${one.value}`).join(', ');
  return { path, kind: 'renamed', right, note: undefined, repair: { removes: path, sets }, isMeant: true };
}

function ofFormer(
  path: KeyPath,
  value: ChartValue,
  known: FormerValue,
  former: FormerKeys,
  table: Chart['table'],
): UnknownKey {
  const { right, note, silently, move, isRemoved, neverWas } = known;
  const last = former[path.join('.')];
  const fits = move !== undefined && (move.as === 'list' || isValueMap(value) === isMapAt(move.to, table));
  const sets = fits ? [{ path: move.to.split('.'), value: movedValue(value, move, table.keys) }] : [];
  return {
    path,
    kind: neverWas ? 'unknown' : isRemoved ? 'removed' : 'renamed',
    right,
    note: note ?? (isRemoved && last !== undefined ? lastNote(last) : undefined),
    silently,
    repair: { removes: path, sets },
    isMeant:
      neverWas === true ||
      (!isRemoved && !isNothing(value)) ||
      (isRemoved === true && right !== undefined && isSwitchedOn(value)),
  };
}

function movedValue(value: ChartValue, { to, as }: Move, keys: KeyTree): ChartValue {
  if (as === 'list' && !Array.isArray(value)) return value === null || value === '' ? [] : [value];
  if (!isValueMap(value)) return value;
  const members = Object.entries(value).filter(([key]) => isKnownKey([...to.split('.'), key], keys));
  return members.length === Object.keys(value).length ? value : Object.fromEntries(members);
}
