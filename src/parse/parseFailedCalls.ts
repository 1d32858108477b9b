import type { FailedCalls } from '../model/NodeFacts.ts';
import { oneLine } from '../text/visible.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { linesOf } from './text.ts';

/** Of each kind an agent watches something, and tries again within half a minute (client-go, reflector.go). */
const recentMs = 30_000;
const maxLine = 4000;

/** Lines of an agent's log, in logfmt or with a time stamp of the container runtime in front. */
export function parseFailedCalls(text: string): Parsed<FailedCalls> {
  const lines = linesOf(text).map((line) => line.slice(0, maxLine));
  const end = lines.map(timeOf).findLast((time) => !Number.isNaN(time));
  if (end === undefined) return unparsed('no line has a time');
  const failed = lines.filter((line) => isFailedCall(line) && end - timeOf(line) <= recentMs);
  return parsed({ count: failed.length, last: reasonOf(failed.at(-1) ?? '') });
}

/** Whether a line tells that a call of the API server failed: by its path, or by the agent's own probe. */
export const isFailedCall = (line: string): boolean =>
  heartbeat.test(line) ||
  (/https?:\/\/[^/\s"\\]+\/(?:apis?|version|healthz|livez)\b/.test(line) && wordsOfFailure.test(line));

const heartbeat = /Heartbeat timed out|Unable to contact k8s api-server/;
const wordsOfFailure =
  /dial tcp|i\/o timeout|connection refused|connection reset|no route to host|operation not permitted|TLS handshake timeout|deadline exceeded|client connection lost/;

const timeOf = (line: string): number =>
  Date.parse(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z/.exec(line)?.[0] ?? '');

/** From the call on, without the escapes of a quoted field. */
function reasonOf(line: string): string {
  const plain = line.replaceAll('\\"', '"');
  const call =
    /(?:Get|Post|Put|Patch) "https?:[^\n]*/.exec(plain)?.[0] ??
    /Heartbeat timed out|Unable to contact[^"\n]*/.exec(plain)?.[0];
  return oneLine((call ?? plain).replace(/\?[^"\s]*"/, '"').replace(/"? *subsys=.*$/, ''), 200);
}
