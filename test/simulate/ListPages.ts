import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ApiObjects, Collection } from './objects.ts';
import type { SimulatorOptions } from './options.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly isGzip: boolean;
}

const compress = promisify(gzip);
/** k8s.io/apiserver: endpoints/handlers/responsewriters, defaultGzipThresholdBytes; level 1. */
const gzipFrom = 128 * 1024;
/** So that time ends an endless list, not the limit of pages, however fast the machine is. */
const endlessPageMilliseconds = 10;

/** GETs of a simulated cluster: each page is made once. */
export class ListPages {
  readonly #objects: ApiObjects;
  readonly #options: Pick<SimulatorOptions, 'expiries' | 'endless'>;
  readonly #pages = new Map<string, Promise<ApiAnswer>>();
  readonly #expired = new Map<string, number>();
  readonly #selected = new Map<string, readonly number[]>();
  #endlessPages = 0;

  constructor(objects: ApiObjects, options: Pick<SimulatorOptions, 'expiries' | 'endless'>) {
    this.#objects = objects;
    this.#options = options;
  }

  /** @param url path and query as they were asked for @param mayZip whether the client takes gzip */
  async answer(url: string, mayZip: boolean): Promise<ApiAnswer> {
    const { pathname, searchParams } = new URL(url, 'https://simulated');
    const document = this.#objects.documents.get(pathname);
    if (document !== undefined) return plain(200, document);
    const collection = this.#objects.collections.get(pathname);
    if (collection === undefined) return this.#one(pathname);
    if (searchParams.has('continue') && this.#expires(pathname)) {
      return refused(410, 'Expired', 'The provided continue parameter is too old to display a consistent list result.');
    }
    if (this.#options.endless !== '' && pathname.endsWith(`/${this.#options.endless}`)) {
      this.#endlessPages += 1;
      await setTimeout(endlessPageMilliseconds);
      return plain(200, pageOf(collection, [collection.item(0)], { token: tokenOf(this.#endlessPages) }));
    }
    const key = `${mayZip} ${url}`;
    const page = this.#pages.get(key) ?? this.#page(pathname, collection, searchParams, mayZip);
    this.#pages.set(key, page);
    return page;
  }

  /** An object of a list that is not too long to look through. */
  #one(pathname: string): ApiAnswer {
    const at = pathname.lastIndexOf('/');
    const collection = this.#objects.collections.get(pathname.slice(0, at));
    const name = decodeURIComponent(pathname.slice(at + 1));
    for (let index = 0; index < (collection?.count ?? 0); index++) {
      const item = collection?.item(index) ?? {};
      if (nameOf(item) === name) return plain(200, { kind: 'One', ...item });
    }
    return refused(404, 'NotFound', `"${name}" not found`);
  }

  #expires(pathname: string): boolean {
    const expired = this.#expired.get(pathname) ?? 0;
    if (expired >= this.#options.expiries) return false;
    this.#expired.set(pathname, expired + 1);
    return true;
  }

  async #page(pathname: string, collection: Collection, query: URLSearchParams, mayZip: boolean): Promise<ApiAnswer> {
    const chosen = this.#chosen(pathname, collection, query.get('labelSelector') ?? '');
    const from = startOf(query.get('continue') ?? '');
    const to = Math.min(chosen.length, from + Number(query.get('limit') || chosen.length));
    const items = chosen.slice(from, to).map((at) => collection.item(at));
    // How many remain is said of lists without a selector only, as the API does.
    const remaining = query.has('labelSelector') ? undefined : chosen.length - to;
    const answer = plain(200, pageOf(collection, items, to < chosen.length ? { token: tokenOf(to), remaining } : {}));
    if (!mayZip || answer.body.length < gzipFrom) return answer;
    return { ...answer, body: await compress(answer.body, { level: 1 }), isGzip: true };
  }

  #chosen(pathname: string, { count, item }: Collection, selector: string): readonly number[] {
    const key = `${pathname} ${selector}`;
    const known = this.#selected.get(key);
    if (known !== undefined) return known;
    const all = Array.from({ length: count }, (_, at) => at);
    const [name = '', value] = selector.split('=');
    const chosen = selector === '' ? all : all.filter((at) => labelOf(item(at), name) === value);
    this.#selected.set(key, chosen);
    return chosen;
  }
}

function labelOf(item: Readonly<Record<string, unknown>>, name: string): unknown {
  const { labels } = item['metadata'] as { readonly labels?: Readonly<Record<string, unknown>> };
  return labels?.[name];
}

const nameOf = (item: Readonly<Record<string, unknown>>): unknown =>
  (item['metadata'] as { readonly name?: unknown }).name;

/** @param behind what is said of the pages that follow */
const pageOf = (
  { kind, apiVersion }: Collection,
  items: readonly unknown[],
  behind: { readonly token?: string; readonly remaining?: number | undefined },
): unknown => ({
  kind,
  apiVersion,
  metadata: { resourceVersion: '123456', continue: behind.token, remainingItemCount: behind.remaining },
  items,
});

const tokenOf = (start: number): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', start })).toString('base64url');

function startOf(token: string): number {
  if (token === '') return 0;
  return (JSON.parse(Buffer.from(token, 'base64url').toString()) as { readonly start: number }).start;
}

const plain = (status: number, value: unknown): ApiAnswer => ({
  status,
  body: Buffer.from(JSON.stringify(value)),
  isGzip: false,
});

export const refused = (code: number, reason: string, message: string): ApiAnswer =>
  plain(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
