import { parseJson, TooManyValues } from '../../text/parseJson.ts';
import { missing } from '../../model/Fact.ts';
import { isRecord } from '../../text/isRecord.ts';
import { count } from '../../text/plural.ts';
import { oneLine } from '../../text/visible.ts';
import type { Answer } from '../ClusterPort.ts';
import { expectGarbageOf } from '../tuneEngine.ts';
import { statusMessage } from './statusMessage.ts';

const loginPageHint = 'something between here and the API server answers in its place: a login page or a proxy';

/**
 * A successful answer's body as a document: parsed JSON, or the text of an endpoint that speaks text (`/livez`).
 * `contentType` is undefined where it isn't known. A 200 is not yet an answer: proxies and single-sign-on pages
 * say 200 too.
 */
export function readDocument(path: string, body: string, contentType?: string): Answer<unknown> {
  if (isLog(path)) return { ok: true, value: body };
  if (isWebPage(body, contentType)) return webPage(path);
  const isText = contentType === undefined ? !/^\s*[[{]/.test(body) : !contentType.includes('json');
  if (isText && !isResource(path)) return { ok: true, value: body };
  expectGarbageOf(body.length);
  let value: unknown;
  try {
    value = parseJson(body);
  } catch (error) {
    if (error instanceof TooManyValues) return unparsed(`GET ${path}: ${error.message}`);
    const got = body.trim() === '' ? 'an empty answer' : `"${oneLine(body, 80)}"`;
    return unparsed(`GET ${path}: the answer is not JSON but ${got}: ${loginPageHint}, or it was cut`);
  }
  if (!isResource(path)) return { ok: true, value };
  if (!isRecord(value) || typeof value['kind'] !== 'string') {
    return unparsed(`GET ${path}: the answer is ${kindOf(value)}, not a Kubernetes object: ${loginPageHint}`);
  }
  if (value['kind'] === 'Status' && value['status'] === 'Failure') {
    return unparsed(`GET ${path}: the server said 200 and then: ${statusMessage(body)}`);
  }
  return { ok: true, value };
}

export interface ListPage {
  readonly items: readonly unknown[];
  /** Empty on the last page. */
  readonly continueToken: string;
  /** How many items are behind this page; undefined: the server does not say. */
  readonly remaining: number | undefined;
}

/** A document as one page of a list. An answer without `items` is never taken for an empty list. */
export function readListPage(path: string, document: unknown): Answer<ListPage> {
  if (!isRecord(document) || typeof document['kind'] !== 'string' || !document['kind'].endsWith('List')) {
    return unparsed(`GET ${path}: the answer is ${kindOf(document)} where a list was due: ${loginPageHint}`);
  }
  // Go writes an empty slice that was never filled as null.
  const items: unknown = document['items'] === null ? [] : document['items'];
  if (!Array.isArray(items)) {
    return unparsed(`GET ${path}: the ${oneLine(document['kind'], 60)} has no items: ${loginPageHint}`);
  }
  const longest = items.reduce((most: number, item) => Math.max(most, nameLengthOf(item)), 0);
  if (longest > maxNameLength)
    return unparsed(
      `GET ${path}: an object has a name of ${longest} letters, and API servers take ${maxNameLength} at most`,
    );
  const { continue: token, remainingItemCount } = isRecord(document['metadata']) ? document['metadata'] : {};
  const remaining = typeof remainingItemCount === 'number' ? remainingItemCount : undefined;
  const continueToken = token ?? '';
  // What cannot be asked for is missing: of a part of a list nothing follows.
  if (typeof continueToken !== 'string' || (continueToken === '' && remaining !== undefined && remaining > 0))
    return unparsed(`GET ${path}: the list goes on${of(remaining)}, and the server does not say by which token`);
  return { ok: true, value: { items, continueToken, remaining } };
}

const of = (remaining: number | undefined): string =>
  remaining === undefined ? '' : ` by ${count(remaining, 'item')}`;

/** kubernetes: k8s.io/apimachinery/pkg/util/validation, DNS1123SubdomainMaxLength. Nobody holds what is longer. */
const maxNameLength = 253;

function nameLengthOf(item: unknown): number {
  const name = isRecord(item) && isRecord(item['metadata']) ? item['metadata']['name'] : undefined;
  return typeof name === 'string' ? name.length : 0;
}

function unparsed(detail: string): { ok: false; why: ReturnType<typeof missing> } {
  return { ok: false, why: missing('unparsed', detail) };
}

/** What was asked for by `path` lies in a group of API resources, whose answers always name their kind. */
const isResource = (path: string): boolean => /^\/apis?\//.test(path);

/** What a program in a pod said, whatever that is. */
const isLog = (path: string): boolean => /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/log$/.test(path);

/** The kind of a JSON value, as far as it tells what came instead of what was asked for. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a bare array';
  if (!isRecord(value)) return `the bare value ${oneLine(JSON.stringify(value) ?? 'undefined', 60)}`;
  const { kind } = value;
  return typeof kind === 'string' && kind !== '' ? `kind ${oneLine(kind, 60)}` : 'an object without kind';
}

function isWebPage(body: string, contentType: string | undefined): boolean {
  return contentType?.includes('html') === true || /^\s*<(!doctype|html|head|body|\?xml)/i.test(body);
}

function webPage(path: string): ReturnType<typeof unparsed> {
  return unparsed(`GET ${path}: the answer is a web page, not Kubernetes' own: ${loginPageHint}`);
}
