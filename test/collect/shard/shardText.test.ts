import { hash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parseShard } from '../../../src/collect/shard/shardText.ts';

test('a log that unpacks to more than a reading can be is refused, by name', () => {
  const packed = zstdCompressSync(Buffer.alloc(257 * 1024 * 1024, ' '));
  const head = { tool: '0.1.0', run: 'run-1', index: 1, of: 3 };
  const about = { ...head, bytes: packed.length, sha256: hash('sha256', packed, 'hex') };
  const first = `{"format":"kubectl-kpr shard","schemaVersion":1,${JSON.stringify(about).slice(1, -1)},"data":[`;
  const lines = packed.toString('base64').match(/.{1,8000}/g) ?? [];
  expect(parseShard(`${first}\n"${lines.join('",\n"')}"]}\n`)).toEqual({
    ok: false,
    why: 'it cannot be unpacked',
    head,
  });
});
