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

const named = (letters: number) =>
  listPages('/api/v1/services', {}, async () => ({
    ok: true,
    value: { kind: 'ServiceList', items: [{ metadata: { name: 'a'.repeat(letters) } }] },
  }));

test('a list with a name that no API server takes is missing, and nobody holds the name', async () => {
  expect(await named(253)).toMatchObject({ ok: true });
  const detail = expect.stringContaining('a name of 254 letters');
  expect(await named(254)).toMatchObject({ ok: false, why: { missing: 'unparsed', detail } });
});

test('output in pieces of one byte is what it is in one piece', () => {
  const text = 'añb€'.repeat(2000);
  const output = new Output(1_000_000, undefined);
  for (const byte of Buffer.from(text)) output.take('stdout', Buffer.of(byte));
  expect(output.text()).toEqual({ stdout: text, stderr: '' });
});

test('of a command that says too much, the first MiB is kept', () => {
  const output = new Output(8 << 20, undefined);
  const piece = Buffer.alloc(1 << 20, 'A');
  for (let i = 0; i < 8; i++) expect(output.take('stdout', piece)).toBeUndefined();
  expect(output.take('stdout', piece)).toBe(8 << 20);
  expect(output.text()).toEqual({ stdout: piece.toString(), stderr: '' });
});

test('what all commands under way say is bounded together, and what is let go has room again', () => {
  const mebibytes = Buffer.alloc(16 << 20, 'A');
  const outputs = Array.from({ length: 20 }, () => new Output(64 << 20, undefined));
  const passed = outputs.map((output) => output.take('stdout', mebibytes));
  expect(passed).toEqual(outputs.map((_, i) => (i < 16 ? undefined : 256 << 20)));
  outputs[0]?.drop();
  expect(outputs[1]?.text().stdout).toHaveLength(16 << 20);
  expect(new Output(64 << 20, undefined).take('stderr', mebibytes)).toBeUndefined();
  expect(new Output(64 << 20, undefined).take('stdout', mebibytes)).toBeUndefined();
  expect(new Output(64 << 20, undefined).take('stdout', mebibytes)).toBe(256 << 20);
});

test('a list is missing whose next page takes a request that no server reads', async () => {
  const answer = await listPages('/api/v1/services', {}, async () => ({
    ok: true,
    value: { kind: 'ServiceList', items: [], metadata: { continue: 'x'.repeat(500_000) } },
  }));
  expect(answer).toMatchObject({ ok: false, why: { missing: 'unparsed', detail: expect.stringContaining('500000') } });
});
