import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { renderShard, parseShard } from '../../src/collect/shard/shardText.ts';
import type { ShardReading } from '../../src/collect/shard/ShardReading.ts';
import { partOf } from '../../src/model/NodesPart.ts';
import type { RawAnswer } from '../../src/model/raw.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { isRecord } from '../../src/text/isRecord.ts';
import { healthyOptions, type SimulatorOptions } from './options.ts';
import { oddNames } from './oddNames.ts';
import { program } from './runAgainst.ts';
import { startSimulator } from './Simulator.ts';

const timeout = 180_000;
const shards = 3;

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const [stdout, stderr] = await said;
  return { exitCode, stdout, stderr };
}

interface Runs {
  /** One of each shard. */
  readonly files: readonly string[];
  readonly single: ReportDocument;
}

/** Each shard in a process of its own, told which it is as a Job tells it, and one run that reads all. */
async function runsOf(options: Partial<SimulatorOptions>): Promise<Runs> {
  const simulator = await startSimulator({ ...healthyOptions, ...options });
  onTestFinished(() => simulator.close());
  const folder = mkdtempSync(join(tmpdir(), 'kpr-shards-'));
  const cluster = ['--node-timeout', '6s'];
  const kubeconfig = { KUBECONFIG: simulator.kubeconfig };
  const files: string[] = [];
  for (let index = 0; index < shards; index++) {
    const env = { ...kubeconfig, JOB_COMPLETION_INDEX: String(index), KPR_RUN: 'run-1' };
    const { exitCode, stdout, stderr } = await run(['shard', '--of', String(shards), ...cluster], env);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const file = join(folder, `shard-${index}.json`);
    writeFileSync(file, `Some warning of the runtime\n${stdout}`);
    files.push(file);
  }
  const single = await run(['verify', '-o', 'json', ...cluster], kubeconfig);
  return { files, single: JSON.parse(single.stdout) as ReportDocument };
}

async function merged(files: readonly string[]): Promise<ReportDocument> {
  const { stdout } = await run(['merge', ...files, '-o', 'json']);
  return JSON.parse(stdout) as ReportDocument;
}

/** All that does not depend on when it was read, and for how long. */
const apartFromTime = (report: ReportDocument): object => ({
  ...report,
  durationMs: 0,
  timeLimitMs: 0,
  takenAt: '',
  findings: report.findings.map(({ since: _since, ...finding }) => finding),
});

function readingIn(file: string | undefined): ShardReading {
  const parsed = parseShard(readFileSync(file ?? '', 'utf8'));
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.reading;
}

const aMinuteBefore = ({ takenAt }: ShardReading): string => new Date(Date.parse(takenAt) - 60_000).toISOString();

function changed(file: string | undefined, change: (reading: ShardReading) => ShardReading): string {
  const other = `${file ?? ''}.changed`;
  writeFileSync(other, renderShard(change(readingIn(file))));
  return other;
}

describe('what shards read, merged, is what one run says', () => {
  test.each<[string, Partial<SimulatorOptions> & { readonly nodes: number }, number]>([
    ['of a healthy cluster whose nodes say their tables in little', { nodes: 40, services: 120 }, 0],
    ['where rows differ, and are read a second time', { nodes: 24, services: 60, differing: 4 }, 1],
    ['where kube-proxy’s rules are left', { nodes: 6, services: 700, proxyRules: 6 }, 1],
    ['of nodes with rare names', { nodes: oddNames.length, services: 20, names: 'odd' }, 0],
    ['where nodes hang and refuse', { nodes: 12, services: 30, hung: 2, refusing: 2 }, 1],
  ])('%s', { timeout }, async (_, options, exitCode) => {
    const { files, single } = await runsOf(options);
    const report = await merged(files);
    expect(apartFromTime(report)).toEqual(apartFromTime(single));
    expect(report.exitCode).toBe(exitCode);
    expect(report.coverage.nodes.total).toBe(options.nodes);
  });
});

const unread = ({ coverage }: ReportDocument): readonly string[] =>
  coverage.nodes.notRead.map(({ node, detail }) => `${node}: ${detail}`);
const nodesOf = (index: number, of = 9): readonly string[] =>
  Array.from({ length: of }, (_, at) => `n${at + 1}`).filter((name) => partOf(name, shards) === index);

describe('what does not fit together', () => {
  test('is named, node by node, and never a pass', { timeout }, async () => {
    const { files } = await runsOf({ nodes: 9, services: 20 });
    const [first, second, third = ''] = files;
    const others = [first ?? '', second ?? ''];
    const lost = async (log: string | undefined, why: RegExp): Promise<void> => {
      const report = await merged(log === undefined ? others : [...others, log]);
      expect(report).toMatchObject({ verdict: 'unknown', exitCode: 3, findings: [] });
      expect(report.coverage.nodes.notRead.map(({ node }) => node)).toEqual(nodesOf(2));
      for (const line of unread(report)) expect(line).toMatch(why);
    };

    await lost(undefined, /shard 3 of 3 \(index 2\) left nothing: no reading of it was given/);
    const cut = `${third}.cut`;
    writeFileSync(cut, readFileSync(third, 'utf8').slice(0, -3000));
    await lost(cut, /its log is cut/);
    const edited = `${third}.edited`;
    const lines = readFileSync(third, 'utf8').split('\n');
    writeFileSync(edited, lines.map((line, at) => (at === 3 ? line.replace(/[a-z]/, 'Z') : line)).join('\n'));
    await lost(edited, /the digest does not fit/);
    await lost(
      changed(third, (one) => ({ ...one, head: { ...one.head, tool: '0.0.1' } })),
      /it was read by version 0\.0\.1/,
    );
    await lost(
      changed(third, (one) => ({ ...one, head: { ...one.head, run: 'run-0' } })),
      /no reading of it was given/,
    );
    await lost(changed(third, inAnotherCluster), /it is of another cluster/);
    const foreign = readingIn(first).looks[0]?.nodes[0];
    const overlapping = changed(third, (one) => ({
      ...one,
      looks: one.looks.map((look) => ({
        ...look,
        nodes: [...look.nodes, ...(foreign === undefined ? [] : [foreign])],
      })),
    }));
    await lost(overlapping, /it tells of the node n\d, which belongs to another shard/);

    const twice = await run([
      'merge',
      ...files,
      changed(third, (one) => ({ ...one, looks: one.looks.map((look) => ({ ...look, nodes: [] })) })),
    ]);
    expect(twice.exitCode).toBe(2);
    expect(twice.stderr).toContain('are two readings of shard 3');
    // The same file twice is one reading.
    expect(await merged([...files, third])).toMatchObject({ verdict: 'pass', exitCode: 0 });
    const none = await run(['merge', cut]);
    expect(none).toMatchObject({ exitCode: 2 });
    expect(none.stderr).toContain('No shard can be read: ');

    // A node of which its shard knew nothing, for it came later.
    const older = changed(third, (one) => ({
      ...one,
      takenAt: aMinuteBefore(one),
      looks: one.looks.map((look) => withoutNode(nodesOf(2)[0] ?? '', look)),
    }));
    const added = await merged([...others, older]);
    expect(added).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(unread(added)).toEqual([`${nodesOf(2)[0] ?? ''}: it was not there yet when shard 3 of 3 read`]);
  });

  test('an exec that ended before its agent was heard is no agent that hangs', { timeout }, async () => {
    const { files } = await runsOf({ nodes: 6, services: 20 });
    const status: RawAnswer = { missing: 'timeout', detail: 'no answer within 6 s', unheard: true };
    const cut = changed(files[1], (one) => ({
      ...one,
      looks: one.looks.map((look) => ({
        ...look,
        nodes: look.nodes.map((node) => ({ ...node, answers: { ...node.answers, status } })),
      })),
    }));
    const report = await merged([files[0] ?? '', cut, files[2] ?? '']);
    expect(report).toMatchObject({ verdict: 'unknown', exitCode: 3, findings: [] });
  });

  test('a node of which its shard says nothing is unread', { timeout }, async () => {
    const { files } = await runsOf({ nodes: 6, services: 20 });
    const silent = changed(files[1], (one) => ({
      ...one,
      looks: one.looks.map((look) => ({ ...look, nodes: look.nodes.slice(1) })),
    }));
    const report = await merged([files[0] ?? '', silent, files[2] ?? '']);
    expect(report).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(report.coverage.nodes.notRead).toHaveLength(1);
  });
});

describe('objects that came or went between shards', () => {
  test('each table is judged by what the API said when it was read', { timeout }, async () => {
    const { files, single } = await runsOf({ nodes: 9, services: 20 });
    // The last shard read later, when a Service was gone: from the API, and from the tables of its nodes.
    const [first = '', second = '', third = ''] = files;
    const before = [first, second].map((file) => changed(file, (one) => ({ ...one, takenAt: aMinuteBefore(one) })));
    const gone = changed(third, (one) => ({ ...one, looks: one.looks.map(withoutLastService) }));
    const report = await merged([...before, gone]);
    // Tables of the last shard's nodes still hold it; those of the others are right, for it was there then.
    expect(new Set(report.findings.flatMap(({ nodes }) => nodes))).toEqual(
      new Set(readingIn(third).looks[0]?.nodes.map(({ name }) => name)),
    );
    expect(report.coverage.nodes.read).toBe(single.coverage.nodes.read);
  });
});

type Documents = NonNullable<ShardReading['looks'][number]['documents']>;
const listed = (documents: Documents, name: keyof Documents): readonly unknown[] => {
  const document = documents[name];
  return 'value' in document && Array.isArray(document.value) ? document.value : [];
};
const nameOf = (object: unknown): unknown =>
  isRecord(object) && isRecord(object['metadata']) ? object['metadata']['name'] : undefined;
const kept = (documents: Documents, name: keyof Documents, keep: (object: unknown) => boolean): Documents => ({
  ...documents,
  [name]: { value: listed(documents, name).filter(keep), source: 'kubectl get' },
});

const isNotLast = (object: unknown): boolean => !String(nameOf(object)).startsWith('service-19');

function withoutLastService(look: ShardReading['looks'][number]): ShardReading['looks'][number] {
  const { documents } = look;
  if (documents === undefined) return look;
  return { ...look, documents: kept(kept(documents, 'services', isNotLast), 'endpointSlices', isNotLast) };
}

function withoutNode(name: string, look: ShardReading['looks'][number]): ShardReading['looks'][number] {
  const { documents } = look;
  const isOther = (object: unknown): boolean =>
    nameOf(object) !== name && !(isRecord(object) && isRecord(object['spec']) && object['spec']['nodeName'] === name);
  return {
    ...look,
    nodes: look.nodes.filter((node) => node.name !== name),
    ...(documents !== undefined && { documents: kept(kept(documents, 'nodes', isOther), 'systemPods', isOther) }),
  };
}

const withAnotherUid = (service: unknown): unknown =>
  nameOf(service) === 'kubernetes'
    ? { metadata: { name: 'kubernetes', namespace: 'default', uid: 'another' } }
    : service;

function inAnotherCluster(reading: ShardReading): ShardReading {
  const looks = reading.looks.map(({ documents, ...look }) => ({
    ...look,
    ...(documents !== undefined && {
      documents: {
        ...documents,
        services: {
          source: 'kubectl get services -A -o json',
          value: listed(documents, 'services').map(withAnotherUid),
        },
      },
    }),
  }));
  return { ...reading, looks };
}
