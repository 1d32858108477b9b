import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Dispatcher, request } from 'undici';
import { Bytes } from '../api/Bytes.ts';
import { orAborted } from '../api/withDeadline.ts';
import { maxAnswerBytes } from '../ConnectionFlags.ts';
import type { Access, Session } from './Session.ts';

/** What is asked of a server. */
export interface HttpQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string;
}

/** What a server answered to one request. */
export interface HttpAnswer {
  readonly httpStatus: number;
  readonly body: string;
  /** Empty: not said. */
  readonly contentType: string;
  /** Milliseconds that the server asks to wait before another try. */
  readonly retryAfterMs: number;
  /** Where the server sends whoever asks; empty: nowhere. */
  readonly location: string;
}

/**
 * One request, once, without following redirects. Rejects with what undici, zlib or `signal` say; `signal` ends a slow
 * body as well.
 */
export async function requestOnce(
  session: Session,
  access: Access,
  { method, path, body: sending }: HttpQuestion,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const sent = request(`${session.server}${path}`, {
    method,
    dispatcher: access.transport.pool,
    headers: {
      ...access.headers,
      accept: 'application/json, */*;q=0.8',
      ...(session.compress ? { 'accept-encoding': 'gzip' } : {}),
      ...(sending === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(sending === undefined ? {} : { body: sending }),
    signal,
  });
  // undici looks at the signal only once there is a connection.
  const { statusCode, headers, body } = await orAborted(sent, signal);
  return {
    httpStatus: statusCode,
    body: await textOf(body, headers['content-encoding']),
    contentType: first(headers['content-type']),
    retryAfterMs: retryAfter(first(headers['retry-after']), session.now()),
    location: first(headers.location),
  };
}

const unzip = promisify(gunzip);

/** A server may send it in pieces of one byte, each of which costs some hundred for as long as it is kept. */
async function textOf(body: Dispatcher.ResponseData['body'], encoding: unknown): Promise<string> {
  const bytes = new Bytes(maxAnswerBytes);
  const pieces: AsyncIterable<Uint8Array> = body;
  try {
    for await (const piece of pieces) bytes.append(piece);
    if (encoding !== 'gzip') return bytes.text(maxAnswerBytes);
    return (await unzip(bytes.copy(), { maxOutputLength: maxAnswerBytes })).toString('utf8');
  } finally {
    bytes.clear();
  }
}

function first(header: string | readonly string[] | undefined): string {
  return (typeof header === 'string' ? header : header?.[0]) ?? '';
}

/** Retry-After in seconds or as a date; 0 if there is none. */
function retryAfter(header: string, now: number): number {
  if (header === '') return 0;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
}
