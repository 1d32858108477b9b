import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import { KprError } from '../../core/KprError.ts';
import { oneLine } from '../../text/visible.ts';
import { createOutput } from '../api/Output.ts';
import { execPath } from '../api/podPaths.ts';
import { statusMessage } from '../api/statusMessage.ts';
import { orAborted } from '../api/withDeadline.ts';
import type { ExecOptions, ExecOutcome, ExecTarget } from '../ClusterPort.ts';
import { credentialHint } from './credentialHint.ts';
import { channelOf, type ExecStatus, readExecStatus, stdinChannel, stdinClosed } from './ExecFrames.ts';
import { explainNetworkError } from './explainNetworkError.ts';
import type { Access, Session } from './Session.ts';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** Output may still be on its way when the status is here already; servers close the socket behind the last of it. */
const AFTER_STATUS_MS = 250;
const MAX_REFUSAL_BYTES = 64 * 1024;
const REFUSAL_BODY_MS = 1_000;
const MAX_STATUS_BYTES = 64 * 1024;

type End = ExecOutcome extends infer O ? (O extends ExecOutcome ? Omit<O, 'stdout' | 'stderr'> : never) : never;

const bytesOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);

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
      access.transport.open(signal).then(
        (socket) => onSocket(null, socket),
        // Node types the socket of a failed attempt as present.
        (error: unknown) => onSocket(error instanceof Error ? error : new Error(String(error)), undefined as never),
      );
      return undefined;
    },
  });
};

/** Frames as kubectl sends them; larger ones are refused by some proxies. */
const STDIN_FRAME_BYTES = 32 * 1024;

/** Sends piece by piece, each when the one before is on its way; what cannot be sent is told by how the socket ends. */
const sendStdin = (socket: WebSocket, stdin: Uint8Array, over: AbortSignal): void => {
  const send = (from: number): void => {
    if (over.aborted || socket.readyState !== WebSocket.OPEN) return;
    if (from >= stdin.length) {
      if (socket.protocol === PROTOCOLS[0]) socket.send(stdinClosed, () => {});
      return;
    }
    const piece = stdin.subarray(from, from + STDIN_FRAME_BYTES);
    socket.send(Buffer.concat([stdinChannel, piece]), (error) => {
      if (!error) send(from + STDIN_FRAME_BYTES);
    });
  };
  send(0);
};

/** One attempt, with these credentials. Rejects only with what `onStdout` throws. */
const attempt = async (
  session: Session,
  access: Access,
  path: string,
  options: ExecOptions,
  signal: AbortSignal,
  stopped: () => End,
): Promise<ExecOutcome> =>
  await new Promise((resolve, reject) => {
    const output = createOutput(options.maxBytes, options.onStdout);
    const over = new AbortController();
    let socket: WebSocket | undefined;
    let opened = false;
    let status: ExecStatus | undefined;
    let statusText = '';
    let graceTimer: NodeJS.Timeout | undefined;

    const leave = (): boolean => {
      if (over.signal.aborted) return false;
      over.abort(new Error('the exec is over'));
      clearTimeout(graceTimer);
      signal.removeEventListener('abort', onAbort);
      socket?.terminate();
      return true;
    };
    const settle = (end: End): void => {
      if (leave()) resolve({ ...end, ...output.text() });
    };
    const onAbort = (): void => settle(stopped());
    const unreachable = (error: unknown): void =>
      settle({ end: 'unreachable', message: `cannot reach ${session.server}: ${explainNetworkError(error)}` });

    const take = (stream: 'stdout' | 'stderr', data: Uint8Array): void => {
      try {
        if (!output.take(stream, data)) settle({ end: 'tooLarge', maxBytes: options.maxBytes });
      } catch (error) {
        // The reader's own mistake; thrown from here it would be an uncaught exception.
        if (leave()) reject(error);
      }
    };
    const takeStatus = (data: Uint8Array): void => {
      if (status) return;
      statusText = (statusText + Buffer.from(data).toString('utf8')).slice(0, MAX_STATUS_BYTES);
      const end = readExecStatus(statusText);
      status = end;
      if (end) graceTimer = setTimeout(() => settle(end), AFTER_STATUS_MS);
    };
    const onMessage = (data: RawData): void => {
      if (over.signal.aborted) return;
      const frame = bytesOf(data);
      const channel = channelOf(frame);
      if (channel === 'status') takeStatus(frame.subarray(1));
      else if (channel !== 'other') take(channel, frame.subarray(1));
    };
    const onRefusal = async (response: IncomingMessage): Promise<void> => {
      const httpStatus = response.statusCode ?? 0;
      const said = statusMessage(await readRefusal(response)) || response.statusMessage || 'refused without a word';
      const hint = httpStatus === 401 ? `: ${credentialHint(access.credentials, session.now())}` : '';
      settle({ end: 'refused', httpStatus, message: said + hint });
    };
    const onError = (error: Error): void => {
      if (status) return settle(status);
      if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
        return settle({ end: 'tooLarge', maxBytes: options.maxBytes });
      }
      if (!opened) return unreachable(error);
      const why = explainNetworkError(error);
      return settle({ end: 'dropped', message: `the connection failed before the command had ended: ${why}` });
    };
    const onClose = (code: number, reason: Buffer): void => {
      if (status) return settle(status);
      const closing = `code ${code} ${oneLine(reason.toString('utf8'))}`.trim();
      const lacking = statusText ? 'with a status that cannot be read' : 'without a word on how the command ended';
      return settle({ end: 'dropped', message: `the server closed the connection (${closing}) ${lacking}` });
    };

    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      socket = connect(session, access, path, AbortSignal.any([signal, over.signal]));
    } catch (error) {
      return unreachable(error);
    }
    socket.on('open', () => {
      opened = true;
      if (options.stdin !== undefined && socket !== undefined) sendStdin(socket, options.stdin, over.signal);
    });
    socket.on('message', onMessage);
    socket.on('unexpected-response', (_, response) => void onRefusal(response));
    socket.on('error', onError);
    return socket.on('close', onClose);
  });

/**
 * Runs a command in a container and gives its output. A WebSocket is a GET for the server, so that `get pods/exec` is
 * asked for (and `create` too since Kubernetes 1.35). Settles once, in every way that servers and networks end or do
 * not end; rejects only if `onStdout` throws. The command itself may go on running after a timeout: the API has no way
 * to kill it.
 */
export const execOverWebSocket = async (
  session: Session,
  target: ExecTarget,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecOutcome> => {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('deadline')), options.timeoutMs);
  const signal = AbortSignal.any([deadline.signal, session.closed, ...(options.signal ? [options.signal] : [])]);
  const stopped = (): End =>
    options.signal?.aborted || session.closed.aborted
      ? { end: 'aborted' }
      : { end: 'timeout', afterMs: options.timeoutMs };
  const noAccess = (error: unknown): ExecOutcome => {
    const why = error instanceof KprError ? error.message : explainNetworkError(error);
    const end: End = signal.aborted ? stopped() : { end: 'unreachable', message: `no credentials: ${why}` };
    return { ...end, stdout: '', stderr: '' };
  };
  const path = execPath(target, command, options.stdin !== undefined);
  try {
    let access: Access;
    try {
      access = await orAborted(session.access(), signal);
    } catch (error) {
      return noAccess(error);
    }
    const outcome = await attempt(session, access, path, options, signal, stopped);
    if (outcome.end !== 'refused' || outcome.httpStatus !== 401) return outcome;
    let renewed: Access | undefined;
    try {
      renewed = await orAborted(session.renew(access), signal);
    } catch (error) {
      return noAccess(error);
    }
    return renewed ? await attempt(session, renewed, path, options, signal, stopped) : outcome;
  } finally {
    clearTimeout(timer);
  }
};
