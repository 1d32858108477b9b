import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { parseSize } from '../../src/cli/parseSize.ts';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import { collect, temporaryFolder } from '../collect/archive/support.ts';
import { json, startServer, statusBody, writeKubeconfig } from '../collect/live/testServer.ts';
import { fakeIo } from '../support/fakeIo.ts';

const example = join(import.meta.dirname, '../../examples/captures/broken-cluster.kpr');

async function run(...argv: string[]) {
  const io = fakeIo();
  const exitCode = await main(['capture', '--from', example, ...argv], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe('a file that is there', () => {
  test('stays as it is, and the way on is said', async () => {
    const file = join(temporaryFolder(), 'before.kpr');
    writeFileSync(file, 'mine');
    const { exitCode, stderr } = await run('-o', file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is there already');
    expect(stderr).toContain('--overwrite');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('is replaced with --overwrite', async () => {
    const file = join(temporaryFolder(), 'before.kpr');
    writeFileSync(file, 'mine');
    expect(await run('-o', file, '--overwrite')).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await collect(await openArchive(file))).nodes).toHaveLength(2);
  });
});

describe('--max-size', () => {
  test('leaves nodes out, says which, and ends with 3', async () => {
    const folder = temporaryFolder();
    const whole = join(folder, 'whole.kpr');
    const small = join(folder, 'small.kpr');
    await run('-o', whole);
    const limit = statSync(whole).size - 5000;
    const { exitCode, stdout, stderr } = await run('-o', small, '--max-size', String(limit));
    expect(exitCode).toBe(3);
    expect(stdout).toContain(': 1 of 2 nodes, ');
    expect(stderr).toMatch(/^Not everything is in it: n[12] had no room; give more with --max-size\.\n$/);
    expect(statSync(small).size).toBeLessThanOrEqual(limit + 5000);
    const dumps = (await collect(await openArchive(small))).nodes.map(({ answers }) => answers.iptablesNft);
    expect(dumps.filter((answer) => answer !== undefined && !('missing' in answer))).toHaveLength(1);
    expect(dumps.find((answer) => answer !== undefined && 'missing' in answer)).toMatchObject({
      missing: 'notCollected',
      detail: expect.stringContaining('--max-size') as string,
    });
  });

  test('too small for what all need, nothing is written', async () => {
    const file = join(temporaryFolder(), 'x.kpr');
    const { exitCode, stderr } = await run('-o', file, '--max-size', '1k');
    expect([exitCode, existsSync(file)]).toEqual([2, false]);
    expect(stderr).toContain('The objects of the API alone are more than');
  });

  test.each([
    ['500', 500],
    ['500k', 500_000],
    ['1.5M', 1_500_000],
    ['1G', 1e9],
    ['1Gi', 2 ** 30],
    ['2GiB', 2 ** 31],
    ['10MB', 1e7],
  ])('%s are %i bytes', (text, bytes) => expect(parseSize(text, 'max-size')).toBe(bytes));

  test.each(['', '0', '-1', 'much', '5X', '1i'])('%j is no size', (text) => {
    expect(() => parseSize(text, 'max-size')).toThrow(/is not a size/);
  });
});

test('who may read nothing is told so, and not that nobody was asked', async () => {
  const refused = statusBody(403, 'Forbidden', 'daemonsets.apps is forbidden: User "eve"');
  const { url } = await startServer({ onRequest: (_, response) => json(response, refused, 403) });
  const io = fakeIo();
  const file = join(temporaryFolder(), 'x.kpr');
  expect(await main(['capture', '-o', file, '--kubeconfig', writeKubeconfig(url)], io)).toBe(2);
  expect(io.stderr.text).toContain('User "eve"');
  expect(io.stderr.text).not.toContain('nobody was asked');
  const doctor = fakeIo();
  expect(await main(['doctor', '--kubeconfig', writeKubeconfig(url)], doctor)).toBe(2);
  expect(doctor.stderr.text).toContain('the roles that kubectl kpr job --image IMAGE --with-role prints');
});
