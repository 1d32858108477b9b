import { expect, test } from 'vitest';
import { listPages } from '../../../src/collect/api/listPages.ts';
import { Output } from '../../../src/collect/api/Output.ts';

test('a list whose pages never end is missing', async () => {
  let asked = 0;
  const answer = await listPages('/api/v1/services', {}, async () => {
    asked += 1;
    const value = { kind: 'ServiceList', items: [], metadata: { continue: `page-${asked}` } };
    return { ok: true, value };
  });
  expect(answer).toMatchObject({ ok: false, why: { missing: 'unparsed', detail: expect.stringContaining('no end') } });
});

test('output in pieces of one byte is what it is in one piece', () => {
  const text = 'añb€'.repeat(2000);
  const output = new Output(1_000_000, undefined);
  for (const byte of Buffer.from(text)) output.take('stdout', Buffer.of(byte));
  expect(output.text()).toEqual({ stdout: text, stderr: '' });
});

test('a list is missing whose next page takes a request that no server reads', async () => {
  const answer = await listPages('/api/v1/services', {}, async () => ({
    ok: true,
    value: { kind: 'ServiceList', items: [], metadata: { continue: 'x'.repeat(500_000) } },
  }));
  expect(answer).toMatchObject({ ok: false, why: { missing: 'unparsed', detail: expect.stringContaining('500000') } });
});
