import { expect, test } from 'vitest';
import { connectTo, json, startServer, statusBody } from './testServer.ts';

const names = (from: number, to: number): unknown[] =>
  Array.from({ length: to - from }, (_, index) => ({ metadata: { name: `pod-${from + index}` } }));

const page = (url: string | undefined, total: number): unknown => {
  const query = new URL(url ?? '', 'https://x').searchParams;
  const from = Number(query.get('continue') ?? 0);
  const to = Math.min(total, from + Number(query.get('limit')));
  const metadata = to < total ? { continue: String(to), remainingItemCount: total - to } : {};
  return { kind: 'PodList', apiVersion: 'v1', metadata, items: names(from, to) };
};

const queryOf = (url: string | undefined): string => new URL(url ?? '', 'https://x').search;

test('1200 items come in three pages, with the query on each', async () => {
  const server = await startServer({ onRequest: (request, response) => json(response, page(request.url, 1200)) });
  const port = await connectTo(server);
  const answer = await port.list('/api/v1/pods', { query: { labelSelector: 'k8s-app=cilium' } });
  expect(answer).toEqual({ ok: true, value: names(0, 1200) });
  expect(server.requests.map((request) => queryOf(request.url))).toEqual([
    '?labelSelector=k8s-app%3Dcilium&limit=500',
    '?labelSelector=k8s-app%3Dcilium&limit=500&continue=500',
    '?labelSelector=k8s-app%3Dcilium&limit=500&continue=1000',
  ]);
});

test('of a server that writes the token behind the items, or two of them, the list is the same', async () => {
  const server = await startServer({
    onRequest: (request, response) => {
      const { metadata, ...rest } = page(request.url, 1200) as { metadata: object };
      const isFirst = !request.url?.includes('continue');
      const other = { metadata: { continue: 'none' }, ...rest };
      const text = JSON.stringify(isFirst ? other : rest).replace(/\}$/, `,"metadata":${JSON.stringify(metadata)}}`);
      response.setHeader('content-type', 'application/json');
      response.end(text);
    },
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toEqual({ ok: true, value: names(0, 1200) });
});

test('each item is reduced as its page arrives, also in a list that is read again', async () => {
  const server = await startServer({
    onRequest: (request, response, index) =>
      index === 1 ? json(response, statusBody(410, 'Expired', 'too old'), 410) : json(response, page(request.url, 600)),
  });
  let reduced = 0;
  const reduce = (): number => reduced++;
  const answer = await (await connectTo(server)).list('/api/v1/pods', { reduce });
  expect(answer).toEqual({ ok: true, value: Array.from({ length: 600 }, (_, index) => 500 + index) });
});

test('an empty list is empty, also where its items are null', async () => {
  const server = await startServer({
    onRequest: (_, response) => json(response, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: null }),
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toEqual({ ok: true, value: [] });
});

test('a list that expires in the middle is read again from its start, once', async () => {
  const server = await startServer({
    onRequest: (request, response, index) =>
      index === 1
        ? json(response, statusBody(410, 'Expired', 'too old'), 410)
        : json(response, page(request.url, 1200)),
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toEqual({ ok: true, value: names(0, 1200) });
  expect(server.requests).toHaveLength(2 + 3);
});

test('a list that expires again and again is missing', async () => {
  const server = await startServer({
    onRequest: (request, response) =>
      request.url?.includes('continue')
        ? json(response, statusBody(410, 'Expired', 'The provided continue parameter is too old'), 410)
        : json(response, page(request.url, 1200)),
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toMatchObject({
    ok: false,
    why: { detail: expect.stringContaining('continue parameter is too old') },
  });
  expect(server.requests).toHaveLength(4);
});

test('a page that is refused makes the whole list missing', async () => {
  const server = await startServer({
    onRequest: (request, response) =>
      request.url?.includes('continue')
        ? json(response, statusBody(403, 'Forbidden', 'no more'), 403)
        : json(response, page(request.url, 1200)),
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toMatchObject({
    ok: false,
    why: { missing: 'forbidden' },
  });
});

test('a server that never comes to an end is not followed', async () => {
  const server = await startServer({
    onRequest: (_, response) => json(response, { kind: 'PodList', metadata: { continue: 'same' }, items: [] }),
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toMatchObject({
    ok: false,
    why: { missing: 'unparsed' },
  });
  expect(server.requests).toHaveLength(2);
});

test('a server whose tokens lead in a circle is not followed', async () => {
  const leads: Readonly<Record<string, string>> = { '': 'a', a: 'b', b: 'a' };
  const server = await startServer({
    onRequest: (request, response) => {
      const token = new URLSearchParams(queryOf(request.url)).get('continue') ?? '';
      json(response, { kind: 'PodList', metadata: { continue: leads[token] }, items: names(0, 2) });
    },
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toMatchObject({
    ok: false,
    why: { missing: 'unparsed', detail: expect.stringContaining('it repeats a continue token') },
  });
  expect(server.requests.length).toBeLessThan(5);
});

test.each([
  ['items are left', { remainingItemCount: 7 }, 'the list goes on by 7 items, and'],
  ['the token is a number', { continue: 12 }, 'the list goes on, and'],
])('a list is not whole where %s, and nothing leads there', async (_, metadata, words) => {
  const server = await startServer({
    onRequest: (__, response) => json(response, { kind: 'PodList', metadata, items: names(0, 2) }),
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toMatchObject({
    ok: false,
    why: { missing: 'unparsed', detail: expect.stringContaining(words) },
  });
});

test('a list whose token is null is whole', async () => {
  const metadata = { continue: null, remainingItemCount: 0 };
  const server = await startServer({
    onRequest: (_, response) => json(response, { kind: 'PodList', metadata, items: names(0, 2) }),
  });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toEqual({ ok: true, value: names(0, 2) });
});

test.each([
  ['one object', { kind: 'Pod', metadata: {} }, 'kind Pod'],
  ['a list without items', { kind: 'PodList', metadata: {} }, 'has no items'],
  ['a list whose items are none', { kind: 'PodList', metadata: {}, items: {} }, 'has no items'],
  ['something else', { hello: 1 }, 'an object without kind'],
])('%s is not a list', async (_, body, words) => {
  const server = await startServer({ onRequest: (_, response) => json(response, body) });
  expect(await (await connectTo(server)).list('/api/v1/pods')).toMatchObject({
    ok: false,
    why: { missing: 'unparsed', detail: expect.stringContaining(words) },
  });
});
