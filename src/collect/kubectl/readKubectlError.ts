import type { MissingReason } from '../../model/Fact.ts';
import { oneLine } from '../../text/visible.ts';

/** What kubectl says when it did not do what it was asked for. */
export interface KubectlError {
  readonly kind:
    | 'refused'
    | 'timeout'
    | 'unreachable'
    /** The connection ended before its end. */
    | 'dropped'
    | 'failed';
  /** Of a refusal, as far as kubectl lets it be known; 0 otherwise. */
  readonly httpStatus: number;
  readonly message: string;
}

/** metav1.StatusReason, as kubectl prints it in brackets. */
const statusOfReason: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  Invalid: 422,
  BadRequest: 400,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  ServerTimeout: 504,
};

const errorStart = /error: |Error from server|Unable to connect to the server|The connection to the server/;

const timeoutWords = /Client\.Timeout|deadline exceeded|i\/o timeout|TLS handshake timeout/;
const droppedWords =
  /error stream|close 10\d\d|unexpected EOF|connection reset|client connection lost|lost connection|broken pipe|EOF$/;

/** Sorts what kubectl wrote to stderr (and to stdout, where it asks for a user name). Total. */
export function readKubectlError(stderr: string, stdout = ''): KubectlError {
  const text = lastError(stderr);
  const said = (prefix: RegExp): string => oneLine(text.replace(prefix, '')) || 'kubectl failed and did not say why';
  if (/Please enter Username:/.test(stdout)) {
    return { kind: 'refused', httpStatus: 401, message: 'the kubeconfig gives this user no credentials' };
  }
  if (text.startsWith('error: You must be logged in to the server')) {
    return { kind: 'refused', httpStatus: 401, message: said(/^error: /) };
  }
  const reason = /^Error from server(?: \((\w+)\))?: /.exec(text);
  if (reason) {
    const message = said(/^Error from server(?: \(\w+\))?: /);
    return { kind: 'refused', httpStatus: statusOfReason[reason[1] ?? ''] ?? 500, message };
  }
  const upgrade = /^error: unable to upgrade connection: (.*)/s.exec(text)?.[1];
  // The container is not running: the server looked for it and ran nothing.
  if (upgrade?.startsWith('container not found')) return { kind: 'failed', httpStatus: 0, message: oneLine(upgrade) };
  if (upgrade !== undefined)
    return { kind: 'refused', httpStatus: statusOfUpgrade(upgrade), message: oneLine(upgrade) };
  if (/^error: container .* is not valid for pod /.test(text)) {
    return { kind: 'refused', httpStatus: 400, message: said(/^error: /) };
  }
  if (/getting credentials/.test(text))
    return { kind: 'refused', httpStatus: 401, message: said(/^.*?getting credentials: /s) };
  const message = said(/^(error|Unable to connect to the server): /);
  if (timeoutWords.test(text)) return { kind: 'timeout', httpStatus: 0, message };
  if (droppedWords.test(text)) return { kind: 'dropped', httpStatus: 0, message };
  if (/^Unable to connect|^The connection to the server|dial tcp|x509|tls: |proxyconnect/.test(text)) {
    return { kind: 'unreachable', httpStatus: 0, message };
  }
  return { kind: 'failed', httpStatus: 0, message };
}

/** Why there is no answer, of a kubectl that was to read. */
export function reasonOf(error: KubectlError): MissingReason {
  return error.kind === 'timeout' ? 'timeout' : 'unreachable';
}

/**
 * kubectl ends with the code of the command that it ran, and says so in the last thing it writes; -1: it did not run
 * one.
 */
export function commandExitCode(stderr: string): { readonly exitCode: number; readonly stderr: string } {
  const match = /command terminated with exit code (\d+)\n?$/.exec(stderr);
  return match ? { exitCode: Number(match[1]), stderr: stderr.slice(0, match.index) } : { exitCode: -1, stderr };
}

/** kubectl's own error: the last line with one. In exec it may stand right behind what the command wrote. */
function lastError(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const line = lines.findLast((one) => errorStart.test(one));
  return line === undefined ? stderr.trim() : line.slice(line.search(errorStart));
}

/** What an upgrade was refused with: kubectl prints the server's message and keeps the status to itself. */
function statusOfUpgrade(message: string): number {
  if (/unauthorized/i.test(message)) return 401;
  if (/forbidden/i.test(message)) return 403;
  if (/not found/i.test(message)) return 404;
  return 500;
}
