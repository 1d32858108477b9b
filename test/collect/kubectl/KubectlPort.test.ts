import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExecOptions } from '../../../src/collect/ClusterPort.ts';
import type { ConnectedPort, ConnectionFlags } from '../../../src/collect/ConnectionFlags.ts';
import { connectKubectl } from '../../../src/collect/kubectl/connectKubectl.ts';

let folder = '';
let port: ConnectedPort | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kpr-kubectl-'));
});

afterEach(async () => {
  await port?.close();
  rmSync(folder, { recursive: true, force: true });
});

const kubeconfig = {
  kind: 'Config',
  'current-context': 'prod',
  clusters: [
    { name: 'c1', cluster: { server: 'https://one:6443', 'certificate-authority-data': 'DATA+OMITTED' } },
    { name: 'c2', cluster: { server: 'https://two:6443' } },
  ],
  users: [{ name: 'u', user: { token: 'REDACTED' } }],
  contexts: [
    { name: 'prod', context: { cluster: 'c1', user: 'u', namespace: 'shop' } },
    { name: 'test', context: { cluster: 'c2', user: 'u' } },
  ],
};

const env = () => ({ PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder });

/** A kubectl that answers `config view` and notes what else it was called with; `body` is what it does then, in sh. */
const connect = async (
  body: string,
  flags: ConnectionFlags = {},
  config: unknown = kubeconfig,
): Promise<ConnectedPort> => {
  const script = `#!/bin/sh
if [ "$1" = config ]; then cat <<'END'
${JSON.stringify(config)}
END
exit 0; fi
for word in "$@"; do printf '%s\\n' "$word" >> '${folder}/args'; done
n=$(cat '${folder}/count' 2>/dev/null || echo 0); n=$((n + 1)); echo $n > '${folder}/count'
${body}
`;
  writeFileSync(join(folder, 'kubectl'), script);
  chmodSync(join(folder, 'kubectl'), 0o755);
  port = await connectKubectl({ requestTimeoutMs: 10_000, ...flags }, env());
  return port;
};

const calledWith = (): string[] => readFileSync(join(folder, 'args'), 'utf8').trimEnd().split('\n');
const calls = (): number =>
  existsSync(join(folder, 'count')) ? Number(readFileSync(join(folder, 'count'), 'utf8')) : 0;

const target = { namespace: 'kube-system', pod: 'cilium-x', container: 'cilium-agent' };
const execOptions: ExecOptions = { timeoutMs: 5_000, maxBytes: 1_000 };

describe('connecting', () => {
  test('says which cluster it is', async () => {
    expect(await connect('')).toMatchObject({
      contextName: 'prod',
      namespace: 'shop',
      server: 'https://one:6443',
      kubectl: 'kubectl',
    });
    expect(await connect('', { context: 'test', namespace: 'n', token: 'secret' })).toMatchObject({
      contextName: 'test',
      namespace: 'n',
      server: 'https://two:6443',
      kubectl: 'kubectl --context=test --token="$TOKEN"',
    });
  });

  test('passes on the flags and stays with the context that it began with', async () => {
    const live = await connect('echo {}', { as: 'jane', asGroups: ['a', 'b, c'], insecureSkipTlsVerify: true });
    await live.get('/version');
    expect(calledWith()).toEqual([
      'get',
      '--raw',
      '/version',
      '--context=prod',
      '--as=jane',
      '--as-group=a',
      '--as-group=b, c',
      '--insecure-skip-tls-verify',
    ]);
  });

  test('names the contexts that are known', async () => {
    await expect(connect('', { context: 'nope' })).rejects.toMatchObject({
      name: 'KprError',
      message: expect.stringContaining('The context "nope" does not exist'),
      hint: 'Known contexts: prod, test',
    });
  });

  test('without a kubeconfig there is nothing to ask', async () => {
    await expect(connect('', {}, { kind: 'Config', clusters: null })).rejects.toThrow('No cluster to ask');
    await expect(connect('', { kubeconfig: '/kpr/none' })).rejects.toThrow('There is no kubeconfig /kpr/none');
  });

  test('without kubectl', async () => {
    await expect(connectKubectl({}, { PATH: folder })).rejects.toMatchObject({
      name: 'KprError',
      message: 'There is no kubectl on PATH',
    });
  });
});

describe('changes', () => {
  const pod = { verb: 'create', path: '/api/v1/namespaces/n/pods', body: { kind: 'Pod' } } as const;

  test('sends what is to be made by standard input, once', async () => {
    const live = await connect(`cat > '${folder}/sent'; echo '{"kind":"Pod","metadata":{}}'`);
    expect(await live.change(pod)).toEqual({ ok: true, value: { kind: 'Pod', metadata: {} } });
    expect(calledWith().slice(0, 5)).toEqual(['create', '--raw', pod.path, '-f', '-']);
    expect(readFileSync(join(folder, 'sent'), 'utf8')).toBe('{"kind":"Pod"}');
  });

  test('what was perhaps made is not made again; what is to be removed is', async () => {
    const live = await connect(`echo 'Unable to connect to the server: EOF' >&2; exit 1`);
    expect(await live.change(pod)).toMatchObject({ ok: false, why: { missing: 'unreachable' } });
    expect(calls()).toBe(1);
    await live.change({ verb: 'delete', path: '/api/v1/namespaces/n/pods/p' });
    expect(calls()).toBe(4);
    expect(
      calledWith()
        .slice(-4)
        .filter((word) => word.includes('/')),
    ).toEqual(['/api/v1/namespaces/n/pods/p?gracePeriodSeconds=1']);
  });
});

describe('get and list', () => {
  test('gives the document', async () => {
    const live = await connect(`echo '{"major":"1"}'`);
    expect(await live.get('/version')).toEqual({ ok: true, value: { major: '1' } });
  });

  test('pages through', async () => {
    const live = await connect(`case "$3" in
  *continue=two*) echo '{"kind":"PodList","metadata":{},"items":[3]}' ;;
  *) echo '{"kind":"PodList","metadata":{"continue":"two"},"items":[1,2]}' ;;
esac`);
    expect(await live.list('/api/v1/pods', { query: { labelSelector: 'a=b' } })).toEqual({
      ok: true,
      value: [1, 2, 3],
    });
    expect(calledWith()).toContain('/api/v1/pods?labelSelector=a%3Db&limit=500&continue=two');
  });

  test('begins again when the list expired in the middle', async () => {
    const live = await connect(`if [ $n = 2 ]; then echo 'Error from server (Expired): too old' >&2; exit 1; fi
case "$3" in
  *continue=two*) echo '{"kind":"PodList","metadata":{},"items":[3]}' ;;
  *) echo '{"kind":"PodList","metadata":{"continue":"two"},"items":[1,2]}' ;;
esac`);
    expect(await live.list('/api/v1/pods')).toEqual({ ok: true, value: [1, 2, 3] });
    expect(calls()).toBe(4);
  });

  test.each([
    [
      'Error from server (Forbidden): nodes is forbidden',
      'forbidden',
      'GET /x: the server answered 403 Forbidden: nodes is forbidden',
      1,
    ],
    ['Error from server (NotFound): the server could not find the requested resource', 'absent', '404 Not Found', 1],
    ['error: You must be logged in to the server (Unauthorized)', 'unauthenticated', '401', 1],
    [
      'Unable to connect to the server: dial tcp: lookup b2: no such host',
      'unreachable',
      'kubectl cannot reach https://one:6443: dial tcp',
      1,
    ],
    ['Unable to connect to the server: EOF', 'unreachable', 'EOF', 3],
    ['Error from server (ServiceUnavailable): try later', 'unreachable', '503', 3],
    ['Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout', 'timeout', 'i/o timeout', 1],
  ])('%s', async (stderr, missing, detail, tries) => {
    const live = await connect(`echo '${stderr}' >&2; exit 1`);
    expect(await live.get('/x?a=b')).toMatchObject({
      ok: false,
      why: { missing, detail: expect.stringContaining(detail) },
    });
    expect(calls()).toBe(tries);
  });

  test('does not take a login page for an answer', async () => {
    const live = await connect(`echo '<html>Sign in</html>'`);
    expect(await live.get('/api/v1/nodes')).toMatchObject({
      ok: false,
      why: { missing: 'unparsed', detail: expect.stringContaining('a web page') },
    });
    expect(await live.list('/api/v1/nodes')).toMatchObject({ ok: false, why: { missing: 'unparsed' } });
  });

  test('a kubectl that hangs, with a child that holds its output, is ended', async () => {
    const live = await connect('sleep 20 & sleep 20', { requestTimeoutMs: 300 });
    const start = performance.now();
    expect(await live.get('/version')).toMatchObject({ ok: false, why: { missing: 'timeout' } });
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test('no more than six at once', async () => {
    const live = await connect(`: > '${folder}/running-'$$
ls '${folder}' | grep -c running- >> '${folder}/together'
sleep 0.5; rm '${folder}/running-'$$; echo '{}'`);
    await Promise.all(Array.from({ length: 12 }, () => live.get('/version')));
    const together = readFileSync(join(folder, 'together'), 'utf8').trim().split('\n').map(Number);
    expect(together).toHaveLength(12);
    expect(Math.max(...together)).toBe(6);
  });
});

const mistake = (): void => {
  throw new Error('a mistake of the reader');
};

describe('exec', () => {
  test('gives the output and the exit code', async () => {
    const live = await connect(`printf out; printf err >&2; echo 'command terminated with exit code 3' >&2; exit 3`);
    const pieces: string[] = [];
    const onStdout = (chunk: Uint8Array): void => void pieces.push(Buffer.from(chunk).toString());
    expect(await live.exec(target, ['sh', '-c', 'a "b"'], { ...execOptions, onStdout })).toEqual({
      end: 'exited',
      exitCode: 3,
      stdout: 'out',
      stderr: 'err',
    });
    expect(pieces.join('')).toBe('out');
    expect(calledWith()).toEqual([
      'exec',
      '--context=prod',
      '-n',
      'kube-system',
      'cilium-x',
      '-c',
      'cilium-agent',
      '--',
      'sh',
      '-c',
      'a "b"',
    ]);
  });

  test('passes input on, and goes without where nobody reads it', async () => {
    const stdin = Buffer.from('line\n'.repeat(100_000));
    const live = await connect('wc -c');
    const outcome = await live.exec(target, ['wc'], { ...execOptions, stdin });
    expect(outcome).toMatchObject({ end: 'exited', exitCode: 0 });
    expect(outcome.stdout.trim()).toBe(String(stdin.length));
    expect(calledWith().slice(0, 3)).toEqual(['exec', '-i', '--context=prod']);
    await live.close();
    const deaf = await connect('exec <&-; echo done');
    expect(await deaf.exec(target, ['x'], { ...execOptions, stdin })).toMatchObject({
      end: 'exited',
      stdout: 'done\n',
    });
  });

  test.each<[string, object]>([
    ['echo fine', { end: 'exited', exitCode: 0, stdout: 'fine\n' }],
    ['echo "command terminated with exit code 1" >&2; exit 1', { end: 'exited', exitCode: 1, stderr: '' }],
    [
      `echo 'Error from server (Forbidden): pods "x" is forbidden' >&2; exit 1`,
      { end: 'refused', httpStatus: 403, message: 'pods "x" is forbidden' },
    ],
    [`echo 'Error from server (NotFound): pods "x" not found' >&2; exit 1`, { end: 'refused', httpStatus: 404 }],
    [
      `echo 'error: Internal error occurred: no such file' >&2; exit 1`,
      { end: 'failed', message: 'Internal error occurred: no such file' },
    ],
    [
      `echo partly; echo 'error: error reading from error stream: next reader: websocket: close 1006' >&2; exit 1`,
      { end: 'dropped', stdout: 'partly\n' },
    ],
    [`echo 'The connection to the server x was refused' >&2; exit 1`, { end: 'unreachable' }],
    ['kill -9 $$', { end: 'failed' }],
  ])('%s', async (body, expected) => {
    expect(await (await connect(body)).exec(target, ['x'], execOptions)).toMatchObject(expected);
  });

  test('a command that never ends', async () => {
    const live = await connect('echo partly; sleep 20');
    expect(await live.exec(target, ['x'], { ...execOptions, timeoutMs: 500 })).toEqual({
      end: 'timeout',
      afterMs: 500,
      stdout: 'partly\n',
      stderr: '',
    });
  });

  test('a refusal is understood where little output is wanted', async () => {
    const live = await connect(`echo 'Error from server (Forbidden): pods "x" is forbidden' >&2; exit 1`);
    expect(await live.exec(target, ['x'], { ...execOptions, maxBytes: 10 })).toMatchObject({ httpStatus: 403 });
  });

  test('more output than wanted', async () => {
    const live = await connect('yes');
    const outcome = await live.exec(target, ['x'], execOptions);
    expect(outcome).toMatchObject({ end: 'tooLarge', maxBytes: 1_000 });
    expect(outcome.stdout).toHaveLength(1_000);
  });

  test('an abort and a close', async () => {
    const live = await connect('sleep 20');
    expect(await live.exec(target, ['x'], { ...execOptions, signal: AbortSignal.timeout(100) })).toMatchObject({
      end: 'aborted',
    });
    const running = live.exec(target, ['x'], execOptions);
    setTimeout(() => void live.close(), 100);
    expect(await running).toMatchObject({ end: 'aborted' });
  });

  test('a reader that throws is told so', async () => {
    const live = await connect('echo x; sleep 5');
    await expect(live.exec(target, ['x'], { ...execOptions, onStdout: mistake })).rejects.toThrow(
      'a mistake of the reader',
    );
  });
});
