import { parseJson } from '../../text/parseJson.ts';
import { isRecord } from '../../text/isRecord.ts';
import { oneLine } from '../../text/visible.ts';

/** How the server says that a command ended (the Status object on the error channel). */
export type ExecStatus =
  | { readonly end: 'exited'; readonly exitCode: number }
  | { readonly end: 'failed'; readonly message: string };

/**
 * Reads a Status (k8s.io/apimachinery, streaming/remotecommand v4): success is exit code 0; a failure with reason
 * NonZeroExitCode names the code among its causes, as text. Undefined if it is no Status (or not yet a whole one).
 * Total.
 */
export function readExecStatus(json: string): ExecStatus | undefined {
  let status: unknown;
  try {
    status = parseJson(json);
  } catch {
    return undefined;
  }
  if (!isRecord(status)) return undefined;
  if (status['status'] === 'Success') return { end: 'exited', exitCode: 0 };
  if (status['status'] !== 'Failure') return undefined;
  if (
    status['reason'] === 'NonZeroExitCode' &&
    isRecord(status['details']) &&
    Array.isArray(status['details']['causes'])
  ) {
    const cause = status['details']['causes'].filter(isRecord).find((one) => one['reason'] === 'ExitCode');
    const exitCode = Number.parseInt(String(cause?.['message']), 10);
    if (Number.isInteger(exitCode)) return { end: 'exited', exitCode };
  }
  const message = typeof status['message'] === 'string' ? oneLine(status['message']) : '';
  return { end: 'failed', message: message || 'the server says that it failed, and not why' };
}

/** What stands before each piece of stdin. */
export const stdinChannel: Uint8Array = Uint8Array.of(0);

/** That stdin ends, in version 5 of the protocol; before it there is no way to say so. */
export const stdinClosed: Uint8Array = Uint8Array.of(255, 0);

type Channel = 'stdout' | 'stderr' | 'status' | 'other';

/** The first byte of every frame is its channel; 0 is stdin, 4 resize, 255 the closing of a channel (v5). */
export function channelOf(frame: Uint8Array): Channel {
  switch (frame[0]) {
    case 1:
      return 'stdout';
    case 2:
      return 'stderr';
    case 3:
      return 'status';
    case undefined:
    default:
      return 'other';
  }
}
