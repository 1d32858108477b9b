import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { writeEdited } from '../support/editedCapture.ts';
import { fakeIo } from '../support/fakeIo.ts';

// What was cut between two lines looks as if it were whole: a capture says how long each of its files was.

const root = join(import.meta.dirname, '..', '..');
let folder = '';
let whole = '';
let members: ReadonlyMap<string, Buffer> = new Map();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kpr-cut-'));
  whole = await writeEdited(join(folder, 'whole.kpr'), { of: join(root, 'test/fixtures/recordings/healthy-1.20.kpr') });
  members = await membersOf(whole);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function membersOf(file: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const reader = extract();
  const reading = pipeline(Readable.from([gunzipSync(readFileSync(file))]), reader);
  for await (const entry of reader) found.set(entry.header.name, await buffer(entry));
  await reading;
  return found;
}

async function written(all: ReadonlyMap<string, Buffer>): Promise<string> {
  const file = join(folder, 'cut.kpr');
  const archive = pack();
  for (const [name, bytes] of all) archive.entry({ name }, bytes);
  archive.finalize();
  writeFileSync(file, gzipSync(await buffer(archive)));
  return file;
}

/** The first half of its lines, or of what is one line. */
function halfOf(bytes: Buffer): Buffer {
  const half = bytes.subarray(0, bytes.length / 2);
  const end = half.lastIndexOf('\n') + 1;
  return end === 0 ? half : half.subarray(0, end);
}

/** Of captures that have all routes, default routes are not read besides. */
const isRead = (name: string): boolean => /^(cluster|nodes\/n1)\/(?!defaultRoutes)/.test(name);

test('each file of a capture that was cut between two lines is noticed', async () => {
  const cutable = [...members].filter(([name, { length }]) => isRead(name) && length > 3);
  expect(cutable.length).toBeGreaterThan(25);
  for (const [name, bytes] of cutable) {
    const file = await written(new Map([...members, [name, halfOf(bytes)]]));
    const io = fakeIo();
    const exitCode = await main(['verify', '--from', file, '-o', 'json'], io);
    expect({ name, exitCode, said: io.stdout.text.includes('that were captured') }).toEqual({
      name,
      exitCode: 3,
      said: true,
    });
  }
});

const run = (file: string, command = 'verify'): number => {
  try {
    execFileSync(process.execPath, [join(root, 'bin/kubectl-kpr.ts'), command, '--from', file], { stdio: 'ignore' });
    return 0;
  } catch (error) {
    return (error as { readonly status: number }).status;
  }
};

test('the program itself: with a table that was cut, and without any answer', async () => {
  const name = 'nodes/n1/lbDump.txt';
  const bytes = members.get(name) ?? Buffer.alloc(0);
  expect(run(await written(new Map([...members, [name, halfOf(bytes)]])))).toBe(3);
  const silent = await writeEdited(join(folder, 'silent.kpr'), {
    of: whole,
    node: ({ name }) => ({ name, answers: {} }),
  });
  expect(run(silent, 'doctor')).toBe(2);
});
