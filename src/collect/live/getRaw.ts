import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { KprError } from '../../core/KprError.ts';
import { type Missing, missing } from '../../model/Fact.ts';
import { refusal } from '../api/refusal.ts';
import { retrying, type Try } from '../api/retrying.ts';
import { credentialHint } from './credentialHint.ts';
import { isPassing, unreachable } from './explainNetworkError.ts';
import type { Access, Session } from './Session.ts';
import { orAborted, type Stopped, withDeadline } from '../api/withDeadline.ts';

export type RawAnswer =
  | { readonly ok: true; readonly body: string; readonly contentType: string }
  | { readonly ok: false; readonly why: Missing; readonly httpStatus?: number };

interface Response {
  readonly httpStatus: number;
  readonly body: string;
  readonly contentType: string;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfterMs: number;
}

const PASSING_STATUSES = new Set([429, 500, 502, 503, 504]);

const http = new IsomorphicFetchHttpLibrary();

/** Retry-After in seconds or as a date; 0 if there is none. */
const retryAfter = (header: string | undefined, now: number): number => {
  if (!header) return 0;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
};

const send = async (
  session: Session,
  access: Access,
  path: string,
  accept: string,
  signal: AbortSignal,
): Promise<Response> => {
  const request = new RequestContext(`${session.fetchBase}${path}`, HttpMethod.GET);
  request.setHeaderParam('accept', accept);
  request.setHeaderParam('user-agent', session.userAgent);
  if (access.credentials.authorization) request.setHeaderParam('authorization', access.credentials.authorization);
  request.setDispatcher(access.dispatcher);
  request.setSignal(signal);
  const response = await http.send(request).toPromise();
  // The signal ends a slow body as well.
  const body = await response.body.text();
  return {
    httpStatus: response.httpStatusCode,
    body,
    contentType: response.headers['content-type'] ?? '',
    retryAfterMs: retryAfter(response.headers['retry-after'], session.now()),
  };
};

/** With the credentials in hand, and once more with fresh ones if the server does not accept those. */
const sendAuthorised = async (
  session: Session,
  path: string,
  accept: string,
  signal: AbortSignal,
): Promise<Response & { access: Access }> => {
  const access = await orAborted(session.access(), signal);
  const response = await send(session, access, path, accept, signal);
  if (response.httpStatus !== 401) return { ...response, access };
  const renewed = await orAborted(session.renew(access), signal);
  if (!renewed) return { ...response, access };
  return { ...(await send(session, renewed, path, accept, signal)), access: renewed };
};

const stoppedWhy = (stopped: Stopped, asked: string, session: Session, timeoutMs: number): Missing =>
  stopped === 'closed'
    ? missing('notCollected', `${asked}: interrupted`)
    : missing('timeout', `${asked}: no complete answer from ${session.server} within ${timeoutMs / 1000} s`);

const failure = (asked: string, session: Session, error: unknown): Missing =>
  error instanceof KprError
    ? missing('forbidden', `${asked}: no credentials: ${error.message}`)
    : unreachable(asked, session.server, error);

/**
 * GET of a path (with its query), as text. Never rejects. Tried again within `timeoutMs` for what may pass: 429, 5xx,
 * connections that break.
 */
export const getRaw = async (
  session: Session,
  path: string,
  options: { readonly accept: string; readonly timeoutMs: number },
): Promise<RawAnswer> => {
  const asked = `GET ${path.replace(/\?.*/, '')}`;
  return await withDeadline(options.timeoutMs, session.closed, async (signal, stopped, remainingMs) => {
    const attempt = async (): Promise<Try<RawAnswer>> => {
      try {
        const response = await sendAuthorised(session, path, options.accept, signal);
        const { httpStatus, body, contentType, retryAfterMs } = response;
        if (httpStatus >= 200 && httpStatus < 300) return { result: { ok: true, body, contentType }, mayPass: false };
        const hint = httpStatus === 401 ? credentialHint(response.access.credentials, session.now()) : '';
        const why = refusal(asked, httpStatus, body, hint);
        return {
          result: { ok: false, httpStatus, why },
          mayPass: PASSING_STATUSES.has(httpStatus),
          waitMs: retryAfterMs,
        };
      } catch (error) {
        const reason = stopped();
        const why = reason ? stoppedWhy(reason, asked, session, options.timeoutMs) : failure(asked, session, error);
        return { result: { ok: false, why }, mayPass: reason === undefined && isPassing(error) };
      }
    };
    return await retrying(attempt, remainingMs, signal);
  });
};
