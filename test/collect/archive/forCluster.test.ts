import { describe, expect, test } from 'vitest';
import { kubectlOfArchive } from '../../../src/collect/archive/forCluster.ts';

const kubeconfig = JSON.stringify({
  clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443' } }],
  contexts: [{ name: 'prod-1', context: { cluster: 'c', user: '' } }],
});
const host = { env: { KUBECONFIG: '/k' }, platform: 'linux', readFile: () => kubeconfig };
const capture = { kind: 'capture', file: 'x.kpr', context: 'prod-1', server: 'https://10.0.0.1:6443' } as const;

function absent(): never {
  throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
}

describe('commands made from an archive', () => {
  test('are for the context by which a capture was taken, if the user has it for the same server', () => {
    expect(kubectlOfArchive(capture, {}, host)).toBe('kubectl --context=prod-1');
  });

  test.each([
    ['the user has no such context', { ...capture, context: 'prod-2' }],
    ['the user’s context of that name is another cluster’s', { ...capture, server: 'https://10.0.0.2:6443' }],
    ['names in it are pseudonyms', { ...capture, redacted: true as const }],
    ['it is a sysdump', { kind: 'sysdump', file: 'x.zip' } as const],
  ])('have none where %s', (_, origin) => {
    expect(kubectlOfArchive(origin, {}, host)).toBeUndefined();
  });

  test('are for what the user names', () => {
    const flags = { kubeconfig: '/tmp/k', context: 'other' };
    expect(kubectlOfArchive(capture, flags, host)).toBe('kubectl --kubeconfig=/tmp/k --context=other');
    expect(kubectlOfArchive({ kind: 'sysdump', file: 'x.zip' }, flags, host)).toBe(
      'kubectl --kubeconfig=/tmp/k --context=other',
    );
  });

  test('an archive is read though there is no kubeconfig, or one that cannot be read', () => {
    expect(kubectlOfArchive(capture, {}, { ...host, readFile: absent })).toBeUndefined();
    expect(kubectlOfArchive(capture, {}, { ...host, readFile: () => '{' })).toBeUndefined();
  });
});
