import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  connectTo,
  fixturePath,
  fixtureText,
  json,
  jwt,
  startServer,
  statusBody,
  temporaryFolder,
} from './testServer.ts';

const apiVersion = 'client.authentication.k8s.io/v1';

interface Plugin {
  readonly exec: Record<string, unknown>;
  /** What the plugin was told, run by run. */
  readonly runs: () => { info: Record<string, unknown>; extra: string | undefined }[];
}

/** A credential plugin that notes its runs; `status` is a JavaScript expression in which `run` counts from 1. */
const makePlugin = (status: string, more: Record<string, unknown> = {}, before = ''): Plugin => {
  const folder = temporaryFolder();
  const log = join(folder, 'runs');
  const command = join(folder, 'plugin');
  writeFileSync(
    command,
    `#!${process.execPath}
const fs = require('node:fs');
const info = process.env.KUBERNETES_EXEC_INFO;
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify({ info: JSON.parse(info), extra: process.env.EXTRA }) + '\\n');
const run = fs.readFileSync(${JSON.stringify(log)}, 'utf8').trim().split('\\n').length;
${before}
setTimeout(() => console.log(JSON.stringify({ apiVersion: ${JSON.stringify(apiVersion)}, kind: 'ExecCredential', status: ${status} })), 50);
`,
  );
  chmodSync(command, 0o755);
  return {
    exec: { apiVersion, command, args: ['get-token'], interactiveMode: 'IfAvailable', ...more },
    runs: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as { info: Record<string, unknown>; extra: string | undefined })
        : [],
  };
};

const env = { PATH: process.env['PATH'] };

const whyNot = async (user: Record<string, unknown>): Promise<string> => {
  const server = await accepting(() => 'nobody');
  const failed: unknown = await connectTo(server, { user, env }).catch((error: unknown) => error);
  return failed instanceof Error ? `${failed.message} ${failed.stack ?? ''} ${String(failed.cause)}` : 'it connected';
};

describe('credentials that cannot be sent', () => {
  const secret = 'Sup3rS3cretV4lue';

  test.each([
    ['two lines', `${secret}\n${secret}`],
    ['NUL', `${secret}\0`],
  ])('a token with %s is refused without being repeated', async (_, token) => {
    const said = await whyNot({ token });
    expect(said).toContain('holds a line break or another character');
    expect(said).not.toContain(secret);
  });

  test('what a plugin complains of is told without its secrets', async () => {
    const plugin = makePlugin(
      '{}',
      { env: [{ name: 'CLIENT', value: secret }] },
      `console.error('denied: ' + process.env.CLIENT + ' password=hunter2 eyJhbGciOiJSUzI1NiIsIm.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJl1'); process.exit(1);`,
    );
    const said = await whyNot({ exec: plugin.exec });
    expect(said).toContain('failed with exit code 1: denied: <redacted>');
    for (const one of [secret, 'hunter2', 'eyJ']) expect(said).not.toContain(one);
  });
});

/** Accepts one bearer token; answers 401 to all others. */
const accepting = (token: () => string) =>
  startServer({
    onRequest: (request, response) =>
      request.headers.authorization === `Bearer ${token()}`
        ? json(response, { major: '1' })
        : json(response, statusBody(401, 'Unauthorized', 'Unauthorized'), 401),
    onUpgrade: (request, socket) =>
      socket.end(
        request.headers.authorization === `Bearer ${token()}`
          ? 'HTTP/1.1 418 Teapot\r\n\r\n'
          : 'HTTP/1.1 401 Unauthorized\r\n\r\n',
      ),
  });

/** A client certificate as a plugin gives it. */
const pair = (name: string) => ({
  clientCertificateData: fixtureText(`${name}.crt`),
  clientKeyData: fixtureText(`${name}.key`),
});

describe('exec plugin', () => {
  test('runs once for parallel requests and is told of the cluster', async () => {
    const plugin = makePlugin(`{ token: 'fresh' }`, {
      provideClusterInfo: true,
      env: [{ name: 'EXTRA', value: 'from the kubeconfig' }],
    });
    const server = await accepting(() => 'fresh');
    const cluster = {
      'tls-server-name': 'kpr.test',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }],
    };
    const port = await connectTo(server, { user: { exec: plugin.exec }, cluster, env });
    const answers = await Promise.all(Array.from({ length: 10 }, () => port.get('/version')));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(plugin.runs()).toEqual([
      {
        extra: 'from the kubeconfig',
        info: {
          apiVersion,
          kind: 'ExecCredential',
          spec: {
            interactive: false,
            cluster: {
              server: server.url,
              'tls-server-name': 'kpr.test',
              'certificate-authority-data': Buffer.from(fixtureText('ca.crt')).toString('base64'),
              config: { audience: 'x' },
            },
          },
        },
      },
    ]);
  });

  test('is not told of the cluster where that is not asked for', async () => {
    const plugin = makePlugin(`{ token: 'fresh' }`);
    await connectTo(await accepting(() => 'fresh'), { user: { exec: plugin.exec }, env });
    expect(plugin.runs()[0]!.info['spec']).toEqual({ interactive: false });
  });

  test('runs again, once, when the server no longer accepts the token', async () => {
    const plugin = makePlugin('{ token: `token-${run}` }');
    let accepted = 'token-1';
    const server = await accepting(() => accepted);
    const port = await connectTo(server, { user: { exec: plugin.exec }, env });
    expect((await port.get('/version')).ok).toBe(true);
    accepted = 'token-2';
    const answers = await Promise.all(Array.from({ length: 5 }, () => port.get('/version')));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(plugin.runs()).toHaveLength(2);
  });

  test('runs again for an exec that is refused', async () => {
    const plugin = makePlugin('{ token: `token-${run}` }');
    const server = await accepting(() => 'token-2');
    const port = await connectTo(server, { user: { exec: plugin.exec }, env });
    const target = { namespace: 'n', pod: 'p', container: 'c' };
    const outcome = await port.exec(target, ['x'], { timeoutMs: 5_000, maxBytes: 100 });
    expect(outcome).toMatchObject({ end: 'refused', httpStatus: 418 });
    expect(plugin.runs()).toHaveLength(2);
  });

  test('does not run for ever for a server that accepts nothing', async () => {
    const plugin = makePlugin('{ token: `token-${run}` }');
    const server = await accepting(() => 'none');
    const port = await connectTo(server, { user: { exec: plugin.exec }, env });
    for (let index = 0; index < 4; index++) {
      expect(await port.get('/version')).toMatchObject({ ok: false, why: { missing: 'unauthenticated' } });
    }
    expect(plugin.runs()).toHaveLength(2);
  });

  test('runs again when its token has expired', async () => {
    const plugin = makePlugin(
      '{ token: `token-${run}`, expirationTimestamp: run === 1 ? "2020-01-01T00:00:00Z" : "2099-01-01T00:00:00Z" }',
    );
    const port = await connectTo(await accepting(() => 'token-2'), { user: { exec: plugin.exec }, env });
    expect((await port.get('/version')).ok).toBe(true);
    expect((await port.get('/version')).ok).toBe(true);
    expect(plugin.runs()).toHaveLength(2);
  });

  test('may give a client certificate', async () => {
    let subject: unknown;
    const server = await startServer({
      onRequest: (request, response) => {
        const { socket } = request;
        subject = 'getPeerCertificate' in socket && (socket.getPeerCertificate as () => { subject: unknown })().subject;
        json(response, { major: '1' });
      },
    });
    const port = await connectTo(server, {
      user: { exec: makePlugin(JSON.stringify(pair('client'))).exec },
      env,
    });
    expect((await port.get('/version')).ok).toBe(true);
    expect(subject).toMatchObject({ CN: 'kpr test client' });
  });

  test('may give another client certificate later, which new connections show', async () => {
    const shown = new Set<string>();
    const server = await startServer({
      onRequest: (request, response) => {
        const { socket } = request;
        if ('getPeerCertificate' in socket) {
          shown.add((socket.getPeerCertificate as () => { valid_to: string })().valid_to);
        }
        json(response, { major: '1' });
      },
    });
    const first = { ...pair('client-expired'), expirationTimestamp: '2020-01-01T00:00:00Z' };
    const plugin = makePlugin(`run === 1 ? ${JSON.stringify(first)} : ${JSON.stringify(pair('client'))}`);
    const port = await connectTo(server, { user: { exec: plugin.exec }, env });
    // The first was fetched when connecting, and ended at once.
    expect((await port.get('/version')).ok).toBe(true);
    expect([...shown]).toEqual([new X509Certificate(fixtureText('client.crt')).validTo]);
  });

  test('does not run where --token is given', async () => {
    const plugin = makePlugin(`{ token: 'fresh' }`);
    const port = await connectTo(await accepting(() => 'mine'), {
      user: { exec: plugin.exec },
      flags: { token: 'mine' },
      env,
    });
    expect((await port.get('/version')).ok).toBe(true);
    expect(plugin.runs()).toEqual([]);
  });

  const failures: [string, Plugin['exec'], string, string][] = [
    [
      'is not installed',
      { apiVersion, command: 'kpr-no-such-plugin', installHint: 'Get it from\nexample.com' },
      'The credential plugin "kpr-no-such-plugin" that the kubeconfig names is not installed',
      'Get it from example.com',
    ],
    [
      'fails',
      { apiVersion, command: 'sh', args: ['-c', 'echo SSO session has expired >&2; exit 255'] },
      'The credential plugin "sh" failed with exit code 255: SSO session has expired',
      'by hand',
    ],
    [
      'prints something else',
      { apiVersion, command: 'echo', args: ['hello'] },
      'The credential plugin "echo" printed something else than an ExecCredential in JSON',
      'by hand',
    ],
    ['prints nothing', { apiVersion, command: 'true' }, 'The credential plugin "true" printed nothing', 'by hand'],
    [
      'speaks another version',
      {
        apiVersion,
        command: 'echo',
        args: ['{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"x"}}'],
      },
      `speaks client.authentication.k8s.io/v1beta1, but the kubeconfig asks for ${apiVersion}`,
      'by hand',
    ],
    [
      'gives nothing',
      { apiVersion, command: 'echo', args: [`{"kind":"ExecCredential","apiVersion":"${apiVersion}"}`] },
      'gave neither a token nor a client certificate',
      'by hand',
    ],
    [
      'wants to ask questions where nobody is',
      { apiVersion, command: 'true', interactiveMode: 'Always' },
      'wants to ask questions, but the input is no terminal',
      'in a terminal',
    ],
  ];

  test.each(failures)('that %s is one clear sentence', async (_, exec, message, hint) => {
    const connecting = connectTo({ url: 'https://127.0.0.1:1' }, { user: { exec }, env });
    await expect(connecting).rejects.toMatchObject({
      name: 'KprError',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  test('that fails later makes answers missing', async () => {
    const plugin = makePlugin(
      '{ token: `token-${run}` }',
      {},
      `if (run > 1) { console.error('logged out'); process.exit(1); }`,
    );
    const port = await connectTo(await accepting(() => 'token-2'), { user: { exec: plugin.exec }, env });
    expect(await port.get('/version')).toMatchObject({
      ok: false,
      why: { missing: 'unauthenticated', detail: expect.stringContaining('logged out') },
    });
    const pod = { namespace: 'n', pod: 'p', container: 'c' };
    expect(await port.exec(pod, ['x'], { timeoutMs: 3_000, maxBytes: 1 })).toMatchObject({
      end: 'refused',
      httpStatus: 401,
      message: expect.stringMatching(/^no credentials: .*logged out/),
    });
  });

  test('that hangs costs no more than the deadline of the request', async () => {
    const plugin = makePlugin(
      '{ token: `token-${run}` }',
      {},
      'if (run > 1) setTimeout(() => {}, 60000), console.log = () => {};',
    );
    const server = await accepting(() => 'token-2');
    const port = await connectTo(server, { user: { exec: plugin.exec }, env, flags: { requestTimeoutMs: 400 } });
    expect(await port.get('/version')).toMatchObject({ ok: false, why: { missing: 'timeout' } });
  });
});

describe('other identities', () => {
  test('a token file is read again when the server no longer accepts its token', async () => {
    const file = join(temporaryFolder(), 'token');
    writeFileSync(file, 'old\n');
    let accepted = 'old';
    const port = await connectTo(await accepting(() => accepted), { user: { tokenFile: file } });
    expect((await port.get('/version')).ok).toBe(true);
    writeFileSync(file, 'new\n');
    accepted = 'new';
    expect((await port.get('/version')).ok).toBe(true);
  });

  test('a token file that is not there', async () => {
    const connecting = connectTo({ url: 'https://127.0.0.1:1' }, { user: { tokenFile: '/kpr/no/such/token' } });
    await expect(connecting).rejects.toThrow('The token file /kpr/no/such/token cannot be read (ENOENT)');
  });

  test('a user name and a password', async () => {
    const server = await startServer({ onRequest: (_, response) => json(response, { major: '1' }) });
    await (await connectTo(server, { user: { username: 'u', password: 'p:w' } })).get('/version');
    expect(server.requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('u:p:w').toString('base64')}`);
  });

  test('OpenID Connect sends the id token while it holds', async () => {
    const token = jwt(4_000_000_000);
    const user = {
      'auth-provider': { name: 'oidc', config: { 'id-token': token, 'client-id': 'c', 'idp-issuer-url': 'https://x' } },
    };
    const port = await connectTo(await accepting(() => token), { user });
    expect((await port.get('/version')).ok).toBe(true);
  });

  test('OpenID Connect never spends the refresh token, whose successor it would keep from kubectl', async () => {
    const issuer = await startServer({ onRequest: (_, response) => json(response, {}) });
    const config = {
      'id-token': jwt(1_000_000_000),
      'refresh-token': 'for one time',
      'client-id': 'c',
      'idp-issuer-url': issuer.url,
      'idp-certificate-authority': fixturePath('ca.crt'),
    };
    const user = { 'auth-provider': { name: 'oidc', config } };
    await expect(connectTo({ url: 'https://127.0.0.1:1' }, { user })).rejects.toMatchObject({
      message: 'The auth-provider "oidc" gives no token; that of the kubeconfig may have expired',
      hint: 'Let kubectl renew it: kubectl get --raw /version; or log in again',
    });
    expect(issuer.connections()).toBe(0);
  });

  test.each(['gcp', 'azure', 'no-such'])('%s is refused, and no program is run for it', async (name) => {
    const folder = temporaryFolder();
    const config = {
      'cmd-path': '/bin/sh',
      'cmd-args': `-c "touch ${folder}/was-run"`,
      'access-token': 'legacy-token',
    };
    await expect(
      connectTo({ url: 'https://127.0.0.1:1' }, { user: { 'auth-provider': { name, config } } }),
    ).rejects.toMatchObject({
      name: 'KprError',
      message: `The auth-provider "${name}" is not supported, as by kubectl since 1.26: of these there is oidc only`,
      hint: expect.stringContaining('exec'),
    });
    expect(existsSync(join(folder, 'was-run'))).toBe(false);
  });
});

const impersonationOf = (rawHeaders: readonly string[]): string[] =>
  rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && /^impersonate-/i.test(name) ? [`${name.toLowerCase()}: ${rawHeaders[index + 1]}`] : [],
  );

describe('impersonation', () => {
  const expected = [
    'impersonate-user: jane',
    'impersonate-uid: 1234',
    'impersonate-group: system:masters',
    'impersonate-group: a, b',
    'impersonate-extra-example.com%2Fscopes: view',
    'impersonate-extra-example.com%2Fscopes: edit',
  ].map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));

  test.each([
    [
      'of the kubeconfig',
      {
        as: 'jane',
        'as-uid': '1234',
        'as-groups': ['system:masters', 'a, b'],
        'as-user-extra': { 'example.com/Scopes': ['view', 'edit'] },
      },
      {},
    ],
    [
      'of the flags over the kubeconfig',
      {
        as: 'joe',
        'as-uid': '1',
        'as-groups': ['others'],
        'as-user-extra': { 'example.com/Scopes': ['view', 'edit'] },
      },
      { as: 'jane', asUid: '1234', asGroups: ['system:masters', 'a, b'] },
    ],
  ])('%s, with a header for each group, for requests and execs', async (_, user, flags) => {
    const server = await startServer({
      onRequest: (_, response) => json(response, { major: '1' }),
      onUpgrade: (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'),
    });
    const port = await connectTo(server, { user, flags });
    await port.get('/version');
    await port.exec({ namespace: 'n', pod: 'p', container: 'c' }, ['x'], { timeoutMs: 3_000, maxBytes: 1 });
    expect(server.requests).toHaveLength(2);
    for (const request of server.requests) expect(impersonationOf(request.rawHeaders)).toEqual(expected);
  });

  test('of groups alone is refused', async () => {
    await expect(connectTo({ url: 'https://x' }, { flags: { asGroups: ['g'] } })).rejects.toThrow('but no user');
  });
});

test('closing the port ends a plugin that still runs', async () => {
  const pidFile = join(temporaryFolder(), 'pid');
  const hang = `if (run > 1) {
    fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
    setInterval(() => {}, 1000);
    console.log = () => {};
  }`;
  const plugin = makePlugin('{ token: `token-${run}` }', {}, hang);
  const port = await connectTo(await accepting(() => 'token-2'), { user: { exec: plugin.exec }, env });
  const answer = port.get('/version');
  await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toMatch(/^\d+$/);
  await port.close();
  expect(await answer).toMatchObject({ ok: false, why: { missing: 'notCollected' } });
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const isAlive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(isAlive).toBe(false);
});
