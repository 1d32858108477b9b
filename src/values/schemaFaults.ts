import type { ChartValue, ChartValues, ValueSchema } from '../knowledge/charts/ChartTable.ts';
import { isValueMap, type KeyPath } from './PlacedValues.ts';

export interface SchemaFault {
  /** The key whose value is refused; lists are refused as a whole. */
  readonly path: KeyPath;
  /** In the words of Helm: `got string, want boolean`. */
  readonly message: string;
}

/** What values.schema.json refuses. Helm checks the user’s values over the chart’s before it renders anything. */
export const schemaFaults = (values: ChartValues, schema: ValueSchema): readonly SchemaFault[] =>
  faultsOf(values, schema, []);

function faultsOf(value: ChartValue, schema: ValueSchema, path: KeyPath): readonly SchemaFault[] {
  const message = faultOf(value, schema);
  if (message !== undefined) return [{ path, message }];
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item) => faultsOf(item, items, path)).slice(0, 1);
  }
  if (!isValueMap(value)) return [];
  const { properties } = schema;
  if (properties === undefined) return [];
  return Object.keys(properties).flatMap((key) => {
    const member = properties[key];
    return member !== undefined && Object.hasOwn(value, key)
      ? faultsOf(value[key] ?? null, member, [...path, key])
      : [];
  });
}

/** Of the value itself, whatever stands in it. */
function faultOf(value: ChartValue, schema: ValueSchema): string | undefined {
  if (schema.type !== undefined && !isOfTypes(value, schema.type))
    return `got ${typeOf(value)}, want ${[schema.type].flat().join(' or ')}`;
  if (schema.enum !== undefined && !schema.enum.some((one) => one === value))
    return `it is none of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`;
  if (typeof value === 'number' && schema.minimum !== undefined && value < schema.minimum)
    return `it is less than ${schema.minimum}`;
  if (typeof value === 'number' && schema.maximum !== undefined && value > schema.maximum)
    return `it is more than ${schema.maximum}`;
  const { anyOf, oneOf } = schema;
  const choices = anyOf ?? oneOf;
  if (choices === undefined || choices.some((one) => faultsOf(value, one, []).length === 0)) return undefined;
  const wanted = new Set(choices.flatMap(({ type }) => type ?? []));
  return `got ${typeOf(value)}, want ${[...wanted].join(' or ')}`;
}

function typeOf(value: ChartValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' ? 'object' : typeof value;
}

const isOfTypes = (value: ChartValue, types: string | readonly string[]): boolean =>
  typeof types === 'string' ? isOfType(value, types) : types.some((type) => isOfType(value, type));

function isOfType(value: ChartValue, type: string): boolean {
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value);
  return typeOf(value) === type;
}
