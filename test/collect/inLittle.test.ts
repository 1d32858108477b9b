import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wholeUpTo } from '../../src/parse/digest/wholeUpTo.ts';

test('on a small cluster nodes can be made to say in little what they hold', () => {
  const root = join(import.meta.dirname, '..', '..');
  const program = `import(${JSON.stringify(join(root, 'src/parse/digest/wholeUpTo.ts'))}).then((it) => console.log(JSON.stringify(it.wholeUpTo)))`;
  const flags = ['--import', join(root, 'test/cluster/lib/inLittle.ts'), '--eval', program];
  const said = execFileSync(process.execPath, flags, { encoding: 'utf8' });
  const little: unknown = JSON.parse(said);
  expect(little).toEqual({ nodes: 1, services: 0, teachers: 1, rules: 0 });
  expect(Object.keys(little as object)).toEqual(Object.keys(wholeUpTo));
});
