import { request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { ConnectError, explainNetworkError } from './explainNetworkError.ts';
import { maskKnown } from '../redactText.ts';
import { openTcp, openTls, type TlsTarget } from './openSocket.ts';

const proxySchemes = new Set(['http:', 'https:', 'socks5:', 'socks5h:']);

/** Throws a ConnectError if an address is none of a proxy that `openTunnel` knows. */
export function checkProxy(proxy: string): void {
  if (!URL.canParse(proxy)) throw new ConnectError('the proxy in proxy-url, HTTPS_PROXY or HTTP_PROXY is no URL');
  if (proxySchemes.has(new URL(proxy).protocol)) return;
  throw new ConnectError(`the proxy ${printableProxy(proxy)} is neither http, https nor socks5`);
}

/** Whose certificates are good enough for an https proxy. */
export type ProxyTrust = Omit<TlsTarget, 'host'>;

/**
 * A connection through a proxy that `checkProxy` accepts, for HTTP requests and WebSockets alike. Every target is
 * reached by CONNECT, plain http ones too. Rejects with what the network says, or a ConnectError.
 */
export async function openTunnel(
  proxy: string,
  host: string,
  port: number,
  signal: AbortSignal,
  trust: ProxyTrust = {},
): Promise<Socket> {
  const url = new URL(proxy);
  try {
    return url.protocol.startsWith('socks')
      ? await viaSocks(url, host, port, signal)
      : await viaHttp(url, host, port, signal, trust);
  } catch (error) {
    if (error instanceof ConnectError || signal.aborted) throw error;
    throw new ConnectError(`the way leads through the proxy ${printableProxy(proxy)}: ${explainNetworkError(error)}`, {
      cause: error,
    });
  }
}

async function viaHttp(
  proxy: URL,
  host: string,
  port: number,
  signal: AbortSignal,
  trust: ProxyTrust,
): Promise<Socket> {
  const proxyHost = hostOf(proxy);
  const tcp = await openTcp(proxyHost, portOf(proxy), signal);
  const socket = proxy.protocol === 'https:' ? await openTls(tcp, { host: proxyHost, ...trust }, signal) : tcp;
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const connect = request({
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    createConnection: () => socket,
    signal,
  });
  return new Promise((resolve, reject) => {
    connect.once('connect', (response, tunnel, head) => {
      if (response.statusCode === 200) {
        if (head.length > 0) tunnel.unshift(head);
        resolve(socket);
        return;
      }
      socket.destroy();
      const answer = `${response.statusCode ?? 0} ${maskKnown(response.statusMessage ?? '', secretsOf(proxy))}`.trim();
      reject(
        new ConnectError(`the proxy ${printableProxy(proxy.href)} answered ${answer} when asked for ${authority}`),
      );
    });
    connect.once('error', (error) => {
      socket.destroy();
      reject(error);
    });
    connect.end();
  });
}

async function viaSocks(proxy: URL, host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const existing = await openTcp(hostOf(proxy), portOf(proxy), signal);
  signal.addEventListener('abort', () => existing.destroy(), { once: true });
  const { SocksClient } = await import('socks');
  const { socket } = await SocksClient.createConnection({
    proxy: {
      host: proxy.hostname,
      port: portOf(proxy),
      type: 5,
      ...(proxy.username ? { userId: decodeURIComponent(proxy.username) } : {}),
      ...(proxy.password ? { password: decodeURIComponent(proxy.password) } : {}),
    },
    command: 'connect',
    destination: { host, port },
    existing_socket: existing,
  });
  return socket;
}

/** A proxy for messages: without its user and password. */
function printableProxy(proxy: string): string {
  const url = new URL(proxy);
  return `${url.protocol}//${url.host}`;
}

/** As it stands in the URL, as it is, and as it is sent. */
function secretsOf(proxy: URL): readonly string[] {
  const [, sent = ''] = proxyAuthorization(proxy)['proxy-authorization']?.split(' ') ?? [];
  return [sent, proxy.password, decodeURIComponent(proxy.password)];
}

function proxyAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return user === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : url.protocol === 'http:' ? 80 : 1080);
}
