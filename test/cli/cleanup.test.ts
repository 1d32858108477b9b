import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { ExecOutcome } from '../../src/collect/ClusterPort.ts';
import { known } from '../../src/model/Fact.ts';
import type { IptablesDump } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { parseIptablesSave } from '../../src/parse/parseIptablesSave.ts';
import { aMissing, aSnapshot, type NodeChanges } from '../support/aSnapshot.ts';
import { FakePort } from '../support/FakePort.ts';
import { type FakeIo, fakeIo } from '../support/fakeIo.ts';
import { fakeLoaders, readAll } from '../support/fakeLoaders.ts';

const save = parseIptablesSave(
  readFileSync(new URL('../fixtures/kube-proxy/with-kube-proxy-1.36.txt', import.meta.url), 'utf8'),
);
const dump: IptablesDump = {
  backend: 'nft',
  family: 'ipv4',
  tables: known(save.ok ? save.value.tables : [], 'iptables-nft-save -c'),
};
const left: NodeChanges = { iptables: [dump] };
const blocked: NodeChanges = { ...left, proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kpr-cleanup-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly port: FakePort;
}

/** `snapshots`: what is seen, one reading after the other; the last stays. */
async function run(
  args: readonly string[],
  snapshots: readonly Snapshot[],
  exec: (io: FakeIo) => ExecOutcome | Promise<ExecOutcome> = () => expect.fail('nothing is to be run on a node'),
  io = fakeIo(),
): Promise<Ran> {
  const port = new FakePort({}, async (_, __, { onStdout }) => {
    const outcome = await exec(io);
    onStdout?.(Buffer.from(outcome.stdout));
    return outcome;
  });
  const loaders = fakeLoaders(
    [],
    readAll('n1', 'n2'),
    (_, reading) => snapshots[Math.min(reading, snapshots.length - 1)] ?? aSnapshot(),
  );
  const exitCode = await main(['cleanup', ...args], io, { ...loaders, openPort: async () => port });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, port };
}

const both = aSnapshot({ nodes: { n1: left, n2: left } });
const one = aSnapshot({ nodes: { n1: left } });
const done = aSnapshot();

const only = (facts: NodeChanges): Snapshot =>
  aSnapshot({ nodes: { n1: facts, n2: { coverage: { kind: 'notSelected' } } } });

test('one node that is named, in a pipe: the script alone on stdout, all else on stderr', async () => {
  const { exitCode, stdout, stderr, port } = await run(['--node', 'n1'], [only(left)]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^#!\/usr\/bin\/env bash\n/);
  expect(stdout.trimEnd().endsWith('{ main "$@"; exit; }')).toBe(true);
  expect(stderr).toContain('n1: 99 rules and 38 chains in 3 iptables tables');
  expect(stderr).toContain('Nothing was changed.');
  expect(stderr).toContain('exec -i cilium-n1 -c cilium-agent -- bash -s -- check < cleanup-n1.sh');
  expect(port.execs).toEqual([]);
});

const terminal = (): FakeIo => fakeIo({ stdout: 80, rows: 24 });

test.each([
  // On a terminal sentences are broken, and keep their place.
  ['on a terminal', terminal(), '\n    '],
  ['in a pipe', fakeIo(), ' '],
])('%s: what is left and how to go on, and no script', async (_, io, next) => {
  const { exitCode, stdout, stderr } = await run([], [both], undefined, io);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toBe(
    [
      'n1 and n2: 99 rules and 38 chains in 3 iptables tables each',
      'Nothing was changed, and nothing was written. The same command',
      `    with -o FOLDER writes a script for each of these nodes, and says how it is${next}looked at and run`,
      '    with --node n1 > cleanup-n1.sh writes the one of this node',
      '',
    ].join('\n'),
  );
  const blockedThere = aSnapshot({ nodes: { n1: blocked, n2: blocked } });
  const refused = await run([], [blockedThere], undefined, terminal());
  expect(refused.exitCode).toBe(1);
  expect(refused.stdout).toContain('n1 and n2: no script, because\n');
  expect(refused.stdout).not.toContain('-o FOLDER');
});

test('nothing left: no script, 0', async () => {
  const { exitCode, stdout, stderr } = await run([], [done]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toBe('n1 and n2: nothing of kube-proxy is left\n');
});

test.each([
  [
    'a precondition does not hold on one of two',
    { n1: left, n2: blocked },
    1,
    /n2: no script, because\n {4}kube-proxy still runs there/,
  ],
  ['a precondition is not known', { n1: { ...left, status: aMissing('timeout') } }, 3, /n1: no script, because/],
  [
    'something was not read',
    { n1: { nftTables: aMissing('timeout', 'no answer') } },
    3,
    /not read.*nftables: no answer/,
  ],
] as const)('%s', async (_, nodes, code, said) => {
  const { exitCode, stdout } = await run([], [aSnapshot({ nodes })]);
  expect(exitCode).toBe(code);
  expect(stdout).toMatch(said);
});

test('-o writes a file for each node, and does not replace one', async () => {
  const to = join(folder, 'new');
  const first = await run(['-o', to], [both]);
  expect(first.exitCode).toBe(0);
  expect(first.stdout).toContain(`< ${to}/cleanup-n1.sh`);
  expect(first.stdout).not.toContain('#!/usr/bin/env bash');
  for (const name of ['n1', 'n2']) {
    const file = join(to, `cleanup-${name}.sh`);
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(readFileSync(file, 'utf8')).toContain(`NODE=${name}\n`);
  }
  const again = await run(['-o', to], [both]);
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is there already') });
  expect(await run(['-o', to, '--overwrite'], [one])).toMatchObject({ exitCode: 0 });
});

test('-o where nothing can be written', async () => {
  writeFileSync(join(folder, 'file'), '');
  expect(await run(['-o', join(folder, 'file', 'none')], [one])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Cannot write to '),
  });
});

test.skipIf(process.platform !== 'linux')('-o where the kernel denies what it has', async () => {
  expect(await run(['-o', '/proc/kpr/scripts'], [one])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Cannot write to '),
  });
});

test('a script of an archive says so, and is made of one that is trusted only', async () => {
  const origin = { kind: 'capture', file: 'theirs.kpr', context: 'prod', server: '' } as const;
  const refused = await run(['--from', 'theirs.kpr'], [{ ...one, origin }]);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('--trust-archive') });
  const { exitCode, stdout } = await run(
    ['--from', 'theirs.kpr', '--trust-archive', '--node', 'n1'],
    [{ ...only(left), origin }],
  );
  expect(exitCode).toBe(0);
  expect(stdout).toContain('# Made from the archive theirs.kpr, not from the cluster');
});

test('a redacted capture: no script for names that no node has', async () => {
  const origin = { kind: 'capture', file: 'passed-on.kpr', context: 'redacted', server: '', redacted: true } as const;
  const { exitCode, stdout, stderr } = await run(['--from', 'passed-on.kpr', '--trust-archive'], [{ ...one, origin }]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('passed-on.kpr is redacted: a script would be for nodes by names that none of them has');
});

describe('--apply', () => {
  test.each([
    [['--apply'], '--apply needs --node'],
    [['--apply', '--yes'], '--apply needs --node'],
    [['--apply', '--node', 'n1'], 'so it needs --yes, too; nothing was changed'],
    [['--apply', '--node', 'n1', '--yes', '--from', 'x.kpr'], 'cannot change a file'],
    [['--apply', '--node', 'n1', '--yes', '-o', 'x'], 'choose one'],
    [['--yes'], '--yes has a meaning with --apply only'],
    [['--overwrite'], '--overwrite has a meaning with -o only'],
  ])('%j is refused before anything is asked', async (args, said) => {
    const { exitCode, stderr, stdout } = await run(args, [one]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(said);
  });

  const args = ['--apply', '--node', 'n1', '--yes'];
  test('runs exactly the script that is printed, in the agent’s pod, and reads the node again', async () => {
    const printed = await run(['--node', 'n1'], [only(left)]);
    const { exitCode, stdout, port } = await run(args, [only(left), only({})], () => ({
      end: 'exited',
      exitCode: 0,
      stdout: 'Done\u001B[31m.\nBack-up: /var/run/cilium/x\nrest',
      stderr: '',
    }));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Done\\x1b[31m.\nBack-up: /var/run/cilium/x\nrest\n');
    expect(stdout).toContain('kubectl exec -n kube-system cilium-n1 -c cilium-agent -- bash /var/run/cilium/x/undo\n');
    expect(stdout).toContain('Read again:\n  n1: nothing of kube-proxy is left\n');
    expect(port.closed).toBe(1);
    const [exec] = port.execs;
    expect(port.execs).toHaveLength(1);
    expect(exec?.target).toEqual({ namespace: 'kube-system', pod: 'cilium-n1', container: 'cilium-agent' });
    expect(Buffer.from(exec?.options.stdin ?? []).toString()).toBe(printed.stdout);
    expect(exec?.command.at(-1)).toBe(String(exec?.options.stdin?.length));
    expect(exec?.command.join(' ')).toMatch(/^bash -c [^]* run \d+$/);
  });

  test('what is still there afterwards is no success', async () => {
    const { exitCode, stdout } = await run(args, [only(left)], () => ({
      end: 'exited',
      exitCode: 0,
      stdout: '',
      stderr: '',
    }));
    expect(exitCode).toBe(1);
    expect(stdout).toContain('Read again:\n  n1: 99 rules');
  });

  test.each<[string, ExecOutcome, number, string]>([
    ['refused by itself', { end: 'exited', exitCode: 1, stdout: 'no\n', stderr: '' }, 1, 'no\n'],
    [
      'left what needs the node’s programs',
      { end: 'exited', exitCode: 4, stdout: '', stderr: '' },
      1,
      'kubectl kpr cleanup --node n1 > cleanup-n1.sh',
    ],
    ['interrupted between two tables', { end: 'exited', exitCode: 130, stdout: '', stderr: '' }, 130, ''],
    [
      'not allowed',
      { end: 'refused', httpStatus: 403, message: 'pods "x" is forbidden', stdout: '', stderr: '' },
      2,
      'Nothing was changed',
    ],
    ['no bash', { end: 'failed', message: 'not found', stdout: '', stderr: '' }, 2, 'Nothing was changed'],
    ['cut off', { end: 'dropped', message: 'code 1006', stdout: '', stderr: '' }, 2, 'is not known: code 1006'],
    ['silent', { end: 'timeout', afterMs: 600_000, stdout: '', stderr: '' }, 2, 'no word within 10 minutes'],
    ['Ctrl-C', { end: 'aborted', stdout: '', stderr: '' }, 130, 'goes on by itself on the node'],
  ])('%s', async (_, outcome, code, said) => {
    const { exitCode, stdout, stderr } = await run(args, [only(left)], () => outcome);
    expect(exitCode).toBe(code);
    expect(stdout + stderr).toContain(said);
  });

  test('where a precondition does not hold, nothing is run', async () => {
    const { exitCode, stdout, port } = await run(args, [only(blocked)]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('n1: no script, because');
    expect(port.execs).toEqual([]);
  });

  test('nothing left: nothing is run', async () => {
    const { exitCode, port } = await run(args, [only({})]);
    expect(exitCode).toBe(0);
    expect(port.execs).toEqual([]);
  });
});
