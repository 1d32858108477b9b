import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { fixtureText, later } from './testServer.ts';

/** The port of a server on 127.0.0.1 that ends with the test. */
export const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  later(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

export interface Proxy {
  readonly port: number;
  readonly asked: { readonly target: string | undefined; readonly authorization: string | undefined }[];
}

/** A proxy whose every tunnel ends at one port of this machine, so that names need not resolve. */
export const startProxy = async (
  targetPort: number,
  options: { readonly tls?: boolean; readonly refuse?: string } = {},
): Promise<Proxy> => {
  const asked: Proxy['asked'] = [];
  const server = options.tls
    ? createHttpsServer({ cert: fixtureText('server.crt'), key: fixtureText('server.key') })
    : createHttpServer();
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push({ target: request.url, authorization: request.headers['proxy-authorization'] });
    if (options.refuse) return socket.end(`HTTP/1.1 ${options.refuse}\r\n\r\n`);
    const upstream = connect(targetPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => {});
    return upstream;
  });
  return { port: await listen(server), asked };
};

/** SOCKS5 with or without a password (RFC 1928, 1929); every tunnel ends at one port of this machine. */
export const startSocks = async (targetPort: number, password?: string): Promise<{ port: number; asked: string[] }> => {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    let step = 0;
    socket.on('data', (data: Buffer) => {
      step++;
      if (step === 1) return socket.write(Buffer.from([5, password ? 2 : 0]));
      if (step === 2 && password) {
        const user = data.subarray(2, 2 + (data[1] ?? 0)).toString();
        const given = data.subarray(3 + (data[1] ?? 0)).toString();
        asked.push(`${user}:${given}`);
        return socket.write(Buffer.from([1, given === password ? 0 : 1]));
      }
      const length = data[4] ?? 0;
      asked.push(`${data.subarray(5, 5 + length).toString()}:${data.readUInt16BE(5 + length)}`);
      socket.removeAllListeners('data');
      const upstream = connect(targetPort, '127.0.0.1', () => {
        socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => {});
      return true;
    });
  });
  return { port: await listen(server), asked };
};
