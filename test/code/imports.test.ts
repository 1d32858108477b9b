import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { sourcesOf } from './sources.ts';

/**
 * A package without `exports` hides nothing from Node, so it is said here which of its paths are meant for others (all
 * that start so), and where it says so.
 */
const documentedPaths: Readonly<Record<string, string>> = {
  'ajv/dist/2020.js': 'ajv.js.org/json-schema.html, draft 2020-12',
  'semver/classes/': 'its README, Usage',
  'semver/functions/': 'its README, Usage',
};

/** What is used of a package although it is private, and why there is no other way. */
const privatePaths: Readonly<Record<string, string>> = {
  '@yao-pkg/pkg/lib-es5/sea.js':
    'its public function takes neither a Node binary nor assets (yao-pkg/pkg#279); what it makes is run at once',
};

const allowed = Object.keys({ ...documentedPaths, ...privatePaths });
const packages = new Set(Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies }));
const code = sourcesOf(['{bin,src,checks,pkg,test}/**/*.{ts,mjs,cjs}', '*.{ts,mjs}']);
const require = createRequire(import.meta.url);

/** Every text that names a path in a package: also those that are only handed on, to `require` or to esbuild. */
const paths = code.flatMap(({ path, lines }) =>
  lines.flatMap((line, at) =>
    [...line.matchAll(/(['"`])((?:@[\w.-]+\/)?[\w.-]+)\/[^'"`\s]+\1/g)]
      .filter(([, , name = '']) => packages.has(name))
      .map(([quoted]) => ({ specifier: quoted.slice(1, -1), place: `${path}:${at + 1}` })),
  ),
);

function hasExports(specifier: string): boolean {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  // Loud for a package whose exports hide its own package.json: none of those is imported by a path.
  return 'exports' in (require(`${name}/package.json`) as object);
}

test('of packages only their public entry is imported, or a path that they export or document', () => {
  const found = paths
    .filter(({ specifier }) => !allowed.some((path) => specifier.startsWith(path)))
    // What a package with `exports` does not export, neither Node nor TypeScript finds.
    .filter(({ specifier }) => !hasExports(specifier));
  expect(found).toEqual([]);
});

test.each(allowed)('%s is still imported, so that it is worth a line', (path) => {
  const users = paths.filter(({ specifier, place }) => specifier.startsWith(path) && !place.startsWith('test/code/'));
  expect(users).not.toEqual([]);
});

test('no file leads back to itself, by imports that wait either', () => {
  const sources = sourcesOf(['{bin,src,checks,pkg}/**/*.ts']);
  const imports = new Map(
    sources.map(({ path, lines }) => [
      path,
      [...lines.join('\n').matchAll(/(?:\bfrom|\bimport\() ?'(\.[^']+)'/g)].map(([, to = '']) =>
        join(dirname(path), to),
      ),
    ]),
  );
  /** What was looked at with all that it leads to, and the way to where we are. */
  const done = new Set<string>();
  const circles: (readonly string[])[] = [];
  const follow = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path]);
    if (done.has(path) || way.includes(path)) return;
    for (const to of imports.get(path) ?? []) follow(to, [...way, path]);
    done.add(path);
  };
  for (const path of imports.keys()) follow(path, []);
  expect(circles).toEqual([]);
  expect(imports.get('src/app/examine.ts')).toContain('src/app/watch.ts');
});
