import { expect, test } from 'vitest';
import { chainHash, liveChainHashes, liveTargets, nftHash } from '../../../src/expect/kube-proxy/chainHashes.ts';
import { aService, aSlice } from '../../support/healthy.ts';

// Names and hashes as kube-proxy itself wrote them.
test.each([
  ['default', 'kubernetes', 'https', 'TCP', '', 'NPX46M4PTMTKRN6Y'],
  ['kube-system', 'kube-dns', 'dns', 'UDP', '', 'TCOU7JCQXEZGVUNU'],
  ['kube-system', 'kube-dns', 'dns-tcp', 'TCP', '', 'ERIFXISQEP7F7OF4'],
  ['kube-system', 'kube-dns', 'metrics', 'tcp', '', 'JD5MR3NA4I4DYORP'],
  ['tkg-system', 'tkr-resolver-cluster-webhook-service', '', 'TCP', '', 'SAL3JMSY3XQSA64S'],
  ['default', 'httpd-np', 'http', 'TCP', '', 'Q56DOH722Z6JUP7N'],
  ['default', 'httpd-np', 'http', 'TCP', '10.244.1.218:8080', '3BI6N3ZZFO2UEF3D'],
  ['kube-system', 'kube-dns', 'dns', 'UDP', '10.244.0.163:53', 'EATJPD3BJQKYPMOY'],
  ['default', 'kubernetes', 'https', 'TCP', '172.30.0.1:6443', 'H7H6QHAVJGEHKOHM'],
])('%s/%s:%s %s %s', (namespace, name, port, protocol, endpoint, hash) => {
  expect(chainHash({ namespace, name, port, protocol }, endpoint)).toBe(hash);
});

test('every port of every Service has its hash', () => {
  const hashes = liveChainHashes([
    aService('a', { ports: [{ port: 80 }, { port: 53, name: 'dns', protocol: 'UDP' }] }),
    aService('b'),
  ]);
  expect([...hashes.values()].map(({ name, port, protocol }) => `${name}:${port}/${protocol}`)).toEqual([
    'a:/TCP',
    'a:dns/UDP',
    'b:/TCP',
  ]);
});

test('targets are written as DNAT rules write them', () => {
  const slices = [aSlice('a', ['10.0.0.1']), aSlice('a', ['fd00::1'], { addressType: 'IPv6' })];
  expect([...liveTargets(slices)]).toEqual(['10.0.0.1:8080', '[fd00::1]:8080']);
});

test.each([
  ['ready', { ready: true }, true],
  ['not ready yet', { ready: false, serving: false, terminating: false }, true],
  ['ending, and still answering', { ready: false, serving: true, terminating: true }, true],
  ['ended, and kept by a node that does not take it down', { ready: false, serving: false, terminating: true }, false],
])('a pod is a target that exists: %s', (_, conditions, exists) => {
  const slice = { ...aSlice('a', []), endpoints: [{ addresses: ['10.0.0.1'], conditions }] };
  expect(liveTargets([slice]).has('10.0.0.1:8080')).toBe(exists);
});

test.each([
  ['ULMVA6XW', 'ns1/svc1/tcp/p80'],
  ['5OJB2KTY', 'ns1/svc1/tcp/p80__10.180.0.1/80'],
])('nftables: %s-%s', (hash, name) => {
  expect(nftHash(name)).toBe(hash);
});
