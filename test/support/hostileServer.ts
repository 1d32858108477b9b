import { connect, type Socket } from 'node:net';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type WebSocket, WebSocketServer } from 'ws';
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

/** What the socket says, whatever Node thinks of it. */
const raw = (text: string): Mode => {
  const bytes = Buffer.from(text, 'latin1');
  return ({ socket }) => void socket?.end(bytes);
};

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const list = (items: string, metadata = '{}'): string =>
  `{"kind":"NodeList","metadata":${metadata},"items":[${items}]}`;

/** A page after which there is another one. */
const paged =
  (token: () => string): Mode =>
  (response) =>
    void response.writeHead(200, json).end(list('', JSON.stringify({ continue: token() })));

const packed = (encoding: string, body: Buffer): Mode => {
  return (response) => void response.writeHead(200, { ...json, 'content-encoding': encoding }).end(body);
};

const refusal = (code: number, headers: Record<string, string> = {}, body = '{}'): Mode => {
  return (response) => void response.writeHead(code, { ...json, ...headers }).end(body);
};

const blanks = Buffer.alloc(200 << 20, ' ');

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
  'a bomb': packed('gzip', gzipSync(blanks)),
  'a bomb of Brotli': packed('br', brotliCompressSync(blanks, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })),
  'a bomb in a bomb': packed('gzip, gzip', gzipSync(gzipSync(blanks))),
  'packed a thousand times': packed(Array(1000).fill('gzip').join(', '), gzipSync('{}')),
  'packed, as it says, and is not': packed('gzip', Buffer.from(list(''))),
  'full of empty objects': (response) =>
    void response.writeHead(200, json).end(`{"kind":"NodeList","items":[${'{},'.repeat(2_000_000)}{}]}`),
  'paged for ever': paged(() => String(Math.random())),
  'the same page again and again': paged(() => 'again'),
  'paged by tokens without an end': paged(() => String(Math.random()).repeat(50_000)),
  'expired at its second page, each time': (response, incoming) =>
    incoming.url?.includes('continue=') === true
      ? refusal(410, {}, '{"kind":"Status","status":"Failure","code":410,"reason":"Expired"}')(response, incoming)
      : paged(() => 'second')(response, incoming),
  refusing: refusal(500, {}, 'x'.repeat(50 << 20)),
  'asked for next year': refusal(429, { 'retry-after': '31536000' }),
  'asked for yesterday': refusal(503, { 'retry-after': '-5' }),
  'for others': refusal(401, { 'www-authenticate': 'Basic realm="x"' }),
  'behind a proxy that wants a password': refusal(407),
  'no content': refusal(204, {}, ''),
  'not modified': refusal(304, {}, ''),
  'forbidden in colour': refusal(403, {}, '{"kind":"Status","message":"\\u001b[31mno\\n\\nError: forged"}'),
  'a success that is a failure': refusal(200, {}, '{"kind":"Status","status":"Failure","message":"no"}'),
  'nothing at all': refusal(200, {}, ''),
  'nested three million deep': refusal(200, {}, list('['.repeat(3_000_000) + ']'.repeat(3_000_000))),
  'of one name of 50 MB': refusal(200, {}, list(`{"metadata":{"name":"${'a'.repeat(50 << 20)}"}}`)),
  'of names that objects have anyway': refusal(
    200,
    {},
    list('{"__proto__":{"metadata":{"name":"x"}},"constructor":1}'),
  ),
  'in UTF-16': (response) => void response.writeHead(200, json).end(Buffer.from(list(''), 'utf16le')),
  'of protobuf': (response) =>
    void response.writeHead(200, { 'content-type': 'application/vnd.kubernetes.protobuf' }).end('k8s\0abc'),
  reset: ({ socket }) => void socket?.resetAndDestroy(),
  'slow in its headers': (response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => response.socket?.write('x-a: b\r\n'), 100);
    response.socket?.on('close', () => clearInterval(timer));
  },
  'endless in its headers': ({ socket }) => {
    socket?.write('HTTP/1.1 200 OK\r\n');
    if (socket) flood(socket, Buffer.from(`x-a: ${'b'.repeat(1000)}\r\n`));
  },
  'announced for ever': ({ socket }) => {
    if (socket) flood(socket, Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)));
  },
  'in chunks of one byte': ({ socket }) => {
    socket?.write(`${ok}transfer-encoding: chunked\r\n\r\n`);
    if (socket) flood(socket, Buffer.from('1\r\n \r\n'.repeat(10_000)));
  },
  'in chunks of no size': raw(`${ok}transfer-encoding: chunked\r\n\r\nZZZ\r\n`),
  'shorter than nothing': raw(`${ok}content-length: -5\r\n\r\n{}`),
  'shorter than it says': raw(`${ok}content-length: 100000000\r\n\r\n${list('')}`),
  'of two lengths': raw(`${ok}content-length: 2\r\ncontent-length: 40\r\n\r\n${list('')}`),
  'followed by an answer that nobody asked for': raw(
    `${ok}content-length: 2\r\n\r\n{}${ok}content-length: 2\r\n\r\n{}`,
  ),
  'of HTTP/1.0, and cut': raw(`HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n${list('').slice(0, -2)}`),
  'of no HTTP': raw('GARBAGE\r\n\r\n'),
  'of a code that there is not': raw('HTTP/1.1 999 X\r\n\r\n'),
  'another protocol': raw('HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
} as const satisfies Record<string, Mode>;

/** How it answers where a command is to be run: to the handshake of a WebSocket. */
type ExecMode = (socket: Socket, incoming: IncomingMessage) => void;

/** An open WebSocket, by its frames and by its bytes. */
const opened =
  (then: (socket: Socket, open: WebSocket) => void): ExecMode =>
  (socket, incoming) =>
    new WebSocketServer({ noServer: true }).handleUpgrade(incoming, socket, Buffer.alloc(0), (open) => {
      open.on('error', () => {});
      then(socket, open);
    });

/** @param first its first byte: whether it is the last of its message, and what it is */
function frameOf(payload: Buffer, first = 0x82): Buffer {
  if (payload.length < 126) return Buffer.concat([Buffer.from([first, payload.length]), payload]);
  const head = Buffer.from([first, 126, 0, 0]);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** Of stdout (1), of stderr (2), how the command ended (3). */
const said = (channel: number, text: string): Buffer => Buffer.from(String.fromCharCode(channel) + text);

/** The same frame for ever; small ones many at once. */
const endless = (frame: Buffer): ExecMode =>
  opened((socket) => flood(socket, Buffer.concat(Array<Buffer>(frame.length < 200 ? 10_000 : 1).fill(frame))));

const bytes = (...all: readonly Buffer[]): ExecMode => opened((socket) => void socket.write(Buffer.concat(all)));

const success = said(3, '{"status":"Success"}');

/** What a node prints of a program that it was given, by the marker of this exec alone. */
const printing = (print: (marker: string) => Iterable<string>): ExecMode =>
  opened((_socket, open) => {
    let script = '';
    open.on('message', (data: Buffer) => {
      script += data.toString('latin1');
      const marker = /M=(kpr-[0-9a-f]+)/.exec(script)?.[1];
      if (marker === undefined) return;
      open.removeAllListeners('message');
      for (const piece of print(marker)) open.send(said(1, piece));
      open.send(success, () => open.close());
    });
  });

const section = (marker: string, name: string, text: string, end = '0 '): string =>
  `${marker} begin ${name}\n${text}\n${marker} end ${name} ${end}\n`;

function* large(marker: string, name: string, line: string): Generator<string> {
  yield `${marker} begin ${name}\n`;
  const piece = line.repeat(Math.floor((1 << 20) / line.length));
  for (let pieces = 0; pieces < 60; pieces += 1) yield piece;
  yield `\n${marker} end ${name} 0 \n`;
}

export const execModes = {
  hanging: () => {},
  cut: (socket) => socket.destroy(),
  garbage: (socket) => void socket.end('GARBAGE\r\n\r\n'),
  redirecting: (socket) =>
    void socket.end('HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n'),
  'accepted with a key of others': (socket) =>
    void socket.write('HTTP/1.1 101 S\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n'),
  'of a protocol that nobody offered': (socket, incoming) =>
    new WebSocketServer({ noServer: true, handleProtocols: () => 'v9.channel.k8s.io' }).handleUpgrade(
      incoming,
      socket,
      Buffer.alloc(0),
      (open) => open.close(),
    ),
  'endless in headers': (socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\n');
    flood(socket, Buffer.from(`x-a: ${'b'.repeat(1000)}\r\n`));
  },
  'endless in a refusal': (socket) => {
    socket.write('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\n\r\n');
    flood(socket, Buffer.alloc(1 << 16, 'A'));
  },
  'endless in its output': endless(frameOf(said(1, 'A'.repeat(60_000)))),
  'endless in its errors': endless(frameOf(said(2, 'A'.repeat(60_000)))),
  'endless in how it ended': endless(frameOf(said(3, 'x'.repeat(1000)))),
  'endless in what nobody asked for': endless(frameOf(said(7, 'x'.repeat(60_000)))),
  'endless in frames of one byte': endless(frameOf(said(1, 'A'))),
  'endless in frames of nothing': endless(frameOf(said(1, ''))),
  'endless in pings': endless(frameOf(Buffer.from('A'), 0x89)),
  'endless in pieces of one frame': opened((socket) => {
    socket.write(frameOf(said(1, 'A'), 0x02));
    flood(socket, Buffer.concat(Array<Buffer>(10_000).fill(frameOf(Buffer.from('A'), 0x00))));
  }),
  slow: opened((_socket, open) => {
    const timer = setInterval(() => open.send(said(1, 'x')), 100);
    open.on('close', () => clearInterval(timer));
  }),
  silent: opened(() => {}),
  'a frame of eight exabytes': bytes(Buffer.from([0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255])),
  'a frame of no kind': bytes(frameOf(Buffer.from('x'), 0x83)),
  'a frame of reserved bits': bytes(frameOf(Buffer.from('x'), 0xf2)),
  'a frame that is masked': bytes(Buffer.from([0x82, 0x81, 1, 2, 3, 4, 5])),
  'a frame of text': bytes(frameOf(Buffer.from('hello'), 0x81), frameOf(success)),
  'closed in colour': opened((_socket, open) => open.close(1011, '\u001b]0;x\u0007no')),
  'closed by a code that there is not': bytes(frameOf(Buffer.from([0x03, 0xf7, 0x1b]), 0x88)),
  'going on after its close': bytes(
    frameOf(Buffer.from([0x03, 0xe8]), 0x88),
    ...Array<Buffer>(1000).fill(frameOf(said(1, 'A'.repeat(60_000)))),
  ),
  'a success without a word': bytes(frameOf(success)),
  'two ends that contradict each other': bytes(
    frameOf(said(3, '{"status":"Failure","message":"a"}')),
    frameOf(success),
  ),
  'an end in colour': bytes(frameOf(said(3, '{"status":"Failure","message":"\\u001b]0;x\\u0007\\u202ex"}'))),
  'an exit code that there is not': bytes(
    frameOf(
      said(
        3,
        '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"99999999999999999999"}]}}',
      ),
    ),
  ),
  'of another marker': printing(() => [section('kpr-0123456789', 'status', '{}'), 'kpr-0123456789 done\n']),
  'of sections that nobody asked for': printing((marker) =>
    Array.from({ length: 100 }, (_, at) => section(marker, `__proto__${at}`, '').repeat(1000)),
  ),
  'of sections that never end': printing((marker) => Array<string>(50).fill(`${marker} begin status\n`.repeat(10_000))),
  'of exit codes that are none': printing((marker) => [section(marker, 'status', '{}', 'NaN '), `${marker} done\n`]),
  'of exit codes that are missing': printing((marker) => [section(marker, 'status', '{}', ''), `${marker} done\n`]),
  'of JSON a million deep': printing((marker) => [
    section(marker, 'status', '['.repeat(1_000_000)),
    `${marker} done\n`,
  ]),
  'of 60 MB of rules': printing((marker) => large(marker, 'iptablesNft', '-A A\n')),
  'of 60 MB of maps': printing((marker) => large(marker, 'lbDump', '{key:001value:001}\n')),
  'of 60 MB of frontends': printing((marker) =>
    large(marker, 'frontends', '10.0.0.1:80/TCP ClusterIP a/b x 1.1.1.1:1 x\n'),
  ),
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
