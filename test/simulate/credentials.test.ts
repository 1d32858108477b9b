import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportOf, runAgainst } from './runAgainst.ts';

const timeout = 120_000;
const verify = ['verify', '-o', 'json', '--no-wait'];
const many = { nodes: 40, services: 20, podsPerNode: 5 };
/** Lists and documents take some 25 requests, the nodes 40. */
const midway = { ...many, tokenRequests: 45 };

describe('a token that expires while nodes are read', () => {
  test('is told as such, beside what was read before', { timeout }, async () => {
    const report = reportOf(await runAgainst(midway, verify));
    expect(report.findings.map(({ code, variant, severity }) => `${severity} ${code} ${variant}`)).toEqual([
      'error KPR9001 credentials',
    ]);
    expect(report).toMatchObject({ verdict: 'fail', exitCode: 1 });
    const { read, notRead } = report.coverage.nodes;
    expect(read).toBeGreaterThan(0);
    expect(read + notRead.length).toBe(40);
    expect(new Set(notRead.map(({ reason }) => reason))).toEqual(new Set(['unauthenticated']));
    expect(report.findings[0]?.evidence[0]?.excerpt).toContain('log in again');
    // Nobody is to be given a right for it.
    expect(JSON.stringify(report.findings)).not.toContain('clusterrole');
  });

  test('before anything was read is no report', { timeout }, async () => {
    const { exitCode, stdout, stderr } = await runAgainst({ ...many, tokenRequests: 1 }, ['doctor']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('401 Unauthorized (the server does not accept these credentials; log in again');
  });

  test('is why a capture lacks nodes', { timeout }, async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'kpr-token-')), 'x.kpr');
    const { exitCode, stderr } = await runAgainst(midway, ['capture', '-o', out]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /more could not be read \(Unauthorized: the server does not accept these credentials; log in/,
    );
  });

  test('costs nothing where a plugin gives another one', { timeout }, async () => {
    const report = reportOf(await runAgainst({ ...midway, token: 'plugin' }, verify));
    expect(report).toMatchObject({ verdict: 'pass', findings: [], coverage: { nodes: { read: 40, total: 40 } } });
  });
});
