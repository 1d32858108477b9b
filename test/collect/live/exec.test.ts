import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { ExecOptions, ExecOutcome } from '../../../src/collect/ClusterPort.ts';
import { type Behaviour, connectTo, json, startServer, statusBody } from './testServer.ts';

const target = { namespace: 'kube-system', pod: 'cilium-x', container: 'cilium-agent' };

const send = (socket: WebSocket, channel: number, text: string | Uint8Array): void =>
  socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));

const succeed = (socket: WebSocket): void => send(socket, 3, '{"metadata":{},"status":"Success"}');

const exitCode = (code: string): string =>
  JSON.stringify({
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: code }] },
  });

/** How an exec ends on a server that behaves so, and how long that took. */
const run = async (
  behaviour: Behaviour,
  options: Partial<ExecOptions> = {},
): Promise<{ outcome: ExecOutcome; tookMs: number }> => {
  const server = await startServer(behaviour);
  const port = await connectTo(server);
  const start = performance.now();
  const outcome = await port.exec(target, ['cilium-dbg', 'status'], { timeoutMs: 3_000, maxBytes: 1_000, ...options });
  return { outcome, tookMs: performance.now() - start };
};

test('gives the output and the exit code', async () => {
  const server = await startServer({
    onExec(socket) {
      send(socket, 1, '');
      send(socket, 1, 'one ');
      send(socket, 2, 'a warning');
      send(socket, 1, 'two');
      succeed(socket);
      socket.close();
    },
  });
  const port = await connectTo(server, { user: { token: 't', as: 'someone' } });
  const pieces: string[] = [];
  const outcome = await port.exec(target, ['sh', '-c', 'echo "a b" & c'], {
    timeoutMs: 3_000,
    maxBytes: 1_000,
    onStdout: (chunk) => pieces.push(Buffer.from(chunk).toString()),
  });
  expect(outcome).toEqual({ end: 'exited', exitCode: 0, stdout: 'one two', stderr: 'a warning' });
  expect(pieces).toEqual(['one ', 'two']);
  const request = server.requests[0]!;
  const url = new URL(request.url!, 'https://x');
  expect(url.pathname).toBe('/api/v1/namespaces/kube-system/pods/cilium-x/exec');
  expect([...url.searchParams]).toEqual([
    ['container', 'cilium-agent'],
    ['stdout', 'true'],
    ['stderr', 'true'],
    ['command', 'sh'],
    ['command', '-c'],
    ['command', 'echo "a b" & c'],
  ]);
  expect(request.headers).toMatchObject({ authorization: 'Bearer t', 'impersonate-user': 'someone' });
  expect(request.headers['sec-websocket-protocol']).toBe('v5.channel.k8s.io,v4.channel.k8s.io');
  expect(request.headers['sec-websocket-extensions']).toBeUndefined();
});

test('keeps a character whose bytes come in two frames', async () => {
  const bytes = Buffer.from('✖');
  const { outcome } = await run({
    onExec(socket) {
      send(socket, 1, bytes.subarray(0, 1));
      send(socket, 1, bytes.subarray(1));
      succeed(socket);
      socket.close();
    },
  });
  expect(outcome.stdout).toBe('✖');
});

test('takes output that comes behind the status', async () => {
  const { outcome } = await run({
    onExec(socket) {
      succeed(socket);
      send(socket, 1, 'late');
      socket.close();
    },
  });
  expect(outcome).toEqual({ end: 'exited', exitCode: 0, stdout: 'late', stderr: '' });
});

test('does not wait for a server that leaves the socket open after the status', async () => {
  const { outcome, tookMs } = await run({ onExec: succeed });
  expect(outcome).toMatchObject({ end: 'exited', exitCode: 0 });
  expect(tookMs).toBeLessThan(1_500);
});

/** Takes stdin until there are `bytes`, or (v5 only) until it is said to end, and answers with what came. */
const reader =
  (bytes: number, frames: number[] = []) =>
  (socket: WebSocket): void => {
    const taken: Buffer[] = [];
    const finish = (): void => {
      send(socket, 1, createHash('sha256').update(Buffer.concat(taken)).digest('hex'));
      succeed(socket);
      socket.close();
    };
    socket.on('message', (data: Buffer) => {
      frames.push(data.length);
      if (data[0] === 255) return finish();
      expect(data[0]).toBe(0);
      taken.push(data.subarray(1));
      if (taken.reduce((sum, { length }) => sum + length, 0) === bytes) finish();
    });
  };

describe('input', () => {
  const input = randomBytes(100_000);
  const digest = createHash('sha256').update(input).digest('hex');

  test('comes whole, in pieces, and its end is told', async () => {
    const frames: number[] = [];
    const server = await startServer({ onExec: reader(Infinity, frames) });
    const port = await connectTo(server);
    const outcome = await port.exec(target, ['sha256sum'], { timeoutMs: 3_000, maxBytes: 1_000, stdin: input });
    expect(outcome).toEqual({ end: 'exited', exitCode: 0, stdout: digest, stderr: '' });
    expect(Math.max(...frames)).toBeLessThanOrEqual(32 * 1024 + 1);
    expect(frames.at(-1)).toBe(2);
    expect(new URL(server.requests[0]?.url ?? '', 'https://x').searchParams.get('stdin')).toBe('true');
  });

  test('a server without the word for the end gets what a command that counts needs', async () => {
    const frames: number[] = [];
    const server = await startServer({ protocol: 'v4.channel.k8s.io', onExec: reader(input.length, frames) });
    const port = await connectTo(server);
    const outcome = await port.exec(target, ['head', '-c'], { timeoutMs: 3_000, maxBytes: 1_000, stdin: input });
    expect(outcome).toMatchObject({ end: 'exited', exitCode: 0, stdout: digest });
    expect(frames.at(-1)).toBeGreaterThan(2);
  });

  test('a command that ends before it has read all ends as it says', async () => {
    const { outcome } = await run(
      {
        onExec(socket) {
          send(socket, 3, exitCode('2'));
          socket.close();
        },
      },
      { stdin: randomBytes(5_000_000) },
    );
    expect(outcome).toMatchObject({ end: 'exited', exitCode: 2 });
  });

  test('a connection that drops while it is sent', async () => {
    const { outcome } = await run(
      { onExec: (socket) => socket.once('message', () => socket.terminate()) },
      { stdin: randomBytes(5_000_000) },
    );
    expect(outcome).toMatchObject({ end: 'dropped' });
  });
});

describe('the ways to end', () => {
  const partly = { stdout: 'partly', stderr: '' };
  const cases: [string, (socket: WebSocket) => void, object][] = [
    ['exit code 2', (socket) => send(socket, 3, exitCode('2')), { end: 'exited', exitCode: 2, ...partly }],
    [
      'a command that was not found',
      (socket) =>
        send(
          socket,
          3,
          JSON.stringify({ status: 'Failure', reason: 'InternalError', message: 'exec: "x": not found' }),
        ),
      { end: 'failed', message: 'exec: "x": not found', ...partly },
    ],
    [
      'an exit code that is no number',
      (socket) => send(socket, 3, exitCode('many')),
      { end: 'failed', message: 'command terminated with non-zero exit code: exit status many', ...partly },
    ],
    [
      'a failure that says nothing',
      (socket) => send(socket, 3, '{"status":"Failure"}'),
      { end: 'failed', message: 'the server says that it failed, and not why', ...partly },
    ],
    [
      'a status in two frames',
      (socket) => {
        send(socket, 3, exitCode('7').slice(0, 20));
        send(socket, 3, exitCode('7').slice(20));
      },
      { end: 'exited', exitCode: 7, ...partly },
    ],
    [
      'a dropped connection',
      (socket) => void setTimeout(() => socket.terminate(), 30),
      { end: 'dropped', message: expect.stringContaining('code 1006'), ...partly },
    ],
    [
      'a clean close without a status',
      (socket) => socket.close(1000, 'bye'),
      { end: 'dropped', message: expect.stringContaining('code 1000 bye'), ...partly },
    ],
    [
      'a status that cannot be read',
      (socket) => {
        send(socket, 3, '{"status":');
        socket.close();
      },
      { end: 'dropped', message: expect.stringContaining('a status that cannot be read'), ...partly },
    ],
    [
      'a status that is no Status',
      (socket) => {
        send(socket, 3, 'null');
        socket.close();
      },
      { end: 'dropped', ...partly },
    ],
    [
      'channels that do not exist, empty frames and text',
      (socket) => {
        send(socket, 9, 'x');
        send(socket, 255, Buffer.from([1]));
        socket.send(Buffer.alloc(0));
        socket.send('\u0002text');
        succeed(socket);
      },
      { end: 'exited', exitCode: 0, stdout: 'partly', stderr: 'text' },
    ],
    [
      'a frame that breaks the protocol',
      (socket) => {
        const raw = Reflect.get(socket, '_socket') as { write(data: Buffer): void };
        setTimeout(() => raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff])), 20);
      },
      { end: 'dropped', ...partly },
    ],
  ];

  test.each(cases)('%s', async (_, act, expected) => {
    const { outcome, tookMs } = await run({
      onExec(socket) {
        send(socket, 1, 'partly');
        act(socket);
      },
    });
    expect(outcome).toMatchObject(expected);
    expect(tookMs).toBeLessThan(2_000);
  });

  test.each([
    [
      403,
      statusBody(403, 'Forbidden', 'pods "x" is forbidden: cannot create resource "pods/exec"'),
      'pods "x" is forbidden',
    ],
    [404, statusBody(404, 'NotFound', 'pods "cilium-x" not found'), 'pods "cilium-x" not found'],
    [500, 'error dialing backend: dial tcp 10.0.0.7:10250: i/o timeout', 'error dialing backend'],
    [400, '<html>Bad Request</html>', 'Bad Request'],
  ])('refused with %s', async (code, body, message) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { outcome } = await run({
      onUpgrade: (_, socket) =>
        socket.end(
          `HTTP/1.1 ${code} ${code === 400 ? 'Bad Request' : 'X'}\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
        ),
    });
    expect(outcome).toMatchObject({ end: 'refused', httpStatus: code, message: expect.stringContaining(message) });
  });

  test('refused with a body that never ends', async () => {
    const { outcome } = await run(
      { onUpgrade: (_, socket) => socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 1000\r\n\r\nonly this') },
      { timeoutMs: 10_000 },
    );
    expect(outcome).toMatchObject({ end: 'refused', httpStatus: 403, message: 'only this' });
  });

  test('a login page instead of a WebSocket', async () => {
    const { outcome } = await run({
      onUpgrade: (_, socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>Sign in</html>'),
    });
    expect(outcome).toMatchObject({ end: 'refused', httpStatus: 200, message: 'OK' });
  });

  test('a server without the protocol', async () => {
    const { createHash } = await import('node:crypto');
    const { outcome } = await run({
      onUpgrade(request, socket) {
        const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
        const key = `${request.headers['sec-websocket-key']}${magic}`;
        const accept = createHash('sha1').update(key).digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
        );
      },
    });
    expect(outcome).toMatchObject({ end: 'unreachable', message: expect.stringContaining('subprotocol') });
  });

  test('a handshake that never comes', async () => {
    const { outcome, tookMs } = await run({ onUpgrade: () => {} }, { timeoutMs: 300 });
    expect(outcome).toEqual({ end: 'timeout', afterMs: 300, stdout: '', stderr: '' });
    expect(tookMs).toBeLessThan(1_500);
  });

  test('a command that never ends keeps what it said', async () => {
    const { outcome } = await run({ onExec: (socket) => send(socket, 1, 'partly') }, { timeoutMs: 400 });
    expect(outcome).toEqual({ end: 'timeout', afterMs: 400, ...partly });
  });

  test('the connection is ended after a timeout', async () => {
    const closed = Promise.withResolvers<void>();
    await run({ onExec: (socket) => socket.on('close', () => closed.resolve()) }, { timeoutMs: 200 });
    await closed.promise;
  });

  test('more output than wanted', async () => {
    const { outcome } = await run({
      onExec(socket) {
        send(socket, 1, 'x'.repeat(600));
        send(socket, 2, 'y'.repeat(600));
        succeed(socket);
      },
    });
    expect(outcome).toEqual({ end: 'tooLarge', maxBytes: 1_000, stdout: 'x'.repeat(600), stderr: 'y'.repeat(400) });
  });

  test('exactly as much output as wanted', async () => {
    const { outcome } = await run({
      onExec(socket) {
        send(socket, 1, 'x'.repeat(1_000));
        succeed(socket);
      },
    });
    expect(outcome).toMatchObject({ end: 'exited', exitCode: 0 });
  });

  test('an abort, before and during', async () => {
    const during = new AbortController();
    const running = run({ onExec: () => during.abort() }, { signal: during.signal });
    expect((await running).outcome).toEqual({ end: 'aborted', stdout: '', stderr: '' });
    const { outcome } = await run({}, { signal: AbortSignal.abort() });
    expect(outcome).toEqual({ end: 'aborted', stdout: '', stderr: '' });
  });

  test('the port is closed', async () => {
    const server = await startServer({ onExec: (socket) => send(socket, 1, 'partly') });
    const port = await connectTo(server);
    const outcome = port.exec(target, ['x'], { timeoutMs: 3_000, maxBytes: 100, onStdout: () => void port.close() });
    expect(await outcome).toMatchObject({ end: 'aborted' });
  });

  test('nothing listens', async () => {
    const port = await connectTo({ url: 'https://127.0.0.1:1' });
    expect(await port.exec(target, ['x'], { timeoutMs: 3_000, maxBytes: 100 })).toEqual({
      end: 'unreachable',
      message: expect.stringContaining('the connection was refused'),
      stdout: '',
      stderr: '',
    });
  });

  test('a reader that throws is told so', async () => {
    const failing = run(
      { onExec: (socket) => send(socket, 1, 'x') },
      {
        onStdout() {
          throw new Error('a mistake of the reader');
        },
      },
    );
    await expect(failing).rejects.toThrow('a mistake of the reader');
  });
});

test('a 401 says what to do', async () => {
  const server = await startServer({ onUpgrade: (_, socket) => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n') });
  const port = await connectTo(server);
  const outcome = await port.exec(target, ['x'], { timeoutMs: 3_000, maxBytes: 100 });
  expect(outcome).toMatchObject({
    end: 'refused',
    httpStatus: 401,
    message: 'Unauthorized: the server does not accept these credentials; log in again, or fetch a new kubeconfig',
  });
  expect(server.requests).toHaveLength(1);
});

test('20 execs at once end each on their own', async () => {
  const server = await startServer({
    onRequest: (_, response) => json(response, {}),
    onExec(socket, request) {
      const pod = /pods\/([^/]+)/.exec(request.url ?? '')?.[1] ?? '';
      send(socket, 1, pod);
      if (Number(pod) % 4 === 0) setTimeout(() => socket.terminate(), 30);
      else send(socket, 3, exitCode(pod));
    },
  });
  const port = await connectTo(server);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      port.exec({ ...target, pod: String(index) }, ['x'], { timeoutMs: 5_000, maxBytes: 100 }),
    ),
  );
  for (const [index, outcome] of outcomes.entries()) {
    expect(outcome).toMatchObject(index % 4 === 0 ? { end: 'dropped' } : { end: 'exited', exitCode: index });
    expect(outcome.stdout).toBe(String(index));
  }
});
