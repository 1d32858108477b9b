import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
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
