import { parseJson } from '../../text/parseJson.ts';
import { isRecord } from '../../text/isRecord.ts';
import { oneLine } from '../../text/visible.ts';

/**
 * What a server says in the body of a refusal: the message of its Status object, else the text; empty if it is HTML.
 */
export function statusMessage(body: string): string {
  try {
    const status: unknown = parseJson(body);
    if (isRecord(status) && typeof status['message'] === 'string') return oneLine(status['message']);
  } catch {
    // Proxies and load balancers answer in prose.
  }
  return /^\s*</.test(body) ? '' : oneLine(body);
}
