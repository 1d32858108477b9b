import { KprError } from '../../core/KprError.ts';
import { type Missing, missing } from '../../model/Fact.ts';
import { refusal } from '../api/refusal.ts';
import { retrying, type Try } from '../api/retrying.ts';
import { orAborted, type Stopped, withDeadline } from '../api/withDeadline.ts';
import { maxAnswerBytes } from '../ConnectionFlags.ts';
import { credentialHint } from './credentialHint.ts';
import { isPassing, isTooLarge, unreachable } from './explainNetworkError.ts';
import { type HttpQuestion, type HttpAnswer, requestOnce } from './request.ts';
import type { Access, Session } from './Session.ts';
import { withoutCredentials } from './withoutCredentials.ts';

export type TextAnswer =
  | { readonly ok: true; readonly body: string; readonly contentType: string }
  | { readonly ok: false; readonly why: Missing; readonly httpStatus?: number };

/**
 * What is answered to a request, as text. Never rejects. Tried again within `timeoutMs` for what may pass: 429, 5xx,
 * connections that break; but a POST is sent once, for it may have been done though no answer came.
 */
export function askForText(session: Session, request: HttpQuestion, timeoutMs: number): Promise<TextAnswer> {
  const asked = `${request.method} ${request.path.replace(/\?.*/, '')}`;
  return withDeadline(timeoutMs, session.closed, (signal, stopped, remainingMs) => {
    const attempt = async (): Promise<Try<TextAnswer>> => {
      try {
        const { answer, access } = await requestAuthorised(session, request, signal);
        return judge(asked, answer, access, session);
      } catch (error) {
        const reason = stopped();
        const why = reason ? stoppedWhy(reason, asked, session, timeoutMs) : failure(asked, session, error);
        return { result: { ok: false, why }, mayPass: reason === undefined && isPassing(error) };
      }
    };
    if (request.method === 'POST') return attempt().then(({ result }) => result);
    return retrying(attempt, remainingMs, signal);
  });
}

/** With the credentials in hand, and once more with fresh ones if the server does not accept those. */
async function requestAuthorised(
  session: Session,
  request: HttpQuestion,
  signal: AbortSignal,
): Promise<{ readonly answer: HttpAnswer; readonly access: Access }> {
  const access = await orAborted(session.access(), signal);
  const answer = await requestOnce(session, access, request, signal);
  const renewed = answer.httpStatus === 401 ? await orAborted(session.renew(access), signal) : undefined;
  return renewed
    ? { answer: await requestOnce(session, renewed, request, signal), access: renewed }
    : { answer, access };
}

const passingStatuses = new Set([429, 500, 502, 503, 504]);

function judge(asked: string, answer: HttpAnswer, { credentials }: Access, session: Session): Try<TextAnswer> {
  const { httpStatus, body, contentType, location } = answer;
  if (httpStatus >= 200 && httpStatus < 300) return { result: { ok: true, body, contentType }, mayPass: false };
  const hint =
    httpStatus === 401
      ? credentialHint(credentials, session.server, session.now())
      : redirectHint(location, session.server);
  return {
    result: { ok: false, httpStatus, why: refusal(asked, httpStatus, withoutCredentials(body, credentials), hint) },
    mayPass: passingStatuses.has(httpStatus),
    waitMs: answer.retryAfterMs,
  };
}

/** What stands in a redirect's query (state of a login) is of no use to anybody who reads it. */
function redirectHint(location: string, server: string): string {
  if (location === '' || !URL.canParse(location, server)) return '';
  const { origin, pathname } = new URL(location, server);
  return `it sends to ${origin}${pathname}, which is not followed: a login page or a proxy answers in its place, or the server in the kubeconfig needs correcting`;
}

function stoppedWhy(stopped: Stopped, asked: string, session: Session, timeoutMs: number): Missing {
  return stopped === 'closed'
    ? missing('notCollected', `${asked}: interrupted`)
    : missing('timeout', `${asked}: no complete answer from ${session.server} within ${timeoutMs / 1000} s`);
}

function failure(asked: string, session: Session, error: unknown): Missing {
  if (error instanceof KprError) return missing('unauthenticated', `${asked}: no credentials: ${error.message}`);
  if (isTooLarge(error)) return missing('unparsed', `${asked}: the answer is larger than ${maxAnswerBytes} bytes`);
  return unreachable(asked, session.server, error);
}
