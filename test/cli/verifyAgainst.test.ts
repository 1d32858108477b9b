import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { schemaErrors } from '../report/schema.ts';
import { withAnswer, writeEdited } from '../support/editedCapture.ts';
import { fakeIo } from '../support/fakeIo.ts';

/**
 * Recorded on one cluster with Services of every kind: kube-proxy (nftables) beside Cilium 1.19, and soon after it was
 * deleted, its tables still there and the pods of one Deployment restarted.
 */
const fixtures = join(import.meta.dirname, '../fixtures/against');
const before = join(fixtures, 'before.kpr');
const after = join(fixtures, 'after.kpr');
const elsewhere = join(import.meta.dirname, '../../examples/captures/broken-cluster.kpr');
/** What verify itself finds there. */
// A Service of the recording names a port that its pods do not have; it holds not whose the ports are.
const butKnown = ['--skip', 'leftover-nftables,KPR5009,health-checks-answered'];

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
    const { exitCode, stdout, stderr } = await verify(after, before, ...butKnown);
    expect(stdout).toMatch(
      /^Against before\.kpr \(2026-11-21 13:53 UTC, kube-proxy nftables, 2 nodes\): 29 of 29 Services reach the same backends \(7 with their present endpoints\); 9 intended differences$/m,
    );
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  test('for programs', async () => {
    const { exitCode, stdout } = await verify(after, before, ...butKnown, '-o', 'json');
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({
      verdict: 'pass',
      against: { services: { total: 29, counts: { same: 22, endpoints: 7 } }, lost: [], unknown: [], gained: [] },
    });
    expect(schemaErrors(document)).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test('kube-proxy and eBPF of one moment', async () => {
    const { exitCode, stdout } = await verify(before, before, '--skip', 'KPR5009,health-checks-answered');
    expect(stdout).toContain('29 of 29 Services reach the same backends; 9 intended differences');
    expect(exitCode).toBe(0);
  });

  test('without --against nothing is said of it', async () => {
    const io = fakeIo();
    await main(['verify', '--from', after, '-o', 'json'], io);
    expect(JSON.parse(io.stdout.text)).not.toHaveProperty('against');
  });

  test('only the checks that are asked for, and the comparison all the same', async () => {
    const { exitCode, stdout } = await verify(after, before, '--check', 'kpr-in-effect');
    expect(stdout).toContain('29 of 29 Services');
    expect(exitCode).toBe(0);
  });

  test('--node: what was compared is said', async () => {
    const { exitCode, stdout } = await verify(after, before, ...butKnown, '--node', 'n2');
    expect(stdout).toContain('kube-proxy nftables, 1 node): 29 of 29 Services');
    expect(exitCode).toBe(0);
  });
});

describe('what differs, and what is not known', () => {
  test('lost: exit 1', async () => {
    const file = await writeEdited(join(folder, 'lost.kpr'), {
      of: after,
      // 203.0.113.7:80 is at port 81 in the maps of n2, as bpftool prints them.
      node: (node) =>
        node.name === 'n2'
          ? withAnswer(node, 'lbDump', (text) => text.replaceAll('0cb000071007000050', '0cb000071007000051'))
          : node,
    });
    const { exitCode, stdout } = await verify(file, before, ...butKnown, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'fail',
      against: {
        services: { counts: { lost: 1 } },
        lost: [
          {
            service: 'default/httpd-np',
            frontend: '203.0.113.7:80/TCP',
            what: 'frontend',
            nodes: ['n2'],
            from: ['outside', 'pod', 'node'],
            found: [],
            code: 'KPR4001',
          },
        ],
      },
    });
    expect(exitCode).toBe(1);
    expect((await verify(file, before, '-q', '--check', 'kpr-in-effect')).stdout).toContain(
      'default/httpd-np is not served any more: 203.0.113.7:80/TCP',
    );
  });

  test('unknown: exit 3, unless it may be', async () => {
    const file = await writeEdited(join(folder, 'n1.kpr'), {
      of: before,
      node: (node) => (node.name === 'n1' ? node : { name: node.name, answers: {} }),
    });
    const only = ['--check', 'kpr-in-effect'];
    const { exitCode, stdout } = await verify(after, file, ...only);
    expect(stdout).toContain('kube-proxy nftables, 1 of 2 nodes): 29 of 29 Services');
    expect(stdout).toContain('n2 not compared: kube-proxy’s rules in the baseline: ');
    expect(exitCode).toBe(3);
    expect((await verify(after, file, ...only, '--allow-unknown=against')).exitCode).toBe(0);
    expect((await verify(after, file, ...only, '--allow-unknown=KPR4001')).exitCode).toBe(3);
  });
});

describe('what can’t be compared ends with 2 and one sentence', () => {
  test.each([
    ['swapped', before, after, /was taken later \(2026-11-21T13:54:/],
    ['another cluster', elsewhere, before, /is a capture of another cluster \(context bed, /],
    ['no such file', after, join(fixtures, 'nothing.kpr'), /nothing\.kpr/],
    ['no archive', after, import.meta.filename, /is no archive/],
  ])('%s', async (_title, from, against, message) => {
    const { exitCode, stdout, stderr } = await verify(from, against);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')[0]).toMatch(/^Error: /);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  test('a file that was cut', async () => {
    const file = join(folder, 'cut.kpr');
    writeFileSync(file, readFileSync(before).subarray(0, 20_000));
    const { exitCode, stderr } = await verify(after, file);
    expect(stderr).toMatch(/^Error: .*cut\.kpr/);
    expect(exitCode).toBe(2);
  });

  test('kube-proxy was gone, and no agent can print its nftables', async () => {
    const { exitCode, stderr } = await verify(after, after);
    expect(stderr).toMatch(
      /after\.kpr holds no rules of kube-proxy to compare with \(n1: kube-proxy has rules in nftables/,
    );
    expect(exitCode).toBe(2);
  });

  test('programs are told in JSON', async () => {
    const { exitCode, stdout } = await verify(before, after, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'error', exitCode: 2, command: 'verify' });
    expect(exitCode).toBe(2);
  });
});
