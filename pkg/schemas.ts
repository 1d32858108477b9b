// `npm run docs`: writes docs/*.schema.json, the published schemas of what `-o json` prints and of files that are
// given, from the types of the documents and what is said there of each member; a test fails while one is older than
// they are.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGenerator, type Definition, type Schema } from 'ts-json-schema-generator';
import { schemaVersion } from '../src/report/DocumentHead.ts';

interface Published {
  /** Exported by a file whose name ends in Document.ts. */
  readonly type: string;
  /** What prints or reads it, as a sentence. */
  readonly about: string;
  /** Beside what the type says of itself. */
  readonly more: string;
  /** A document that people write: a key that is not known is a mistake. */
  readonly closed?: true;
}

const orError = 'When the program could not run, it prints the error document of report.schema.json instead.';
const printed = (command: string): string => `What \`kubectl kpr ${command} -o json\` prints.`;

const published = {
  report: {
    type: 'ReportOrError',
    about: printed('doctor'),
    more: '`verify` prints the same. null is what could not be known; an absent key is what does not apply.',
  },
  trace: {
    type: 'TraceDocument',
    about: printed('trace svc/NAME'),
    more: `null is what does not apply or could not be known; the verdict tells which. ${orError}`,
  },
  diff: { type: 'DiffDocument', about: printed('diff before.kpr [after.kpr]'), more: orError },
  preflight: { type: 'PreflightDocument', about: printed('preflight'), more: orError },
  checks: { type: 'ChecksDocument', about: printed('checks'), more: orError },
  explain: { type: 'ExplainDocument', about: printed('explain [CODE]'), more: orError },
  version: { type: 'ToolVersionDocument', about: printed('version'), more: orError },
  baseline: {
    type: 'BaselineDocument',
    about: 'What `kubectl kpr doctor --save-baseline FILE` writes and `--baseline FILE` reads.',
    more: '`--baseline` takes a report of `-o json`, too.',
  },
  suppressions: {
    type: 'SuppressionsDocument',
    about: 'What `--suppressions FILE` reads.',
    more: '',
    closed: true,
  },
} as const satisfies Readonly<Record<string, Published>>;
export type SchemaName = keyof typeof published;
export const schemaNames = Object.keys(published) as readonly SchemaName[];

const root = join(import.meta.dirname, '..');
export const schemaPath = (name: SchemaName): string => join(root, 'docs', `${name}.schema.json`);

/** The text of each file. Takes seconds: a compiler reads the sources. */
export function schemaTexts(): ReadonlyMap<SchemaName, string> {
  const generator = createGenerator({
    path: join(root, 'src/**/*Document.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    additionalProperties: true,
    sortProps: false,
    topRef: false,
    skipTypeCheck: true,
  });
  return new Map(
    schemaNames.map((name) => [
      name,
      `${JSON.stringify(named(name, generator.createSchema(published[name].type)), undefined, 2)}\n`,
    ]),
  );
}

/** Lists of words that grow with the program: a reader has to bear one that it does not know. */
const openLists: ReadonlySet<string> = new Set(['Area', 'Code', 'Distribution', 'Owner', 'RunnablePhase']);

/** As a document of its own, in the vocabulary of 2020-12. */
function named(name: SchemaName, { $schema: _schema, description = '', definitions = {}, ...schema }: Schema): object {
  const { about, more, closed }: Published = published[name];
  const version = closed === true ? 1 : schemaVersion;
  const changes =
    closed === true
      ? ''
      : 'New keys may come with any version; schemaVersion rises when one goes away or changes its meaning.';
  const shapes = {
    ...(inDefs(schema) as object),
    $defs: inDefs(
      Object.fromEntries(
        Object.entries(definitions).map(([type, shape]) => [type, openLists.has(type) ? withoutList(shape) : shape]),
      ),
    ),
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:kubectl-kpr:${name}:${version}`,
    title: `kubectl kpr ${name}`,
    description: [about, description, more, changes].filter((text) => text !== '').join(' '),
    ...(closed === true ? (shut(shapes) as object) : shapes),
  };
}

/** Nothing but what is described. */
function shut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shut);
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shut(member)]));
  return 'properties' in inner ? { ...inner, additionalProperties: false } : inner;
}

const withoutList = (shape: Definition | boolean): Definition | boolean =>
  typeof shape === 'object' ? { ...shape, enum: undefined } : shape;

function inDefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inDefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (isNever(member) ? [] : [[key, inDefsOf(key, member)]])),
  );
}

/** What a type says cannot be there, no reader has to know of. */
const isNever = (member: unknown): boolean =>
  typeof member === 'object' && member !== null && 'not' in member && JSON.stringify(member.not) === '{}';

const inDefsOf = (key: string, member: unknown): unknown =>
  key === '$ref' && typeof member === 'string' ? member.replace('#/definitions/', '#/$defs/') : inDefs(member);

if (import.meta.main) for (const [name, text] of schemaTexts()) writeFileSync(schemaPath(name), text);
