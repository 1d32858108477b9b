import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { schemaErrors } from '../report/schema.ts';
import { writeEdited } from '../support/editedCapture.ts';
import { fakeIo } from './fakeIo.ts';

const recordings = join(import.meta.dirname, '../fixtures/recordings');
/** kube-proxy (nftables) beside Cilium, on the cluster that `healthy` was recorded on before. */
const beside = join(recordings, 'kube-proxy-nftables.kpr');
const healthy = join(recordings, 'healthy-1.20.kpr');
const elsewhere = join(recordings, 'healthy-1.19.kpr');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kpr-against-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verify(from: string, against: string, ...flags: readonly string[]) {
  const io = fakeIo();
  const exitCode = await main(['verify', '--from', from, '--against', against, ...flags], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe('eBPF does what kube-proxy did', () => {
  test('for people', async () => {
    const { exitCode, stdout, stderr } = await verify(beside, beside);
    expect(stdout).toMatch(
      /^Against \S+kube-proxy-nftables\.kpr \(\S+ \S+ UTC, kube-proxy nftables, 2 nodes\): 7 of 7 Services reach the same backends; 1 intended difference$/m,
    );
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  test('for programs', async () => {
    const { exitCode, stdout } = await verify(beside, beside, '-o', 'json');
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({
      verdict: 'pass',
      against: { services: { total: 7, counts: { same: 7 } }, lost: [], unknown: [] },
    });
    expect(schemaErrors(document)).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test('without --against nothing is said of it', async () => {
    const io = fakeIo();
    await main(['verify', '--from', beside, '-o', 'json'], io);
    expect(JSON.parse(io.stdout.text)).not.toHaveProperty('against');
  });

  test('only the checks that are asked for, and the comparison all the same', async () => {
    const { exitCode, stdout } = await verify(beside, beside, '--check', 'kpr-in-effect');
    expect(stdout).toContain('7 of 7 Services');
    expect(exitCode).toBe(0);
  });
});

describe('what differs, and what is not known', () => {
  test('lost: exit 1', async () => {
    // The example’s n2 went its own way since its agent hung; kube-proxy’s rules are left on both nodes.
    const file = await writeEdited(join(folder, 'lost.kpr'));
    const { exitCode, stdout } = await verify(file, file, '-o', 'json');
    const document = JSON.parse(stdout) as { against: { lost: { service: string; nodes: string[] }[] } };
    expect(new Set(document.against.lost.flatMap(({ nodes }) => nodes))).toEqual(new Set(['n2']));
    expect(document.against.lost.map(({ service }) => service)).toContain('default/httpd');
    expect(exitCode).toBe(1);
  });

  test('unknown: exit 3, unless it may be', async () => {
    const file = await writeEdited(join(folder, 'n1.kpr'), {
      node: (node) => (node.name === 'n1' ? node : { name: node.name, answers: {} }),
    });
    const only = ['--check', 'kpr-in-effect', '--fail-on', 'never'];
    expect((await verify(file, file, ...only)).exitCode).toBe(3);
    expect((await verify(file, file, ...only, '--allow-unknown=against,kpr-in-effect')).exitCode).toBe(0);
  });
});

test('where no Service was compared nothing is proven', async () => {
  const { exitCode, stdout } = await verify(beside, beside, '-n', 'nobody', '--check', 'kpr-in-effect');
  expect(stdout).toContain('no Service was there at both times');
  expect(stdout).toMatch(/exit 3: .*the comparison with before could not be judged everywhere/);
  expect(exitCode).toBe(3);
});

describe('what can’t be compared ends with 2 and one sentence', () => {
  test.each([
    ['swapped', healthy, beside, /was taken later \(/],
    ['another cluster', elsewhere, beside, /is a capture of another cluster \(context kube-proxy-nftables/],
    ['no kube-proxy then', beside, healthy, /holds no rules of kube-proxy: it did not run when this was taken/],
    ['no such file', beside, join(recordings, 'nothing.kpr'), /nothing\.kpr/],
    ['no archive', beside, join(import.meta.dirname, 'fakeIo.ts'), /is no archive/],
  ])('%s', async (_title, from, against, message) => {
    const { exitCode, stdout, stderr } = await verify(from, against);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')[0]).toMatch(/^Error: /);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  test('a file that was cut', async () => {
    const file = join(folder, 'cut.kpr');
    copyFileSync(beside, file);
    writeFileSync(file, readFileSync(file).subarray(0, 20_000));
    const { exitCode, stderr } = await verify(beside, file);
    expect(stderr).toMatch(/^Error: .*cut\.kpr/);
    expect(exitCode).toBe(2);
  });

  test('programs are told in JSON', async () => {
    const { exitCode, stdout } = await verify(beside, healthy, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'error', exitCode: 2, command: 'verify' });
    expect(exitCode).toBe(2);
  });
});
