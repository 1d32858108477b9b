import { parseJson } from '../../text/parseJson.ts';
import { isRecord } from '../../text/isRecord.ts';

/** When a token says it ends, in milliseconds since 1970; undefined if it is no JWT or does not say. */
export function jwtExpiry(token: string): number | undefined {
  try {
    const payload: unknown = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const exp = isRecord(payload) ? Number(payload['exp']) : Number.NaN;
    return Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
