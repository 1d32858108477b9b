// `npm run docs`: writes docs/*.schema.json, the published schemas of what `-o json` prints, from the types of the
// documents and what is said there of each member; a test fails while one is older than they are.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGenerator, type Definition, type Schema } from 'ts-json-schema-generator';
import { schemaVersion } from '../src/report/DocumentHead.ts';

interface Published {
  /** Exported by a file of src/report whose name ends in Document.ts. */
  readonly type: string;
  /** What prints it. */
  readonly command: string;
  /** Beside what the type says of itself. */
  readonly more: string;
}

const orError = 'When the program could not run, it prints the error document of report.schema.json instead.';

const published = {
  report: {
    type: 'ReportOrError',
    command: 'kubectl kpr doctor -o json',
    more: '`verify` prints the same. null is what could not be known; an absent key is what does not apply.',
  },
  trace: {
    type: 'TraceDocument',
    command: 'kubectl kpr trace svc/NAME -o json',
    more: `null is what does not apply or could not be known; the verdict tells which. ${orError}`,
  },
  diff: {
    type: 'DiffDocument',
    command: 'kubectl kpr diff before.kpr [after.kpr] -o json',
    more: orError,
  },
  preflight: {
    type: 'PreflightDocument',
    command: 'kubectl kpr preflight -o json',
    more: orError,
  },
} as const satisfies Readonly<Record<string, Published>>;
export type SchemaName = keyof typeof published;
export const schemaNames = Object.keys(published) as readonly SchemaName[];

const root = join(import.meta.dirname, '..');
export const schemaPath = (name: SchemaName): string => join(root, 'docs', `${name}.schema.json`);

/** The text of each file. Takes seconds: a compiler reads the sources. */
export function schemaTexts(): ReadonlyMap<SchemaName, string> {
  const generator = createGenerator({
    path: join(root, 'src/report/**/*Document.ts'),
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
const openLists: ReadonlySet<string> = new Set(['Area', 'Distribution', 'Owner']);

/** As a document of its own, in the vocabulary of 2020-12. */
function named(name: SchemaName, { $schema: _schema, description = '', definitions = {}, ...schema }: Schema): object {
  const { command, more } = published[name];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:kubectl-kpr:${name}:${schemaVersion}`,
    title: `kubectl kpr ${name}`,
    description: `What \`${command}\` prints. ${description} ${more} New keys may come with any version; schemaVersion rises when one goes away or changes its meaning.`,
    ...(inDefs(schema) as object),
    $defs: inDefs(
      Object.fromEntries(
        Object.entries(definitions).map(([type, shape]) => [type, openLists.has(type) ? withoutList(shape) : shape]),
      ),
    ),
  };
}

const withoutList = (shape: Definition | boolean): Definition | boolean =>
  typeof shape === 'object' ? { ...shape, enum: undefined } : shape;

function inDefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inDefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string' ? member.replace('#/definitions/', '#/$defs/') : inDefs(member),
    ]),
  );
}

if (import.meta.main) for (const [name, text] of schemaTexts()) writeFileSync(schemaPath(name), text);
