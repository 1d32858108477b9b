// `npm run new-check -- NAME AREA CODE`: the files of a check that is to be written, and the lines that make it known.
// What has to be filled in says TODO, and its tests are red until that is done.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Area, areas, type CodeEntry, codes } from '../src/knowledge/codes.ts';
import { suggest } from '../src/text/suggest.ts';

type Ledger = Readonly<Record<string, CodeEntry>>;

const projectRoot = join(import.meta.dirname, '..');

/** The folder of an area in checks/ and test/checks/. */
const folderOf = (area: Area): string => area.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

interface NewCheck {
  /** Kebab-case; users name it in --check. */
  readonly id: string;
  readonly folder: string;
  readonly code: string;
  /** What the code was reserved for. */
  readonly title: string;
}

/** It cannot be made; the message says why, in one sentence. */
export class RefusedError extends Error {}

/** Writes a check and gives the paths, from the top of the project. Throws RefusedError, and writes nothing then. */
export function createCheck(
  words: readonly string[],
  root: string = projectRoot,
  ledger: Ledger = codes,
): readonly string[] {
  const files = filesOf(requestOf(words, root, ledger), root);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const paths = [...files.keys()];
  execFileSync(join(projectRoot, 'node_modules', '.bin', 'oxfmt'), ['--write', ...paths], {
    cwd: root,
    stdio: 'ignore',
  });
  return paths;
}

function requestOf(
  [id = '', folder = '', code = '', ...more]: readonly string[],
  root: string,
  ledger: Ledger,
): NewCheck {
  if (code === '' || more.length > 0)
    throw new RefusedError('Usage: npm run new-check -- NAME AREA CODE, e.g. values-known configuration KPR7002');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id))
    throw new RefusedError(`${id} is no name of a check: that is two or more words in lower case, joined by hyphens`);
  const area = areas.find((one) => folderOf(one) === folder);
  if (area === undefined) throw new RefusedError(`${folder} is no area; areas are ${areas.map(folderOf).join(', ')}`);
  const check = checkPath(id, folder);
  if (existsSync(join(root, check))) throw new RefusedError(`${id} exists already: ${check}`);
  const entry = Object.entries(ledger).find(([one]) => one === code)?.[1];
  if (entry === undefined) throw new RefusedError(`${code} is not reserved${howToReserve(code, ledger)}`);
  if (entry.area !== area) throw new RefusedError(`${code} is a code of ${folderOf(entry.area)}, not of ${folder}`);
  if (entry.state !== 'reserved') throw new RefusedError(`${code} is ${entry.state}: a code has one meaning for good`);
  return { id, folder, code, title: entry.title };
}

function howToReserve(code: string, ledger: Ledger): string {
  const near = suggest(code, Object.keys(ledger));
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  return `${meant === '' ? '; ' : `${meant} Otherwise `}give the next free number of the area a title in src/knowledge/codes.ts`;
}

const nameOf = (id: string): string => id.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const checkPath = (id: string, folder: string): string => `checks/${folder}/${nameOf(id)}.ts`;

/** Texts by their paths. */
function filesOf({ id, folder, code, title }: NewCheck, root: string): ReadonlyMap<string, string> {
  const name = nameOf(id);
  // Most rules are about each node; those about Services are about objects of the API.
  const isAboutObjects = folder === 'services';
  const param = isAboutObjects ? 'service' : 'mode';
  const values = { id, folder, code, title, name, param, problem: code.toLowerCase() };
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const filled = (template: string): string => fill(read(`pkg/newCheck/${template}.ts.tmpl`), values);
  return new Map([
    [checkPath(id, folder), filled(isAboutObjects ? 'checkOfObjects' : 'checkOfNodes')],
    [`checks/${folder}/problems/${code}.ts`, filled('problem')],
    [`test/checks/${folder}/${name}.test.ts`, filled('test')],
    ['checks/index.ts', registered(read('checks/index.ts'), name, folder)],
    ['src/knowledge/codes.ts', taken(read('src/knowledge/codes.ts'), code)],
  ]);
}

const fill = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/@(\w+)@/g, (whole, name: string) => values[name] ?? whole);

const isImport = (line: string): boolean => line.startsWith('import ');

/** The registry with the check behind the others of its area; the first of an area before the examination. */
function registered(index: string, name: string, folder: string): string {
  const lines = index.split('\n');
  const ofArea = lines.filter((line) => isImport(line) && line.includes(` from './${folder}/`));
  const last = lines.findLastIndex((line) => ofArea.some((one) => one.includes(`{ ${line.trim().slice(0, -1)} }`)));
  const [at, entry] =
    last === -1 ? [lines.indexOf('  // examination'), [`  // ${folder}`, `  ${name},`]] : [last + 1, [`  ${name},`]];
  const lastImport = lines.findLastIndex((line) => (ofArea.length > 0 ? ofArea.includes(line) : isImport(line)));
  return lines
    .toSpliced(at, 0, ...entry)
    .toSpliced(lastImport + 1, 0, `import { ${name} } from './${folder}/${name}.ts';`)
    .join('\n');
}

/** The ledger with the code taken; what it was reserved for is the problem's title from now on. */
const taken = (ledger: string, code: string): string =>
  ledger.replace(
    new RegExp(String.raw`\n  ${code}: \{\s*area: '(\w+)',\s*state: 'reserved',\s*title: '.*?',?\s*\},`),
    `\n  ${code}: { area: '$1', state: 'taken' },`,
  );

function main(words: readonly string[]): number {
  try {
    console.log([...createCheck(words), '', 'Fill in what says TODO, then: npm run docs && npm test'].join('\n'));
    return 0;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    console.error(error.message);
    return 2;
  }
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
