import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Answer, ClusterPort, ListOptions } from '../../src/collect/ClusterPort.ts';
import { readHelmRelease } from '../../src/collect/readHelmRelease.ts';
import { aMissing } from '../support/aSnapshot.ts';

/** As Helm writes a revision. */
const packed = (release: unknown): string =>
  Buffer.from(gzipSync(JSON.stringify(release)).toString('base64')).toString('base64');

const secret = (version: number, release: string): unknown => ({
  metadata: { name: `sh.helm.release.v1.cilium.v${version}`, labels: { owner: 'helm', version: String(version) } },
  data: { release },
});

const asked: [path: string, selector: string | undefined][] = [];

function readFrom(answer: Answer<readonly unknown[]>) {
  const port: Pick<ClusterPort, 'list'> = {
    async list(path: string, options?: ListOptions) {
      asked.push([path, options?.query?.['labelSelector']]);
      return answer;
    },
  };
  return readHelmRelease(port, 'network', 'cilium');
}

const items = (...value: readonly unknown[]) => readFrom({ ok: true, value });

test('gives the values of the newest revision, by one request for that release alone', async () => {
  asked.length = 0;
  const newest = secret(10, packed({ config: { kubeProxyReplacement: true }, chart: { values: { a: 1 } } }));
  expect(await items(secret(9, packed({ config: {} })), newest)).toEqual({
    ok: true,
    value: { kubeProxyReplacement: true },
  });
  expect(asked).toEqual([['/api/v1/namespaces/network/secrets', 'owner=helm,name=cilium,status=deployed']]);
});

test('a release without values of its own has none', async () => {
  expect(await items(secret(1, packed({ config: null })))).toEqual({ ok: true, value: {} });
});

test.each<[string, readonly unknown[]]>([
  ['no base64', [secret(1, '%%%')]],
  ['no gzip', [secret(1, Buffer.from(Buffer.from('{}').toString('base64')).toString('base64'))]],
  ['no JSON', [secret(1, Buffer.from(gzipSync('{').toString('base64')).toString('base64'))]],
  ['no map', [secret(1, packed({ config: [1] }))]],
  ['a bomb', [secret(1, packed({ config: { a: ' '.repeat(40 * 1024 * 1024) } }))]],
])('%s is no answer', async (_, secrets) => {
  expect(await items(...secrets)).toMatchObject({ ok: false, why: { missing: 'unparsed' } });
});

test.each<[string, readonly unknown[]]>([
  ['no Secret', []],
  ['objects of another shape', [null, 'x', { metadata: {} }, { metadata: { labels: 1 }, data: { release: 'x' } }]],
])('%s is no release', async (_, secrets) => {
  expect(await items(...secrets)).toMatchObject({ ok: false, why: { missing: 'absent' } });
});

test('who may not read it is told so', async () => {
  expect(await readFrom({ ok: false, why: aMissing('forbidden') })).toMatchObject({ ok: false });
});
