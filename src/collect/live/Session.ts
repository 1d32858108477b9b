import type { Connection } from './Connection.ts';
import type { Credentials, CredentialSource } from './CredentialSource.ts';
import { impersonationHeaders } from './impersonationHeaders.ts';
import { Transport } from './Transport.ts';

/** All that a request needs at one moment: whom it speaks for, and by which connections it goes. */
export interface Access {
  readonly credentials: Credentials;
  readonly transport: Transport;
  /** Of every request, WebSockets included; a list is that many headers of one name. */
  readonly headers: Readonly<Record<string, string | string[]>>;
}

export interface SessionHost {
  readonly proxy: string | undefined;
  readonly userAgent: string;
  readonly closing: AbortController;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** One cluster and one identity, for as long as the program speaks to it. */
export class Session {
  readonly server: string;
  /** Whether answers may come compressed. */
  readonly compress: boolean;
  /** Aborted by `close`. */
  readonly closed: AbortSignal;
  readonly now: () => number;
  readonly #connection: Connection;
  readonly #source: CredentialSource;
  readonly #host: SessionHost;
  readonly #transports: Transport[] = [];
  #latest: Access | undefined;

  constructor(connection: Connection, source: CredentialSource, host: SessionHost) {
    this.server = connection.server;
    this.compress = connection.compress;
    this.closed = host.closing.signal;
    this.now = host.now;
    this.#connection = connection;
    this.#source = source;
    this.#host = host;
  }

  /** Rejects with a KprError when there are no credentials to be had. */
  async access(): Promise<Access> {
    return this.#accessWith(await this.#source.current());
  }

  /** After a 401: access with other credentials, or undefined if there are none. Rejects with a KprError. */
  async renew(refused: Access): Promise<Access | undefined> {
    const renewed = await this.#source.refresh(refused.credentials);
    return renewed && this.#accessWith(renewed);
  }

  async close(): Promise<void> {
    this.#host.closing.abort(new Error('the connection to the cluster was closed'));
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  #accessWith(credentials: Credentials): Access {
    if (this.#latest?.credentials === credentials) return this.#latest;
    const { authorization } = credentials;
    this.#latest = {
      credentials,
      transport: this.#transportFor(credentials),
      headers: {
        'user-agent': this.#host.userAgent,
        ...impersonationHeaders(this.#connection.impersonate),
        ...(authorization ? { authorization } : {}),
      },
    };
    return this.#latest;
  }

  /** Connections are bound to the client certificate that they were opened with; older ones end with the session. */
  #transportFor({ clientCertificate }: Credentials): Transport {
    const latest = this.#latest;
    if (latest && latest.credentials.clientCertificate === clientCertificate) return latest.transport;
    const transport = new Transport(this.#connection, this.#host.proxy, clientCertificate);
    this.#transports.push(transport);
    return transport;
  }
}
