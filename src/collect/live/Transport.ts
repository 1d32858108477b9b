import type { Socket } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';
import type { Connection } from './Connection.ts';
import { openTcp, openTls } from './openSocket.ts';
import { expectShortRun } from '../tuneEngine.ts';
import { checkProxy, openTunnel, type ProxyTrust } from './openTunnel.ts';

/**
 * The connections to one API server with one client certificate, for HTTP requests (`dispatcher`) and WebSockets
 * (`open`).
 */
export interface Transport {
  readonly dispatcher: Dispatcher;
  /** A connected socket to the server of `url`, TLS done. */
  open(url: URL, signal: AbortSignal): Promise<Socket>;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

/** Each costs both sides a TLS handshake, and there are a dozen and a half lists and objects to be read, most of them small. */
const MAX_CONNECTIONS = 8;

const CONNECT_TIMEOUT_MS = 30_000;

/** kubectl trusts what the operating system trusts where the kubeconfig names no authority. */
const publicAuthorities = (): string[] => [...getCACertificates('default'), ...getCACertificates('system')];

/**
 * Throws if the certificates or the proxy's address are none.
 *
 * HTTP/1.1 on purpose: WebSockets need it anyway, one stuck connection does not hold up all requests, and large lists
 * over long ways are not throttled by HTTP/2's window.
 */
export const createTransport = (
  connection: Connection,
  proxy: string | undefined,
  client: Connection['clientCertificate'],
): Transport => {
  const server = new URL(connection.server);
  if (proxy) checkProxy(proxy);
  const sockets = new Set<Socket>();
  const sessions = new Map<string, Buffer>();
  const closed = new AbortController();
  const { ca, insecure } = connection.tls;
  const secureContext =
    server.protocol === 'https:' ? createSecureContext({ ca: ca ?? publicAuthorities(), ...client }) : undefined;
  const proxyContext =
    proxy && new URL(proxy).protocol === 'https:'
      ? createSecureContext({ ca: [...publicAuthorities(), ...(ca ? [ca] : [])] })
      : undefined;
  const trustIn = (context: SecureContext | undefined): ProxyTrust =>
    context ? { insecure, secureContext: context } : { insecure };

  const open = async (url: URL, signal: AbortSignal): Promise<Socket> => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
    const port = Number(url.port) || (isSecure ? 443 : 80);
    const stop = AbortSignal.any([signal, closed.signal]);
    let socket = proxy
      ? await openTunnel(proxy, host, port, stop, trustIn(proxyContext))
      : await openTcp(host, port, stop);
    if (isSecure) {
      const certificateFor = url.hostname === server.hostname ? (connection.tls.serverName ?? host) : host;
      const session = sessions.get(certificateFor);
      const onSession = (latest: Buffer): void => void sessions.set(certificateFor, latest);
      socket = await openTls(socket, { host: certificateFor, session, onSession, ...trustIn(secureContext) }, stop);
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };

  const dispatcher = new Agent({
    connections: MAX_CONNECTIONS,
    allowH2: false,
    // Every request has its own deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      const url = new URL(`${options.protocol}//${options.hostname}${options.port ? `:${options.port}` : ''}`);
      open(url, AbortSignal.timeout(CONNECT_TIMEOUT_MS)).then(
        (socket) => {
          expectShortRun();
          callback(null, socket);
        },
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      );
    },
  });

  return {
    dispatcher,
    open,
    async close() {
      closed.abort(new Error('the connection to the cluster was closed by us'));
      await dispatcher.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
};
