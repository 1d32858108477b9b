import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConnectionFlags, Env } from '../../../src/collect/ConnectionFlags.ts';
import type { Connection } from '../../../src/collect/live/Connection.ts';
import { parseKubeconfig } from '../../../src/collect/live/parseKubeconfig.ts';
import { resolveConnection } from '../../../src/collect/live/resolveConnection.ts';
import { KprError } from '../../../src/core/KprError.ts';
import { fixtureText } from './testServer.ts';

type Files = Readonly<Record<string, string>>;

const fail = (code: string): never => {
  throw Object.assign(new Error(code), { code });
};

const resolve = (files: Files, flags: ConnectionFlags = {}, env: Env = {}, platform = 'linux'): Connection =>
  resolveConnection(flags, {
    env,
    platform,
    readFile: (path) => {
      const content = files[path] ?? fail('ENOENT');
      return content === 'EACCES' ? fail('EACCES') : content;
    },
  });

const errorOf = (run: () => unknown): KprError => {
  try {
    run();
  } catch (error) {
    if (error instanceof KprError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const one = `
apiVersion: v1
kind: Config
clusters:
- name: shared
  cluster: { server: https://one:6443 }
users:
- name: user
  user: { token: from-one }
contexts:
- name: first
  context: { cluster: shared, user: user }
`;

const two = `
apiVersion: v1
kind: Config
current-context: second
clusters:
- name: shared
  cluster: { server: https://two:6443, tls-server-name: two }
- name: own
  cluster: { server: https://own:6443/k8s/clusters/c-1/ }
users:
- name: user
  user: { token: from-two, as: jane }
contexts:
- name: first
  context: { cluster: own, user: user, namespace: two }
- name: second
  context: { cluster: own, user: user, namespace: shop }
`;

describe('KUBECONFIG with several files', () => {
  const files = { '/one': one, '/two': two, '/empty': '', '/null': '---\n' };
  // What kubectl config view prints for the same files.
  test.each<[string, string, ConnectionFlags, Partial<Connection>]>([
    ['the first file with a current context chooses', '/one:/two', {}, { contextName: 'second', namespace: 'shop' }],
    [
      'the first file wins for a name',
      '/one:/two',
      { context: 'first' },
      { server: 'https://one:6443', namespace: 'default' },
    ],
    ['the other way around', '/two:/one', { context: 'first' }, { server: 'https://own:6443/k8s/clusters/c-1' }],
    [
      'entries are not mixed',
      '/one:/two',
      { context: 'first' },
      { impersonate: { user: '', groups: [], uid: '', extra: {} } },
    ],
    ['users too come from the first', '/one:/two', {}, { identity: { kind: 'token', token: 'from-one' } }],
    ['missing and empty files do not count', '/none:/empty:/null::/two', {}, { contextName: 'second' }],
    ['a file twice counts once', '/two:/two', {}, { contextName: 'second' }],
  ])('%s', (_, list, flags, expected) => {
    expect(resolve(files, flags, { KUBECONFIG: list, HOME: '/home' })).toMatchObject(expected);
  });
});

describe('where the kubeconfig is', () => {
  const home = { '/home/.kube/config': two, '/one': one };

  test('--kubeconfig goes before KUBECONFIG', () => {
    expect(resolve(home, { kubeconfig: '/one', context: 'first' }, { KUBECONFIG: '/home/.kube/config' }).server).toBe(
      'https://one:6443',
    );
  });

  test('--kubeconfig must exist', () => {
    const error = errorOf(() => resolve(home, { kubeconfig: '/none' }, { HOME: '/home' }));
    expect(error.message).toBe('There is no kubeconfig /none');
  });

  test('~/.kube/config where KUBECONFIG is not set', () => {
    expect(resolve(home, {}, { HOME: '/home' }).contextName).toBe('second');
    expect(resolve({ '/profile/.kube/config': two }, {}, { USERPROFILE: '/profile' }, 'win32').contextName).toBe(
      'second',
    );
  });

  test('not ~/.kube/config where KUBECONFIG names missing files', () => {
    const error = errorOf(() => resolve(home, {}, { HOME: '/home', KUBECONFIG: '/none:/nor-this' }));
    expect(error.message).toContain('/none, /nor-this does not exist');
    expect(error.hint).toContain('--kubeconfig');
  });

  test('a file that may not be read', () => {
    const error = errorOf(() => resolve({ '/one': 'EACCES' }, {}, { KUBECONFIG: '/one' }));
    expect(error.message).toBe('The kubeconfig /one cannot be read (EACCES)');
  });

  test.each([
    ['no YAML', 'a: [', 'is not a kubeconfig'],
    ['a text', 'hello', 'it holds no fields'],
    ['a list', '- a', 'it holds no fields'],
    ['clusters that are no list', 'clusters: {a: 1}', '"clusters" is not a list'],
    ['a name twice', 'clusters: [{name: a, cluster: {}}, {name: a, cluster: {}}]', '"clusters" names a twice'],
  ])('%s', (_, content, words) => {
    expect(errorOf(() => resolve({ '/x': content }, { kubeconfig: '/x' })).message).toContain(words);
  });

  test('in a pod the service account speaks', () => {
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    const ca = fixtureText('ca.crt');
    const pod = { [`${folder}/token`]: 't', [`${folder}/ca.crt`]: ca, [`${folder}/namespace`]: 'kube-system\n' };
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(resolve(pod, {}, env)).toMatchObject({
      contextName: 'in-cluster',
      namespace: 'kube-system',
      server: 'https://[fd00::1]',
      identity: { kind: 'tokenFile', file: `${folder}/token` },
      tls: { ca },
    });
    expect(resolve({ ...pod, '/two': two }, {}, { ...env, KUBECONFIG: '/two' }).contextName).toBe('second');
    expect(errorOf(() => resolve({}, {}, env)).message).toContain('No cluster to ask');
  });

  test('--server alone is enough', () => {
    expect(resolve({}, { server: 'localhost:8001' })).toMatchObject({ server: 'https://localhost:8001' });
    expect(resolve({}, { server: 'k8s.example:6443', insecureSkipTlsVerify: true }).server).toBe(
      'https://k8s.example:6443',
    );
    expect(errorOf(() => resolve({}, { server: 'ftp://x' })).message).toBe('The server "ftp://x" is no address');
  });
});

describe('over plain http nobody is told who asks', () => {
  test.each([
    '{ token: abc }',
    '{ username: u, password: p }',
    '{ exec: { apiVersion: v1, command: plugin } }',
    '{ token: abc, as: jane }',
    '{ client-certificate: /none, client-key: /none }',
  ])('%s', (user) => {
    const clusters = 'clusters: [{name: c, cluster: {server: "http://10.0.0.1:8080"}}]';
    const users = `users: [{name: u, user: ${user}}]`;
    const contexts = 'current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]';
    const files = { '/http': [clusters, users, contexts].join('\n') };
    const flags: ConnectionFlags = { token: 'given', as: 'root' };
    for (const given of [{}, flags]) {
      expect(resolve(files, given, { KUBECONFIG: '/http' })).toMatchObject({
        server: 'http://10.0.0.1:8080',
        identity: { kind: 'none' },
        clientCertificate: undefined,
        impersonate: { user: '', groups: [] },
      });
    }
  });
});

const kubeconfigOf = (user: string, server = 'https://10.0.0.1:6443'): string =>
  `current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "${server}"}}]
users:
- name: u
  user:
    ${user}`;

describe('errors do not repeat credentials', () => {
  const secret = 'Sup3rS3cretV4lue';
  test.each([
    ['a key that is no YAML', kubeconfigOf(`token: ${secret}: x`)],
    ['a tab in front of a key', kubeconfigOf(`password: ${secret}\n\tusername: u`)],
    ['a quote that does not end', kubeconfigOf(`token: "${secret}`)],
    ['a server with a password', kubeconfigOf('token: abc', `ftp://bob:${secret}@10.0.0.1/`)],
    ['a server that is no URL', kubeconfigOf('token: abc', `https://bob:${secret}@`)],
  ])('%s', (_, content) => {
    const error = errorOf(() => resolve({ '/it': content }, {}, { KUBECONFIG: '/it' }));
    expect(`${error.message} ${error.hint} ${String(error.cause)} ${error.stack}`).not.toContain(secret);
  });

  test('the line is told', () => {
    const error = errorOf(() => resolve({ '/it': kubeconfigOf('token: a: b') }, {}, { KUBECONFIG: '/it' }));
    expect(error.message).toBe('/it is not a kubeconfig: bad indentation of a mapping entry in line 7');
  });
});

describe('what refers to nothing', () => {
  const files = { '/two': two };
  const env = { KUBECONFIG: '/two' };

  test.each<[ConnectionFlags, string, string]>([
    [{ context: 'nope' }, 'The context "nope" does not exist in /two', 'Known contexts: first, second'],
    [{ cluster: 'nope' }, 'The cluster "nope" does not exist in /two', 'Known clusters: own, shared'],
    [{ user: 'nope' }, 'The user "nope" does not exist in /two', 'Known users: user'],
  ])('%j', (flags, message, hint) => {
    expect(errorOf(() => resolve(files, flags, env))).toMatchObject({ message, hint });
  });

  test('a context whose cluster is missing', () => {
    const content = 'current-context: a\ncontexts: [{name: a, context: {cluster: b, user: c}}]';
    expect(errorOf(() => resolve({ '/x': content }, { kubeconfig: '/x' })).message).toBe(
      'The cluster "b" of context "a" does not exist in /x',
    );
  });

  test('no current context', () => {
    const error = errorOf(() => resolve({ '/one': one }, { kubeconfig: '/one' }));
    expect(error.message).toBe('No context is chosen: /one has no current-context');
    expect(error.hint).toContain('known contexts: first');
  });

  test('a cluster without a server', () => {
    const content =
      'current-context: a\ncontexts: [{name: a, context: {cluster: b}}]\nclusters: [{name: b, cluster: {}}]';
    expect(errorOf(() => resolve({ '/x': content }, { kubeconfig: '/x' })).message).toContain('has no server');
  });
});

const config = (cluster: string, user = '{}'): string =>
  `current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: ${cluster}}]\nusers: [{name: u, user: ${user}}]`;

const pluginOf = (command: string): unknown => {
  const files = { '/a/config': config('{server: https://x}', `{exec: {apiVersion: v, command: ${command}}}`) };
  const { identity } = resolve(files, { kubeconfig: '/a/config' });
  return identity.kind === 'exec' && identity.exec.command;
};

describe('files that a kubeconfig names', () => {
  const ca = fixtureText('ca.crt');
  test('lie next to it, each next to its own', () => {
    const files = {
      '/a/config': config(
        '{server: https://x, certificate-authority: pki/ca.crt}',
        '{client-certificate: ../c.crt, client-key: /k.key}',
      ),
      '/a/pki/ca.crt': ca,
      '/c.crt': fixtureText('client.crt'),
      '/k.key': 'key',
    };
    expect(resolve(files, { kubeconfig: '/a/config' })).toMatchObject({
      tls: { ca },
      clientCertificate: { cert: files['/c.crt'], key: 'key' },
    });
  });

  test('plugins with a slash too, plugins by name not', () => {
    expect(pluginOf('bin/login')).toBe('/a/bin/login');
    expect(pluginOf('aws')).toBe('aws');
  });

  test('data goes before files', () => {
    const data = Buffer.from(ca).toString('base64');
    const files = {
      '/x': config(`{server: https://x, certificate-authority: none, certificate-authority-data: ${data}}`),
    };
    expect(resolve(files, { kubeconfig: '/x' }).tls.ca).toBe(ca);
  });

  test.each([
    [
      '{server: https://x, certificate-authority: ca.crt}',
      '{}',
      'The certificate authority /a/ca.crt cannot be read (ENOENT)',
    ],
    [
      '{server: https://x, certificate-authority-data: AAAA}',
      '{}',
      'The certificate authority is not a certificate in PEM',
    ],
    ['{server: https://x}', '{client-key-data: AAAA}', 'There is a client key but no client certificate'],
  ])('%s %s', (cluster, user, message) => {
    expect(errorOf(() => resolve({ '/a/config': config(cluster, user) }, { kubeconfig: '/a/config' })).message).toBe(
      message,
    );
  });
});

describe('flags over the kubeconfig', () => {
  const ca = fixtureText('ca.crt');
  const data = Buffer.from(ca).toString('base64');
  const content = `
current-context: a
contexts: [{name: a, context: {cluster: c, user: u, namespace: ns}}]
clusters: [{name: c, cluster: {server: 'https://x', tls-server-name: name, certificate-authority-data: ${data}, proxy-url: 'socks5://p:1'}}]
users: [{name: u, user: {tokenFile: /t, token: inline}}]
`;
  const from = (flags: ConnectionFlags): Connection =>
    resolve({ '/x': content, '/other.crt': fixtureText('other-ca.crt') }, { kubeconfig: '/x', ...flags });

  test.each<[ConnectionFlags, object]>([
    [{}, { tls: { ca, serverName: 'name', insecure: false }, proxyUrl: 'socks5://p:1', namespace: 'ns' }],
    [{ server: 'https://y:1/' }, { server: 'https://y:1', tls: { ca, serverName: undefined } }],
    [{ tlsServerName: 'z' }, { tls: { serverName: 'z' } }],
    [{ insecureSkipTlsVerify: true }, { tls: { ca: undefined, insecure: true } }],
    [{ certificateAuthority: '/other.crt' }, { tls: { ca: fixtureText('other-ca.crt'), insecure: false } }],
    [{ token: 'mine' }, { identity: { kind: 'token', token: 'mine' } }],
    [{ namespace: 'other' }, { namespace: 'other' }],
    [{}, { identity: { kind: 'tokenFile', file: '/t', fallback: 'inline' } }],
    [
      { as: '', context: '', server: '' },
      { contextName: 'a', server: 'https://x' },
    ],
  ])('%j', (flags, expected) => {
    expect(from(flags)).toMatchObject(expected);
  });
});

test('a kubeconfig may be anything and fails only with a KprError', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 3 }),
    ),
  }));
  const named = fc.array(fc.record({ name: leaf, cluster: tree, user: tree, context: tree }, { requiredKeys: [] }), {
    maxLength: 3,
  });
  const document = fc.record(
    {
      clusters: fc.oneof(named, tree),
      users: fc.oneof(named, tree),
      contexts: fc.oneof(named, tree),
      'current-context': leaf,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        document.map((value) => JSON.stringify(value)),
      ),
      (content) => {
        try {
          expect(parseKubeconfig(content, '/x').clusters).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toBeInstanceOf(KprError);
        }
      },
    ),
  );
});
