import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What the registry's advisory service answers; undefined: it has none. */
let advisories: object | undefined;
const registry = createServer((request, response) => {
  request.resume();
  const isAsked = request.method === 'POST' && request.url === '/-/npm/v1/security/advisories/bulk';
  response.writeHead(!isAsked ? 404 : advisories === undefined ? 405 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify((isAsked ? advisories : undefined) ?? {}));
});
beforeAll(() => new Promise<void>((resolve) => void registry.listen(0, '127.0.0.1', resolve)));
afterAll(() => void registry.close());

const audit = (): Promise<{ exitCode: unknown; said: string }> =>
  new Promise((resolve) => {
    const { port } = registry.address() as AddressInfo;
    const script = join(import.meta.dirname, '..', '..', 'pkg', 'audit.ts');
    const words = [script, '--registry', `http://127.0.0.1:${port}`, '--fetch-retries=0'];
    execFile(process.execPath, words, (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, said: stdout + stderr }),
    );
  });

describe('npm run audit', { timeout: 60_000 }, () => {
  test('passes where the service knows of nothing', async () => {
    advisories = {};
    expect(await audit()).toEqual({ exitCode: 0, said: '0 packages of package-lock.json are named by advisories\n' });
  });

  test('names what advisories name', async () => {
    const one = { id: 1, url: 'https://advisories.example/1', title: 'Frames have no end', severity: 'high' };
    advisories = { ws: [{ ...one, vulnerable_versions: '<99', cwe: [], cvss: { score: 7, vectorString: null } }] };
    const { exitCode, said } = await audit();
    expect(exitCode).toBe(1);
    expect(said).toMatch(/^ws .*\(high\): Frames have no end https:\/\/advisories\.example\/1$/m);
  });

  test('says that nothing was checked where it cannot be asked, which is not a pass', async () => {
    advisories = undefined;
    const { exitCode, said } = await audit();
    expect(exitCode).toBe(2);
    expect(said).toMatch(/^NOT CHECKED: .*405/);
  });
});
