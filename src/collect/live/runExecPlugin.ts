import { type ChildProcess, spawn } from 'node:child_process';
import { KprError } from '../../core/KprError.ts';
import { oneLine } from '../../text/visible.ts';
import { maskKnown, maskSecrets, maskWordsOf, secretArguments } from '../redactText.ts';
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

const pluginTimeoutMs = 60_000;
/** Somebody may have to find a phone first. */
const interactiveTimeoutMs = 300_000;
const maxOutputLength = 1024 * 1024;
/** The end of what a plugin complains of is in its message. */
const maxSaid = 4096;

const defaultHint = 'Run the command by hand to see what it lacks; kubectl needs it as well';

/** Runs a credential plugin to its end and gives its output. Rejects with a KprError. */
export async function runExecPlugin(exec: ExecConfig, cluster: unknown, host: ExecPluginHost): Promise<string> {
  if (exec.command === '') throw new KprError('The kubeconfig names an exec plugin without a command', defaultHint);
  return new PluginRun(exec, cluster, host, isInteractive(exec, host)).output;
}

function isInteractive(exec: ExecConfig, host: ExecPluginHost): boolean {
  if (exec.interactiveMode === 'Never') return false;
  if (exec.interactiveMode === 'Always' && !host.stdinIsTerminal) {
    throw new KprError(
      `The credential plugin "${exec.command}" wants to ask questions, but the input is no terminal`,
      'Run this in a terminal, or log in first',
    );
  }
  return host.stdinIsTerminal;
}

class PluginRun {
  readonly #exec: ExecConfig;
  readonly #signal: AbortSignal;
  readonly #child: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  readonly #output = Promise.withResolvers<string>();
  #stdout = '';
  #stderr = '';

  constructor(exec: ExecConfig, cluster: unknown, host: ExecPluginHost, interactive: boolean) {
    this.#exec = exec;
    this.#signal = host.signal;
    const timeoutMs = interactive ? interactiveTimeoutMs : pluginTimeoutMs;
    this.#timer = setTimeout(() => this.#stop(this.#failed(`did not end within ${timeoutMs / 1000} s`)), timeoutMs);
    this.#child = spawn(exec.command, exec.args, {
      env: { ...host.env, ...exec.env, KUBERNETES_EXEC_INFO: execInfo(exec, cluster, interactive) },
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    host.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (host.signal.aborted) this.#onAbort();
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      if (this.#stdout.length > maxOutputLength) this.#stop(this.#failed('prints without end'));
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-maxOutputLength);
      if (interactive) host.onStderr?.(text);
    });
    this.#child.once('error', (error) => this.#stop(notStarted(exec, error)));
    this.#child.once('close', (code, signal) => this.#onClose(code, signal));
  }

  /** What it printed. Rejects with a KprError. */
  get output(): Promise<string> {
    return this.#output.promise;
  }

  #onClose(code: number | null, signal: string | null): void {
    if (code === 0) {
      this.#forget();
      this.#output.resolve(this.#stdout);
    } else if (code === null) this.#stop(this.#failed(`was ended by ${signal ?? 'a signal'}`));
    else this.#stop(this.#failed(`failed with exit code ${code}`));
  }

  readonly #onAbort = (): void => this.#stop(this.#failed('was interrupted'));

  #stop(error: KprError): void {
    this.#forget();
    this.#child.kill('SIGKILL');
    // Children of the plugin may hold the pipes open.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#output.reject(error);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  #failed(why: string): KprError {
    const { env, args } = this.#exec;
    const told = maskWordsOf(maskKnown(this.#stderr.slice(-maxSaid), Object.values(env)), this.#stdout);
    const said = oneLine(maskSecrets(told, secretArguments(args)));
    return new KprError(`The credential plugin "${this.#exec.command}" ${why}${said ? `: ${said}` : ''}`, defaultHint);
  }
}

/**
 * What the plugin learns by KUBERNETES_EXEC_INFO: the version to answer in, whether it may ask, and the cluster if it
 * wants to know.
 */
function execInfo(exec: ExecConfig, cluster: unknown, interactive: boolean): string {
  return JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { ...(cluster === undefined ? {} : { cluster }), interactive },
  });
}

function notStarted(exec: ExecConfig, error: Error): KprError {
  const isMissing = 'code' in error && error.code === 'ENOENT';
  return new KprError(
    isMissing
      ? `The credential plugin "${exec.command}" that the kubeconfig names is not installed`
      : `The credential plugin "${exec.command}" cannot be started: ${oneLine(error.message)}`,
    oneLine(exec.installHint) || `Install it, or correct users[].user.exec.command in the kubeconfig`,
    { cause: error },
  );
}
