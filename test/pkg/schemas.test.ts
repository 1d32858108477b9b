import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { schemaNames, schemaPath, schemaTexts } from '../../pkg/schemas.ts';

/** A compiler reads the sources for it. */
const slow = 120_000;

test(
  'the published schemas are what the types of the documents say; `npm run docs` writes them anew',
  () => {
    for (const [name, text] of schemaTexts()) expect(readFileSync(schemaPath(name), 'utf8'), name).toBe(text);
  },
  slow,
);

/** Every place where a value is described, by its path. */
function* shapes(value: unknown, path: string): Generator<readonly [string, Readonly<Record<string, unknown>>]> {
  if (typeof value !== 'object' || value === null) return;
  const shape = value as Readonly<Record<string, unknown>>;
  yield [path, shape];
  const named = { ...(shape['properties'] as object | undefined), ...(shape['$defs'] as object | undefined) };
  for (const [key, member] of Object.entries(named)) yield* shapes(member, `${path}.${key}`);
  for (const key of ['items', 'additionalProperties']) yield* shapes(shape[key], `${path}.${key}`);
  for (const [at, one] of ((shape['anyOf'] as readonly unknown[] | undefined) ?? []).entries())
    yield* shapes(one, `${path}|${at}`);
}

describe.each(schemaNames)('the schema of %s', (name) => {
  const schema: unknown = JSON.parse(readFileSync(schemaPath(name), 'utf8'));

  test('says something of every value: what the generator could not read would be anything', () => {
    const vague = [...shapes(schema, name)].filter(
      ([, { $ref, type, enum: words, anyOf, const: constant, properties, additionalProperties }]) =>
        type === 'object'
          ? properties === undefined && additionalProperties === undefined
          : [$ref, type, words, anyOf, constant].every((one) => one === undefined),
    );
    expect(vague.map(([path]) => path)).toEqual([]);
    expect([...shapes(schema, name)].filter(([, shape]) => 'allOf' in shape)).toEqual([]);
  });

  test('counts in whole numbers', () => {
    expect(
      [...shapes(schema, name)].filter(
        ([, { type, const: constant, enum: words }]) =>
          [type].flat().includes('number') && constant === undefined && words === undefined,
      ),
    ).toEqual([]);
  });
});
