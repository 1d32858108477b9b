import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mostBytes, readSmallFile } from '../../src/collect/readSmallFile.ts';
import { temporaryFolder } from './archive/support.ts';

const file = (text: string): string => {
  const path = join(temporaryFolder(), 'file.yaml');
  writeFileSync(path, text);
  return path;
};

test('a file comes whole, whatever the pieces', () => {
  const text = 'ä€\n'.repeat(50_000);
  expect(readSmallFile(file(text))).toBe(text);
  expect(readSmallFile(file(''))).toBe('');
});

test('what never ends is refused', () => {
  expect(() => readSmallFile('/dev/zero')).toThrow(`more than ${mostBytes / 1024 / 1024} MiB`);
  expect(() => readSmallFile('/nowhere/at-all')).toThrow('ENOENT');
});

test('values of a pipe are waited for', async () => {
  const program = join(import.meta.dirname, '..', '..', 'bin', 'kubectl-kpr.ts');
  const child = spawn(process.execPath, [program, 'preflight', '-f', '-', '--to-version', '1.20', '-o', 'json'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] },
  });
  let said = '';
  child.stdout.on('data', (piece) => (said += String(piece)));
  // Helm takes longer to say its values than this program to ask for them.
  setTimeout(() => child.stdin.end('tunnel: vxlan\n'), 1500);
  await once(child, 'close');
  expect(JSON.parse(said)).toMatchObject({ values: { targets: [{ keys: [{ key: 'tunnel' }] }] } });
}, 30_000);
