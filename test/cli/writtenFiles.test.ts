import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { temporaryFolder } from '../collect/archive/support.ts';
import { fakeIo } from '../support/fakeIo.ts';

const broken = join(import.meta.dirname, '../../examples/captures/broken-cluster.kpr');
/** Of 1.19, with a value that 1.20 does not know. */
const values = 'kubeProxyReplacement: "strict"\n';

/** Each command line that writes a file, but for captures and scripts, which have tests of their own. */
const lines: readonly { readonly name: string; readonly argv: (file: string) => readonly string[] }[] = [
  { name: 'report.json', argv: (file) => ['doctor', '--from', broken, `--report=json=${file}`] },
  { name: 'baseline.json', argv: (file) => ['doctor', '--from', broken, '--save-baseline', file] },
  { name: 'kubectl_complete-kpr', argv: (file) => ['completion', 'install', '--dir', join(file, '..')] },
  {
    name: 'values.yaml',
    argv: (file) => ['preflight', '--values', file, '--to-version', '1.20', '--fix', '--write'],
  },
];

async function run(argv: readonly string[]) {
  const io = fakeIo();
  const exitCode = await main(argv, io);
  return { exitCode, stderr: io.stderr.text };
}

describe.each(lines)('$name', ({ name, argv }) => {
  test('takes the place of a file, and leaves nothing beside it', async () => {
    const folder = temporaryFolder();
    const file = join(folder, name);
    writeFileSync(file, values);
    chmodSync(file, 0o640);
    await run(argv(file));
    expect(readFileSync(file, 'utf8')).not.toBe(values);
    expect(readdirSync(folder)).toEqual([name]);
    expect(statSync(file).mode & 0o777).toBe(name === 'kubectl_complete-kpr' ? 0o755 : 0o640);
  });

  test('never that of a link', async () => {
    const folder = temporaryFolder();
    const target = join(folder, 'target');
    writeFileSync(target, values);
    symlinkSync(target, join(folder, name));
    expect(await run(argv(join(folder, name)))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is no file but a folder, a link or a device'),
    });
    expect(readFileSync(target, 'utf8')).toBe(values);
    expect(readdirSync(folder).sort()).toEqual([name, 'target'].toSorted());
  });

  test('never that of a folder', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, name));
    expect((await run(argv(join(folder, name)))).exitCode).toBe(2);
    expect(readdirSync(folder)).toEqual([basename(name)]);
  });
});

test('a baseline is never written over what the answer is made of, nor over a report', async () => {
  const file = join(temporaryFolder(), 'a.json');
  writeFileSync(file, '{}');
  for (const flags of [['--suppressions', file], [`--report=json=${file}`]]) {
    const { exitCode } = await run(['doctor', '--from', broken, '--save-baseline', file, ...flags]);
    expect([exitCode, readFileSync(file, 'utf8')]).toEqual([2, '{}']);
  }
});
