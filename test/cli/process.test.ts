import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { serveCapture } from '../../pkg/serveCapture.ts';
import { writeKubeconfig } from '../collect/live/testServer.ts';

const root = join(import.meta.dirname, '..', '..');
const program = join(root, 'bin', 'kubectl-kpr.ts');

/** The real program in a process of its own. */
function run(args: readonly string[], nodeArgs: readonly string[] = []) {
  const { status, output } = spawnSync(process.execPath, [...nodeArgs, program, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    cwd: root,
  });
  return { status, stdout: output[1] ?? '', stderr: output[2] ?? '', traced: (output[3] ?? '').trim().split('\n') };
}

const loadedBy = (args: readonly string[], expectedStatus = 0) => {
  const { status, traced } = run(args, ['--import', join(import.meta.dirname, 'traceModules.mjs')]);
  expect(status).toBe(expectedStatus);
  const packages = traced.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
  return { files: traced, packages: new Set(packages) };
};

const loadedFor = (user: Record<string, unknown>) =>
  loadedBy(['doctor', '--kubeconfig', writeKubeconfig('https://127.0.0.1:1', { user })], 2);

describe('what is loaded', () => {
  test('--version: no package at all', () => {
    const { files, packages } = loadedBy(['--version']);
    expect([...packages]).toEqual([]);
    // The trace works: it has seen the program itself.
    expect(files.some((url) => url.endsWith('/src/cli/main.ts'))).toBe(true);
  });

  test('--help: neither what collects nor what judges', () => {
    const { files, packages } = loadedBy(['doctor', '--help']);
    for (const name of ['ora', 'undici', 'ws', 'chalk']) expect(packages).not.toContain(name);
    expect(files.filter((url) => /\/(src\/collect\/(?!ConnectionFlags)|checks\/|src\/parse\/)/.test(url))).toEqual([]);
  });

  test('explain: nothing that reaches a cluster', () => {
    const { packages } = loadedBy(['explain', 'KPR1007']);
    for (const name of ['ora', 'undici', 'ws']) expect(packages).not.toContain(name);
  });

  test('a cluster: undici', () => {
    expect(loadedFor({ token: 'a-token' }).packages).toContain('undici');
  });
});

describe('the process', () => {
  test('gives the exit code and keeps its streams apart', () => {
    expect(run(['--version'])).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining(packageJson.version) as unknown,
    });
    expect(run(['docter'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Error: .*doctor\?\n/) as unknown,
    });
  });

  test('a reader that has gone away is no error', () => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `set -o pipefail; "$0" "$1" explain -o json | true`, process.execPath, program],
      {
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('doctor --watch: one process, a line per change, and Ctrl-C gives the exit code of the last report', async () => {
    const kubeconfig = writeKubeconfig(await serveCapture(join(root, 'examples/captures/broken-cluster.kpr')), {});
    const child = spawn(process.execPath, [program, 'doctor', '--watch=5s', '--kubeconfig', kubeconfig], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { out: '', err: '' };
    child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        said.out += chunk.toString();
        if (said.out.includes(' = FAIL: ')) resolve();
      });
    });
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as unknown[];
    expect({ code, err: said.err }).toEqual({ code: 1, err: '' });
    for (const line of said.out.trimEnd().split('\n')) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}Z [+=] \S/);
  }, 60_000);

  test('what nobody caught is reported as a bug: exit 2, the stack with --debug only', () => {
    const crash = [
      '--import',
      `data:text/javascript,setTimeout(() => { throw new TypeError('boom') }, 300); setTimeout(() => {}, 2000)`,
    ];
    const plain = run(['--version'], crash);
    expect(plain).toMatchObject({ status: 2, stderr: expect.stringContaining('bug in kubectl-kpr') as unknown });
    expect(plain.stderr).toContain('TypeError: boom');
    expect(plain.stderr).not.toContain('    at ');
    expect(run(['--version', '--debug'], crash).stderr).toMatch(/\n +at /);
  });
});
