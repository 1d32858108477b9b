import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { loadAll } from 'js-yaml';
import { lazyLoaders } from '../../src/app/lazyLoaders.ts';
import { main } from '../../src/cli/main.ts';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { isRecord } from '../../src/text/isRecord.ts';
import { json, startServer, statusBody, writeKubeconfig } from '../collect/live/testServer.ts';
import { fakeIo } from '../support/fakeIo.ts';

const recorded = join(import.meta.dirname, '../fixtures/recordings/healthy-1.20.kpr');
const image = ['--image', 'registry.example/kubectl-kpr:1'];

async function run(args: readonly string[], url?: string) {
  const io = fakeIo();
  const exitCode = await main([...args, ...(url === undefined ? [] : ['--kubeconfig', writeKubeconfig(url)])], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** What one of so many shards prints that reads a recorded cluster of two nodes. */
async function shardText(index: number, of: number, word: string): Promise<string> {
  const io = fakeIo();
  const loaders = { ...lazyLoaders, openLive: () => openArchive(recorded) };
  const args = ['shard', '--of', String(of), '--index', String(index), '--run', word];
  expect(await main(args, io, loaders), io.stderr.text).toBe(0);
  return io.stdout.text;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** An API server that does all that it is asked, and writes it down. */
async function obedientServer(
  answer: (sent: Sent, response: ServerResponse) => void = ({ body }, response) => json(response, body, 201),
): Promise<{ readonly url: string; readonly sent: Sent[] }> {
  const sent: Sent[] = [];
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const said = await text(request);
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      body: said === '' ? undefined : (JSON.parse(said) as unknown),
    };
    sent.push(one);
    answer(one, response);
  };
  const { url } = await startServer({ onRequest: (request, response) => void onRequest(request, response) });
  return { url, sent };
}

describe('job', () => {
  test('prints one Job, and asks nobody', async () => {
    const { url, sent } = await obedientServer();
    const { exitCode, stdout } = await run(['job', ...image, '--shards', '7', '--deadline', '5m'], url);
    expect([exitCode, sent]).toEqual([0, []]);
    const [job, ...others] = loadAll(stdout);
    expect(others).toEqual([]);
    expect(job).toMatchObject({
      kind: 'Job',
      metadata: { name: 'kubectl-kpr-verify', namespace: 'kube-system' },
      spec: {
        completionMode: 'Indexed',
        completions: 7,
        parallelism: 7,
        backoffLimitPerIndex: 2,
        activeDeadlineSeconds: 300,
      },
    });
    expect(stdout).not.toMatch(/[&*]a\d/);
    expect(stdout).toMatch(/^# .*: kubectl kpr merge --job kubectl-kpr-verify --job-namespace kube-system --wait\n/);
  });

  test.each([
    [['--image', 'a b'], /--image "a b" is no image/],
    [['--image', 'a\nb: c'], /is no image/],
    // Hosts of an Indexed Job's pods have its name: the API refuses what is no label.
    [['--name', 'a.b'], /--name a\.b is no name/],
    [['--name', 'a'.repeat(52)], /51 at most/],
    [['--job-namespace', 'a.b'], /--job-namespace a\.b is no name/],
    [['--cilium-namespace', '../..'], /--cilium-namespace \.\.\/\.\. is no name/],
    [['--service-account', 'a_b'], /--service-account a_b is no name/],
    [['--shards', '1001'], /more than 1000 pods at the same time/],
    [['--deadline', '30s'], /--deadline is at least 1m/],
  ])('%j is refused', async (args, why) => {
    const { exitCode, stdout, stderr } = await run(['job', ...image, ...args]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(why);
  });

  test('takes any name that Kubernetes takes', async () => {
    const [namespace, account] = ['n'.repeat(63), `a.${'b'.repeat(60)}`];
    const names = ['--name', '1e3', '--job-namespace', namespace, '--service-account', account];
    const { stdout } = await run(['job', '--image', '[::1]:5000/kpr@sha256:0', ...names]);
    expect(loadAll(stdout)).toMatchObject([
      { metadata: { name: '1e3', namespace }, spec: { template: { spec: { serviceAccountName: account } } } },
    ]);
  });

  test('with its role: nothing that changes anything, and no Secret', async () => {
    const { stdout } = await run(['job', ...image, '--with-role', '--cilium-namespace', 'cilium']);
    const objects = loadAll(stdout);
    const rules = objects.filter(isRecord).flatMap(({ rules: some }): unknown[] => (Array.isArray(some) ? some : []));
    const asked = rules.filter(isRecord).map(({ resources, verbs }) => `${String(resources)}: ${String(verbs)}`);
    expect(new Set(asked)).toEqual(
      new Set([
        'nodes,pods,services,configmaps: get,list',
        'daemonsets,deployments: get,list',
        'endpointslices: list',
        'ciliumnodeconfigs,ciliumlocalredirectpolicies,ciliumnodes: list',
        'pods/exec: get,create',
      ]),
    );
    expect(stdout).toContain('--cilium-namespace=cilium');
  });

  test('creates with --apply --yes what it prints, in its order, and nothing else', async () => {
    const { url, sent } = await obedientServer();
    const { exitCode, stdout } = await run(['job', ...image, '--with-role', '--apply', '--yes'], url);
    expect(exitCode).toBe(0);
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v1/namespaces/kube-system/serviceaccounts',
      'POST /apis/rbac.authorization.k8s.io/v1/clusterroles',
      'POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      'POST /apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/roles',
      'POST /apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/rolebindings',
      'POST /apis/batch/v1/namespaces/kube-system/jobs',
    ]);
    const printed = await run(['job', ...image, '--with-role']);
    expect(sent.map(({ body }) => body)).toEqual(loadAll(printed.stdout));
    expect(stdout).toContain('kubectl kpr merge --job kubectl-kpr-verify');
  });

  test('without --with-role creates the Job alone; one of that name that is there is said', async () => {
    const { url, sent } = await obedientServer((_, response) =>
      json(response, statusBody(409, 'AlreadyExists', 'jobs.batch "kubectl-kpr-verify" already exists'), 409),
    );
    const { exitCode, stderr } = await run(['job', ...image, '--apply', '--yes'], url);
    expect(sent.map(({ path }) => path)).toEqual(['/apis/batch/v1/namespaces/kube-system/jobs']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/already exists[^]*delete job kubectl-kpr-verify/);
  });

  test('whoever may not make it is not told to delete another', async () => {
    const { url } = await obedientServer((_, response) =>
      json(response, statusBody(403, 'Forbidden', 'jobs.batch is forbidden'), 403),
    );
    const { exitCode, stderr } = await run(['job', ...image, '--apply', '--yes'], url);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('whoever may make Jobs there');
    expect(stderr).not.toContain('delete');
  });
});

const uid = '0b5d6a3e-8c1f-4b6e-9f0a-2f8f6a5d1c11';
const ended = { conditions: [{ type: 'Complete', status: 'True' }], succeeded: 2 };
const job = (status: object): object => ({
  kind: 'Job',
  metadata: { name: 'kpr', namespace: 'kube-system', uid },
  spec: { completions: 3 },
  status,
});
const pod = (name: string, index: number, phase: string, more: object = {}): object => ({
  metadata: {
    name,
    annotations: { 'batch.kubernetes.io/job-completion-index': String(index) },
    ownerReferences: [{ uid }],
  },
  status: { phase, ...more },
});

/** A Job with three shards, of which the first has no node, and what its pods left. */
async function jobServer(
  status: object,
  pods: readonly object[],
  logs: Readonly<Record<string, string>>,
): Promise<string> {
  const { url } = await obedientServer(({ path }, response) => {
    const name = /\/pods\/([^/]+)\/log/.exec(path)?.[1];
    const log = name === undefined ? undefined : logs[name];
    if (log !== undefined) {
      response.setHeader('content-type', 'text/plain');
      response.end(log);
    } else if (path.includes('/jobs/kpr')) json(response, job(status));
    else if (path.includes('/pods?')) json(response, { kind: 'PodList', items: pods });
    else json(response, statusBody(404, 'NotFound', 'nothing is here'), 404);
  });
  return url;
}

const shards = async (): Promise<Record<'a' | 'b' | 'c', string>> => {
  const [a = '', b = '', c = ''] = await Promise.all([0, 1, 2].map((index) => shardText(index, 3, uid)));
  return { a, b, c };
};

describe('merge --job', () => {
  test.each([
    ['--job', 'a?x=1'],
    ['--job', '../x'],
    ['--job-namespace', '..'],
  ])('%s %s is no name, and nobody is asked', async (flag, name) => {
    const { url, sent } = await obedientServer();
    const { exitCode, stderr } = await run(['merge', '--job', 'kpr', flag, name], url);
    expect([exitCode, sent]).toEqual([2, []]);
    expect(stderr).toContain(`${flag} ${name} is no name that Kubernetes takes there`);
  });

  const merge = ['merge', '--job', 'kpr', '--skip', 'KPR3004,KPR5009', '-o', 'json'];

  const done = [pod('a', 0, 'Succeeded'), pod('b', 1, 'Succeeded'), pod('c', 2, 'Succeeded')];

  test('reads the logs of the pods that succeeded', async () => {
    const logs = await shards();
    const pods = [pod('x', 1, 'Failed'), ...done];
    const url = await jobServer(ended, pods, { ...logs, c: `a warning\n${logs.c}` });
    const { exitCode, stdout } = await run(merge, url);
    const single = await run(['verify', '--from', recorded, '--skip', 'KPR3004,KPR5009', '-o', 'json']);
    expect(exitCode).toBe(single.exitCode);
    expect(JSON.parse(stdout)).toMatchObject({ coverage: { nodes: { read: 2, total: 2, notRead: [] } } });
    expect(stdout).not.toContain('lostShards');
  });

  const killed = { containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }] };
  const failed = { conditions: [{ type: 'Failed', status: 'True' }], failedIndexes: '1' };

  test('names a shard that failed three times, with what ended it, and is no pass', async () => {
    const pods = [...done.slice(0, 2), ...['c', 'd', 'e'].map((name) => pod(name, 2, 'Failed', killed))];
    const { exitCode, stdout } = await run(merge, await jobServer(failed, pods, await shards()));
    expect(exitCode).toBe(3);
    const report = JSON.parse(stdout) as ReportDocument;
    const why = 'shard 3 of 3 (index 2) left nothing: it failed 3 times (e: OOMKilled, exit code 137)';
    expect(report.coverage.nodes).toMatchObject({ read: 1, notRead: [{ node: 'n2', detail: why }], lostShards: [why] });
  });

  test('nor is one without a node, for who knows what it would have seen', async () => {
    const { exitCode, stdout } = await run(merge.slice(0, -2), await jobServer(failed, done.slice(1), await shards()));
    expect(exitCode).toBe(3);
    expect(stdout).toContain('shard 1 of 3 (index 0) left nothing: it has no pod any more');
    expect(stdout).toMatch(/exit 3: nothing wrong was found, but .*1 shard left nothing/);
  });

  test('takes no log of another run of the same name', async () => {
    const logs = { ...(await shards()), c: await shardText(2, 3, 'an-older-job') };
    const { exitCode, stderr } = await run(merge, await jobServer(ended, done, logs));
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Not merged: pod c: it is shard 3 of 3 of another run (an-older-job)');
  });

  test('waits for nobody: a Job that has not ended is said, and the flag that waits', async () => {
    const { exitCode, stdout } = await run(merge, await jobServer({ succeeded: 1 }, [], {}));
    expect(exitCode).toBe(2);
    expect(stdout).toContain('The Job has not ended: 1 of 3 shards are there');
    expect(stdout).toContain('With --wait it is waited for');
  });

  test('--wait waits for nothing where the Job has ended, also where it failed', async () => {
    const { exitCode, stderr } = await run([...merge, '--wait'], await jobServer(failed, done, await shards()));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('--wait is of a Job, not of files', async () => {
    const { exitCode, stderr } = await run(['merge', 'a.json', '--wait']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--wait has a meaning with --job only');
  });
});

test('a log that somebody wrote by hand is refused, whatever it holds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-shard-'));
  const whole = await shardText(0, 1, 'by-hand');
  const [first = '', ...rest] = whole.split('\n');
  const texts = [
    '',
    '{}',
    '{"format":"kubectl-kpr shard",',
    `${first}\n"]}`,
    first.replace('"schemaVersion":1', '"schemaVersion":2').concat('\n', rest.join('\n')),
    first.replace('"index":0', '"index":-1').concat('\n', rest.join('\n')),
    `${first}\n"${'A'.repeat(4000)}"]}\n`,
  ];
  for (const [at, one] of texts.entries()) {
    const file = join(folder, `${at}.json`);
    writeFileSync(file, one);
    const { exitCode, stderr } = await run(['merge', file]);
    expect({ at, exitCode }).toEqual({ at, exitCode: 2 });
    expect(stderr).toMatch(/^Error: No shard can be read: /);
  }
});
