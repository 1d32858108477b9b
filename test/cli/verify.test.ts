import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { temporaryFolder } from '../collect/archive/support.ts';
import { fakeIo } from '../support/fakeIo.ts';

const healthy = join(import.meta.dirname, '../fixtures/recordings/healthy-1.19.kpr');

/** It once compared nothing, for want of facts that only other checks asked for, and passed. */
test.each(['tables-agree', 'KPR4007', 'tables-match'])('--check %s compares tables', async (name) => {
  const io = fakeIo();
  const exitCode = await main(['verify', '--from', healthy, '--check', name, '-o', 'json'], io);
  const id = name === 'KPR4007' ? 'tables-agree' : name;
  expect(JSON.parse(io.stdout.text)).toMatchObject({
    verdict: 'pass',
    checks: expect.arrayContaining([expect.objectContaining({ id, result: 'pass' })]),
    coverage: { frontends: { nodes: 2 } },
  });
  expect(exitCode).toBe(0);
});

test('what one agent collected of itself is looked at, and is no pass: what the API asks for is not in it', async () => {
  const folder = temporaryFolder();
  const collected = join(import.meta.dirname, '../fixtures/archive/bugtool');
  cpSync(collected, join(folder, 'cilium-bugtool-20261121-101905.529+0000-UTC-159/cmd'), { recursive: true });
  const io = fakeIo();
  const exitCode = await main(['verify', '--from', folder, '-o', 'json'], io);
  expect(exitCode).toBe(3);
  expect(JSON.parse(io.stdout.text)).toMatchObject({
    verdict: 'unknown',
    checks: expect.arrayContaining([
      expect.objectContaining({ title: 'Agents have a version that this program knows', result: 'pass' }),
    ]),
  });
});
