import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lazyLoaders } from '../../src/app/lazyLoaders.ts';
import type { Loaders } from '../../src/app/Loaders.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { main } from '../../src/cli/main.ts';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import type { RawSource } from '../../src/collect/RawSource.ts';
import { KprError } from '../../src/core/KprError.ts';
import { missing } from '../../src/model/Fact.ts';
import type { DocumentName, RawDocument, RawDocuments, RawNode } from '../../src/model/raw.ts';
import { type FakeIo, fakeIo } from '../support/fakeIo.ts';

// The rules of exit codes hold for every command and every format that it has: this table is the contract. README.md
// says the same in words.

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/against', name);
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kpr-exit-codes-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is otherwise than in the recording of a healthy cluster. */
interface World {
  readonly documents?: (documents: RawDocuments) => RawDocuments;
  readonly node?: (node: RawNode) => RawNode;
  /** Instead of reading nodes. */
  readonly end?: (io: FakeIo, signal: AbortSignal | undefined) => Promise<void>;
}

const timeout = missing('timeout', 'no answer within 10 s');
const unread = ({ name, answers }: RawNode): RawNode => ({
  name,
  answers: Object.fromEntries(Object.keys(answers).map((answer) => [answer, timeout])),
});

const change = (documents: RawDocuments, name: DocumentName, by: (one: object) => object | undefined): RawDocuments => {
  const document: RawDocument = documents[name];
  if ('missing' in document || !Array.isArray(document.value)) return documents;
  const value = document.value.flatMap((one: object) => by(one) ?? []);
  return { ...documents, [name]: { ...document, value } };
};
const nodeOf = (pod: object): unknown => (pod as { spec?: { nodeName?: string } }).spec?.nodeName;
const nameOf = (object: object): unknown => (object as { metadata?: { name?: string } }).metadata?.name;

const unserved = {
  metadata: { name: 'unserved', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { type: 'ClusterIP', clusterIP: '10.96.200.200', clusterIPs: ['10.96.200.200'], ports: [{ port: 80 }] },
};

const worlds = {
  healthy: {},
  'n2 does not answer': { node: (node) => (node.name === 'n2' ? unread(node) : node) },
  'no node answers': { node: unread },
  'the maps of n2 are not read': {
    node: (node) => (node.name === 'n2' ? { ...node, answers: { ...node.answers, lbDump: timeout } } : node),
  },
  'no agent is to run on n2': {
    documents: (all) => {
      const windows = { 'kubernetes.io/os': 'windows' };
      const nodes = change(all, 'nodes', (node) =>
        nameOf(node) === 'n2' ? { ...node, metadata: { name: 'n2', labels: windows } } : node,
      );
      return change(nodes, 'systemPods', (pod) => (nodeOf(pod) === 'n2' ? undefined : pod));
    },
  },
  'a Service that no node serves': {
    documents: (all) => {
      const { services } = all;
      if ('missing' in services || !Array.isArray(services.value)) return all;
      return { ...all, services: { ...services, value: [...services.value, unserved] } };
    },
  },
  'the server refuses': {
    end: async () => {
      throw new KprError('The server refused', 'kubectl auth can-i list nodes');
    },
  },
  'Ctrl-C': {
    end: async (io, signal) => {
      const aborted = new Promise<void>((resolve) => {
        signal?.addEventListener('abort', () => resolve());
      });
      io.interrupt();
      await aborted;
    },
  },
} satisfies Record<string, World>;

/** `now.kpr` is the recording with the changes, `healthy.kpr` without them, `before.kpr` of when kube-proxy served. */
async function open(file: string, world: World, io: FakeIo): Promise<RawSource> {
  const source = await openArchive(fixture(file === 'before.kpr' ? file : 'after.kpr'));
  if (file !== 'now.kpr') return source;
  const { documents = (all) => all, node = (one) => one, end } = world;
  return {
    origin: source.origin,
    takenAt: source.takenAt,
    close: () => source.close(),
    read: async (plan, sink, progress) => {
      if (end !== undefined) return end(io, plan.signal);
      const changed = {
        documents: (all: RawDocuments) => sink.documents(documents(all)),
        node: (one: RawNode) => sink.node(node(one)),
      };
      return source.read(plan, changed, progress);
    },
  };
}

async function run(
  line: string,
  world: World,
  more: readonly string[],
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const io = fakeIo();
  const openArchive = (file: string): Promise<RawSource> => open(file, world, io);
  const loaders: Loaders = { ...lazyLoaders, openArchive, openLive: () => openArchive('now.kpr') };
  if (line.includes('SHARD')) {
    const { stdout } = await run(shard, world, []);
    writeFileSync(join(folder, 'shard.json'), stdout);
  }
  const argv = line.replace('FILE', join(folder, 'x.kpr')).replace('SHARD', join(folder, 'shard.json')).split(' ');
  const exitCode = await main([...argv, ...more], io, loaders);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** What makes the healthy recording pass: tables that kube-proxy left, which is beside the point here. */
const doctor = 'doctor --from now.kpr --skip KPR3004,KPR5009';
const verify = 'verify --from now.kpr --skip KPR3004,KPR5009';
const against = `${verify} --against before.kpr`;
const trace = 'trace lb-cluster --from now.kpr';
const diff = 'diff healthy.kpr now.kpr';
const capture = 'capture --from now.kpr --overwrite -o FILE';
const cleanup = 'cleanup --trust-archive --from now.kpr';
const shard = 'shard --of 1 --index 0';
const merge = 'merge SHARD --skip KPR3004,KPR5009';
const every = [doctor, verify, against, trace, diff, capture, cleanup];

type Row = readonly [line: string, world: keyof typeof worlds, exitCode: number];
const same = (lines: readonly string[], world: keyof typeof worlds, exitCode: number): Row[] =>
  lines.map((line) => [line, world, exitCode]);
const withFlags = (lines: readonly string[], flags: string): string[] => lines.map((line) => `${line} ${flags}`);

const table: readonly Row[] = [
  ...same(
    every.filter((line) => line !== cleanup),
    'healthy',
    0,
  ),
  // This recording does not say how many chains the nftables tables have, by which they are known again.
  [cleanup, 'healthy', 3],
  ...same(['explain', 'explain KPR1001', 'checks', 'completion bash', 'version'], 'healthy', 0),

  // 1: something is wrong, or differs, or is in the way of a change.
  ['preflight --from now.kpr --change remove-kube-proxy', 'healthy', 1],
  ['doctor --from now.kpr', 'healthy', 1],
  ['verify --from now.kpr', 'healthy', 1],
  ['diff before.kpr now.kpr', 'healthy', 1],
  ...same([doctor, verify, against, 'trace unserved --from now.kpr'], 'a Service that no node serves', 1),
  ['doctor --from now.kpr --fail-on never', 'healthy', 0],
  ['doctor --from now.kpr --skip KPR3004,KPR5009 --fail-on warning', 'healthy', 1],

  // A node that was to be examined and could not be read is an error; what has no findings is not complete.
  ...same([doctor, verify, against], 'n2 does not answer', 1),
  ...same([trace, diff, capture, cleanup], 'n2 does not answer', 3),

  // 2: nothing was examined.
  ...same(every, 'no node answers', 2),
  ...same(every, 'the server refuses', 2),
  ...same(withFlags([doctor], '--fail-on never'), 'no node answers', 2),
  ...same(withFlags([verify], '--allow-unknown'), 'no node answers', 2),

  // 2: a selection that selects nothing.
  ...same(withFlags(every, '--node n7'), 'healthy', 2),
  ...same(withFlags(every, '--node n1,n7'), 'healthy', 2),
  ...same(withFlags([doctor, verify, trace, cleanup], '--node n2'), 'no agent is to run on n2', 2),
  ...same(withFlags([doctor, verify, against, trace, diff], '-n defualt'), 'healthy', 2),
  ...same(withFlags([doctor, verify], '--check no-such-check'), 'healthy', 2),
  ...same(withFlags([doctor, verify], '--skip no-such-check'), 'healthy', 2),
  ...same(withFlags([doctor, verify], '--allow-unknown=no-such-check'), 'healthy', 2),
  ...same(withFlags([doctor, verify, against], '--check KPR3004'), 'healthy', 2),
  ['trace no-such-service --from now.kpr', 'healthy', 2],
  ['trace lb-cluster --from now.kpr --port 7', 'healthy', 2],
  ['explain KPR0000', 'healthy', 2],
  ...same(withFlags(every, '--no-such-flag'), 'healthy', 2),

  // 3: selected, and nothing judged. (The agents of this recording know the API server by an address.)
  ...same(['doctor', 'verify'].flatMap(notApplicable), 'healthy', 3),
  ...same(withFlags(notApplicable('verify'), '--allow-unknown'), 'healthy', 3),
  ...same(withFlags(notApplicable('verify'), '--fail-on never'), 'healthy', 3),

  // 3: something is not known; doctor says so.
  [doctor, 'the maps of n2 are not read', 0],
  [`${doctor} --strict`, 'the maps of n2 are not read', 3],
  ...same([verify, against, trace], 'the maps of n2 are not read', 3),
  [`${verify} --allow-unknown`, 'the maps of n2 are not read', 0],
  [`${verify} --allow-unknown=no-such-check`, 'the maps of n2 are not read', 2],

  // 3: of a sample, the nodes that were not drawn are not known.
  [`${doctor} --sample 1 --seed 1`, 'healthy', 0],
  [`${doctor} --sample 1 --seed 1 --strict`, 'healthy', 3],
  [`${doctor} --sample 1 --strict --allow-unknown`, 'healthy', 0],
  [`${doctor} --sample 2 --strict`, 'healthy', 0],
  [`${doctor} --sample 1`, 'no node answers', 2],
  ...same(withFlags([doctor], '--sample 1 --node n1'), 'healthy', 2),
  ...same(withFlags([verify, trace, diff, capture, cleanup], '--sample 1'), 'healthy', 2),

  // What shards read is judged as verify would have judged it; a shard itself says only whether anything was read.
  ...same(['job --image x', shard, merge], 'healthy', 0),
  [merge, 'a Service that no node serves', 1],
  [merge, 'n2 does not answer', 1],
  [shard, 'no node answers', 0],
  [merge, 'no node answers', 2],
  [merge, 'the maps of n2 are not read', 3],
  [`${merge} --allow-unknown`, 'the maps of n2 are not read', 0],
  [`${merge} -n defualt`, 'healthy', 2],
  ['merge SHARD', 'healthy', 1],
  ['merge SHARD --check api-endpoint-resolves', 'healthy', 3],
  [shard, 'the server refuses', 2],
  [shard, 'Ctrl-C', 130],
  ...same(['job', 'job --image x --apply', 'job --image x --yes', 'job --image x --apply --yes'], 'healthy', 2),
  ...same(
    ['shard', 'shard --of 2', 'shard --of 2 --index 2', 'merge', 'merge no-such-file', 'merge FILE --job x'],
    'healthy',
    2,
  ),

  // A namespace with Services is one.
  ...same(withFlags([doctor, verify, against, trace, diff], '-n default'), 'healthy', 0),

  ...same(every, 'Ctrl-C', 130),
];

function notApplicable(command: string): string[] {
  return [`${command} --from now.kpr --check api-endpoint-resolves`];
}

/** Each row once for each way in which the command can say it. */
const cases = table.flatMap(([line, world, exitCode]) => {
  const command = commands.get(line.split(' ')[0] ?? '');
  const formats = Object.keys(command?.formats ?? {}).map((name) => ['-o', name]);
  const unified = line.startsWith('diff') ? [['-U', '3']] : [];
  const shapes = formats.length === 0 ? [[]] : [...formats, ...unified];
  return shapes.map((more) => ({ line, more, world, exitCode }));
});

describe('exit codes', () => {
  test.each(cases)('$line $more, $world: $exitCode', async ({ line, more, world, exitCode }) => {
    const said = await run(line, worlds[world], more);
    expect(said.exitCode, said.stderr).toBe(exitCode);
    if (more.includes('json')) expect(JSON.parse(said.stdout)).toMatchObject(exitCodeIn(line, exitCode));
    if (exitCode === 2) expect(said.stdout + said.stderr).toMatch(toldFailures);
  });

  test('every command stands in the table, with all that it may end with', () => {
    expect(new Set(table.map(([line]) => line.split(' ')[0]))).toEqual(new Set(commands.keys()));
  });
});

/** In each format. */
const toldFailures =
  /^Error: |^exit 2: |"verdict": "error"|^verdict: error|Not everything|^kpr_up 0$|ERROR: |<error |"executionSuccessful": false|^KPR9002 /m;

/** What is a list says nothing of an exit code. */
const exitCodeIn = (line: string, exitCode: number): object =>
  exitCode === 0 && /^(explain|checks|version)/.test(line) ? {} : { exitCode };

describe('a selection that selects nothing is told what was probably meant', () => {
  test.each([
    [`${doctor} -n defualt`, 'There is no Service in namespace defualt; did you mean default?'],
    [
      `${doctor} -n payments`,
      'There is no Service in namespace payments\n  Namespaces with Services: default, kube-system',
    ],
    [`${diff} -n defualt`, 'There is no Service in namespace defualt; did you mean default?'],
    [`${trace} -n defualt`, 'There is no Service lb-cluster in namespace defualt; there is default/lb-cluster'],
    [`${doctor} --node worker`, 'There is no node worker\n  Nodes of this cluster: n1, n2'],
    [`${capture} --node n12`, 'There is no node n12; did you mean n1?'],
    [`${doctor} --check KPR3004`, '--check and --skip leave no check to run'],
    [`${cleanup} --node n2`, 'Node n2 has no agent: a Windows node: Cilium runs on Linux'],
  ])('%s', async (line, message) => {
    expect((await run(line, worlds['no agent is to run on n2'], [])).stderr).toContain(`Error: ${message}`);
  });

  test('a namespace whose Services went since the baseline was taken is one', async () => {
    const gone: World = {
      documents: (all) =>
        change(all, 'services', (service) => (nameOf(service) === 'kubernetes' ? service : undefined)),
    };
    expect((await run(`${against} -n kube-system`, gone, [])).stderr).toBe('');
  });

  test('nobody waits for nodes to hear it', async () => {
    const asked: string[] = [];
    const slow: World = {
      node: (node) => {
        asked.push(node.name);
        return node;
      },
    };
    await run(`${doctor} -n defualt`, slow, []);
    expect(asked).toEqual([]);
  });
});

test('what no node said is said in the report, beside what the API tells', async () => {
  const { stdout } = await run(doctor, worlds['no node answers'], []);
  expect(stdout).toContain('KPR9002');
  expect(stdout).toMatch(/exit 2: None of the 2 nodes could be read; /);
});
