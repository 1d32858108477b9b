import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveCapture } from '../../pkg/serveCapture.ts';
import { main } from '../../src/cli/main.ts';
import { listen } from '../collect/live/testProxies.ts';
import { temporaryFolder, writeKubeconfig } from '../collect/live/testServer.ts';
import { fakeIo } from '../support/fakeIo.ts';

const recorded = join(import.meta.dirname, '../fixtures/recordings/kube-proxy-rules-left.kpr');

const requestLine = /^([A-Z]+) (\/\S*) HTTP\/1\.1\r$/gm;

/** An API server, and what is asked of it: method and path. */
async function recordingServer(): Promise<{ url: string; asked: [method: string, path: string][] }> {
  const upstream = Number(new URL(await serveCapture(recorded)).port);
  const asked: [string, string][] = [];
  const port = await listen(
    createServer((socket) => {
      const inner = connect(upstream, '127.0.0.1');
      for (const end of [socket, inner]) end.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        for (const [, method = '', path = ''] of chunk.toString('latin1').matchAll(requestLine))
          asked.push([method, path]);
      });
      socket.pipe(inner).pipe(socket);
    }),
  );
  return { url: `http://127.0.0.1:${port}`, asked };
}

test.each([
  [['doctor']],
  [['verify']],
  [['trace', 'svc/kubernetes']],
  [['capture', '-o', '{out}']],
  [['diff', recorded]],
  [['cleanup']],
  [['preflight', '--change', 'remove-kube-proxy']],
  [['shard', '--of', '1', '--index', '0']],
])('%s asks by GET alone: documents, and execs as WebSockets', { timeout: 60_000 }, async (command) => {
  const { url, asked } = await recordingServer();
  const out = join(temporaryFolder(), 'x.kpr');
  await main([...command.map((word) => word.replace('{out}', out)), '--kubeconfig', writeKubeconfig(url)], fakeIo());
  expect([...new Set(asked.map(([method]) => method))]).toEqual(['GET']);
  const execs = asked.filter(([, path]) => /\/pods\/[^/]+\/exec\?/.test(path));
  expect(execs.length).toBeGreaterThan(0);
  // Nor is anything attached to or forwarded, and no Secret is asked for.
  expect(asked.filter(([, path]) => /secrets|attach|portforward|proxy\/|watch=/.test(path))).toEqual([]);
});

test('only who wants the values of the release has its Secret read, and no other', { timeout: 60_000 }, async () => {
  const { url, asked } = await recordingServer();
  const upgrade = ['preflight', '--to-version', '1.20', '--release-values', '--kubeconfig', writeKubeconfig(url)];
  await main(upgrade, fakeIo());
  expect([...new Set(asked.map(([method]) => method))]).toEqual(['GET']);
  const secrets = asked.filter(([, path]) => path.includes('secret')).map(([, path]) => decodeURIComponent(path));
  expect(secrets).toHaveLength(1);
  expect(secrets[0]).toMatch(
    /^\/api\/v1\/namespaces\/kube-system\/secrets\?.*labelSelector=owner=helm,name=cilium,status=deployed/,
  );
});
