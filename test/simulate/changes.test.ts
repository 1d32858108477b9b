import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { reportOf, runAgainst } from './runAgainst.ts';

const timeout = 120_000;
const verify = ['verify', '-o', 'json', '--no-wait'];
const many = { nodes: 16, services: 40 };

const unreadIn = ({ coverage }: ReportDocument): readonly string[] =>
  coverage.nodes.notRead.map(({ node, detail }) => `${node}: ${detail}`);
const codesIn = ({ findings }: ReportDocument): readonly string[] =>
  findings.map(({ code, severity, nodes }) => `${severity} ${code} ${nodes.join(' ')}`);
const whyIn = (report: ReportDocument, check: string): readonly string[] =>
  report.checks.find(({ id }) => id === check)?.unknown.map(({ node, detail }) => `${node ?? ''}: ${detail}`) ?? [];

const removed = 'the node was removed from the cluster while it was read';
const replaced = 'the pod that was asked was deleted, as in a rollout, while it was read';

describe('nodes that come and go while others are read are no fault, and no pass', () => {
  test('one that left, one whose agent was replaced, one whose agent was killed as it spoke', { timeout }, async () => {
    const report = reportOf(await runAgainst({ ...many, leaving: 1, replaced: 1, killed: 1 }, verify));
    expect(codesIn(report)).toEqual([]);
    expect(report).toMatchObject({ verdict: 'unknown', exitCode: 3, coverage: { nodes: { read: 14, total: 16 } } });
    expect(unreadIn(report)).toEqual([`n2: ${removed}`, `n9: ${replaced}`]);
    // What the last one had said before is judged.
    expect(whyIn(report, 'agents-answer')).toEqual([`n2: ${removed}`, `n9: ${replaced}`, `n16: ${replaced}`]);
  });

  test('one that came is starting', { timeout }, async () => {
    const report = reportOf(await runAgainst({ ...many, joining: 1 }, verify));
    expect(codesIn(report)).toEqual(['warning KPR1001 n2']);
    expect(report).toMatchObject({ verdict: 'unknown', exitCode: 3, coverage: { nodes: { read: 15, total: 16 } } });
  });

  test('a file of them says the same', { timeout }, async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'kpr-changes-')), 'x.kpr');
    const capture = await runAgainst({ ...many, leaving: 1 }, ['capture', '-o', out]);
    expect(capture).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('n2 could not be read') });
    const report = reportOf(await runAgainst({ nodes: 1 }, ['verify', '-o', 'json', '--from', out]));
    expect(codesIn(report)).toEqual([]);
    expect(report).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(unreadIn(report)).toEqual([`n2: ${removed}`]);
  });

  test('one that left does not take the second look from others', { timeout }, async () => {
    const options = { ...many, differing: 1, leavingWrong: 1, changesAfter: 16 };
    const run = await runAgainst(options, ['doctor', '-o', 'json', '--no-wait', '-v']);
    const report = reportOf(run);
    expect(run.stderr).not.toContain('second look failed');
    expect(codesIn(report)).toEqual(['error KPR4003 n2']);
    expect(whyIn(report, 'tables-match')).toEqual([expect.stringContaining(removed)]);
  });
});
