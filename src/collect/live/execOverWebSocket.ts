import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { KprError } from '../../core/KprError.ts';
import { execPath } from '../api/podPaths.ts';
import { statusMessage } from '../api/statusMessage.ts';
import type { ExecOptions, ExecOutcome, ExecTarget } from '../ClusterPort.ts';
import { channelOf, type ExecStatus, readExecStatus } from './ExecFrames.ts';
import { credentialHint } from './credentialHint.ts';
import { explainNetworkError } from './explainNetworkError.ts';
import type { Access, Session } from './Session.ts';
import { orAborted } from '../api/withDeadline.ts';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** Output may still be on its way when the status is here already; servers close the socket behind the last of it. */
const AFTER_STATUS_MS = 250;
const MAX_REFUSAL_BYTES = 64 * 1024;
const REFUSAL_BODY_MS = 2_000;
const MAX_STATUS_BYTES = 64 * 1024;

type End = ExecOutcome extends infer O ? (O extends ExecOutcome ? Omit<O, 'stdout' | 'stderr'> : never) : never;

const bytesOf = (data: Buffer | ArrayBuffer | Buffer[]): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);

const textOf = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString('utf8');

const readRefusal = async (response: IncomingMessage): Promise<string> =>
  await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (): void => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    const timer = setTimeout(done, REFUSAL_BODY_MS);
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_REFUSAL_BYTES) done();
    });
    response.once('close', done);
    response.once('end', done);
    response.once('error', done);
  });

const connect = (session: Session, access: Access, path: string, signal: AbortSignal): WebSocket => {
  const url = new URL(`${session.server}${path}`);
  return new WebSocket(url, PROTOCOLS, {
    headers: access.headers,
    perMessageDeflate: false,
    // One frame of the API server is some kilobytes; a larger one is not from it.
    maxPayload: 16 * 1024 * 1024,
    createConnection: (_: unknown, onSocket: (error: Error | null, socket: Duplex) => void) => {
      access.transport.open(url, signal).then(
        (socket) => onSocket(null, socket),
        // Node types the socket of a failed attempt as present.
        (error: unknown) => onSocket(error instanceof Error ? error : new Error(String(error)), undefined as never),
      );
      return undefined;
    },
  });
};

/** One attempt. `refused` with 401 tells whom it was refused to, so that the caller can try again as somebody fresh. */
const attempt = async (
  session: Session,
  access: Access,
  path: string,
  options: ExecOptions,
  signal: AbortSignal,
  stopped: () => End,
): Promise<ExecOutcome> =>
  await new Promise((resolve, reject) => {
    const stdout: Uint8Array[] = [];
    const stderr: Uint8Array[] = [];
    let status: ExecStatus | undefined;
    let statusText = '';
    let size = 0;
    let settled = false;
    let graceTimer: NodeJS.Timeout | undefined;
    const attemptEnd = new AbortController();
    const socket = connect(session, access, path, AbortSignal.any([signal, attemptEnd.signal]));

    const leave = (): boolean => {
      if (settled) return false;
      settled = true;
      clearTimeout(graceTimer);
      signal.removeEventListener('abort', onAbort);
      attemptEnd.abort(new Error('the exec is over'));
      socket.terminate();
      return true;
    };
    const settle = (end: End): void => {
      if (!leave()) return;
      resolve({ ...end, stdout: textOf(stdout), stderr: textOf(stderr) });
    };
    const onAbort = (): void => settle(stopped());

    const take = (chunks: Uint8Array[], data: Uint8Array): void => {
      const room = options.maxBytes - size;
      const kept = data.length > room ? data.subarray(0, Math.max(0, room)) : data;
      size += kept.length;
      if (kept.length > 0) chunks.push(kept);
      if (kept.length > 0 && chunks === stdout && options.onStdout) {
        try {
          options.onStdout(kept);
        } catch (error) {
          // The caller's own mistake: thrown from here it would be an uncaught exception.
          if (leave()) reject(error);
        }
      }
      if (data.length > room) settle({ end: 'tooLarge', maxBytes: options.maxBytes });
    };

    socket.on('message', (data) => {
      const frame = bytesOf(data);
      const content = frame.subarray(1);
      switch (channelOf(frame)) {
        case 'stdout':
          return take(stdout, content);
        case 'stderr':
          return take(stderr, content);
        case 'status': {
          if (status) return undefined;
          statusText = (statusText + content.toString('utf8')).slice(0, MAX_STATUS_BYTES);
          status = readExecStatus(statusText);
          const end = status;
          if (end) graceTimer = setTimeout(() => settle(end), AFTER_STATUS_MS);
          return undefined;
        }
        case 'other':
          return undefined;
      }
    });
    socket.on('unexpected-response', (_, response) => {
      const httpStatus = response.statusCode ?? 0;
      readRefusal(response).then(
        (body) => {
          const hint = httpStatus === 401 ? `: ${credentialHint(access.credentials, session.now())}` : '';
          const message = (statusMessage(body) || response.statusMessage || 'refused without a word') + hint;
          settle({ end: 'refused', httpStatus, message });
        },
        () => settle({ end: 'refused', httpStatus, message: response.statusMessage ?? '' }),
      );
    });
    let opened = false;
    socket.on('open', () => {
      opened = true;
    });
    socket.on('error', (error) => {
      if (status) return settle(status);
      if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
        return settle({ end: 'tooLarge', maxBytes: options.maxBytes });
      }
      const message = explainNetworkError(error);
      return settle(
        opened
          ? { end: 'dropped', message: `the connection failed before the command had ended: ${message}` }
          : { end: 'unreachable', message: `cannot reach ${session.server}: ${message}` },
      );
    });
    socket.on('close', (code, reason) => {
      if (status) return settle(status);
      const said = [`code ${code}`, reason.toString('utf8')].filter((part) => part !== '').join(' ');
      const status1 =
        statusText === '' ? 'without a word on how the command ended' : 'with a status that cannot be read';
      return settle({ end: 'dropped', message: `the server closed the connection (${said}) ${status1}` });
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });

/**
 * Runs a command in a container and gives its output. A WebSocket is a GET for the server, so that `get pods/exec` is asked for (and
 * `create` too since Kubernetes 1.35). Settles once, in every way that servers and networks end or do not end; rejects only
 * if `onStdout` throws. The command itself may go on running after a timeout: the API has no way to kill it.
 */
export const execOverWebSocket = async (
  session: Session,
  target: ExecTarget,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecOutcome> => {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('deadline')), options.timeoutMs);
  const signals = [deadline.signal, session.closed, ...(options.signal ? [options.signal] : [])];
  const signal = AbortSignal.any(signals);
  const stopped = (): End =>
    options.signal?.aborted || session.closed.aborted
      ? { end: 'aborted' }
      : { end: 'timeout', afterMs: options.timeoutMs };
  const path = execPath(target, command);
  try {
    const access = await orAborted(session.access(), signal);
    const outcome = await attempt(session, access, path, options, signal, stopped);
    if (outcome.end !== 'refused' || outcome.httpStatus !== 401) return outcome;
    const renewed = await orAborted(session.renew(access), signal);
    return renewed ? await attempt(session, renewed, path, options, signal, stopped) : outcome;
  } catch (error) {
    if (signal.aborted) return { ...stopped(), stdout: '', stderr: '' };
    const message = error instanceof KprError ? `no credentials: ${error.message}` : explainNetworkError(error);
    if (error instanceof KprError) return { end: 'unreachable', message, stdout: '', stderr: '' };
    throw error;
  } finally {
    clearTimeout(timer);
  }
};
