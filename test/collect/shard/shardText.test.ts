import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
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

test('a log of short lines takes little more than its text', { timeout: 30_000 }, () => {
  const from = JSON.stringify(join(import.meta.dirname, '../../../src/collect/shard/shardText.ts'));
  const code = `
    import { logsIn, parseShard } from ${from};
    const text = 'x\\n'.repeat(20_000_000);
    console.log(logsIn(text).map((one) => parseShard(one).why).join());
    const first = '{"format":"kubectl-kpr shard","schemaVersion":1,"tool":"1","run":"r","index":0,"of":1,"bytes":1,"sha256":"","data":[\\n';
    console.log(logsIn(first + text).map((one) => parseShard(one).why).join());`;
  const { stdout, status } = spawnSync(process.execPath, [
    '--max-old-space-size=128',
    '--input-type=module',
    '-e',
    code,
  ]);
  expect({ status, said: String(stdout) }).toEqual({
    status: 0,
    said: 'it holds no reading of a shard\nits log is cut, or something else was printed in between\n',
  });
});
