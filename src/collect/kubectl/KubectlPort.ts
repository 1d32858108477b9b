import pLimit from 'p-limit';
import { KprError } from '../../core/KprError.ts';
import { missing, type MissingReason } from '../../model/Fact.ts';
import { type JsonObject } from '../../text/isRecord.ts';
import { oneLine } from '../../text/visible.ts';
import { type ChangeRequest, changeRequest, readChanged } from '../api/changeRequest.ts';
import { kubectlCommand } from '../api/kubectlFlags.ts';
import { listPages, type PageAnswer } from '../api/listPages.ts';
import { readDocument } from '../api/readDocument.ts';
import { refusal } from '../api/refusal.ts';
import { retrying, type Try } from '../api/retrying.ts';
import { withDeadline } from '../api/withDeadline.ts';
import type { Answer, ClusterChange, ExecOptions, ExecOutcome, ExecTarget, ListOptions } from '../ClusterPort.ts';
import {
  type ConnectedPort,
  type ConnectionFlags,
  defaultRequestTimeoutMs,
  type Env,
  maxAnswerBytes,
} from '../ConnectionFlags.ts';
import { commandExitCode, type KubectlError, readKubectlError, reasonOf } from './readKubectlError.ts';
import { type KubectlRun, runKubectl } from './runKubectl.ts';

/** Each one is a process of some 50 MB. */
const maxProcesses = 6;

type Text = Answer<string> & { readonly httpStatus?: number };

export interface KubectlContext {
  readonly contextName: string;
  readonly namespace: string;
  readonly server: string;
}

/** The cluster as the user's own kubectl reaches it. */
export class KubectlPort implements ConnectedPort {
  readonly kubectl: string;
  readonly contextName: string;
  readonly namespace: string;
  readonly server: string;
  readonly #connection: readonly string[];
  readonly #env: Env;
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();
  readonly #limit = pLimit(maxProcesses);

  /** `connection`: the arguments that make kubectl reach that cluster, as that identity. */
  constructor(flags: ConnectionFlags, connection: readonly string[], env: Env, context: KubectlContext) {
    this.kubectl = kubectlCommand(flags);
    this.contextName = context.contextName;
    this.namespace = context.namespace;
    this.server = context.server;
    this.#connection = connection;
    this.#env = env;
    this.#timeoutMs = flags.requestTimeoutMs || defaultRequestTimeoutMs;
  }

  async get(path: string): Promise<Answer<unknown>> {
    const answer = await this.#page(path);
    return answer.ok ? answer : { ok: false, why: answer.why };
  }

  list(path: string, options: ListOptions = {}): Promise<Answer<readonly unknown[]>> {
    return listPages(path, options, (page) => this.#page(page));
  }

  async exec(target: ExecTarget, command: readonly string[], options: ExecOptions): Promise<ExecOutcome> {
    const where = ['-n', target.namespace, target.pod, '-c', target.container];
    const input = options.stdin === undefined ? [] : ['-i'];
    const run = await runKubectl(['exec', ...input, ...this.#connection, ...where, '--', ...command], {
      env: this.#env,
      timeoutMs: options.timeoutMs,
      maxBytes: options.maxBytes,
      ...(options.onStdout ? { onStdout: options.onStdout } : {}),
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
      ...(options.stdinLater === undefined ? {} : { stdinLater: options.stdinLater }),
      signals: [this.#closing.signal, ...(options.signal ? [options.signal] : [])],
    });
    return outcomeOf(run, options);
  }

  async change(change: ClusterChange): Promise<Answer<JsonObject>> {
    const request = changeRequest(change);
    const asked = `${request.method} ${change.path}`;
    const text = await this.#limit(() =>
      withDeadline(this.#timeoutMs, this.#closing.signal, async (signal, _, remainingMs) => {
        const attempt = (): Promise<Try<Text>> => this.#tryChange(asked, request, remainingMs());
        return request.method === 'POST' ? (await attempt()).result : retrying(attempt, remainingMs, signal);
      }),
    );
    return text.ok ? readChanged(asked, text.value) : { ok: false, why: text.why };
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the connection to the cluster was closed'));
  }

  async #page(path: string): Promise<PageAnswer> {
    const text = await this.#limit(() => this.#getText(path));
    if (!text.ok) return { ok: false, why: text.why, expired: text.httpStatus === 410 };
    return readDocument(path.replace(/\?.*/, ''), text.value);
  }

  #getText(path: string): Promise<Text> {
    const asked = `GET ${path.replace(/\?.*/, '')}`;
    return withDeadline(this.#timeoutMs, this.#closing.signal, (signal, _, remainingMs) =>
      retrying(() => this.#tryGet(asked, path, remainingMs()), remainingMs, signal),
    );
  }

  #tryGet(asked: string, path: string, remainingMs: number): Promise<Try<Text>> {
    return this.#tryRaw(asked, ['get', '--raw', path], remainingMs);
  }

  #tryChange(asked: string, request: ChangeRequest, remainingMs: number): Promise<Try<Text>> {
    return request.method === 'DELETE'
      ? this.#tryRaw(asked, ['delete', '--raw', request.path], remainingMs)
      : this.#tryRaw(asked, ['create', '--raw', request.path, '-f', '-'], remainingMs, request.body);
  }

  async #tryRaw(asked: string, command: readonly string[], remainingMs: number, body?: string): Promise<Try<Text>> {
    const run = await runKubectl([...command, ...this.#connection], {
      env: this.#env,
      timeoutMs: remainingMs,
      maxBytes: maxAnswerBytes,
      ...(body !== undefined && { stdin: Buffer.from(body) }),
      signals: [this.#closing.signal],
    });
    switch (run.end) {
      case 'notStarted':
        return noAnswer('unreachable', `${asked}: ${notInstalled(run.error).message}`);
      case 'aborted':
        return noAnswer('notCollected', `${asked}: interrupted`);
      case 'timeout':
        return noAnswer(
          'timeout',
          `${asked}: no complete answer from ${this.server} within ${this.#timeoutMs / 1000} s`,
        );
      case 'tooLarge':
        return noAnswer('unparsed', `${asked}: the answer is larger than ${run.maxBytes} bytes`);
      case 'exited':
        return run.exitCode === 0
          ? { result: { ok: true, value: run.stdout }, mayPass: false }
          : this.#failed(asked, readKubectlError(run.stderr, run.stdout));
      default:
        return run satisfies never;
    }
  }

  #failed(asked: string, error: KubectlError): Try<Text> {
    const mayPass = error.kind === 'dropped' || error.httpStatus >= 500 || /refused/.test(error.message);
    const why =
      error.kind === 'refused'
        ? refusal(asked, error.httpStatus, error.message)
        : missing(reasonOf(error), `${asked}: kubectl cannot reach ${this.server}: ${error.message}`);
    return { result: { ok: false, why, httpStatus: error.httpStatus }, mayPass };
  }
}

/** Why nothing came of starting kubectl. */
export function notInstalled(error: Error): KprError {
  return 'code' in error && error.code === 'ENOENT'
    ? new KprError('There is no kubectl on PATH', 'Install kubectl, or leave --via kubectl out', { cause: error })
    : new KprError(`kubectl cannot be started: ${oneLine(error.message)}`, 'Check kubectl on PATH', { cause: error });
}

function noAnswer(reason: MissingReason, detail: string): Try<Text> {
  return { result: { ok: false, why: missing(reason, detail) }, mayPass: false };
}

function outcomeOf(run: KubectlRun, options: ExecOptions): ExecOutcome {
  const { stdout, stderr } = run;
  switch (run.end) {
    case 'notStarted':
      return { end: 'unreachable', message: notInstalled(run.error).message, stdout, stderr };
    case 'aborted':
      return { end: 'aborted', stdout, stderr };
    case 'timeout':
      return { end: 'timeout', afterMs: options.timeoutMs, stdout, stderr };
    case 'tooLarge':
      return { end: 'tooLarge', maxBytes: run.maxBytes, stdout, stderr };
    case 'exited':
      return exitOf(run.exitCode, stdout, stderr);
    default:
      return run satisfies never;
  }
}

/**
 * A flaw of kubectl's remains: a connection that the server closes cleanly, without the command's status, is exit code
 * 0 to it. What the output must end with, its reader has to check.
 */
function exitOf(code: number, stdout: string, stderr: string): ExecOutcome {
  if (code === 0) return { end: 'exited', exitCode: 0, stdout, stderr };
  const ended = commandExitCode(stderr);
  if (ended.exitCode !== -1) return { end: 'exited', exitCode: ended.exitCode, stdout, stderr: ended.stderr };
  const error = readKubectlError(stderr, stdout);
  const { message } = error;
  switch (error.kind) {
    case 'refused':
      return { end: 'refused', httpStatus: error.httpStatus, message, stdout, stderr };
    case 'timeout':
    case 'unreachable':
      return { end: 'unreachable', message: `kubectl cannot reach the server: ${message}`, stdout, stderr };
    case 'dropped':
      return { end: 'dropped', message: `the connection ended before the command had: ${message}`, stdout, stderr };
    case 'failed':
      return { end: 'failed', message, stdout, stderr };
    default:
      return error.kind satisfies never;
  }
}
