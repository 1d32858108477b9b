import type { Dispatcher } from 'undici';
import type { Connection } from './Connection.ts';
import type { Credentials, CredentialSource } from './CredentialSource.ts';
import { impersonationHeaders } from './impersonationHeaders.ts';
import { createTransport, type Transport } from './Transport.ts';

/** All that a request needs at one moment: whom it speaks for, and by which connections it goes. */
export interface Access {
  readonly credentials: Credentials;
  readonly transport: Transport;
  /** For fetch of `fetchBase`. */
  readonly dispatcher: Dispatcher;
  /** For WebSockets: all headers. */
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** One cluster and one identity, for as long as the program speaks to it. */
export interface Session {
  readonly server: string;
  /** The server as fetch may be told of it; only the session's dispatcher finds it. */
  readonly fetchBase: string;
  readonly userAgent: string;
  /** Aborted by `close`. */
  readonly closed: AbortSignal;
  readonly now: () => number;
  /** Rejects with a KprError when there are no credentials to be had. */
  access(): Promise<Access>;
  /** After a 401: access with other credentials, or undefined if there are none. Rejects with a KprError. */
  renew(refused: Access): Promise<Access | undefined>;
  close(): Promise<void>;
}

/**
 * What fetch, below @kubernetes/client-node's HTTP library, cannot do. It joins several headers of one name with
 * commas, which would impersonate a single group of that name. It refuses the ports of other protocols (6000, 10080),
 * which an API server or a tunnel may well have: so it is given a URL without port, which is put back here.
 */
const completing = (dispatcher: Dispatcher, server: URL, added: Readonly<Record<string, string[]>>): Dispatcher =>
  dispatcher.compose((dispatch) => (options, handler) => {
    const headers = { ...(options.headers as Readonly<Record<string, string>>), ...added };
    const isServer = String(options.origin) === withoutPort(server).origin;
    return dispatch({ ...options, headers, ...(isServer ? { origin: server.origin } : {}) }, handler);
  });

const withoutPort = (server: URL): URL => {
  const url = new URL(server);
  url.port = '';
  return url;
};

export const createSession = (
  connection: Connection,
  source: CredentialSource,
  host: {
    readonly proxy: string | undefined;
    readonly userAgent: string;
    readonly closing: AbortController;
    readonly now: () => number;
  },
): Session => {
  const impersonation = Object.fromEntries(
    Object.entries(impersonationHeaders(connection.impersonate)).map(([name, values]) => [name, [...values]]),
  );
  const server = new URL(connection.server);
  const transports: Transport[] = [];
  let latest: Access | undefined;

  const accessWith = (credentials: Credentials): Access => {
    if (latest?.credentials === credentials) return latest;
    let transport = latest?.transport;
    if (!transport || latest?.credentials.clientCertificate !== credentials.clientCertificate) {
      // Connections are bound to the client certificate that they were opened with; the old ones end with the session.
      transport = createTransport(connection, host.proxy, credentials.clientCertificate);
      transports.push(transport);
    }
    const { authorization } = credentials;
    latest = {
      credentials,
      transport,
      dispatcher: completing(transport.dispatcher, server, impersonation),
      headers: { 'user-agent': host.userAgent, ...impersonation, ...(authorization ? { authorization } : {}) },
    };
    return latest;
  };

  return {
    server: connection.server,
    fetchBase: withoutPort(server).href.replace(/\/$/, ''),
    userAgent: host.userAgent,
    closed: host.closing.signal,
    now: host.now,
    access: async () => accessWith(await source.current()),
    async renew(refused) {
      const renewed = await source.refresh(refused.credentials);
      return renewed && accessWith(renewed);
    },
    async close() {
      host.closing.abort(new Error('the connection to the cluster was closed'));
      await Promise.all(transports.map((transport) => transport.close()));
    },
  };
};
