import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { bundle } from '../../pkg/bundle.ts';
import { serveCapture } from '../../pkg/serveCapture.ts';
import { main } from '../../src/cli/main.ts';
import { writeLargeCapture } from '../bench/largeCapture.ts';
import { measure } from '../bench/measure.ts';
import { json, startServer, statusBody, writeKubeconfig } from '../collect/live/testServer.ts';
import { fakeIo } from '../support/fakeIo.ts';
import { type Call, liveCalls, liveCapture, offlineCalls } from './everyCommand.ts';
import { identityOf, ways } from './identities.ts';

const root = join(import.meta.dirname, '..', '..');
const version = `kubectl-kpr ${packageJson.version} (Node ${process.version}, ${process.platform}-${process.arch})\n`;
const kubectl = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'kubectl'))
  .find(existsSync);

/** The modules of Node that a script asks for. */
const builtinsOf = (script: string, ...args: string[]): string[] => {
  const { status, output } = spawnSync(
    process.execPath,
    ['--require', join(import.meta.dirname, 'traceBuiltins.cjs'), script, ...args],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  expect(status).toBe(0);
  return (output[3] ?? '').split('\n').filter((name) => name !== '' && !name.endsWith('.cjs'));
};

/** Without what differs from run to run. */
const timeless = (text: string): string =>
  text
    .replaceAll(/"durationMs": \d+|\b\d+(\.\d+)? m?s\b/g, '{duration}')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '{moment}');

type Said = Readonly<Record<'stdout' | 'stderr', string>> & { readonly exitCode: unknown };

const sources = async (argv: readonly string[]): Promise<Said> => {
  const io = fakeIo();
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
};

// Windows has the same, but nobody has run it there.
describe.skipIf(process.platform === 'win32')('the single executable', () => {
  // Outside of the project, so that nothing of node_modules is in reach; with blanks, as people's folders have.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kpr package ')));
  const bin = join(folder, 'a bin');
  const executable = join(bin, 'kubectl-kpr');
  const capture = join(folder, 'small cluster.kpr');
  const script = join(folder, 'bundle.cjs');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const pack = () =>
    execFileSync(process.execPath, [join(root, 'pkg', 'package.ts'), executable], { cwd: root, encoding: 'utf8' });

  beforeAll(async () => {
    mkdirSync(bin);
    // What an interrupted run leaves behind.
    writeFileSync(`${executable}.unfinished`, 'half of a program');
    pack();
    // Before the sources run here: they set flags of V8's, which a code cache is bound to.
    await bundle(script);
    await writeLargeCapture(capture, { nodes: 2, services: 10, backends: 3 });
  }, 180_000);

  const run = (args: readonly string[], env: Record<string, string> = {}, program = executable) => {
    const { status, stdout, stderr } = spawnSync(program, args, {
      encoding: 'utf8',
      cwd: folder,
      env: { PATH: [bin, '/usr/bin', '/bin'].join(delimiter), HOME: folder, ...env },
    });
    return { status, stdout, stderr };
  };

  test('says its version, and nothing else', () => {
    expect(run(['--version'])).toEqual({ status: 0, stdout: version, stderr: '' });
    expect(existsSync(`${executable}.unfinished`)).toBe(false);
  });

  test('carries the licences of what is in it, and stands beside its bill of materials', () => {
    const { status, stdout, stderr } = run(['version', '--licenses']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`\nundici ${packageJson.dependencies.undici} (MIT)\n`);
    expect(stdout).toContain(`\nNode.js ${process.versions.node}\n`);
    expect(readFileSync(`${executable}.THIRD-PARTY-NOTICES.txt`, 'utf8')).toBe(stdout);
    expect(JSON.parse(readFileSync(`${executable}.cdx.json`, 'utf8'))).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { component: { name: 'kubectl-kpr', version: packageJson.version } },
    });
  });

  test('helps, explains and judges an archive, far from any node_modules', () => {
    expect(run(['--help'])).toMatchObject({ status: 0, stderr: '' });
    expect(run(['doctor', '--help']).stdout).toContain('--from');
    expect(run(['explain', 'KPR1007'])).toMatchObject({ status: 0, stderr: '' });
    const { status, stdout, stderr } = run(['doctor', '--from', capture, '-o', 'json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', cluster: { nodes: 2, services: 12 } });
  });

  const kubeconfigFor = (server: string): string => {
    const file = join(folder, 'a config');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: { token: 't' } }],
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  };

  const packed = (argv: readonly string[]): Promise<Said> =>
    new Promise((resolve) => {
      const options = { cwd: folder, env: { PATH: '/usr/bin:/bin', HOME: folder }, maxBuffer: 1e8 };
      execFile(executable, argv, options, (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr }),
      );
    });

  /** What is said to a call, and the scripts that it writes. */
  const saidTo = async ({ args }: Call, program: typeof sources, more: readonly string[]) => {
    const out = join(folder, 'out');
    const key = join(folder, 'key');
    mkdirSync(out);
    writeFileSync(key, 'more than sixteen characters');
    const given = args.map((arg) => arg.replace('{out}', out).replace('{key}', key));
    const { exitCode, stdout, stderr } = await program([...given, ...more]);
    const scripts = globSync('**/*.sh', { cwd: out }).map((name) => [name, readFileSync(join(out, name), 'utf8')]);
    rmSync(out, { recursive: true });
    return { exitCode, stdout: timeless(stdout.replaceAll(out, '{out}')), stderr: timeless(stderr), scripts };
  };

  const expectSame = async (call: Call, ...more: string[]): Promise<void> => {
    const said = await saidTo(call, packed, more);
    expect(said.stdout).toContain(call.says);
    expect(said).toEqual(await saidTo(call, sources, more));
  };

  test.for(offlineCalls.map((call) => [call.args.join(' ').replaceAll(root, ''), call] as const))(
    'does as the sources do: %s',
    ([, call]) => expectSame(call),
  );

  test('does as the sources do, with a cluster', { timeout: 120_000 }, async () => {
    const kubeconfig = kubeconfigFor(await serveCapture(liveCapture));
    for (const call of liveCalls) await expectSame(call, '--kubeconfig', kubeconfig);
  });

  test('no command was left out', () => {
    const commands = [...run(['--help']).stdout.matchAll(/^ {2}kubectl kpr ([a-z]+)/gm)].map(([, name]) => name);
    expect(commands).toContain('doctor');
    expect(commands.filter((name) => !offlineCalls.some(({ args }) => args[0] === name))).toEqual([]);
  });

  test('holds the Kubernetes client', () => {
    const nowhere = kubeconfigFor('https://127.0.0.1:1');
    const { status, stdout, stderr } = run(['doctor', '--kubeconfig', nowhere]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).not.toContain('bug in kubectl-kpr');
  });

  test.each(Object.entries(ways))('reaches a cluster by %s', async (_, prepare) => {
    const identities: unknown[] = [];
    const server = await startServer({
      onRequest: (request, response) => {
        identities.push(identityOf(request));
        json(response, statusBody(404, 'NotFound', 'nothing is here'), 404);
      },
    });
    const { parts, url, flags = [], seen } = await prepare(server.port);
    const said = await packed(['doctor', '--kubeconfig', writeKubeconfig(url ?? server.url, parts), ...flags]);
    expect(said).toMatchObject({ exitCode: 2, stderr: expect.not.stringContaining('bug in kubectl-kpr') as unknown });
    expect(identities.length).toBeGreaterThan(5);
    expect(identities).toEqual(identities.map(seen));
  });

  test('lets NODE_OPTIONS and the like not reach into it', () => {
    expect(run(['--version'], { NODE_OPTIONS: '--require /nope.js' })).toMatchObject({ status: 0, stdout: version });
  });

  const odd = ['explain', ' a  "b" $HOME * \\ ü'];
  test('gets what was typed unchanged, by its name on PATH', () => {
    const direct = run(odd);
    expect(direct).toMatchObject({ status: 2, stderr: expect.stringContaining('"b" $HOME * \\ ü') as unknown });
    expect(run(odd, {}, 'kubectl-kpr')).toEqual(direct);
  });

  test.skipIf(kubectl === undefined)('is a plugin of kubectl', () => {
    expect(run(['kpr', '--version'], {}, kubectl)).toEqual({ status: 0, stdout: version, stderr: '' });
    // kubectl gives the exit code on and says nothing of its own about it.
    expect(run(['kpr', ...odd], {}, kubectl)).toEqual(run(odd));
    expect(run(['kpr', 'doctor', '--from', capture, '--context', 'x'], {}, kubectl).status).toBe(
      run(['doctor', '--from', capture, '--context', 'x']).status,
    );
  });

  // Only there a process tells what it had at most. Each node's texts are two megabytes, which none may leave behind.
  test.skipIf(process.platform !== 'linux')('holds one node at a time', { timeout: 60_000 }, async () => {
    const large = join(folder, 'large.kpr');
    await writeLargeCapture(large, { nodes: 20, services: 2000, backends: 3 });
    const [doctor] = (await measure([{ name: 'doctor', argv: [executable, 'doctor', '--from', large] }], 1)).values();
    expect(doctor?.exitCode).toBe(0);
    expect(doctor?.peakMb).toBeGreaterThan(50);
    expect(doctor?.peakMb).toBeLessThan(240);
  });

  test('takes no flags of Node, under no name', () => {
    const other = join(folder, 'renamed');
    linkSync(executable, other);
    expect(run(['-e', 'console.log(process.version)'], {}, other)).toMatchObject({ status: 2, stdout: '' });
  });

  describe('as a script, evaluates no more than a command needs', () => {
    test('--version: nothing but itself', () => {
      expect(builtinsOf(script, '--version')).toEqual(['node:fs', 'node:sea', 'node:vm', 'node:url']);
    });

    test('--help: neither the client (sockets, TLS, HTTP) nor what draws (terminals)', () => {
      const builtins = builtinsOf(script, 'doctor', '--help').map((name) => name.replace(/^node:/, ''));
      expect(builtins).toContain('fs');
      const unwanted = ['net', 'tls', 'http', 'https', 'http2', 'crypto', 'zlib', 'stream', 'readline', 'tty', 'v8'];
      expect(unwanted.filter((name) => builtins.includes(name))).toEqual([]);
    });
  });
});
