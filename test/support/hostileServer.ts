import { connect, type Socket } from 'node:net';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { WebSocketServer } from 'ws';
import { serveCapture } from '../../pkg/serveCapture.ts';

/** What a server does instead of an answer. */
type Mode = (response: ServerResponse, incoming: IncomingMessage) => void;

const json = { 'content-type': 'application/json' };

/** Writes as fast as the other side takes it, for ever. */
function flood(to: NodeJS.WritableStream & { readonly destroyed?: boolean }, piece: Buffer): void {
  const write = (): void => {
    while (to.destroyed !== true && to.write(piece));
  };
  to.on('drain', write);
  write();
}

/** How a server answers where a list is asked for. */
export const listModes = {
  cut: (response) => {
    response.writeHead(200, { ...json, 'content-length': 1_000_000 });
    response.write('{"kind":"NodeList","items":[{"metadata":');
    setTimeout(() => response.destroy(), 50);
  },
  hanging: () => {},
  slow: (response) => {
    response.writeHead(200, json);
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  },
  endless: (response) => {
    response.writeHead(200, json);
    flood(response, Buffer.alloc(1 << 20, ' '));
  },
  garbage: (response) => void response.writeHead(200, json).end('xyzzy \u0001\u001b[31m {{{'),
  redirecting: (response) => void response.writeHead(307, { location: 'http://192.0.2.1/evil' }).end(),
  'of another type': (response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>'),
  'a bomb': (response) => {
    response.writeHead(200, { ...json, 'content-encoding': 'gzip' });
    response.end(gzipSync(Buffer.alloc(200 << 20, ' ')));
  },
  'full of empty objects': (response) =>
    void response.writeHead(200, json).end(`{"kind":"NodeList","items":[${'{},'.repeat(2_000_000)}{}]}`),
  'paged for ever': (response) =>
    void response.writeHead(200, json).end(`{"kind":"NodeList","items":[],"metadata":{"continue":"${Math.random()}"}}`),
  refusing: (response) => void response.writeHead(500, json).end('x'.repeat(50 << 20)),
} as const satisfies Record<string, Mode>;

/** How it answers where a command is to be run: to the handshake of a WebSocket. */
type ExecMode = (socket: Socket, incoming: IncomingMessage) => void;

/** The same frame of an open WebSocket for ever: of stdout (1), stderr (2), how the command ended (3). */
function endlessFrames(channel: number, payload: string): ExecMode {
  const data = Buffer.from(String.fromCharCode(channel) + payload);
  const head = Buffer.from([0x82, 126, 0, 0]);
  head.writeUInt16BE(data.length, 2);
  return (socket, incoming) =>
    new WebSocketServer({ noServer: true }).handleUpgrade(incoming, socket, Buffer.alloc(0), () =>
      flood(socket, Buffer.concat([head, data])),
    );
}

export const execModes = {
  hanging: () => {},
  cut: (socket) => socket.destroy(),
  garbage: (socket) => void socket.end('GARBAGE\r\n\r\n'),
  redirecting: (socket) =>
    void socket.end('HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n'),
  'endless in headers': (socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\n');
    flood(socket, Buffer.from(`x-a: ${'b'.repeat(1000)}\r\n`));
  },
  'endless in a refusal': (socket) => {
    socket.write('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\n\r\n');
    flood(socket, Buffer.alloc(1 << 16, 'A'));
  },
  'endless in its output': endlessFrames(1, 'A'.repeat(60_000)),
  'endless in its errors': endlessFrames(2, 'A'.repeat(60_000)),
  'endless in how it ended': endlessFrames(3, 'x'.repeat(1000)),
  'endless in what nobody asked for': endlessFrames(7, 'x'.repeat(60_000)),
} as const satisfies Record<string, ExecMode>;

export interface Hostility {
  readonly list?: Mode;
  readonly exec?: ExecMode;
  /** Nothing is answered at all. */
  readonly isDead?: boolean;
}

/** A recorded cluster behind a server that answers some of it in its own way. */
export async function hostileServer(
  capture: string,
  { list, exec, isDead }: Hostility,
): Promise<{ url: string; server: Server }> {
  const upstream = new URL(await serveCapture(capture));
  const server = createServer((incoming, response) => {
    response.on('error', () => {});
    if (isDead === true) return;
    if (list !== undefined && incoming.url?.startsWith('/api/v1/nodes?') === true) return list(response, incoming);
    const { method, url: path, headers } = incoming;
    const inner = request({ host: '127.0.0.1', port: upstream.port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    inner.on('error', () => response.destroy());
    incoming.pipe(inner);
  });
  server.on('upgrade', (incoming, socket: Socket) => {
    socket.on('error', () => {});
    if (isDead === true) return;
    if (exec !== undefined) return exec(socket, incoming);
    const inner = connect(Number(upstream.port), '127.0.0.1');
    inner.on('error', () => socket.destroy());
    const head = incoming.rawHeaders.flatMap((word, at, all) => (at % 2 === 0 ? [`${word}: ${all[at + 1]}`] : []));
    inner.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, server };
}
