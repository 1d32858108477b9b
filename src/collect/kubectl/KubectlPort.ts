import pLimit from 'p-limit';
import { KprError } from '../../core/KprError.ts';
import { missing } from '../../model/Fact.ts';
import { oneLine } from '../../text/visible.ts';
import { kubectlCommand } from '../api/kubectlFlags.ts';
import { listPages, type PageAnswer } from '../api/listPages.ts';
import { readDocument } from '../api/readDocument.ts';
import { refusal } from '../api/refusal.ts';
import { retrying, type Try } from '../api/retrying.ts';
import { withDeadline } from '../api/withDeadline.ts';
import type { Answer, ExecOptions, ExecOutcome, ExecTarget } from '../ClusterPort.ts';
import {
  type ConnectedPort,
  type ConnectionFlags,
  defaultRequestTimeoutMs,
  type Env,
  maxAnswerBytes,
} from '../ConnectionFlags.ts';
import { commandExitCode, readKubectlError, reasonOf } from './readKubectlError.ts';
import { runKubectl } from './runKubectl.ts';

/** Each one is a process of some 50 MB. */
const MAX_PROCESSES = 6;

type Text = Answer<string> & { readonly httpStatus?: number };

export const notInstalled = (error: Error): KprError =>
  'code' in error && error.code === 'ENOENT'
    ? new KprError('There is no kubectl on PATH', 'Install kubectl, or leave --via kubectl out', { cause: error })
    : new KprError(`kubectl cannot be started: ${oneLine(error.message)}`, 'Check kubectl on PATH', { cause: error });

export interface KubectlContext {
  readonly contextName: string;
  readonly namespace: string;
  readonly server: string;
}

/** The cluster as the user's own kubectl reaches it. `connection`: the arguments that make it reach that one. */
export const createKubectlPort = (
  flags: ConnectionFlags,
  connection: readonly string[],
  env: Env,
  context: KubectlContext,
): ConnectedPort => {
  const timeoutMs = flags.requestTimeoutMs || defaultRequestTimeoutMs;
  const closing = new AbortController();
  const limit = pLimit(MAX_PROCESSES);

  const tryGet = async (asked: string, path: string, remainingMs: number): Promise<Try<Text>> => {
    const run = await runKubectl(['get', '--raw', path, ...connection], {
      env,
      timeoutMs: remainingMs,
      maxBytes: maxAnswerBytes,
      signals: [closing.signal],
    });
    const over = (reason: Parameters<typeof missing>[0], detail: string): Try<Text> => ({
      result: { ok: false, why: missing(reason, `${asked}: ${detail}`) },
      mayPass: false,
    });
    switch (run.end) {
      case 'notStarted':
        return over('unreachable', notInstalled(run.error).message);
      case 'aborted':
        return over('notCollected', 'interrupted');
      case 'timeout':
        return over('timeout', `no complete answer from ${context.server} within ${timeoutMs / 1000} s`);
      case 'tooLarge':
        return over('unparsed', `the answer is larger than ${maxAnswerBytes} bytes`);
      case 'exited': {
        if (run.exitCode === 0) return { result: { ok: true, value: run.stdout }, mayPass: false };
        const error = readKubectlError(run.stderr, run.stdout);
        const mayPass = error.kind === 'dropped' || error.httpStatus >= 500 || /refused/.test(error.message);
        const why =
          error.kind === 'refused'
            ? refusal(asked, error.httpStatus, error.message)
            : missing(reasonOf(error), `${asked}: kubectl cannot reach ${context.server}: ${error.message}`);
        return { result: { ok: false, why, httpStatus: error.httpStatus }, mayPass };
      }
      default:
        return run satisfies never;
    }
  };

  const getText = async (path: string): Promise<Text> => {
    const asked = `GET ${path.replace(/\?.*/, '')}`;
    return await limit(
      async () =>
        await withDeadline(timeoutMs, closing.signal, async (signal, _, remainingMs) => {
          return await retrying(async () => await tryGet(asked, path, remainingMs()), remainingMs, signal);
        }),
    );
  };

  const get = async (path: string): Promise<PageAnswer> => {
    const text = await getText(path);
    if (!text.ok) return { ok: false, why: text.why, expired: text.httpStatus === 410 };
    return readDocument(path.replace(/\?.*/, ''), text.value);
  };

  const exec = async (target: ExecTarget, command: readonly string[], options: ExecOptions): Promise<ExecOutcome> => {
    const where = ['-n', target.namespace, target.pod, '-c', target.container];
    const input = options.stdin === undefined ? [] : ['-i'];
    const run = await runKubectl(['exec', ...input, ...connection, ...where, '--', ...command], {
      env,
      timeoutMs: options.timeoutMs,
      maxBytes: options.maxBytes,
      ...(options.onStdout ? { onStdout: options.onStdout } : {}),
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
      signals: [closing.signal, ...(options.signal ? [options.signal] : [])],
    });
    const { stdout, stderr } = run;
    switch (run.end) {
      case 'notStarted':
        return { end: 'unreachable', message: notInstalled(run.error).message, stdout, stderr };
      case 'aborted':
        return { end: 'aborted', stdout, stderr };
      case 'timeout':
        return { end: 'timeout', afterMs: options.timeoutMs, stdout, stderr };
      case 'tooLarge':
        return { end: 'tooLarge', maxBytes: options.maxBytes, stdout, stderr };
      case 'exited':
        return outcomeOf(run.exitCode, stdout, stderr);
      default:
        return run satisfies never;
    }
  };

  return {
    ...context,
    kubectl: kubectlCommand(flags),
    async get(path): Promise<Answer<unknown>> {
      const answer = await get(path);
      return answer.ok ? answer : { ok: false, why: answer.why };
    },
    list: async (path, options = {}) => await listPages(path, options, get),
    exec,
    async close() {
      closing.abort(new Error('the connection to the cluster was closed'));
    },
  };
};

/**
 * kubectl's own flaw stays: a connection that the server closes cleanly, without the command's status, is exit code 0
 * to it. What the output must end with, its reader has to check.
 */
const outcomeOf = (code: number, stdout: string, stderr: string): ExecOutcome => {
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
};
