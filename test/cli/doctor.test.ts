import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { pass } from '../../src/core/Outcome.ts';
import { KprError } from '../../src/core/KprError.ts';
import { known, missing } from '../../src/model/Fact.ts';
import type { Severity } from '../../src/core/Problem.ts';
import { kpr1007 } from '../../checks/agents/problems/KPR1007.ts';
import { kpr9001 } from '../../checks/examination/problems/KPR9001.ts';
import { aCheck, aFinding, aNode, aSnapshot } from '../core/snapshots.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { schemaErrors } from '../report/schema.ts';
import { fakeIo } from '../support/fakeIo.ts';
import { fakeLoaders, noDocuments, type Read, readAll } from '../support/fakeLoaders.ts';

const nodes = ['n1', 'n2'];
const kernel = known('6.18.0', 'uname -r');
const unread = missing('timeout', 'no answer in time');

const healthy = aCheck('kernel-seen', () => pass);
const failing = (severity: Severity) => aCheck('always-wrong', () => [aFinding({ severity, nodes: ['n1'] })]);

const setUp = ({ checks = [healthy], read = readAll(...nodes) }: { checks?: (typeof healthy)[]; read?: Read } = {}) =>
  fakeLoaders(checks, read, (arrived) =>
    aSnapshot(
      nodes.map((name) => aNode(name, arrived.includes(name) ? { kernel } : { kernel: unread, status: unread })),
    ),
  );

/** Runs the command line and gives all that came out of it. */
async function run(argv: string[], loaders = setUp(), io = fakeIo()) {
  const exitCode = await main(argv, io, loaders);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, io, calls: loaders.calls };
}

const oneUnread = () => setUp({ read: readAll('n1') });

const oneWrong = () => setUp({ checks: [failing('error'), healthy] });

async function reportOf(...argv: string[]) {
  const { exitCode, stdout } = await run(['doctor', '-o', 'json', ...argv], oneWrong());
  return { exitCode, report: JSON.parse(stdout) as ReportDocument };
}

describe('--skip until a day', () => {
  test('suppresses: it is shown with its reason, its check ran and has not passed', async () => {
    const { exitCode, report } = await reportOf('--skip', 'always-wrong until 2999-01-01: known, and planned');
    expect(exitCode).toBe(0);
    expect(report.suppressions?.suppressed).toMatchObject([
      { reason: 'known, and planned', until: '2999-01-01', by: '--skip' },
    ]);
    expect(report.checks.find(({ id }) => id === 'always-wrong')?.result).toBe('fail');
  });

  test('suppresses nothing any more when the day is over, and says so', async () => {
    const { exitCode, report } = await reportOf('--skip', 'always-wrong until 2000-01-01: long ago');
    expect(exitCode).toBe(1);
    expect(report.suppressions?.expired).toMatchObject([{ code: 'always-wrong', by: '--skip' }]);
  });

  test('that is not needed is said', async () => {
    const { report } = await reportOf('--skip', 'kernel-seen until 2999-01-01: why not');
    expect(report.suppressions?.unused).toMatchObject([{ code: 'kernel-seen' }]);
  });

  test.each(['always-wrong until soon: x', 'always-wrong until 2999-01-01', 'always-wrnog until 2999-01-01: x'])(
    '%s is refused',
    async (line) => {
      expect(await run(['doctor', '--skip', line], oneWrong())).toMatchObject({ exitCode: 2 });
    },
  );
});

describe('exit codes are the same for every format', () => {
  test.each([
    [['doctor'], 'error', 1],
    [['doctor'], 'warning', 0],
    [['doctor', '--fail-on', 'warning'], 'warning', 1],
    [['doctor', '--fail-on', 'never'], 'error', 0],
  ] as const)('%j with a finding of severity %s: %i', async (argv, severity, exitCode) => {
    const loaders = () => setUp({ checks: [failing(severity)] });
    const table = await run([...argv], loaders());
    const json = await run([...argv, '-o', 'json'], loaders());
    expect([table.exitCode, json.exitCode]).toEqual([exitCode, exitCode]);
    expect(table.stdout).toContain(`exit ${exitCode}: `);
    expect(JSON.parse(json.stdout)).toMatchObject({ exitCode, command: 'doctor' });
  });

  test('what is unknown is said, and counts with --strict', async () => {
    expect(await run(['doctor', '-o', 'json'], oneUnread())).toMatchObject({ exitCode: 0 });
    expect((await run(['doctor'], oneUnread())).stdout).toContain('could not be judged');
    expect(await run(['doctor', '--strict'], oneUnread())).toMatchObject({ exitCode: 3 });
    expect(await run(['doctor', '--strict', '--allow-unknown'], oneUnread())).toMatchObject({ exitCode: 0 });
    expect(await run(['doctor', '--strict', '--allow-unknown=kernel-seen'], oneUnread())).toMatchObject({
      exitCode: 0,
    });
  });
});

describe('streams', () => {
  test('-o json prints one document on stdout and nothing else anywhere', async () => {
    const { stdout, stderr } = await run(['doctor', '-ojson']);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 2, verdict: 'pass' });
    expect(schemaErrors(JSON.parse(stdout))).toEqual([]);
    expect(stderr).toBe('');
  });

  test('without a terminal nothing is said on stderr, and no colour anywhere', async () => {
    const { stdout, stderr } = await run(['doctor'], setUp({ checks: [failing('error')] }));
    expect(stderr).toBe('');
    expect(stdout).not.toContain('\u001b');
  });

  test.each([
    [{ stderr: 80 }, ['doctor'], true],
    [{ stderr: 0 }, ['doctor'], false],
    [{ stderr: 80, env: { CI: 'true' } }, ['doctor'], false],
    [{ stderr: 80, env: { TERM: 'dumb' } }, ['doctor'], false],
    [{ stderr: 80 }, ['doctor', '-q'], false],
    [{ stderr: 80 }, ['doctor', '-o', 'json'], false],
  ])('a spinner turns on a terminal only: %j %j', async (terminal, argv, turns) => {
    const { stderr, stdout } = await run(argv, setUp(), fakeIo(terminal));
    expect(stderr.includes('reading the cluster')).toBe(turns);
    expect(stdout).not.toContain('reading');
  });
});

describe('the plan', () => {
  test('holds what the selected checks need, and the limits that were given', async () => {
    const { calls } = await run([
      'doctor',
      '--node',
      'n1',
      '--node-timeout',
      '3s',
      '--timeout=1m30s',
      '--cilium-namespace',
      'cilium',
    ]);
    expect(calls.plans[0]).toMatchObject({
      nodeTimeoutMs: 3000,
      runTimeoutMs: 90_000,
      ciliumNamespace: 'cilium',
      nodes: new Set(['n1']),
    });
    expect(calls.plans[0]?.answers).toContain('kernel');
  });

  test.each([
    [
      ['--node', 'n1,n2'],
      ['n1', 'n2'],
    ],
    [
      ['--node', 'n1', '--node', 'n2'],
      ['n1', 'n2'],
    ],
  ])('%j names several nodes', async (flags, expected) => {
    expect((await run(['doctor', ...flags])).calls.plans[0]?.nodes).toEqual(new Set(expected));
  });

  test('--no-probe sends nothing', async () => {
    const check = aCheck('dns', () => pass, { requires: { node: ['dnsProbe'] } });
    const asked = async (...flags: string[]) =>
      (await run(['doctor', ...flags], setUp({ checks: [check] }))).calls.plans[0]?.answers;
    expect(await asked()).toContain('dnsProbe');
    expect(await asked('--no-probe')).not.toContain('dnsProbe');
  });

  test('kubectl’s flags reach the connection', async () => {
    const flags = [
      '--context=prod',
      '--as',
      'jane',
      '--as-group=a,b',
      '--as-group=c',
      '--request-timeout=5',
      '-s',
      'https://x',
      '--via=kubectl',
    ];
    const { calls } = await run(['doctor', ...flags]);
    expect(calls.opened).toEqual(['kubectl']);
    expect(calls.flags[0]).toMatchObject({
      context: 'prod',
      as: 'jane',
      asGroups: ['a,b', 'c'],
      requestTimeoutMs: 5000,
      server: 'https://x',
    });
  });

  test('--from opens an archive and no connection', async () => {
    const { calls } = await run(['doctor', '--from', 'x.zip']);
    expect(calls).toMatchObject({ opened: ['x.zip'], flags: [], closed: 1 });
  });
});

describe('--check and --skip', () => {
  const two = aCheck('two-codes', () => [aFinding({ problem: kpr1007 }), aFinding({ problem: kpr9001 })], {
    raises: [kpr1007, kpr9001],
  });
  const report = async (...flags: string[]) => {
    const { stdout } = await run(['doctor', '-o', 'json', ...flags], setUp({ checks: [healthy, two] }));
    return JSON.parse(stdout) as {
      checks: { id: string; result: string; reason?: string }[];
      findings: { code: string }[];
    };
  };

  test('a check that is left out stands in the report as skipped, with the reason', async () => {
    expect((await report('--skip', 'kernel-seen')).checks).toMatchObject([
      { id: 'kernel-seen', result: 'skipped', reason: 'left out with --skip' },
      { id: 'two-codes', result: 'fail' },
    ]);
    expect((await report('--check', 'kernel-seen')).checks).toMatchObject([
      { id: 'kernel-seen', result: 'pass' },
      { id: 'two-codes', result: 'skipped', reason: 'not among --check' },
    ]);
  });

  test.each([
    [['--check', 'KPR9001'], ['KPR9001']],
    [['--skip', 'kpr1007'], ['KPR9001']],
    [['--check', 'two-codes', '--skip', 'KPR9001'], ['KPR1007']],
  ])('%j leaves the codes %j', async (flags, codes) => {
    expect((await report(...flags)).findings.map(({ code }) => code)).toEqual(codes);
  });

  test.each([
    ['--check', 'kernel-sen', 'did you mean kernel-seen?'],
    ['--skip', 'KPR1070', 'did you mean KPR1007?'],
    ['--allow-unknown', 'nonsense-of-mine', 'names no check'],
  ])('%s %s: %s', async (flag, value, message) => {
    const { exitCode, stderr, calls } = await run(['doctor', flag, value]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(calls.opened).toEqual([]);
  });
});

const untilAborted = (plan: Parameters<Read>[0]) =>
  new Promise<void>((resolve) => {
    plan.signal?.addEventListener('abort', () => resolve());
  });

const oneNodeThenHang: Read = async (plan, sink) => {
  await sink.documents(noDocuments);
  await sink.node({ name: 'n1', answers: {} });
  await untilAborted(plan);
};

describe('-n', () => {
  const check = aCheck('services', () => [
    aFinding({ objects: [{ kind: 'Service', namespace: 'shop', name: 'cart' }] }),
  ]);

  test.each([
    [['-n', 'shop'], 1],
    [['-nshop'], 1],
    [['--namespace=other'], 0],
    [['-A'], 1],
  ])('%j: exit %i', async (flags, exitCode) => {
    expect(await run(['doctor', ...flags], setUp({ checks: [check] }))).toMatchObject({ exitCode });
  });

  test('not together with -A', async () => {
    expect(await run(['doctor', '-A', '-n', 'shop'])).toMatchObject({ exitCode: 2 });
  });
});

describe('when it ends early', () => {
  test('Ctrl-C shows what is known by then: 130', async () => {
    const io = fakeIo();
    const running = run(['doctor', '-o', 'json'], setUp({ read: oneNodeThenHang }), io);
    setTimeout(() => io.interrupt(), 50);
    const { exitCode, stdout, stderr, calls } = await running;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'interrupted',
      exitCode: 130,
      coverage: { nodes: { covered: 2, read: 1 } },
    });
    expect(schemaErrors(JSON.parse(stdout))).toEqual([]);
    expect(stderr).toContain('Interrupted');
    expect(calls.closed).toBe(1);
    expect(io.exits).toEqual([]);
  });

  test('while what was read is judged, gives all of it, and is no pass', async () => {
    const io = fakeIo();
    const interrupting = aCheck('interrupted-in', () => {
      setImmediate(() => io.interrupt());
      return pass;
    });
    const { exitCode, stdout } = await run(['doctor', '-o', 'json'], setUp({ checks: [interrupting] }), io);
    expect(exitCode).toBe(130);
    const { verdict, coverage } = JSON.parse(stdout) as ReportDocument;
    expect({ verdict, read: coverage.nodes.read }).toEqual({ verdict: 'interrupted', read: nodes.length });
  });

  test('Ctrl-C before anything was answered says so: 130, no report', async () => {
    const io = fakeIo();
    const running = run(['doctor'], setUp({ read: untilAborted }), io);
    setTimeout(() => io.interrupt(), 50);
    expect(await running).toMatchObject({
      exitCode: 130,
      stdout: '',
      stderr: expect.stringContaining('Interrupted before') as unknown,
    });
  });
});

const refused: Read = async () => {
  throw new KprError('The server \u001b[2Jrefused', 'kubectl auth can-i list nodes', { cause: new Error('socket') });
};

describe('failures', () => {
  test('a known one is one sentence and what to do next, without a stack and without control characters', async () => {
    const { exitCode, stdout, stderr, calls } = await run(['doctor'], setUp({ read: refused }));
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe('Error: The server \\x1b[2Jrefused\n  kubectl auth can-i list nodes\n');
    expect(calls.closed).toBe(1);
  });

  test('with -o json it is a document, too', async () => {
    const { stdout } = await run(['doctor', '--output=json'], setUp({ read: refused }));
    expect(schemaErrors(JSON.parse(stdout))).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'doctor',
      verdict: 'error',
      exitCode: 2,
      error: { hint: 'kubectl auth can-i list nodes' },
    });
  });

  test('--debug shows where it comes from', async () => {
    const { stderr } = await run(['doctor', '--debug'], setUp({ read: refused }));
    expect(stderr).toContain('doctor.test.ts');
    expect(stderr).toContain('caused by Error: socket');
  });

  const crashing = {
    read: async () => {
      throw new TypeError('x is undefined');
    },
  };

  test('a bug says that it is one, with what a report needs', async () => {
    const { exitCode, stdout, stderr } = await run(['doctor'], setUp(crashing));
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('bug in kubectl-kpr');
    expect(stderr).toContain('TypeError: x is undefined');
    expect(stderr).toContain(process.version);
    expect(stderr).not.toContain('doctor.test.ts');
  });

  test('a bug of one check leaves the others’ results; --debug shows where it is', async () => {
    const buggy = aCheck('buggy', () => {
      throw new TypeError('x is undefined');
    });
    const { exitCode, stdout, stderr } = await run(['doctor', '--strict', '--debug'], setUp({ checks: [buggy] }));
    expect(exitCode).toBe(3);
    expect(stdout).toContain('this check has a bug: x is undefined');
    expect(stderr).toContain('doctor.test.ts');
  });
});

describe('capture', () => {
  test('writes what arrived and says how much', async () => {
    const { exitCode, stdout, calls } = await run(['capture', '-o', 'before.kpr']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'before.kpr: 2 nodes, 1.2 MB\n' });
    expect(calls).toMatchObject({ captured: ['n1', 'n2'], finished: ['before.kpr'], discarded: 1, closed: 1 });
    expect(calls.plans[0]?.answers).toContain('lbList');
  });

  test('when reading fails no file is written and nothing is left', async () => {
    const { exitCode, calls } = await run(['capture', '-o', 'before.kpr'], setUp({ read: refused }));
    expect(exitCode).toBe(2);
    expect(calls).toMatchObject({ finished: [], discarded: 1, closed: 1 });
  });

  test('without a file it says what is missing', async () => {
    expect(await run(['capture'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('-o before.kpr') as unknown,
    });
  });
});
