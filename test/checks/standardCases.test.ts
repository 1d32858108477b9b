import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { AnyCheck } from '../../src/core/Check.ts';

const root = join(import.meta.dirname, '..', '..');
const files = globSync('checks/*/*.ts', { cwd: root }).map((file) => ({
  area: basename(dirname(file)),
  name: basename(file, '.ts'),
}));

const isCheck = (value: unknown): value is AnyCheck => checks.some((check) => check === value);

/** What is commented out does not count. */
const tests = globSync('test/checks/*/*.test.ts', { cwd: root })
  .map((file) => readFileSync(join(root, file), 'utf8').replaceAll(/^\s*\/\/.*$/gm, ''))
  .join('\n');

test('every check stands in a file of its own, and the standard cases are run on it', async () => {
  const found = new Map<AnyCheck, string>();
  for (const { area, name } of files) {
    const module: Readonly<Record<string, unknown>> = await import(`../../checks/${area}/${name}.ts`);
    const check = module[name];
    if (isCheck(check))
      found.set(check, new RegExp(`^ *standardCases\\(${name},`, 'm').test(tests) ? 'held' : 'not held');
  }
  expect(checks.map((check) => `${check.id}: ${found.get(check) ?? 'no file of its own'}`)).toEqual(
    checks.map(({ id }) => `${id}: held`),
  );
});
