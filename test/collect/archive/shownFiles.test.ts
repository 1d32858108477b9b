import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ByteBudget } from '../../../src/collect/archive/ByteBudget.ts';
import { FolderFiles } from '../../../src/collect/archive/FolderFiles.ts';
import { ZipFiles } from '../../../src/collect/archive/ZipFiles.ts';
import { pathWord } from '../../../src/text/shell.ts';
import { buildZip } from './buildZip.ts';
import { temporaryFolder } from './support.ts';

const hasUnzip = spawnSync('unzip', ['-v']).error === undefined;
const names = ['plain.yaml', '-x', '-d', '--', 'a*b', 'acb', '[q]', 'q', 'what?', 'it’s $(reboot)', "it's", 'a b'];

/** What is printed by a command that a person pasted. */
const typed = (command: string, cwd: string): string =>
  execFileSync('bash', ['-c', command], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

test.skipIf(!hasUnzip)('what is printed to see a member of an archive shows that one, whatever its name', async () => {
  const file = join(temporaryFolder(), '-it’s a sysdump.zip');
  writeFileSync(file, buildZip(names.map((name) => ({ name, content: `this is ${name}` }))));
  const files = await ZipFiles.open(file, new ByteBudget(file));
  for (const name of names) expect(typed(files.shown(name), '/')).toBe(`this is ${name}`);
  await files.close();
});

test('the same of a folder', async () => {
  const folder = temporaryFolder();
  for (const name of names) writeFileSync(join(folder, name), `this is ${name}`);
  const files = await FolderFiles.open(folder, new ByteBudget(folder));
  for (const name of names) expect(typed(files.shown(name), '/')).toBe(`this is ${name}`);
});

test('a path that begins like a flag is still a path', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '-n'));
  writeFileSync(join(folder, '-n', 'x'), 'this is x');
  expect(typed(`cat ${pathWord('-n/x')}`, folder)).toBe('this is x');
});
