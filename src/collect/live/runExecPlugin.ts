import { spawn } from 'node:child_process';
import { KprError } from '../../core/KprError.ts';
import { oneLine } from '../../text/visible.ts';
import type { Env } from '../ConnectionFlags.ts';
import type { ExecConfig } from './Kubeconfig.ts';

export interface ExecPluginHost {
  readonly env: Env;
  /** Whether somebody sits there to answer a plugin's questions. */
  readonly stdinIsTerminal: boolean;
  /** What an interactive plugin tells its user while it runs, e.g. an address to open in a browser. */
  readonly onStderr?: (text: string) => void;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 60_000;
/** Somebody may have to find a phone first. */
const INTERACTIVE_TIMEOUT_MS = 300_000;
const MAX_OUTPUT = 1024 * 1024;

const DEFAULT_HINT = 'Run the command by hand to see what it lacks; kubectl needs it as well';

const isInteractive = (exec: ExecConfig, host: ExecPluginHost): boolean => {
  if (exec.interactiveMode === 'Never') return false;
  if (exec.interactiveMode === 'Always' && !host.stdinIsTerminal) {
    throw new KprError(
      `The credential plugin "${exec.command}" wants to ask questions, but the input is no terminal`,
      'Run this in a terminal, or log in first',
    );
  }
  return host.stdinIsTerminal;
};

/**
 * What the plugin learns by KUBERNETES_EXEC_INFO: the version to answer in, whether it may ask, and the cluster if it
 * wants to know.
 */
const execInfo = (exec: ExecConfig, cluster: unknown, interactive: boolean): string =>
  JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { ...(cluster === undefined ? {} : { cluster }), interactive },
  });

const notStarted = (exec: ExecConfig, error: Error): KprError => {
  const isMissing = 'code' in error && error.code === 'ENOENT';
  return new KprError(
    isMissing
      ? `The credential plugin "${exec.command}" that the kubeconfig names is not installed`
      : `The credential plugin "${exec.command}" cannot be started: ${oneLine(error.message)}`,
    oneLine(exec.installHint) || `Install it, or correct users[].user.exec.command in the kubeconfig`,
    { cause: error },
  );
};

/** Runs a credential plugin to its end and gives its output. Rejects with a KprError. */
export const runExecPlugin = async (exec: ExecConfig, cluster: unknown, host: ExecPluginHost): Promise<string> => {
  if (exec.command === '') throw new KprError('The kubeconfig names an exec plugin without a command', DEFAULT_HINT);
  const interactive = isInteractive(exec, host);
  const timeoutMs = interactive ? INTERACTIVE_TIMEOUT_MS : TIMEOUT_MS;
  return await new Promise((resolve, reject) => {
    const child = spawn(exec.command, exec.args, {
      env: { ...host.env, ...exec.env, KUBERNETES_EXEC_INFO: execInfo(exec, cluster, interactive) },
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    const failed = (why: string): KprError => {
      const said = oneLine(stderr);
      return new KprError(`The credential plugin "${exec.command}" ${why}${said ? `: ${said}` : ''}`, DEFAULT_HINT);
    };
    const stop = (error: unknown): void => {
      clearTimeout(timer);
      host.signal.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      // Children of the plugin may hold the pipes open.
      child.stdout?.destroy();
      child.stderr?.destroy();
      reject(error);
    };
    const onAbort = (): void => stop(failed('was interrupted'));
    const timer = setTimeout(() => stop(failed(`did not end within ${timeoutMs / 1000} s`)), timeoutMs);
    host.signal.addEventListener('abort', onAbort, { once: true });
    if (host.signal.aborted) onAbort();
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > MAX_OUTPUT) stop(failed('prints without end'));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_OUTPUT);
      if (interactive) host.onStderr?.(text);
    });
    child.once('error', (error) => stop(notStarted(exec, error)));
    child.once('close', (code, signal) => {
      if (code !== 0)
        return stop(failed(code === null ? `was ended by ${signal ?? 'a signal'}` : `failed with exit code ${code}`));
      clearTimeout(timer);
      host.signal.removeEventListener('abort', onAbort);
      resolve(stdout);
    });
  });
};
