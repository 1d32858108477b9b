import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';

/** As client-go: cloud load balancers forget idle connections after 60 s. */
const keepAliveInitialDelay = 30_000;

/** Rejects with what the network says, or the reason of `signal`. */
export function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay });
  return ready(socket, 'connect', signal);
}

export interface TlsTarget {
  /** What the server's certificate must be for. */
  readonly host: string;
  readonly insecure?: boolean;
  readonly secureContext?: SecureContext;
  /** Of an earlier connection to the same server with the same certificates: it saves both sides the signatures. */
  readonly session?: Buffer | undefined;
  readonly onSession?: (session: Buffer) => void;
}

/** TLS over a connected socket. Rejects with what OpenSSL and the network say, or the reason of `signal`. */
export function openTls(tcp: Socket, target: TlsTarget, signal: AbortSignal): Promise<Socket> {
  const socket = connectTls({
    socket: tcp,
    // Addresses are verified but never sent as a server name (RFC 6066 §3).
    servername: isIP(target.host) === 0 ? target.host : '',
    host: target.host,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: target.insecure !== true,
    ...(target.secureContext ? { secureContext: target.secureContext } : {}),
    ...(target.session ? { session: target.session } : {}),
  });
  if (target.onSession) socket.on('session', target.onSession);
  return ready(socket, 'secureConnect', signal);
}

/** Settles when `socket` has emitted `event`; destroys it and rejects on an error, an end or an abort before that. */
function ready(socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // A late error of a socket that nobody holds (any more, or yet) must not become an uncaught exception.
    socket.on('error', () => {});
    const done = (): void => {
      socket.off(event, onReady);
      socket.off('error', onError);
      socket.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (error: unknown): void => {
      done();
      socket.destroy();
      reject(error);
    };
    const onReady = (): void => {
      done();
      resolve(socket);
    };
    const onError = (error: Error): void => fail(error);
    const onClose = (): void =>
      fail(Object.assign(new Error('the connection was closed at once'), { code: 'ECONNRESET' }));
    const onAbort = (): void => fail(signal.reason);
    socket.once(event, onReady);
    socket.once('error', onError);
    socket.once('close', onClose);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
