import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kubeProxyIpsets } from '../../../src/knowledge/iptablesOwners.ts';
import type { Owner } from '../../../src/knowledge/owners/Owner.ts';
import { ownerOfChain } from '../../../src/knowledge/owners/ownerOfChain.ts';
import { ownerOfIpset } from '../../../src/knowledge/owners/ownerOfObject.ts';
import { ownerBesideFirewalld, ownerOfRule } from '../../../src/knowledge/owners/ownerOfRule.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';

test.each<[string, string, Owner]>([
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
  ['filter', 'KUBE-ROUTER-INPUT', 'kubeRouter'],
  ['filter', 'KUBE-POD-FW-NPX46M4PTMTKRN6Y', 'kubeRouter'],
  ['filter', 'KUBE-NWPLCY-DEFAULT', 'kubeRouter'],
  ['nat', 'KUBE-HOSTPORTS', 'crio'],
  ['nat', 'KUBE-HP-NPX46M4PTMTKRN6Y', 'crio'],
  ['nat', 'CNI-DN-0123456789abcdef01234', 'portmap'],
  ['nat', 'DOCKER', 'docker'],
  ['nat', 'DOCKER_OUTPUT', 'docker'],
  ['filter', 'DOCKER-ISOLATION-STAGE-2', 'docker'],
  ['filter', 'FLANNEL-FWD', 'flannel'],
  ['nat', 'FLANNEL-POSTRTG', 'flannel'],
  ['nat', 'AWS-SNAT-CHAIN-1', 'awsCni'],
  ['nat', 'AWS-CONNMARK-CHAIN-0', 'awsCni'],
  ['filter', 'cali-FORWARD', 'calico'],
  ['mangle', 'ANTREA-OUTPUT', 'antrea'],
  ['filter', 'WEAVE-NPC-EGRESS', 'weave'],
  ['nat', 'WEAVE', 'weave'],
  ['nat', 'OVN-KUBE-EGRESS-SVC', 'ovnKubernetes'],
  ['nat', 'KIND-MASQ-AGENT', 'kindnet'],
  ['nat', 'ISTIO_POSTRT', 'istio'],
  ['nat', 'IP-MASQ', 'ipMasqAgent'],
  ['nat', 'IP-MASQ-AGENT', 'ipMasqAgent'],
  ['filter', 'LIBVIRT_FWI', 'libvirt'],
  ['filter', 'ufw-before-input', 'ufw'],
  ['filter', 'ufw6-user-input', 'ufw'],
  ['filter', 'ts-forward', 'tailscale'],
  ['filter', 'NETBIRD-ACL-INPUT', 'netbird'],
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
  expect(ownerOfChain(table, chain)).toBe(owner);
});

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/kube-proxy/${name}`, import.meta.url), 'utf8');

/** How many chains of a real dump belong to whom. */
function ownersIn(name: string): Partial<Record<Owner, number>> {
  const save = parseIptablesSave(fixture(name));
  if (!('value' in save)) throw new Error('not understood');
  const owners: Partial<Record<Owner, number>> = {};
  for (const table of save.value.tables) {
    for (const chain of table.chains) {
      const owner = ownerOfChain(table.name, chain.name);
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

const ruleOf = (line: string) => ({ line, target: / -[jg] (\S+)/.exec(line)?.[1] });

test.each<[string, string, Owner]>([
  ['filter', '-A FORWARD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT', 'flannel'],
  ['nat', '-A POSTROUTING -s 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN', 'flannel'],
  ['nat', '-A POSTROUTING -m comment --comment "AWS SNAT CHAN" -j AWS-SNAT-CHAIN-0', 'awsCni'],
  [
    'mangle',
    '-A PREROUTING -i eth0 -m comment --comment "AWS, primary ENI" -m addrtype --dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark 0x80/0x80',
    'awsCni',
  ],
  [
    'filter',
    '-A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m mark --mark 0x10000/0x10000 -j ACCEPT',
    'calico',
  ],
  [
    'raw',
    '-A PREROUTING -m comment --comment "Antrea: jump to Antrea prerouting rules" -j ANTREA-PREROUTING',
    'antrea',
  ],
  [
    'raw',
    '-A OUTPUT -s 10.96.0.10/32 -p udp -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK',
    'nodeLocalDns',
  ],
  [
    'filter',
    '-A FORWARD -m comment --comment "KUBE-ROUTER rule to explicitly ACCEPT traffic that comply to network policies" -m mark --mark 0x20000/0x20000 -j ACCEPT',
    'kubeRouter',
  ],
  [
    'nat',
    '-A POSTROUTING -s 127.0.0.0/8 -o eth0 -m comment --comment "SNAT for localhost access to hostports" -j MASQUERADE',
    'crio',
  ],
  ['filter', '-A FORWARD -o weave -j ACCEPT', 'weave'],
  ['nat', '-A POSTROUTING -s 172.18.0.0/16 ! -o br-0123456789ab -j MASQUERADE', 'docker'],
  ['filter', '-A FORWARD -i virbr0 -j ACCEPT', 'libvirt'],
  ['filter', '-A INPUT -i wt0 -j ACCEPT', 'netbird'],
  // Of no one that is known: the comment is a person’s, the bridge has a name that somebody gave.
  ['filter', '-A FORWARD -m comment --comment "AWS office" -j DROP', 'unknown'],
  ['filter', '-A FORWARD -i br-lan -j ACCEPT', 'unknown'],
  ['filter', '-A INPUT -m conntrack --ctstate INVALID -j DROP', 'unknown'],
])('a rule in a built-in chain of %s: %s', (table, line, owner) => {
  expect(ownerOfRule(table, line.split(' ')[1] ?? '', ruleOf(line))).toBe(owner);
});

test('bare rules are firewalld’s where it has chains, and nobody’s elsewhere', () => {
  const own = '-A INPUT -m conntrack --ctstate INVALID -j DROP';
  expect(ownerBesideFirewalld('filter', 'INPUT', ruleOf(own))).toBe('firewalld');
  expect(ownerBesideFirewalld('filter', 'INPUT', ruleOf('-A INPUT -s 192.0.2.1/32 -j DROP'))).toBe('unknown');
});

test.each<[string, Owner]>([
  ['cali40this-host', 'calico'],
  ['felix-masq-ipam-pools', 'calico'],
  ['CLUSTER-NODE-IP', 'antrea'],
  ['weave-P.B|!ZhkAr5q=XZ?3}tMBA+0', 'weave'],
  ['docker-ext-bridges-v4', 'docker'],
  ['KUBE-SRC-ABCDEF', 'kubeRouter'],
  ['allowed', 'unknown'],
])('the set %s: %s', (name, owner) => {
  expect(ownerOfIpset(name)).toBe(owner);
});
