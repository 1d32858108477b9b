import { STATUS_CODES as statusTexts } from 'node:http';
import { type Missing, missing, type MissingReason } from '../../model/Fact.ts';
import { statusMessage } from './statusMessage.ts';

/** `asked` is the request as a person would name it, e.g. `GET /api/v1/nodes`. `hint` is added to the sentence. */
export function refusal(asked: string, httpStatus: number, body: string, hint = ''): Missing {
  const status = [httpStatus, statusTexts[httpStatus] ?? ''].join(' ').trim();
  const message = statusMessage(body);
  const said = message && message.toLowerCase() !== statusTexts[httpStatus]?.toLowerCase() ? `: ${message}` : '';
  return missing(reasonOf(httpStatus), `${asked}: the server answered ${status}${said}${hint ? ` (${hint})` : ''}`);
}

function reasonOf(httpStatus: number): MissingReason {
  if (httpStatus === 401) return 'unauthenticated';
  if (httpStatus === 403 || httpStatus === 407) return 'forbidden';
  if (httpStatus === 404) return 'absent';
  if (httpStatus === 408 || httpStatus === 504) return 'timeout';
  if (httpStatus === 429 || httpStatus >= 500) return 'unreachable';
  return 'unparsed';
}
