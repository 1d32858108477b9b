import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeScripts } from '../../src/app/writeScripts.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kpr-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const script = (name: string): { name: string; text: () => string } => ({ name, text: () => `# ${name}\n` });

test('scripts can be run, and nothing else is left in the folder', async () => {
  await writeScripts(join(folder, 'a', 'b'), [script('one.sh'), script('two.sh')], false);
  expect(readdirSync(join(folder, 'a', 'b')).toSorted()).toEqual(['one.sh', 'two.sh']);
  expect(readFileSync(join(folder, 'a', 'b', 'two.sh'), 'utf8')).toBe('# two.sh\n');
  expect(statSync(join(folder, 'a', 'b', 'one.sh')).mode & 0o777).toBe(0o755);
});

test.each([false, true])(
  'a link is not followed, whether it leads anywhere or not (--overwrite: %s)',
  async (overwrite) => {
    const precious = join(folder, 'precious');
    writeFileSync(precious, 'mine', { mode: 0o600 });
    const to = join(folder, 'scripts');
    mkdirSync(to);
    for (const target of [precious, join(folder, 'nothing')]) {
      symlinkSync(target, join(to, 'two.sh'));
      await expect(writeScripts(to, [script('one.sh'), script('two.sh')], overwrite)).rejects.toThrow(
        'no file but a link',
      );
      expect(readdirSync(to)).toEqual(['two.sh']);
      rmSync(join(to, 'two.sh'));
    }
    expect(readFileSync(precious, 'utf8')).toBe('mine');
    expect(statSync(precious).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(folder, 'nothing'), { throwIfNoEntry: false })).toBeUndefined();
  },
);

test('what is no file stays, with --overwrite, too', async () => {
  mkdirSync(join(folder, 'one.sh'));
  await expect(writeScripts(folder, [script('one.sh')], true)).rejects.toThrow('no file but a link or a device');
});

test('with --overwrite a file is replaced, and what else is a name of it keeps what it was', async () => {
  writeFileSync(join(folder, 'one.sh'), 'before', { mode: 0o600 });
  await writeScripts(folder, [script('one.sh')], true);
  expect(readFileSync(join(folder, 'one.sh'), 'utf8')).toBe('# one.sh\n');
  expect(statSync(join(folder, 'one.sh')).mode & 0o777).toBe(0o755);
});

test.each([
  ['a name that is too long', { name: `cleanup-${'a'.repeat(245)}.sh`, text: () => '' }, 'is too long a name'],
  [
    'a script that cannot be made',
    {
      name: 'two.sh',
      text: (): string => {
        throw new Error('made up');
      },
    },
    'made up',
  ],
])('all or none: %s', async (_, bad, said) => {
  await expect(writeScripts(folder, [script('one.sh'), bad], false)).rejects.toThrow(said);
  expect(readdirSync(folder)).toEqual([]);
});

test('what takes the place of a name meanwhile stays, and it is said which scripts are there', async () => {
  const two = { name: 'two.sh', text: () => String(mkdirSync(join(folder, 'two.sh'))) };
  await expect(writeScripts(folder, [script('one.sh'), two, script('three.sh')], false)).rejects.toMatchObject({
    message: expect.stringMatching(/^Cannot write to .*two\.sh/),
    hint: 'Written were one.sh, and no other',
  });
  expect(readdirSync(folder).toSorted()).toEqual(['one.sh', 'two.sh']);
});
