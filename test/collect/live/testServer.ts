import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ConnectedPort, ConnectionFlags, Env } from '../../../src/collect/ConnectionFlags.ts';
import { connectLive } from '../../../src/collect/live/connectLive.ts';

const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/live', name);
export const fixtureText = (name: string): string => readFileSync(fixture(name), 'utf8');
export const fixturePath = fixture;

const cleanups: (() => unknown)[] = [];

/** Runs after the test. */
export const later = (cleanup: () => unknown): void => void cleanups.push(cleanup);

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-test-'));
  later(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly requests: IncomingMessage[];
  readonly connections: () => number;
  /** Of them, those that went on with the TLS session of an earlier one. */
  readonly resumed: () => number;
}

type Handler = (request: IncomingMessage, response: ServerResponse, index: number) => void;

export interface Behaviour {
  /** Which certificate it shows: `server`, `expired` or `othername`. */
  readonly certificate?: string;
  readonly port?: number;
  /** The one that it chooses of those that are offered; default: the first. */
  readonly protocol?: string;
  readonly onRequest?: Handler;
  /** A WebSocket whose handshake is done. */
  readonly onExec?: (socket: WebSocket, request: IncomingMessage) => void;
  /** Before the handshake; the default does it. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex) => void;
}

export const json = (response: ServerResponse, body: unknown, status = 200, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

export const statusBody = (code: number, reason: string, message: string): unknown => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message,
  reason,
  code,
});

const listen = async (server: Server, port: number): Promise<number> => {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** An API server on 127.0.0.1, with TLS. */
export const startServer = async (behaviour: Behaviour): Promise<TestServer> => {
  const certificate = behaviour.certificate ?? 'server';
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let resumed = 0;
  const server = createServer(
    {
      cert: fixtureText(`${certificate}.crt`),
      key: fixtureText(`${certificate}.key`),
      requestCert: true,
      rejectUnauthorized: false,
      ca: fixtureText('ca.crt'),
    },
    (request, response) => {
      requests.push(request);
      behaviour.onRequest?.(request, response, requests.length - 1);
    },
  );
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('secureConnection', (socket) => {
    if (socket.isSessionReused()) resumed++;
  });
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => behaviour.protocol ?? [...offered][0] ?? false,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push(request);
    socket.on('error', () => {});
    if (behaviour.onUpgrade) return behaviour.onUpgrade(request, socket);
    return webSockets.handleUpgrade(request, socket, head, (opened) => behaviour.onExec?.(opened, request));
  });
  const port = await listen(server, behaviour.port ?? 0);
  later(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${port}`, port, requests, connections: () => connections, resumed: () => resumed };
};

export interface KubeconfigParts {
  readonly cluster?: Record<string, unknown>;
  readonly user?: Record<string, unknown>;
}

/** A kubeconfig in a file, with one context. */
export const writeKubeconfig = (server: string, parts: KubeconfigParts = {}): string => {
  const file = join(temporaryFolder(), 'config');
  const cluster = { server, 'certificate-authority': fixture('ca.crt'), ...parts.cluster };
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name: 'user', user: parts.user ?? { token: 'a-token' } }],
    contexts: [{ name: 'test', context: { cluster: 'cluster', user: 'user' } }],
  };
  writeFileSync(file, JSON.stringify(document));
  return file;
};

/** The live port to a server, by way of a kubeconfig in a file. */
export const connectTo = async (
  server: { readonly url: string },
  options: KubeconfigParts & { readonly flags?: ConnectionFlags; readonly env?: Env } = {},
): Promise<ConnectedPort> => {
  const kubeconfig = writeKubeconfig(server.url, options);
  const port = await connectLive({ requestTimeoutMs: 5_000, kubeconfig, ...options.flags }, options.env ?? {}, {
    platform: 'linux',
  });
  later(() => port.close());
  return port;
};

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that says when it ends, in seconds since 1970; nobody here looks at its signature. */
export const jwt = (exp: number): string => `${part({ alg: 'RS256' })}.${part({ exp })}.x`;
