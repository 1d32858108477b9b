import type { Socket } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Pool } from 'undici';
import { maxAnswerBytes } from '../ConnectionFlags.ts';
import { expectShortRun } from '../tuneEngine.ts';
import type { Connection } from './Connection.ts';
import { openTcp, openTls } from './openSocket.ts';
import { checkProxy, openTunnel, type ProxyTrust } from './openTunnel.ts';

/**
 * Each costs both sides a TLS handshake, and there are some twenty lists and objects to be read, most of them small.
 */
const maxConnections = 8;

const connectTimeoutMs = 30_000;

/**
 * The connections to one API server with one client certificate, for HTTP requests (`pool`) and WebSockets (`open`).
 * They lead nowhere else: what a server sends elsewhere (a redirect) is not followed.
 *
 * HTTP/1.1 on purpose: WebSockets need it anyway, one stuck connection does not hold up all requests, and large lists
 * over long ways are not throttled by HTTP/2's window.
 */
export class Transport {
  /** For undici.request. */
  readonly pool: Pool;
  readonly #host: string;
  readonly #port: number;
  /** What the server's certificate must be for; undefined: plain http. */
  readonly #tls: { readonly certificateFor: string; readonly trust: ProxyTrust } | undefined;
  readonly #proxy: { readonly url: string; readonly trust: ProxyTrust } | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #closed = new AbortController();
  /** TLS session of the latest connection. */
  #session: Buffer | undefined;

  /** Throws if the certificates or the proxy's address are none. */
  constructor(connection: Connection, proxy: string | undefined, client: Connection['clientCertificate']) {
    if (proxy) checkProxy(proxy);
    const { ca, insecure, serverName } = connection.tls;
    const server = new URL(connection.server);
    const isSecure = server.protocol === 'https:';
    this.#host = server.hostname.replace(/^\[|\]$/g, '');
    this.#port = Number(server.port) || (isSecure ? 443 : 80);
    this.#tls = isSecure
      ? {
          certificateFor: serverName ?? this.#host,
          trust: { insecure, secureContext: createSecureContext({ ca: ca ?? publicAuthorities(), ...client }) },
        }
      : undefined;
    this.#proxy = proxy ? { url: proxy, trust: { insecure, ...proxyContext(proxy, ca) } } : undefined;
    this.pool = new Pool(server.origin, {
      connections: maxConnections,
      allowH2: false,
      // Every request has its own deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: maxAnswerBytes,
      connect: (_, callback) => {
        this.open(AbortSignal.timeout(connectTimeoutMs)).then(
          (socket) => {
            expectShortRun();
            callback(null, socket);
          },
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
        );
      },
    });
  }

  /** A connected socket to the server, TLS done. */
  async open(signal: AbortSignal): Promise<Socket> {
    const stop = AbortSignal.any([signal, this.#closed.signal]);
    const tcp = this.#proxy
      ? await openTunnel(this.#proxy.url, this.#host, this.#port, stop, this.#proxy.trust)
      : await openTcp(this.#host, this.#port, stop);
    const socket = await this.#secured(tcp, stop);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('the connection to the cluster was closed by us'));
    await this.pool.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #secured(tcp: Socket, signal: AbortSignal): Promise<Socket> {
    if (this.#tls === undefined) return tcp;
    const session = this.#session;
    const onSession = (latest: Buffer): void => void (this.#session = latest);
    return openTls(tcp, { host: this.#tls.certificateFor, session, onSession, ...this.#tls.trust }, signal);
  }
}

/** kubectl trusts what the operating system trusts where the kubeconfig names no authority. */
function publicAuthorities(): string[] {
  return [...getCACertificates('default'), ...getCACertificates('system')];
}

/** An https proxy may be vouched for by the cluster's authority, too. */
function proxyContext(proxy: string, ca: string | undefined): { readonly secureContext?: SecureContext } {
  if (new URL(proxy).protocol !== 'https:') return {};
  return { secureContext: createSecureContext({ ca: [...publicAuthorities(), ...(ca ? [ca] : [])] }) };
}
