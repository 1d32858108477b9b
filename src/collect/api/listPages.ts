import { type Missing, missing } from '../../model/Fact.ts';
import type { Answer, ListOptions } from '../ClusterPort.ts';
import { type ListPage, readListPage } from './readDocument.ts';

const pageSize = 500;
/** A thousand nodes have some hundred thousand pods, fifty thousand Services as many slices. */
const maxItems = 500_000;
/** Servers may give fewer items than they are asked for, and even none. */
const maxPages = 10_000;
/** It goes back in a request's line; API servers put a key in it, of 1 KiB at most. */
const maxTokenLength = 8192;

/**
 * Asks for one page.
 * @param heard is told the page's text before that is taken apart
 */
export type GetPage = (pathAndQuery: string, heard: (text: string) => void) => Promise<PageAnswer>;

/** An answer; one without a document can tell that the server forgot the list in the middle of it (410 Gone). */
export type PageAnswer = Answer<unknown> & { readonly expired?: boolean };

/**
 * All items of a collection. `getPage` is given the path with its query. No `resourceVersion` is sent: together with
 * `limit` it may be answered from the watch cache, which may ignore the limit. A list is whole or it is missing: a page
 * that fails fails all of it. While a page is taken apart, the next one is on its way: API servers write the token for
 * it before the items.
 */
export async function listPages(
  path: string,
  { query = {}, reduce = (item) => item, until = () => Number.POSITIVE_INFINITY }: ListOptions,
  getPage: GetPage,
): Promise<Answer<readonly unknown[]>> {
  let ahead: { readonly continueToken: string; readonly page: Promise<PageAnswer> } | undefined;
  const ask = (continueToken: string): Promise<PageAnswer> => {
    const search = new URLSearchParams({ ...query, limit: String(pageSize) });
    if (continueToken !== '') search.set('continue', continueToken);
    return getPage(`${path}?${search.toString()}`, (text) => {
      const following = continueTokenIn(text);
      if (following === undefined || following === continueToken) return;
      ahead = { continueToken: following, page: ask(following) };
      // The list may end by what else is in this page; then nobody waits for it.
      ahead.page.catch(() => {});
    });
  };
  const getNext = (continueToken: string): Promise<PageAnswer> => {
    const asked = ahead;
    ahead = undefined;
    return asked?.continueToken === continueToken ? asked.page : ask(continueToken);
  };
  const begun = performance.now();
  const list: Listed = newList();
  let restarted = false;
  let next = getNext('');
  for (;;) {
    const answer = await next;
    if (!answer.ok) {
      if (answer.expired !== true || list.continueToken === '' || restarted) return { ok: false, why: answer.why };
      restarted = true;
      Object.assign(list, newList());
      next = getNext('');
      continue;
    }
    const page = readListPage(path, answer.value);
    if (!page.ok) return page;
    const { items, continueToken } = page.value;
    list.pages += 1;
    const isLast = continueToken === '';
    const seconds = performance.now() >= until() ? (performance.now() - begun) / 1000 : undefined;
    const why =
      list.items.length + items.length > maxItems || !isLast ? whyNoMore(list, page.value, seconds) : undefined;
    if (why !== undefined) return { ok: false, why: missing(why.missing, `GET ${path}: ${why.detail}`) };
    list.continueToken = continueToken;
    list.tokens.add(continueToken);
    if (!isLast) next = getNext(continueToken);
    for (const item of items) list.items.push(reduce(item));
    if (isLast) return { ok: true, value: list.items };
  }
}

/** API servers write what they say of a list before its items. Undefined: no token is to be seen there. */
function continueTokenIn(text: string): string | undefined {
  const head = text.slice(0, 2 * maxTokenLength);
  const token = /^\{[^{[]*"metadata":\{[^{}]*"continue":"([^"\\]+)"/.exec(head)?.[1];
  return token !== undefined && token.length <= maxTokenLength ? token : undefined;
}

/** What came of a list until now. */
interface Listed {
  items: unknown[];
  /** By which its latest page was asked for. */
  continueToken: string;
  /** By which pages were asked for; each leads on once. */
  tokens: Set<string>;
  pages: number;
}

const newList = (): Listed => ({ items: [], continueToken: '', tokens: new Set(), pages: 0 });

/** Why a list is not read on. @param seconds how long it took, where the time for it is up */
function whyNoMore(list: Listed, page: ListPage, seconds: number | undefined): Missing | undefined {
  const { length } = list.items;
  if (length + page.items.length > maxItems || list.pages >= maxPages)
    return missing('unparsed', `the list has no end (more than ${length} items)`);
  if (list.tokens.has(page.continueToken))
    return missing('unparsed', 'the server gives the same pages again and again (it repeats a continue token)');
  if (page.continueToken.length > maxTokenLength)
    return missing('unparsed', `the server's continue token has ${page.continueToken.length} characters`);
  if (seconds === undefined) return undefined;
  const all = length + page.items.length;
  return missing(
    'timeout',
    `the list had not come to an end after ${seconds.toFixed(0)} s (${all} items in ${list.pages} pages)`,
  );
}
