import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  connectTo,
  fixturePath,
  fixtureText,
  json,
  later,
  startServer,
  statusBody,
  type Behaviour,
} from './testServer.ts';

const version = { major: '1', minor: '34' };

const whyOf = async (behaviour: Behaviour, options: Parameters<typeof connectTo>[1] = {}, path = '/version') => {
  const server = await startServer(behaviour);
  const port = await connectTo(server, options);
  const answer = await port.get(path);
  return { why: answer.ok ? answer : answer.why, requests: server.requests.length };
};

describe('get', () => {
  test('gives the parsed document, sends the token and says who asks', async () => {
    const server = await startServer({ onRequest: (_, response) => json(response, version) });
    const port = await connectTo(server);
    expect(await port.get('/version')).toEqual({ ok: true, value: version });
    const { headers } = server.requests[0]!;
    expect(headers.authorization).toBe('Bearer a-token');
    expect(headers['user-agent']).toMatch(/^kubectl-kpr\/\d/);
  });

  test('keeps the path of a server behind a gateway', async () => {
    const server = await startServer({ onRequest: (_, response) => json(response, version) });
    const port = await connectTo({ url: `${server.url}/k8s/clusters/c-1/` });
    await port.get('/version');
    expect(server.requests[0]!.url).toBe('/k8s/clusters/c-1/version');
  });

  test('reaches a server on a port that browsers refuse', async () => {
    const behaviour: Behaviour = { onRequest: (_, response) => json(response, version) };
    // Two of them, because another program may have taken one.
    const server = await startServer({ ...behaviour, port: 10_080 }).catch(() =>
      startServer({ ...behaviour, port: 6_697 }),
    );
    expect(await (await connectTo(server)).get('/version')).toEqual({ ok: true, value: version });
    expect(server.requests[0]!.headers.host).toBe(`127.0.0.1:${server.port}`);
  });

  test('speaks plain http where the kubeconfig says so', async () => {
    const { createServer: createHttpServer } = await import('node:http');
    const server = createHttpServer((_, response) => json(response, version));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    later(() => server.close());
    const { port } = server.address() as AddressInfo;
    const live = await connectTo({ url: `http://127.0.0.1:${port}` });
    expect(await live.get('/version')).toEqual({ ok: true, value: version });
  });

  test('uses a connection again, for 50 requests in a row', async () => {
    const server = await startServer({ onRequest: (_, response) => json(response, version) });
    const port = await connectTo(server);
    for (let index = 0; index < 50; index++) expect((await port.get('/version')).ok).toBe(true);
    expect(server.requests).toHaveLength(50);
    // undici dials a second one when the next request comes before the first connection is marked free.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  test('opens no more than 8 connections for 60 requests at once', async () => {
    const server = await startServer({ onRequest: (_, response) => setTimeout(() => json(response, version), 20) });
    const port = await connectTo(server);
    await Promise.all(Array.from({ length: 60 }, () => port.get('/version')));
    expect(server.requests).toHaveLength(60);
    expect(server.connections()).toBeLessThanOrEqual(8);
  });

  test('goes on with the TLS session of the first connection in all later ones', async () => {
    const server = await startServer({ onRequest: (_, response) => setTimeout(() => json(response, version), 20) });
    const port = await connectTo(server);
    await port.get('/version');
    expect(server.resumed()).toBe(0);
    await Promise.all(Array.from({ length: 6 }, () => port.get('/version')));
    expect(server.connections()).toBeGreaterThanOrEqual(6);
    expect(server.resumed()).toBe(server.connections() - 1);
  });

  test('does not take over the TLS session of another cluster with other authorities', async () => {
    const server = await startServer({ onRequest: (_, response) => json(response, version) });
    expect((await (await connectTo(server)).get('/version')).ok).toBe(true);
    const stranger = await connectTo(server, {
      cluster: { 'certificate-authority': undefined, 'certificate-authority-data': undefined },
    });
    expect(await stranger.get('/version')).toMatchObject({ ok: false });
    expect(server.resumed()).toBe(0);
  });

  test('gives the text of an endpoint that speaks text', async () => {
    const server = await startServer({
      onRequest: (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('ok'),
    });
    expect(await (await connectTo(server)).get('/livez')).toEqual({ ok: true, value: 'ok' });
  });

  test('shows the client certificate', async () => {
    let shown: unknown;
    const server = await startServer({
      onRequest: (request, response) => {
        const { socket } = request;
        shown = 'getPeerCertificate' in socket && (socket.getPeerCertificate as () => { subject: unknown })().subject;
        json(response, version);
      },
    });
    const user = { 'client-certificate': fixturePath('client.crt'), 'client-key': fixturePath('client.key') };
    await (await connectTo(server, { user })).get('/version');
    expect(shown).toMatchObject({ CN: 'kpr test client', O: 'kpr' });
  });
});

const zipped = (bytes: Uint8Array): Behaviour => ({
  onRequest: (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bytes),
});

describe('a compressed answer', () => {
  test('is asked for and unpacked', async () => {
    const server = await startServer(zipped(gzipSync(JSON.stringify({ ...version, gitVersion: 'v1.34–ü' }))));
    expect(await (await connectTo(server)).get('/version')).toEqual({
      ok: true,
      value: { ...version, gitVersion: 'v1.34–ü' },
    });
    expect(server.requests[0]!.headers['accept-encoding']).toBe('gzip');
  });

  test('is not asked for where the kubeconfig says so', async () => {
    const server = await startServer({ onRequest: (_, response) => json(response, version) });
    const port = await connectTo(server, { cluster: { 'disable-compression': true } });
    expect((await port.get('/version')).ok).toBe(true);
    expect(server.requests[0]!.headers).not.toHaveProperty('accept-encoding');
  });

  test.each([
    ['is none', Buffer.from('{"major":"1"}')],
    ['breaks off', gzipSync(JSON.stringify(version)).subarray(0, 20)],
  ])('that %s is said to be damaged', async (_, bytes) => {
    const { why } = await whyOf(zipped(bytes));
    expect(why).toMatchObject({ missing: 'unreachable', detail: expect.stringContaining('its answer is damaged') });
  });

  test('that would fill the memory is not unpacked', async () => {
    const megabyte = gzipSync(new Uint8Array(1024 * 1024));
    const { why, requests } = await whyOf(zipped(Buffer.concat(Array.from({ length: 65 }, () => megabyte))));
    expect(why).toEqual({
      missing: 'unparsed',
      detail: 'GET /version: the answer is larger than 67108864 bytes',
    });
    expect(requests).toBe(1);
  });
});

test('an answer without end is read up to a limit', async () => {
  const megabyte = Buffer.alloc(1024 * 1024, ' ');
  const { why, requests } = await whyOf({
    onRequest: (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      Readable.from(Array.from({ length: 80 }, () => megabyte)).pipe(response);
    },
  });
  expect(why).toEqual({ missing: 'unparsed', detail: 'GET /version: the answer is larger than 67108864 bytes' });
  expect(requests).toBe(1);
});

describe('what may pass is tried again', () => {
  test('429 with Retry-After, then 200', async () => {
    const times: number[] = [];
    const server = await startServer({
      onRequest: (_, response, index) => {
        times.push(performance.now());
        if (index === 0) json(response, statusBody(429, 'TooManyRequests', 'slow down'), 429, { 'retry-after': '1' });
        else json(response, version);
      },
    });
    expect(await (await connectTo(server)).get('/version')).toEqual({ ok: true, value: version });
    expect(times[1]! - times[0]!).toBeGreaterThan(950);
  });

  test('a Retry-After beyond the deadline is not waited for', async () => {
    const start = performance.now();
    const { why, requests } = await whyOf({
      onRequest: (_, response) =>
        json(response, statusBody(429, 'TooManyRequests', 'slow down'), 429, { 'retry-after': '60' }),
    });
    expect(why).toEqual({
      missing: 'unreachable',
      detail: 'GET /version: the server answered 429 Too Many Requests: slow down',
    });
    expect(requests).toBe(1);
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test('503 three times is the answer', async () => {
    const { why, requests } = await whyOf({ onRequest: (_, response) => response.writeHead(503).end('no backend') });
    expect(why).toEqual({
      missing: 'unreachable',
      detail: 'GET /version: the server answered 503 Service Unavailable: no backend',
    });
    expect(requests).toBe(3);
  });

  test('a reset connection, then 200', async () => {
    const server = await startServer({
      onRequest: (request, response, index) => (index === 0 ? request.socket.destroy() : json(response, version)),
    });
    expect(await (await connectTo(server)).get('/version')).toEqual({ ok: true, value: version });
  });

  test.each([
    ['reset', (request: { socket: { destroy(): void } }) => request.socket.destroy()],
    [
      'cut off in the middle of the body',
      (request: { socket: { destroy(): void } }, response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"kind":"List","items":[');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ],
    [
      'cut off in the middle of a chunked body',
      (request: { socket: { destroy(): void } }, response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"items":[]}');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ],
  ])('%s three times is unreachable', async (_, onRequest) => {
    const { why, requests } = await whyOf({ onRequest });
    expect(why).toMatchObject({
      missing: 'unreachable',
      detail: expect.stringContaining('the connection ended before the answer was complete'),
    });
    expect(requests).toBe(3);
  });
});

describe('a deadline', () => {
  const flags = { requestTimeoutMs: 300 };

  test.each<[string, Behaviour]>([
    ['a silent server', { onRequest: () => {} }],
    [
      'a body that never ends',
      {
        onRequest: (_, response) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.write('{');
        },
      },
    ],
  ])('ends %s', async (_, behaviour) => {
    const start = performance.now();
    const { why } = await whyOf(behaviour, { flags });
    expect(why).toMatchObject({
      missing: 'timeout',
      detail: expect.stringMatching(/no complete answer .* within 0.3 s/),
    });
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('ends a server that accepts connections and never says a word of TLS', async () => {
    const server = createServer((socket) => later(() => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    later(() => server.close());
    const port = await connectTo({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }, { flags });
    expect(await port.get('/version')).toMatchObject({ ok: false, why: { missing: 'timeout' } });
  });

  test('close ends what is under way', async () => {
    const server = await startServer({ onRequest: () => {} });
    const port = await connectTo(server);
    const answer = port.get('/version');
    setTimeout(() => void port.close(), 50);
    expect(await answer).toEqual({ ok: false, why: { missing: 'notCollected', detail: 'GET /version: interrupted' } });
  });
});

describe('refusals are told in the server’s own words', () => {
  test.each([
    [403, 'Forbidden', 'nodes is forbidden: User "u" cannot list resource "nodes"', 'forbidden'],
    [404, 'NotFound', 'nodes "x" not found', 'absent'],
    [401, 'Unauthorized', 'Unauthorized', 'unauthenticated'],
  ])('%s', async (code, reason, message, missing) => {
    const { why, requests } = await whyOf({
      onRequest: (_, response) => json(response, statusBody(code, reason, message), code),
    });
    expect(why).toMatchObject({ missing, detail: expect.stringContaining(String(code)) });
    if (code !== 401) expect(why).toMatchObject({ detail: expect.stringContaining(message) });
    expect(requests).toBe(1);
  });

  test('a redirect is named and not followed: credentials and client certificate are for this server alone', async () => {
    const elsewhere = await startServer({ onRequest: (_, response) => json(response, version) });
    const { why, requests } = await whyOf({
      onRequest: (_, response) =>
        response.writeHead(302, { location: `${elsewhere.url}/login?state=secret`, 'content-type': 'text/html' }).end(),
    });
    expect(why).toMatchObject({
      missing: 'unparsed',
      detail: expect.stringContaining(
        `GET /version: the server answered 302 Found (it sends to ${elsewhere.url}/login, which is not followed`,
      ),
    });
    expect(requests).toBe(1);
    expect(elsewhere.connections()).toBe(0);
  });

  test.each([
    [
      'an expired client certificate',
      { 'client-certificate': fixturePath('client-expired.crt'), 'client-key': fixturePath('client-expired.key') },
      'the client certificate expired on 2021-01-01T00:00:00Z',
    ],
    [
      'an expired token',
      { token: `e30.${Buffer.from('{"exp":1600000000}').toString('base64url')}.x` },
      'the token expired on 2020-09-13T12:26:40Z',
    ],
    ['a token', { token: 'x' }, 'the server does not accept these credentials'],
    ['nothing', {}, 'gives this user no credentials'],
  ])('401 for %s says so', async (_, user, words) => {
    const { why } = await whyOf(
      { onRequest: (_, response) => json(response, statusBody(401, 'Unauthorized', 'Unauthorized'), 401) },
      { user },
    );
    expect(why).toMatchObject({ missing: 'unauthenticated', detail: expect.stringContaining(words) });
  });
});

describe('a 200 is not yet an answer', () => {
  const answers: [string, string, string, string][] = [
    ['a login page', 'text/html; charset=utf-8', '<!DOCTYPE html><title>Sign in</title>', 'a web page'],
    ['a login page that says it were JSON', 'application/json', '<html>', 'a web page'],
    ['prose', 'application/json', 'It works!', 'not JSON but "It works!"'],
    ['nothing', 'application/json', '', 'an empty answer'],
    ['half of an object', 'application/json', '{"kind":"Node', 'it was cut'],
    ['text for an object', 'text/plain', 'ok', 'not JSON'],
    ['another document', 'application/json', '{"hello":1}', 'an object without kind'],
    ['a bare array', 'application/json', '[]', 'a bare array'],
    [
      'a failed Status',
      'application/json',
      '{"kind":"Status","status":"Failure","message":"etcd is sad"}',
      'etcd is sad',
    ],
  ];

  test.each(answers)('%s', async (_, contentType, body, words) => {
    const { why } = await whyOf(
      { onRequest: (_, response) => response.writeHead(200, { 'content-type': contentType }).end(body) },
      {},
      '/api/v1/nodes/n1',
    );
    expect(why).toMatchObject({ missing: 'unparsed', detail: expect.stringContaining(words) });
  });
});

const base64 = (name: string): string => Buffer.from(fixtureText(name)).toString('base64');

const explanation = async (url: string, options: Parameters<typeof connectTo>[1] = {}) => {
  const answer = await (await connectTo({ url }, options)).get('/version');
  return answer.ok ? answer : answer.why;
};

describe('a network or a certificate that is in the way is explained', () => {
  test('nothing listens', async () => {
    expect(await explanation('https://127.0.0.1:1')).toMatchObject({
      missing: 'unreachable',
      detail: expect.stringContaining('the connection was refused'),
    });
  });

  test('a name that does not resolve', async () => {
    expect(await explanation('https://kpr-no-such-host.invalid')).toMatchObject({
      missing: 'unreachable',
      detail: expect.stringMatching(/does not resolve|DNS does not answer/),
    });
  });

  test.each([
    ['another authority', 'server', { 'certificate-authority': fixturePath('other-ca.crt') }, 'unknown authority'],
    ['an expired certificate', 'expired', {}, 'its certificate has expired'],
    ['a certificate for another name', 'othername', {}, 'its certificate is for other names'],
  ])('%s', async (_, certificate, cluster, words) => {
    const server = await startServer({ certificate, onRequest: (_, response) => json(response, version) });
    expect(await explanation(server.url, { cluster })).toMatchObject({
      missing: 'unreachable',
      detail: expect.stringContaining(words),
    });
    expect(server.requests).toHaveLength(0);
  });

  test('--tls-server-name names the name that the certificate is for', async () => {
    const server = await startServer({ certificate: 'othername', onRequest: (_, response) => json(response, version) });
    const port = await connectTo(server, { flags: { tlsServerName: 'elsewhere.test' } });
    expect((await port.get('/version')).ok).toBe(true);
  });

  test('--insecure-skip-tls-verify accepts any', async () => {
    const server = await startServer({ certificate: 'expired', onRequest: (_, response) => json(response, version) });
    const port = await connectTo(server, { flags: { insecureSkipTlsVerify: true } });
    expect((await port.get('/version')).ok).toBe(true);
  });

  test('a server that speaks no TLS', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    later(() => server.close());
    expect(await explanation(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)).toMatchObject({
      missing: 'unreachable',
      detail: expect.stringContaining('does not speak TLS'),
    });
  });

  test('a certificate authority that is no certificate', async () => {
    const data = Buffer.from('-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n').toString(
      'base64',
    );
    const cluster = { 'certificate-authority': undefined, 'certificate-authority-data': data };
    await expect(connectTo({ url: 'https://127.0.0.1:1' }, { cluster })).rejects.toThrow(
      'The certificate authority is not a certificate in PEM',
    );
  });

  test('a client key that belongs to another certificate', async () => {
    const user = { 'client-certificate-data': base64('client.crt'), 'client-key-data': base64('server.key') };
    await expect(connectTo({ url: 'https://127.0.0.1:1' }, { user })).rejects.toThrow(/does not belong/);
  });
});
