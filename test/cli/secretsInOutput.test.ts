import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { serveCapture } from '../../pkg/serveCapture.ts';
import { main } from '../../src/cli/main.ts';
import { listen, startProxy } from '../collect/live/testProxies.ts';
import {
  fixturePath,
  fixtureText,
  json,
  startServer,
  statusBody,
  temporaryFolder,
  writeKubeconfig,
} from '../collect/live/testServer.ts';
import { fakeIo } from '../support/fakeIo.ts';

/*
 * A secret in each place that can hold one, each way in which it may come to be mentioned, each command: whatever is
 * printed or written is searched for it.
 */

/** Its tables are as they should be, so that nothing is read a second time after a while. */
const recorded = join(import.meta.dirname, '../fixtures/recordings/kube-proxy-rules-left.kpr');

/** Not a word, and no form by which it could be told: it is known by where it stands alone. */
const secret = 'Zq7Hunter2xPlanted';
/** What it becomes on its way. */
const spellings = [
  secret,
  Buffer.from(`jane:${secret}`).toString('base64'),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  encodeURIComponent(`${secret}@`),
  secret.slice(0, 12),
];

/** How the program is set up, and where its secret is. */
interface Setting {
  readonly kubeconfig: string;
  readonly flags?: readonly string[];
  readonly env?: Record<string, string>;
}
type Plant = () => Setting | Promise<Setting>;

const nowhere = 'https://127.0.0.1:1';
const ofUser = (user: Record<string, unknown>, server = nowhere): Setting => ({
  kubeconfig: writeKubeconfig(server, { user }),
});
const ofCluster = (cluster: Record<string, unknown>): Setting => ({
  kubeconfig: writeKubeconfig(nowhere, { user: { token: 't' }, cluster }),
});
const ofText = (text: string): Setting => {
  const kubeconfig = join(temporaryFolder(), 'config');
  writeFileSync(kubeconfig, text);
  return { kubeconfig };
};
const file = (text: string): string => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, text);
  return path;
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const jwtOf = (exp: number): string => `${base64('{"alg":"x"}')}.${base64(JSON.stringify({ exp }))}.${secret}`;

const apiVersion = 'client.authentication.k8s.io/v1';
const plugin = (script: string, more: Record<string, unknown> = {}, server = nowhere): Setting =>
  ofUser({ exec: { apiVersion, command: 'sh', args: ['-c', script], interactiveMode: 'Never', ...more } }, server);
const credential = (status: object): string => JSON.stringify({ apiVersion, kind: 'ExecCredential', status });
const prints = (text: string): string => `cat ${file(text)}`;

/** Kubeconfigs of which a parser, a reader or a header complains, near the secret or by quoting it. */
const broken: Readonly<Record<string, string>> = {
  'a line that ends in the middle': `users:\n- name: u\n  user:\n    token: "${secret}\n    password: x\n`,
  'a mapping in a mapping': `users: [{name: u, user: {token: ${secret}: x}}]`,
  'a tab': `users:\n- name: u\n  user:\n\ttoken: ${secret}\n`,
  'a name that is there twice': `${secret}: 1\n${secret}: 2\n`,
  'an alias to nothing': `users: [{name: u, user: {token: *${secret}}}]`,
  'an unknown tag': `users: [{name: u, user: {token: !${secret} x}}]`,
  'a directive': `%${secret}\n---\na: b\n`,
  'a text in place of an object': secret,
  'JSON that ends too early': `{"users": [{"name": "u", "user": {"token": "${secret}`,
  'an escape that is none': `users: [{name: u, user: {token: "\\q${secret}"}}]`,
  'bytes that are no text': `token: ${secret}\u0000\u0001\uFFFE`,
  'a token that is an object': `users: [{name: u, user: {token: {a: ${secret}}}}]`,
  'users that are a text': `users: ${secret}`,
};

const tokens: Readonly<Record<string, string>> = {
  'over two lines': `a\n${secret}`,
  'with a NUL': `${secret}\u0000`,
  'with letters that no header has': `${secret}\u4E2D`,
  'with an escape sequence': `${secret}\u001b[31m`,
};

const plants: Readonly<Record<string, Plant>> = {
  ...Object.fromEntries(Object.entries(broken).map(([name, text]) => [`kubeconfig: ${name}`, () => ofText(text)])),
  ...Object.fromEntries(
    Object.entries(tokens).flatMap(([name, token]): [string, Plant][] => [
      [`token ${name}`, () => ofUser({ token })],
      [`--token ${name}`, () => ({ ...ofUser({}), flags: ['--token', token] })],
      [`token file ${name}`, () => ofUser({ tokenFile: file(token) })],
      [`plugin’s token ${name}`, () => plugin(prints(credential({ token })))],
      [
        `id-token ${name}`,
        () => ofUser({ 'auth-provider': { name: 'oidc', config: { 'id-token': jwtOf(4e9) + token } } }),
      ],
      [`impersonated user ${name}`, () => ({ ...ofUser({ token: 't', as: token }) })],
      [`impersonated group ${name}`, () => ofUser({ token: 't', as: 'jane', 'as-groups': [token] })],
      [`extra ${name}`, () => ofUser({ token: 't', as: 'jane', 'as-user-extra': { session: [token] } })],
      [`password ${name}`, () => ofUser({ username: 'jane', password: token })],
    ]),
  ),
  'token, nobody listens': () => ofUser({ token: secret }),
  'password, nobody listens': () => ofUser({ username: 'jane', password: secret }),
  'token file that is a folder': () => ofUser({ tokenFile: temporaryFolder(), token: secret }),
  'client key that is no key': () =>
    ofUser({ 'client-certificate': fixturePath('client.crt'), 'client-key-data': base64(secret) }),
  'client key that is not base64': () =>
    ofUser({ 'client-certificate': fixturePath('client.crt'), 'client-key-data': `${secret}***` }),
  'client key of damaged PEM': () =>
    ofUser({
      'client-certificate': fixturePath('client.crt'),
      'client-key': file(`-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`),
    }),
  'client key without a certificate': () => ofUser({ 'client-key-data': base64(secret) }),
  'certificate that is a key': () =>
    ofUser({ 'client-certificate-data': base64(secret), 'client-key': fixturePath('client.key') }),
  'authority that is a key': () =>
    ofCluster({ 'certificate-authority': file(`-----BEGIN PRIVATE KEY-----\n${secret}\n`) }),

  'plugin prints something else': () => plugin(prints(`${secret}\n`)),
  'plugin prints half of it': () => plugin(prints(credential({ token: secret }).slice(0, -2))),
  'plugin speaks another version': () => plugin(prints(credential({ token: secret }).replace('/v1"', '/v1beta1"'))),
  'plugin gives a damaged certificate': () =>
    plugin(prints(credential({ clientCertificateData: secret, clientKeyData: secret }))),
  'plugin gives a date that is none': () => plugin(prints(credential({ token: secret, expirationTimestamp: secret }))),
  'plugin complains with its token': () => plugin(`echo "cannot renew token=${secret}" >&2; exit 1`),
  'plugin complains with a header': () => plugin(`echo "Authorization: Bearer ${secret}" >&2; exit 1`),
  'plugin complains with a URL': () => plugin(`echo "GET https://jane:${secret}@sso/ failed" >&2; exit 1`),
  'plugin complains with its environment': () =>
    plugin('echo "refused: $LOGIN" >&2; exit 1', { env: [{ name: 'LOGIN', value: secret }] }),
  'plugin complains with its arguments': () =>
    plugin('echo "refused: $1" >&2; exit 1', { args: ['-c', 'echo "refused: $1" >&2; exit 1', 'login', secret] }),
  'plugin complains with what it printed': () =>
    plugin(`${prints(credential({ token: secret }))}; echo "not stored: ${secret}" >&2; exit 1`),
  'plugin is not there, and has its secret as an argument': () =>
    plugin('', { command: '/kpr/no-such-plugin', args: ['--password', secret] }),

  'server with a password': () => ({ kubeconfig: writeKubeconfig(`https://jane:${secret}@127.0.0.1:1`) }),
  'server of another scheme': () => ({ kubeconfig: writeKubeconfig(`ftp://jane:${secret}@h/`) }),
  'server without a scheme': () => ({ kubeconfig: writeKubeconfig(`jane:${secret}@127.0.0.1:1`) }),
  'server that is no URL': () => ({ kubeconfig: writeKubeconfig(`https://jane:${secret}@[bad`) }),
  'server with a query': () => ({ kubeconfig: writeKubeconfig(`https://127.0.0.1:1/?token=${secret}`) }),
  '--server with a password': () => ({ ...ofUser({}), flags: ['--server', `https://jane:${secret}@127.0.0.1:1`] }),
  '--server that is no URL': () => ({ ...ofUser({}), flags: ['--server', `jane:${secret}@[bad:x`] }),

  'proxy that nobody listens at': () => ofCluster({ 'proxy-url': `http://jane:${secret}@127.0.0.1:1` }),
  'SOCKS proxy that nobody listens at': () => ofCluster({ 'proxy-url': `socks5://jane:${secret}@127.0.0.1:1` }),
  'proxy of another scheme': () => ofCluster({ 'proxy-url': `ftp://jane:${secret}@h` }),
  'proxy that is no URL': () => ofCluster({ 'proxy-url': `http://jane:${secret}@[bad` }),
  'proxy of the environment': () => ({
    ...ofCluster({ server: 'https://kpr.test:6443' }),
    env: { HTTPS_PROXY: `http://jane:${secret}@127.0.0.1:1` },
  }),
  'proxy with an escape that is none': () => ofCluster({ 'proxy-url': `http://jane:%zz${secret}@127.0.0.1:1` }),
  'proxy that refuses': async () => {
    const proxy = await startProxy(1, { refuse: `407 login of jane:${secret} needed` });
    return ofCluster({ server: 'https://kpr.test:6443', 'proxy-url': `http://jane:${secret}@127.0.0.1:${proxy.port}` });
  },

  'oidc, expired': () =>
    ofUser({
      'auth-provider': {
        name: 'oidc',
        config: { 'id-token': jwtOf(1), 'refresh-token': secret, 'client-secret': secret },
      },
    }),
  'oidc, no token': () => ofUser({ 'auth-provider': { name: 'oidc', config: { 'id-token': secret } } }),
  gcp: () => ofUser({ 'auth-provider': { name: 'gcp', config: { 'access-token': secret, 'cmd-args': secret } } }),
};

const told = ({ headers }: IncomingMessage): string => `${headers.authorization ?? ''} ${JSON.stringify(headers)}`;

/** A server or proxy for debugging, or one that means harm: it tells everybody what it was told. */
const echo = async (status: number): Promise<string> => {
  const server = await startServer({
    onRequest: (request, response) => {
      seen.push(told(request));
      json(response, statusBody(status, 'Forbidden', `refused: ${told(request)}`), status);
    },
    onUpgrade: (request, socket) => {
      socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\n\r\nrefused: ${told(request)}`);
    },
  });
  return server.url;
};
const seen: string[] = [];

const who: Readonly<Record<string, (server: string) => Setting>> = {
  token: (server) => ofUser({ token: secret }, server),
  password: (server) => ofUser({ username: 'jane', password: secret }, server),
  'token file': (server) => ofUser({ tokenFile: file(secret) }, server),
  'plugin’s token': (server) => plugin(prints(credential({ token: secret })), {}, server),
  'id-token': (server) => ofUser({ 'auth-provider': { name: 'oidc', config: { 'id-token': jwtOf(4e9) } } }, server),
};

const echoes: Readonly<Record<string, Plant>> = Object.fromEntries(
  [400, 401, 403, 500].flatMap((status) =>
    // A 500 is asked for again and again, which takes its time.
    Object.entries(who)
      .slice(0, status === 500 ? 1 : undefined)
      .map(([name, setting]): [string, Plant] => [
        `${name}, in what a server answers with ${status}`,
        async () => setting(await echo(status)),
      ]),
  ),
);

const commands: readonly (readonly string[])[] = [
  ['doctor'],
  ['doctor', '--debug', '-v'],
  ['verify', '-o', 'json', '--debug'],
  ['trace', 'svc/kubernetes', '-o', 'json'],
  ['capture', '-o', '{out}/x.kpr', '--debug'],
  ['diff', recorded, '-o', 'json'],
  ['cleanup', '--debug'],
];

interface Ran {
  readonly exitCode: number;
  readonly said: string;
  /** All files that it wrote, unpacked. */
  readonly written: string;
}

async function run(command: readonly string[], { kubeconfig, flags = [], env = {} }: Setting): Promise<Ran> {
  const out = join(temporaryFolder(), 'out');
  mkdirSync(out);
  const io = fakeIo({ env: { PATH: process.env['PATH'] ?? '', ...env } });
  const words = [...command.map((word) => word.replace('{out}', out)), '--kubeconfig', kubeconfig, ...flags];
  const exitCode = await main([...words, '--timeout', '3s', '--request-timeout', '2s'], io);
  const written = readdirSync(out).map((name) => {
    const bytes = readFileSync(join(out, name));
    return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('latin1');
  });
  return { exitCode, said: io.stdout.text + io.stderr.text, written: written.join('') };
}

describe.each(Object.entries({ ...plants, ...echoes }))('%s', (name, plant) => {
  test('is told by nothing that is printed or written', { timeout: 60_000 }, async () => {
    const setting = await plant();
    seen.length = 0;
    const found: string[] = [];
    for (const command of commands) {
      const { exitCode, said, written } = await run(command, setting);
      // It failed, and said something about that.
      expect([command.join(' '), exitCode]).toEqual([command.join(' '), 2]);
      expect(said).not.toBe('');
      if (spellings.some((one) => (said + written).includes(one))) found.push(`${command.join(' ')}: ${said}`);
    }
    expect(found).toEqual([]);
    // The server was told, by what it answers.
    if (name.includes('in what a server')) expect(seen.join('\n')).toMatch(new RegExp(spellings.slice(0, 2).join('|')));
  });
});

test('what is captured from a cluster holds nothing of how it was reached', { timeout: 60_000 }, async () => {
  const upstream = Number(new URL(await serveCapture(recorded)).port);
  const options = { cert: fixtureText('server.crt'), key: fixtureText('server.key') };
  const port = await listen(
    createTlsServer(options, (socket) => {
      const inner = connect(upstream, '127.0.0.1');
      for (const end of [socket, inner]) end.on('error', () => {});
      socket.pipe(inner).pipe(socket);
    }),
  );
  const capturing = commands.filter(([name]) => name === 'capture');
  for (const [name, setting] of Object.entries(who)) {
    for (const command of name === 'token' ? commands : capturing) {
      const { exitCode, said, written } = await run(command, setting(`https://127.0.0.1:${port}`));
      expect([name, command.join(' '), exitCode === 2]).toEqual([name, command.join(' '), false]);
      expect(spellings.filter((one) => (said + written).includes(one))).toEqual([]);
      if (command[0] === 'capture') expect(written.length).toBeGreaterThan(100_000);
    }
  }
});
