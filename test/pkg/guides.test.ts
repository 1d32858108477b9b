import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What people are told to read and to type must be there. */
const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

/** Words in backticks that begin with a folder of the project, or link to a file. */
function pathsIn(page: string): string[] {
  const text = read(page);
  const named = [...text.matchAll(/`((?:bin|src|checks|test|docs|pkg|examples)\/[\w./-]*)`/g)].map(
    ([, path = '']) => path,
  );
  const linked = [...text.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, path = '']) => join(dirname(page), path));
  return [...named, ...linked];
}

describe.each(['CONTRIBUTING.md', 'docs/architecture.md', 'README.md'])('%s', (page) => {
  test('names files that are there', () => {
    expect(pathsIn(page).length).toBeGreaterThan(3);
    expect(pathsIn(page).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('names scripts that are there', () => {
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

test('the excerpts of CONTRIBUTING.md are what stands in the files', () => {
  const excerpts = [...read('CONTRIBUTING.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  expect(excerpts).toHaveLength(2);
  const [problem = '', rule = ''] = excerpts;
  expect(read('checks/examination/problems/KPR9004.ts')).toContain(problem);
  expect(read('checks/examination/versionKnown.ts')).toContain(rule);
});
