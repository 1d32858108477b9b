import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import { oneLine } from '../../text/visible.ts';
import { Output } from '../api/Output.ts';
import { statusMessage } from '../api/statusMessage.ts';
import type { ExecOptions, ExecOutcome } from '../ClusterPort.ts';
import { credentialHint } from './credentialHint.ts';
import { channelOf, type ExecStatus, readExecStatus, stdinChannel, stdinClosed } from './ExecFrames.ts';
import { explainNetworkError } from './explainNetworkError.ts';
import type { Access, Session } from './Session.ts';
import { withoutCredentials } from './withoutCredentials.ts';

/** How an exec ended, without what it printed. */
export type ExecEnd = ExecOutcome extends infer O
  ? O extends ExecOutcome
    ? Omit<O, 'stdout' | 'stderr'>
    : never
  : never;

/** When an exec is to end, and how it has ended then. */
export interface Stop {
  readonly signal: AbortSignal;
  readonly how: () => ExecEnd;
}

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** One frame of the API server is some kilobytes; a larger one is not from it. */
const maxFrameBytes = 16 * 1024 * 1024;
/** Frames as kubectl sends them; larger ones are refused by some proxies. */
const stdinFrameBytes = 32 * 1024;
/** Output may still be on its way when the status is here already; servers close the socket behind the last of it. */
const outputAfterStatusMs = 250;
const maxStatusBytes = 64 * 1024;
/** One is due. */
const maxStatusFrames = 16;

/** One exec with these credentials, from the connection to its end. */
export class WebSocketExec {
  readonly #session: Session;
  readonly #access: Access;
  readonly #options: ExecOptions;
  readonly #stop: Stop;
  readonly #output: Output;
  readonly #outcome = Promise.withResolvers<ExecOutcome>();
  /** Aborted when it has ended, in whatever way. */
  readonly #over = new AbortController();
  #socket: WebSocket | undefined;
  #opened = false;
  #status: ExecStatus | undefined;
  #statusText = '';
  #statusFrames = 0;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(session: Session, access: Access, options: ExecOptions, stop: Stop) {
    this.#session = session;
    this.#access = access;
    this.#options = options;
    this.#stop = stop;
    this.#output = new Output(options.maxBytes, options.onStdout);
  }

  /** To be called once. `path` with its query. Rejects only with what `onStdout` throws. */
  run(path: string): Promise<ExecOutcome> {
    if (this.#stop.signal.aborted) this.#onStop();
    else {
      this.#stop.signal.addEventListener('abort', this.#onStop, { once: true });
      this.#connect(path);
    }
    return this.#outcome.promise;
  }

  #connect(path: string): void {
    try {
      this.#socket = new WebSocket(new URL(`${this.#session.server}${path}`), protocols, {
        headers: this.#access.headers,
        perMessageDeflate: false,
        maxPayload: maxFrameBytes,
        createConnection: (_: unknown, onSocket: (error: Error | null, socket: Duplex) => void) => this.#open(onSocket),
      });
    } catch (error) {
      this.#unreachable(error);
      return;
    }
    this.#socket.on('open', () => this.#onOpen());
    this.#socket.on('message', (data) => this.#onMessage(data));
    this.#socket.on('unexpected-response', (_, response) => void this.#onRefusal(response));
    this.#socket.on('error', (error) => this.#onError(error));
    this.#socket.on('close', (code, reason) => this.#onClose(code, reason));
  }

  #open(onSocket: (error: Error | null, socket: Duplex) => void): undefined {
    this.#access.transport.open(AbortSignal.any([this.#stop.signal, this.#over.signal])).then(
      (socket) => onSocket(null, socket),
      // Node's types say that a failed attempt has a socket, too.
      (error: unknown) => onSocket(error instanceof Error ? error : new Error(String(error)), undefined as never),
    );
  }

  #onOpen(): void {
    this.#opened = true;
    const { stdin, stdinLater } = this.#options;
    if (stdin !== undefined) this.#sendStdin(stdin, 0, stdinLater);
  }

  /** Sends piece by piece, each when the one before is on its way; how the socket ends tells what could not be sent. */
  #sendStdin(stdin: Uint8Array, from: number, later?: Promise<Uint8Array>): void {
    const socket = this.#socket;
    if (this.#over.signal.aborted || socket?.readyState !== WebSocket.OPEN) return;
    if (from >= stdin.length) {
      if (later !== undefined) void later.then((rest) => this.#sendStdin(rest, 0));
      else if (socket.protocol === protocols[0]) socket.send(stdinClosed, () => {});
      return;
    }
    const piece = stdin.subarray(from, from + stdinFrameBytes);
    socket.send(Buffer.concat([stdinChannel, piece]), (error) => {
      if (!error) this.#sendStdin(stdin, from + stdinFrameBytes, later);
    });
  }

  #onMessage(data: RawData): void {
    if (this.#over.signal.aborted) return;
    const frame = bytesOf(data);
    const channel = channelOf(frame);
    if (channel === 'status') this.#takeStatus(frame.subarray(1));
    else if (channel !== 'other') this.#take(channel, frame.subarray(1));
  }

  #take(stream: 'stdout' | 'stderr', data: Uint8Array): void {
    try {
      const maxBytes = this.#output.take(stream, data);
      if (maxBytes !== undefined) this.#settle({ end: 'tooLarge', maxBytes });
    } catch (error) {
      // The reader's own mistake; thrown from here it would be an uncaught exception.
      this.#output.drop();
      if (this.#leave()) this.#outcome.reject(error);
    }
  }

  #takeStatus(data: Uint8Array): void {
    if (this.#status) return;
    this.#statusText = (this.#statusText + Buffer.from(data).toString('utf8')).slice(0, maxStatusBytes);
    const status = readExecStatus(this.#heard(this.#statusText));
    this.#status = status;
    this.#statusFrames += 1;
    if (status) this.#graceTimer = setTimeout(() => this.#settle(status), outputAfterStatusMs);
    else if (this.#statusFrames >= maxStatusFrames) {
      this.#settle({ end: 'dropped', message: 'the server tells again and again how the command ended, and not how' });
    }
  }

  async #onRefusal(response: IncomingMessage): Promise<void> {
    const httpStatus = response.statusCode ?? 0;
    const body = this.#heard(await readRefusal(response));
    const said = statusMessage(body) || this.#heard(response.statusMessage ?? '') || 'refused without a word';
    const hint =
      httpStatus === 401
        ? `: ${credentialHint(this.#access.credentials, this.#session.server, this.#session.now())}`
        : '';
    this.#settle({ end: 'refused', httpStatus, message: said + hint });
  }

  #onError(error: Error): void {
    if (this.#status) this.#settle(this.#status);
    else if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      this.#settle({ end: 'tooLarge', maxBytes: this.#options.maxBytes });
    } else if (this.#opened) {
      const why = explainNetworkError(error);
      this.#settle({ end: 'dropped', message: `the connection failed before the command had ended: ${why}` });
    } else this.#unreachable(error);
  }

  #onClose(code: number, reason: Buffer): void {
    if (this.#status) return this.#settle(this.#status);
    const closing = `code ${code} ${oneLine(this.#heard(reason.toString('utf8')))}`.trim();
    const lacking = this.#statusText ? 'with a status that cannot be read' : 'without a word on how the command ended';
    return this.#settle({ end: 'dropped', message: `the server closed the connection (${closing}) ${lacking}` });
  }

  #heard(text: string): string {
    return withoutCredentials(text, this.#access.credentials);
  }

  readonly #onStop = (): void => this.#settle(this.#stop.how());

  #unreachable(error: unknown): void {
    const message = `cannot reach ${this.#session.server}: ${explainNetworkError(error)}`;
    this.#settle({ end: 'unreachable', message });
  }

  #settle(end: ExecEnd): void {
    if (this.#leave()) this.#outcome.resolve({ ...end, ...this.#output.text() });
  }

  /** False: it has ended before. */
  #leave(): boolean {
    if (this.#over.signal.aborted) return false;
    this.#over.abort(new Error('the exec is over'));
    clearTimeout(this.#graceTimer);
    this.#stop.signal.removeEventListener('abort', this.#onStop);
    this.#socket?.terminate();
    return true;
  }
}

function bytesOf(data: RawData): Buffer {
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
}

const maxRefusalBytes = 64 * 1024;
const refusalBodyMs = 1_000;

/** What a server says when it refuses, as far as it comes within a second. */
function readRefusal(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (): void => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    const timer = setTimeout(done, refusalBodyMs);
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxRefusalBytes) done();
    });
    response.once('close', done);
    response.once('end', done);
    response.once('error', done);
  });
}
