import { missing } from '../../model/Fact.ts';
import type { Answer, ListOptions } from '../ClusterPort.ts';
import { readListPage } from './readDocument.ts';

const pageSize = 500;
/** A thousand nodes have some hundred thousand pods, fifty thousand Services as many slices. */
const maxItems = 500_000;
/** Servers may give fewer items than they are asked for, and even none. */
const maxPages = 10_000;
/** It goes back in a request's line; API servers put a key in it, of 1 KiB at most. */
const maxTokenLength = 8192;

/** An answer; one without a document can tell that the server forgot the list in the middle of it (410 Gone). */
export type PageAnswer = Answer<unknown> & { readonly expired?: boolean };

/**
 * All items of a collection. `getPage` is given the path with its query. No `resourceVersion` is sent: together with
 * `limit` it may be answered from the watch cache, which may ignore the limit. A list is whole or it is missing: a page
 * that fails fails all of it.
 */
export async function listPages(
  path: string,
  { query = {}, reduce = (item) => item }: ListOptions,
  getPage: (pathAndQuery: string) => Promise<PageAnswer>,
): Promise<Answer<readonly unknown[]>> {
  let items: unknown[] = [];
  let continueToken = '';
  let restarted = false;
  let pages = 0;
  for (;;) {
    const search = new URLSearchParams({ ...query, limit: String(pageSize) });
    if (continueToken !== '') search.set('continue', continueToken);
    const answer = await getPage(`${path}?${search.toString()}`);
    if (!answer.ok) {
      if (answer.expired !== true || continueToken === '' || restarted) return { ok: false, why: answer.why };
      restarted = true;
      items = [];
      continueToken = '';
      continue;
    }
    const page = readListPage(path, answer.value);
    if (!page.ok) return page;
    const isTooLong = items.length + page.value.items.length > maxItems;
    if (!isTooLong) for (const item of page.value.items) items.push(reduce(item));
    if (!isTooLong && page.value.continueToken === '') return { ok: true, value: items };
    pages += 1;
    if (pages >= maxPages || isTooLong) {
      return {
        ok: false,
        why: missing('unparsed', `GET ${path}: the list has no end (more than ${items.length} items)`),
      };
    }
    if (page.value.continueToken === continueToken) {
      const detail = `GET ${path}: the server gives the same page again and again (its continue token does not change)`;
      return { ok: false, why: missing('unparsed', detail) };
    }
    continueToken = page.value.continueToken;
    if (continueToken.length > maxTokenLength) {
      const detail = `GET ${path}: the server's continue token has ${continueToken.length} characters`;
      return { ok: false, why: missing('unparsed', detail) };
    }
  }
}
