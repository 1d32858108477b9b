import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { SchemaName } from '../../pkg/schemas.ts';

const isDay = (text: string): boolean => !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && text.length === 10;

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8'));

/** Readers must bear keys that they do not know; here a key that the schema does not know is a mistake. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = 'type' in inner && [inner['type']].flat().includes('object');
  return isObject && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner;
}

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false, formats: { date: isDay } });
const report = ajv.compile(closed(read('report.schema.json')) as object);
const trace = ajv.compile(closed(read('trace.schema.json')) as object);
const preflight = ajv.compile(closed(read('preflight.schema.json')) as object);
const diff = ajv.compile(closed(read('diff.schema.json')) as object);

/** Every published schema, by its name. */
const validators = new Map<SchemaName, typeof report>();

/** What is wrong with a document by the published schema of that name. */
export function errorsBy(name: SchemaName, document: unknown): string[] {
  const validate = validators.get(name) ?? ajv.compile(closed(withoutId(read(`${name}.schema.json`))) as object);
  validators.set(name, validate);
  return errorsOf(validate, document);
}

/** So that a schema can be compiled twice. */
const withoutId = (schema: unknown): unknown => ({ ...(schema as object), $id: undefined });

const errorsOf = (validate: typeof report, document: unknown): string[] =>
  validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);

/** What is wrong with a document by the published schema. */
export const schemaErrors = (document: unknown): string[] => errorsOf(report, document);

/** The same for what `trace` prints. */
export const traceSchemaErrors = (document: unknown): string[] => errorsOf(trace, document);

/** The same for what `diff` prints. */
export const diffSchemaErrors = (document: unknown): string[] => errorsOf(diff, document);

/** The same for what `preflight` prints. */
export const preflightSchemaErrors = (document: unknown): string[] => errorsOf(preflight, document);
