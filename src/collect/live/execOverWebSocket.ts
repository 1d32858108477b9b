import { KprError } from '../../core/KprError.ts';
import { execPath } from '../api/podPaths.ts';
import { orAborted } from '../api/withDeadline.ts';
import type { ExecOptions, ExecOutcome, ExecTarget } from '../ClusterPort.ts';
import { explainNetworkError } from './explainNetworkError.ts';
import type { Access, Session } from './Session.ts';
import { type ExecEnd, type Stop, WebSocketExec } from './WebSocketExec.ts';

/**
 * Runs a command in a container and gives its output. A WebSocket is a GET for the server, so that `get pods/exec` is
 * asked for (and `create` too since Kubernetes 1.35). Settles once, in every way that servers and networks end or do
 * not end; rejects only if `onStdout` throws. The command itself may go on running after a timeout: the API has no way
 * to kill it.
 */
export async function execOverWebSocket(
  session: Session,
  target: ExecTarget,
  command: readonly string[],
  options: ExecOptions,
): Promise<ExecOutcome> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('deadline')), options.timeoutMs);
  const stop: Stop = {
    signal: AbortSignal.any([deadline.signal, session.closed, ...(options.signal ? [options.signal] : [])]),
    how: () =>
      options.signal?.aborted || session.closed.aborted
        ? { end: 'aborted' }
        : { end: 'timeout', afterMs: options.timeoutMs },
  };
  const path = execPath(target, command, options.stdin !== undefined);
  try {
    const given = await accessOrEnd(session.access(), stop);
    if ('end' in given) return withoutOutput(given);
    const outcome = await new WebSocketExec(session, given.access, options, stop).run(path);
    if (outcome.end !== 'refused' || outcome.httpStatus !== 401) return outcome;
    const renewed = await accessOrEnd(session.renew(given.access), stop);
    if ('end' in renewed) return withoutOutput(renewed);
    return renewed.access ? await new WebSocketExec(session, renewed.access, options, stop).run(path) : outcome;
  } finally {
    clearTimeout(timer);
  }
}

/** What to connect with, or how the exec ended for want of it. */
async function accessOrEnd<A extends Access | undefined>(
  asked: Promise<A>,
  stop: Stop,
): Promise<{ readonly access: A } | ExecEnd> {
  try {
    return { access: await orAborted(asked, stop.signal) };
  } catch (error) {
    if (stop.signal.aborted) return stop.how();
    if (error instanceof KprError)
      return { end: 'refused', httpStatus: 401, message: `no credentials: ${error.message}` };
    return { end: 'unreachable', message: `no credentials: ${explainNetworkError(error)}` };
  }
}

const withoutOutput = (end: ExecEnd): ExecOutcome => ({ ...end, stdout: '', stderr: '' });
