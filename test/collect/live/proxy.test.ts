import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listen, startProxy, startSocks } from './testProxies.ts';
import { connectTo, fixturePath, json, startServer } from './testServer.ts';

const startApi = () =>
  startServer({
    onRequest: (_, response) => json(response, { major: '1' }),
    onExec(socket) {
      socket.send(Buffer.from('\u0001hello'));
      socket.send(Buffer.from('\u0003{"status":"Success"}'));
      socket.close();
    },
  });

const target = { namespace: 'n', pod: 'p', container: 'c' };
const execOptions = { timeoutMs: 3_000, maxBytes: 100 };

/** Asks and execs; both must have come through. */
const expectThrough = async (port: Awaited<ReturnType<typeof connectTo>>): Promise<void> => {
  expect(await port.get('/version')).toEqual({ ok: true, value: { major: '1' } });
  expect(await port.exec(target, ['x'], execOptions)).toMatchObject({ end: 'exited', stdout: 'hello' });
};

describe('a proxy', () => {
  test('of HTTPS_PROXY carries requests and execs', async () => {
    const proxy = await startProxy((await startApi()).port);
    const env = { HTTPS_PROXY: `http://us%40er:pass@127.0.0.1:${proxy.port}` };
    await expectThrough(await connectTo({ url: 'https://kpr.test:6443' }, { env }));
    const authorization = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
    expect(proxy.asked).toEqual([
      { target: 'kpr.test:6443', authorization },
      { target: 'kpr.test:6443', authorization },
    ]);
  });

  test('of proxy-url goes before the environment and ignores NO_PROXY', async () => {
    const proxy = await startProxy((await startApi()).port);
    const cluster = { 'proxy-url': `http://127.0.0.1:${proxy.port}` };
    const env = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' };
    await expectThrough(await connectTo({ url: 'https://kpr.test' }, { cluster, env }));
    expect(proxy.asked[0]).toEqual({ target: 'kpr.test:443', authorization: undefined });
  });

  test('is not asked where NO_PROXY says so', async () => {
    const api = await startApi();
    const proxy = await startProxy(api.port);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: 'kpr.test' };
    const port = await connectTo({ url: 'https://kpr.test:6443' }, { env, flags: { requestTimeoutMs: 2_000 } });
    expect(await port.get('/version')).toMatchObject({ ok: false });
    expect(proxy.asked).toEqual([]);
  });

  test('may speak TLS itself', async () => {
    const proxy = await startProxy((await startApi()).port, { tls: true });
    const cluster = { 'proxy-url': `https://localhost:${proxy.port}` };
    await expectThrough(await connectTo({ url: 'https://kpr.test:6443' }, { cluster }));
  });

  test('verifies the API server, not the proxy, by the kubeconfig’s authority', async () => {
    const proxy = await startProxy((await startApi()).port);
    const cluster = {
      'proxy-url': `http://127.0.0.1:${proxy.port}`,
      'certificate-authority': fixturePath('other-ca.crt'),
    };
    const port = await connectTo({ url: 'https://kpr.test:6443' }, { cluster });
    expect(await port.get('/version')).toMatchObject({
      ok: false,
      why: { missing: 'unreachable', detail: expect.stringContaining('unknown authority') },
    });
  });

  test.each([undefined, 'secret'])('may be a SOCKS5 one, password %s', async (password) => {
    const socks = await startSocks((await startApi()).port, password);
    const login = password ? `user:${password}@` : '';
    const cluster = { 'proxy-url': `socks5://${login}127.0.0.1:${socks.port}` };
    await expectThrough(await connectTo({ url: 'https://kpr.test:6443' }, { cluster }));
    expect(socks.asked).toContain('kpr.test:6443');
    if (password) expect(socks.asked).toContain('user:secret');
  });

  test('that refuses is named, without its password', async () => {
    const proxy = await startProxy(1, { refuse: '407 Proxy Authentication Required' });
    const cluster = { 'proxy-url': `http://user:secret@127.0.0.1:${proxy.port}` };
    const port = await connectTo({ url: 'https://kpr.test:6443' }, { cluster });
    const words = `the proxy http://127.0.0.1:${proxy.port} answered 407 Proxy Authentication Required when asked for kpr.test:6443`;
    expect(await port.get('/version')).toEqual({
      ok: false,
      why: { missing: 'unreachable', detail: `GET /version: cannot reach https://kpr.test:6443: ${words}` },
    });
    expect(await port.exec(target, ['x'], execOptions)).toMatchObject({
      end: 'unreachable',
      message: expect.stringContaining(words),
    });
  });

  test.each([
    ['http://user:secret@127.0.0.1:1', 'through the proxy http://127.0.0.1:1: the connection was refused'],
    ['socks5://127.0.0.1:1', 'through the proxy socks5://127.0.0.1:1: the connection was refused'],
  ])('that is not there (%s) is named', async (proxyUrl, words) => {
    const port = await connectTo({ url: 'https://kpr.test:6443' }, { cluster: { 'proxy-url': proxyUrl } });
    expect(await port.get('/version')).toMatchObject({
      ok: false,
      why: { missing: 'unreachable', detail: expect.stringContaining(words) },
    });
  });

  test('that accepts and never answers costs the deadline', async () => {
    const port = await listen(createServer(() => {}));
    const cluster = { 'proxy-url': `http://127.0.0.1:${port}` };
    const live = await connectTo({ url: 'https://kpr.test:6443' }, { cluster, flags: { requestTimeoutMs: 300 } });
    expect(await live.get('/version')).toMatchObject({ ok: false, why: { missing: 'timeout' } });
    expect(await live.exec(target, ['x'], { ...execOptions, timeoutMs: 300 })).toMatchObject({ end: 'timeout' });
  });

  test.each(['not a url', 'ftp://proxy:21'])('that is none (%s) is said so', async (proxyUrl) => {
    const answer = connectTo({ url: 'https://kpr.test' }, { cluster: { 'proxy-url': proxyUrl } }).then((port) =>
      port.get('/version'),
    );
    await expect(
      answer.catch((error: unknown) => ({ ok: false, why: { detail: String(error) } })),
    ).resolves.toMatchObject({
      ok: false,
      why: { detail: expect.stringMatching(/is no URL|neither http, https nor socks5/) },
    });
  });
});
