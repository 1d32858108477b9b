import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ChainOwner, chainOwner, kubeProxyIpsets } from '../../../src/knowledge/iptablesOwners.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';

test.each<[string, string, ChainOwner]>([
  ['nat', 'KUBE-SERVICES', 'kubeProxy'],
  ['nat', 'KUBE-SVC-NPX46M4PTMTKRN6Y', 'kubeProxy'],
  ['nat', 'KUBE-SEP-H7H6QHAVJGEHKOHM', 'kubeProxy'],
  ['nat', 'KUBE-XLB-NPX46M4PTMTKRN6Y', 'kubeProxy'],
  ['nat', 'KUBE-LOAD-BALANCER', 'kubeProxy'],
  ['filter', 'KUBE-IPVS-OUT-FILTER', 'kubeProxy'],
  ['mangle', 'KUBE-PROXY-CANARY', 'kubeProxy'],
  ['nat', 'KUBE-MARK-MASQ', 'shared'],
  ['nat', 'KUBE-POSTROUTING', 'shared'],
  ['filter', 'KUBE-FIREWALL', 'kubelet'],
  ['mangle', 'KUBE-IPTABLES-HINT', 'kubelet'],
  ['nat', 'KUBE-KUBELET-CANARY', 'kubelet'],
  ['nat', 'KUBE-MARK-DROP', 'kubelet'],
  ['filter', 'KUBE-ROUTER-INPUT', 'networkPolicy'],
  ['filter', 'KUBE-POD-FW-NPX46M4PTMTKRN6Y', 'networkPolicy'],
  ['filter', 'KUBE-NWPLCY-DEFAULT', 'networkPolicy'],
  ['nat', 'KUBE-HOSTPORTS', 'hostPorts'],
  ['nat', 'KUBE-HP-NPX46M4PTMTKRN6Y', 'hostPorts'],
  ['nat', 'CNI-DN-0123456789abcdef01234', 'hostPorts'],
  ['nat', 'DOCKER', 'docker'],
  ['filter', 'DOCKER-USER', 'docker'],
  ['filter', 'INPUT_ZONES', 'firewalld'],
  ['nat', 'CILIUM_POST_nat', 'cilium'],
  ['nat', 'PREROUTING', 'builtIn'],
  // Names of kube-proxy in tables where it has none, and hashes of another length, are somebody else's.
  ['mangle', 'KUBE-SERVICES', 'unknown'],
  ['filter', 'KUBE-SVC-NPX46M4PTMTKRN6Y', 'unknown'],
  ['nat', 'KUBE-SVC-SHORT', 'unknown'],
  ['nat', 'my-chain', 'unknown'],
])('%s %s: %s', (table, chain, owner) => {
  expect(chainOwner(table, chain)).toBe(owner);
});

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/kube-proxy/${name}`, import.meta.url), 'utf8');

/** How many chains of a real dump belong to whom. */
function ownersIn(name: string): Partial<Record<ChainOwner, number>> {
  const save = parseIptablesSave(fixture(name));
  if (!('value' in save)) throw new Error('not understood');
  const owners: Partial<Record<ChainOwner, number>> = {};
  for (const table of save.value.tables) {
    for (const chain of table.chains) {
      const owner = chainOwner(table.name, chain.name);
      owners[owner] = (owners[owner] ?? 0) + 1;
    }
  }
  return owners;
}

test.each([
  ['with-kube-proxy-1.36.txt', { kubeProxy: 36, shared: 2, kubelet: 5, cilium: 10, builtIn: 14 }],
  ['cilium-alone-1.18.txt', { kubelet: 5, cilium: 10, builtIn: 14 }],
])('every chain of a node has an owner: %s', (name, owners) => {
  expect(ownersIn(name)).toEqual(owners);
});

test('the sets of ipvs mode, and not those of kube-router', () => {
  expect(kubeProxyIpsets.has('KUBE-CLUSTER-IP')).toBe(true);
  expect(kubeProxyIpsets.has('KUBE-6-LOAD-BALANCER-SOURCE-CID')).toBe(true);
  expect(kubeProxyIpsets.has('KUBE-SRC-ABCDEF')).toBe(false);
  expect(kubeProxyIpsets.has('KUBE-DST-ABCDEF')).toBe(false);
});
