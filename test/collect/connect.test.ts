import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectFromHere } from '../../src/collect/connect/connectFromHere.ts';
import { connectInput } from '../../src/collect/connect/connectInput.ts';
import type { ConnectPlace } from '../../src/model/Connections.ts';
import { parseConnectEnds } from '../../src/parse/parseConnectEnds.ts';
import { connectShell } from '../../src/programs/programs.ts';

const server = createServer((socket) => socket.destroy());
const closed = createServer();
let places: readonly ConnectPlace[];
const portOf = (one: typeof server): number => {
  const address = one.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const listen = (one: typeof server): Promise<void> =>
  new Promise((resolve) => {
    one.listen(0, '127.0.0.1', resolve);
  });

beforeAll(async () => {
  await Promise.all([listen(server), listen(closed)]);
  places = [server, closed].map((one) => ({ address: '127.0.0.1', port: portOf(one), protocol: 'TCP' }));
  await new Promise((resolve) => {
    closed.close(resolve);
  });
});
afterAll(() => void server.close());

/** The input never ends, as with servers that cannot be told where it does. */
function run(path: string | undefined): Promise<string> {
  const child = spawn('/bin/sh', ['-c', connectShell], { env: { PATH: path ?? process.env['PATH'] } });
  child.stdin.write(connectInput(places));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', () => resolve(text));
  });
}

const outcomes = (text: string): unknown => {
  const ends = parseConnectEnds(text);
  return ends.ok ? [...ends.value].map(([number, { outcome }]) => `${number} ${outcome}`).toSorted() : ends.why;
};

describe('what opens connections in a container', () => {
  test('perl', async () => {
    expect(outcomes(await run(undefined))).toEqual(['0 open', '1 refused']);
  });

  test('bash, in an image without perl', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kpr-connect-'));
    for (const name of ['bash', 'timeout', 'sleep']) symlinkSync(`/usr/bin/${name}`, join(folder, name));
    try {
      expect(outcomes(await run(folder))).toEqual(['0 open', '1 refused']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('connections from here', async () => {
  const ends = await connectFromHere(places, undefined);
  expect([...ends].map(([number, { outcome }]) => `${number} ${outcome}`)).toEqual(['0 open', '1 refused']);
});

test.each([
  ['', 'it does not say that it is done'],
  ['0 open 1 \n', 'it does not say that it is done'],
  ['0 fine 1 \ndone\n', 'a line of it: 0 fine 1'],
])('%j was not understood', (text, why) => {
  expect(parseConnectEnds(text)).toEqual({ ok: false, why });
});
