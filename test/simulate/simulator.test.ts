import type { ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oddNames } from './oddNames.ts';
import { reportOf, runAgainst } from './runAgainst.ts';
import type { Simulator } from './Simulator.ts';

const timeout = 120_000;
const verify = ['verify', '-o', 'json', '--no-wait'];

const unknownsIn = (report: ReturnType<typeof reportOf>): string =>
  report.checks.flatMap(({ unknown }) => unknown.map(({ node, detail }) => `${node ?? ''}: ${detail}`)).join('\n');

describe('a simulated cluster', () => {
  test('a healthy one is passed, and every node is read', { timeout }, async () => {
    const report = reportOf(await runAgainst({ nodes: 4, services: 600 }, verify));
    expect(unknownsIn(report)).toBe('');
    expect(report.findings.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
    expect(report).toMatchObject({ verdict: 'pass', coverage: { nodes: { read: 4, total: 4 } } });
  });

  test('nodes that hang, refuse, and answer nonsense are named, and what differs is found', { timeout }, async () => {
    const options = { nodes: 12, services: 40, hung: 1, refusing: 1, corrupt: 4, differing: 1 };
    const run = await runAgainst(options, [...verify, '--node-timeout', '6s']);
    const report = reportOf(run);
    expect(report.verdict).toBe('fail');
    // Of the four that answer nonsense two say enough to be read in part.
    expect(report.coverage.nodes.notRead.map(({ node }) => node)).toHaveLength(4);
    // The one whose connection breaks while it speaks is named where nothing is known of its agent.
    const unknown = report.checks.find(({ id }) => id === 'agents-answer')?.unknown.map(({ node }) => node) ?? [];
    const named = new Set([...report.findings.flatMap(({ nodes }) => nodes), ...unknown]);
    expect(named.size).toBe(7);
    expect(report.findings.filter(({ code }) => code === 'KPR4003').flatMap(({ nodes }) => nodes)).toHaveLength(1);
  });
});

describe('nodes with rare names', () => {
  const odd = { nodes: oddNames.length, services: 20, names: 'odd' } as const;

  test.each(['7', '007', 'node-1', 'constructor', 'null', oddNames[2] ?? ''])(
    '--node takes the one that is named: %s',
    { timeout },
    async (name) => {
      const { coverage, verdict } = reportOf(await runAgainst(odd, ['doctor', '-o', 'json', '--node', name]));
      expect({ verdict, read: coverage.nodes.read, names: coverage.nodes.names }).toEqual({
        verdict: 'pass',
        read: 1,
        names: [name],
      });
    },
  );

  test('are in a capture as they are in the cluster', { timeout }, async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'kpr-names-')), 'x.kpr');
    await runAgainst(odd, ['capture', '-o', out]);
    const { coverage } = reportOf(await runAgainst({ nodes: 1 }, ['doctor', '-o', 'json', '--from', out]));
    expect(coverage.nodes.read).toBe(oddNames.length);
    expect(new Set(coverage.nodes.names)).toEqual(new Set(oddNames));
  });
});

const doubtsIn = ({ findings }: ReturnType<typeof reportOf>): readonly string[] =>
  findings.flatMap(({ code, message, nodes }) =>
    code === 'KPR9003' ? nodes.map((node) => `${node}: ${message}`) : [],
  );

describe('a sample of a hundred nodes', () => {
  const many = { nodes: 100, services: 30, podsPerNode: 5 };
  const doctor = ['doctor', '-o', 'json', '--no-wait', '--sample', '9', '--seed', '5'];

  test('is drawn from all zones, the same for the same seed, and is no pass for the others', { timeout }, async () => {
    const run = await runAgainst(many, doctor);
    const report = reportOf(run);
    const { nodes } = report.coverage;
    expect(report).toMatchObject({ verdict: 'unknown', exitCode: 0, findings: [] });
    expect(nodes).toMatchObject({ read: 9, covered: 9, total: 100, sample: { size: 9, seed: 5 } });
    expect(nodes.notSelected).toHaveLength(91);
    // Nodes get one of three zones in turn.
    expect([0, 1, 2].map((zone) => nodes.names.filter((name) => Number(name.slice(1)) % 3 === zone).length)).toEqual([
      3, 3, 3,
    ]);
    expect(run.simulator.counts().execs).toBeLessThanOrEqual(2 * 9);
    expect(reportOf(await runAgainst(many, doctor)).coverage.nodes.names).toEqual(nodes.names);
  });

  test('has nodes of each version in each zone, while an upgrade is on its way', { timeout }, async () => {
    const report = reportOf(await runAgainst({ ...many, older: 10 }, doctor));
    const { nodes } = report.coverage;
    expect(nodes).toMatchObject({ read: 9, total: 100 });
    const [older] = report.findings;
    expect(report.findings.map(({ code }) => code)).toEqual(['KPR1006']);
    expect(new Set(older?.nodes.map((name) => Number(name.slice(1)) % 3))).toEqual(new Set([0, 1, 2]));
  });

  test('is none for a gate', { timeout }, async () => {
    const { exitCode, stderr } = await runAgainst(many, ['verify', '--sample', '9']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('not for verify') });
  });

  test('tells what it finds, and how many nodes nobody looked at', { timeout }, async () => {
    const report = reportOf(await runAgainst({ ...many, differing: 100 }, doctor));
    expect(report).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(new Set(report.findings.flatMap(({ nodes }) => nodes)).size).toBe(9);
  });
});

test('a capture says how large it will be before nodes are written, where that is much', { timeout }, async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'kpr-capture-')), 'x.kpr');
  const capture = ['capture', '-o', out, '--max-size', '20M'];
  const large = await runAgainst({ nodes: 40, services: 8000, backends: 4, podsPerNode: 1, hung: 40 }, [
    ...capture,
    '--node-timeout',
    '2s',
  ]);
  expect(large.stderr).toMatch(
    /^About \d+\.\d MB will be written, of 40 nodes, within 1 min; --max-size 20\.0 MB has no room for all/,
  );
  const small = await runAgainst({ nodes: 2, services: 20 }, ['capture', '-o', out, '--overwrite']);
  expect(small).toMatchObject({ exitCode: 0, stderr: '' });
  // Whole tables travelled compressed, and are in the file as they were printed.
  const later = reportOf(await runAgainst({ nodes: 2, services: 20 }, ['doctor', '--from', out, '-o', 'json']));
  expect(later).toMatchObject({ verdict: 'pass', coverage: { nodes: { read: 2 }, frontends: { notKnown: 0 } } });
});

test('whole tables are asked of few nodes at a time, for there is room for few', { timeout }, async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'kpr-capture-')), 'x.kpr');
  const run = await runAgainst({ nodes: 14, services: 2500, proxyRules: 14 }, ['capture', '-o', out]);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  const { mostExecs, bytes } = run.simulator.counts();
  expect(mostExecs).toBeLessThan(10);
  // Tables and rules of a node are 12 MB.
  expect(bytes / 14).toBeLessThan(2_500_000);
});

describe('nodes that say their maps in little', () => {
  const many = { nodes: 16, services: 300 };
  test(
    'are read as others are, and what they have in common travels once, or twice where that takes long',
    { timeout },
    async () => {
      const run = await runAgainst(many, verify);
      const report = reportOf(run);
      expect(unknownsIn(report)).toBe('');
      expect(report).toMatchObject({ verdict: 'pass', findings: [], coverage: { nodes: { read: 16, total: 16 } } });
      const { whole, inLittle } = run.simulator.counts().tables;
      expect(whole).toBeLessThan(3);
      expect(whole + inLittle).toBe(16);
    },
  );

  test('and hold one row of another kind are found, each by its row', { timeout }, async () => {
    const { findings } = reportOf(await runAgainst({ ...many, differing: 2 }, verify));
    expect(findings.map(({ code, nodes }) => `${code} ${nodes.length}`)).toEqual(['KPR4003 1', 'KPR4003 1']);
  });

  test(
    'with the nonce of another exec, or a digit too few, are asked for all, and it is told',
    { timeout },
    async () => {
      const run = await runAgainst({ ...many, replaying: 1, misdigesting: 1 }, verify);
      const report = reportOf(run);
      expect(run.simulator.counts().tables.whole).toBeLessThanOrEqual(4);
      // All of their tables is as it should be, and yet nobody knows what else such nodes say.
      expect(report).toMatchObject({ verdict: 'unknown', exitCode: 3, coverage: { nodes: { read: 16 } } });
      expect(doubtsIn(report)).toEqual([
        expect.stringContaining('its digest is not that of its rows'),
        expect.stringContaining('its digest is none'),
      ]);
      expect(report.findings.filter(({ code }) => code !== 'KPR9003')).toEqual([]);
    },
  );
});

test('where nodes take long, no more than a few say all that they have', { timeout }, async () => {
  const run = await runAgainst({ nodes: 24, services: 20, slow: 24 }, verify);
  expect(reportOf(run)).toMatchObject({ verdict: 'pass', coverage: { nodes: { read: 24, total: 24 } } });
  expect(run.simulator.counts().tables).toMatchObject({ whole: 8, inLittle: 16 });
});

describe('nodes on which kube-proxy’s rules are left', () => {
  const many = { nodes: 16, services: 700, proxyRules: 16 };
  const doctor = ['doctor', '-o', 'json', '--no-wait'];

  test('say in little what all have, and are told of as such that say all', { timeout }, async () => {
    const run = await runAgainst(many, doctor);
    const { findings } = reportOf(run);
    const { wholeRules, rulesInLittle } = run.simulator.counts().tables;
    expect(wholeRules).toBeLessThan(3);
    // A few are asked a second time, whether packets meet the rules.
    expect(wholeRules + rulesInLittle).toBe(16 + 8);
    expect(findings.map(({ code, nodes }) => `${code} ${nodes.length}`)).toEqual(['KPR3003 16']);
    // So few say all of their tables.
    const few = reportOf(await runAgainst({ ...many, nodes: 12 }, doctor)).findings[0];
    expect(few?.message).toBe(findings[0]?.message);
    expect(few?.evidence.map(({ excerpt }) => excerpt)).toEqual(findings[0]?.evidence.map(({ excerpt }) => excerpt));
  });

  test('and are not where what one says is another exec’s, or lacks a digit', { timeout }, async () => {
    // One of the three may be the second one that says all.
    const run = await runAgainst({ ...many, replaying: 2, misdigesting: 1 }, doctor);
    const report = reportOf(run);
    const unread = report.findings.filter(({ message }) => message.includes('iptables-nft-save -c'));
    expect(unread.map(({ code }) => code)).toEqual(['KPR9003']);
    const doubted = unread[0]?.nodes.length ?? 0;
    expect([2, 3]).toContain(doubted);
    expect(report.findings.find(({ code }) => code === 'KPR3003')?.nodes).toHaveLength(16 - doubted);
    expect(unknownsIn(report)).toMatch(/its digest is not that of its rules/);
    expect(unknownsIn(report)).toMatch(/its digest is none/);
  });
});

describe('lists of an API server', () => {
  const large = { nodes: 2, services: 600 };

  test('a token that expired once costs another reading, and nothing else', { timeout }, async () => {
    expect(reportOf(await runAgainst({ ...large, expiries: 1 }, verify))).toMatchObject({ verdict: 'pass' });
  });

  test('a token that expires again and again is said, and is not a pass', { timeout }, async () => {
    const { exitCode, stdout } = await runAgainst({ ...large, expiries: 2 }, verify);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('410');
  });

  test('requests that fail now and then are made again', { timeout }, async () => {
    expect(reportOf(await runAgainst({ ...large, errors: 0.2 }, verify))).toMatchObject({ verdict: 'pass' });
  });
});

test('a list that never ends is named when half of the time is over, and is not a pass', { timeout }, async () => {
  const { exitCode, stdout } = await runAgainst({ nodes: 2, endless: 'services' }, [...verify, '--timeout', '16s']);
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(
    /GET \/api\/v1\/services: the list had not come to an end after \d+ s \(\d+ items in \d+ pages\)/,
  );
});

test('after Ctrl-C the report is whole: what had answered, and who had not', { timeout }, async () => {
  const run = await runAgainst({ nodes: 3, services: 20, hung: 1 }, verify, interrupt);
  expect(run.exitCode).toBe(130);
  const { verdict, coverage } = reportOf(run);
  expect(verdict).toBe('interrupted');
  expect(coverage.nodes.notRead).toMatchObject([{ node: 'n2', reason: 'notCollected' }]);
});

test('Ctrl-C once more, when the answer is there, changes nothing of it', { timeout }, async () => {
  const nodes = { nodes: 60, services: 300, podsPerNode: 5, latencyMs: 20, hung: 10 };
  const run = await runAgainst(nodes, ['doctor', '-o', 'json'], (child, simulator) => {
    interrupt(child, simulator);
    child.stdout?.once('data', () => child.kill('SIGINT'));
  });
  expect(run.exitCode).toBe(130);
  expect(run.stderr).toBe('Interrupted: this is what was known by then, the rest is unknown.\n');
  expect(reportOf(run)).toMatchObject({ verdict: 'interrupted' });
});

test.each([0.1, 0.5, 0.95])('Ctrl-C at %d of a hundred nodes leaves nobody out', { timeout }, async (part) => {
  const nodes = 100;
  const whole = { nodes, services: 50, podsPerNode: 5, latencyMs: 50 };
  const run = await runAgainst(whole, ['doctor', '-o', 'json'], (child, simulator) => {
    const timer = setInterval(() => {
      if (simulator.ended() < part * nodes) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 5);
  });
  const { verdict, findings, coverage } = reportOf(run);
  expect({ exitCode: run.exitCode, verdict, findings }).toEqual({
    exitCode: 130,
    verdict: 'interrupted',
    findings: [],
  });
  expect(coverage.nodes.read).toBeGreaterThan(0);
  expect(coverage.nodes.read + coverage.nodes.notRead.length).toBe(nodes);
  expect(run.stderr).toBe('Interrupted: this is what was known by then, the rest is unknown.\n');
});

/** Presses Ctrl-C when all three nodes were asked, and those that answer have. */
function interrupt(child: ChildProcess, simulator: Simulator): void {
  const timer = setInterval(() => {
    if (simulator.counts().execs < 3) return;
    clearInterval(timer);
    setTimeout(() => child.kill('SIGINT'), 2000);
  }, 50);
}
