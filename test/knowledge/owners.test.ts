import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kubeProxyChains } from '../../src/knowledge/owners/kubeProxyChains.ts';
import type { Owner } from '../../src/knowledge/owners/Owner.ts';
import { ownerOfChain } from '../../src/knowledge/owners/ownerOfChain.ts';
import { ownerOfIpset, ownerOfNftTable } from '../../src/knowledge/owners/ownerOfObject.ts';
import { ownerOfRule } from '../../src/knowledge/owners/ownerOfRule.ts';
import { parseIptablesSave } from '../../src/parse/parseIptablesSave.ts';

const hash = 'NPX46M4PTMTKRN6Y';

describe('chains', () => {
  test.each<[string, string, Owner]>([
    ['nat', `KUBE-SVC-${hash}`, 'kubeProxy'],
    ['nat', `KUBE-SVL-${hash}`, 'kubeProxy'],
    ['nat', `KUBE-EXT-${hash}`, 'kubeProxy'],
    ['nat', `KUBE-FW-${hash}`, 'kubeProxy'],
    ['nat', `KUBE-XLB-${hash}`, 'kubeProxy'],
    ['nat', `KUBE-SEP-${hash}`, 'kubeProxy'],
    ['nat', 'KUBE-FIREWALL', 'kubeProxy'],
    ['nat', 'KUBE-PORTALS-HOST', 'kubeProxy'],
    ['filter', 'KUBE-NODEPORT-NON-LOCAL', 'kubeProxy'],
    ['filter', 'KUBE-SOURCE-RANGES-FIREWALL', 'kubeProxy'],
    ['nat', 'KUBE-MARK-MASQ', 'shared'],
    ['filter', 'KUBE-FIREWALL', 'kubelet'],
    ['nat', 'KUBE-MARK-DROP', 'kubelet'],
    ['filter', 'KUBE-KUBELET-CANARY', 'kubelet'],
    ['raw', 'CILIUM_PRE_raw', 'cilium'],
    ['nat', 'OLD_CILIUM_POST_nat', 'cilium'],
    ['filter', 'KUBE-ROUTER-SERVICES', 'kubeRouter'],
    ['nat', 'KUBE-ROUTER-HAIRPIN', 'kubeRouter'],
    ['filter', `KUBE-POD-FW-${hash}`, 'kubeRouter'],
    ['filter', `KUBE-NWPLCY-${hash}`, 'kubeRouter'],
    ['filter', 'KUBE-NWPLCY-COMMON', 'kubeRouter'],
    ['nat', 'KUBE-HOSTPORTS', 'crio'],
    ['nat', `KUBE-HP-${hash}`, 'crio'],
    ['nat', `CRIO-MASQ-${hash}`, 'crio'],
    ['nat', 'CRIO-HOSTPORTS-MASQ', 'crio'],
    ['nat', 'CNI-HOSTPORT-DNAT', 'portmap'],
    ['nat', 'CNI-HOSTPORT-SETMARK', 'portmap'],
    ['nat', 'CNI-DN-b6c5fb6c593e895d843cb', 'portmap'],
    ['nat', 'CNI-b6c5fb6c593e895d843cb5bd', 'cniPlugins'],
    ['filter', 'CNI-FORWARD', 'cniPlugins'],
    ['filter', 'DOCKER-ISOLATION-STAGE-1', 'docker'],
    ['nat', 'DOCKER', 'docker'],
    ['filter', 'FWDI_public_allow', 'firewalld'],
    ['filter', 'FORWARD_IN_ZONES', 'firewalld'],
    ['nat', 'PREROUTING_direct', 'firewalld'],
    ['nat', 'POSTROUTING', 'builtIn'],
  ])('%s %s: %s', (table, chain, owner) => {
    expect(ownerOfChain(table, chain)).toBe(owner);
  });

  test.each([
    ['a hash of 15 characters', 'nat', 'KUBE-SVC-NPX46M4PTMTKRN6'],
    ['a hash of 17', 'nat', `KUBE-SVC-${hash}A`],
    ['a hash in lower case', 'nat', 'KUBE-SVC-npx46m4ptmtkrn6y'],
    ['digits that are none of base32', 'nat', 'KUBE-SVC-NPX46M4PTMTKRN61'],
    ['a prefix in lower case', 'nat', `kube-svc-${hash}`],
    ['a prefix that kube-proxy has not', 'nat', `KUBE-SVD-${hash}`],
    ['a longer prefix', 'nat', `MY-KUBE-SVC-${hash}`],
    ['something after it', 'nat', `KUBE-SVC-${hash} `],
    ['a Service’s chain in filter', 'filter', `KUBE-SVC-${hash}`],
    ['an endpoint’s chain in raw', 'raw', `KUBE-SEP-${hash}`],
    ['a chain that begins like one', 'nat', 'KUBE-SERVICES-FOO'],
    ['one letter less', 'nat', 'KUBE-SERVICE'],
    ['a chain of nat in mangle', 'mangle', 'KUBE-SERVICES'],
    ['a chain of filter in nat', 'nat', 'KUBE-FORWARD'],
    ['a chain of filter in nat', 'nat', 'KUBE-EXTERNAL-SERVICES'],
    ['a chain of nat in filter', 'filter', 'KUBE-POSTROUTING'],
    ['a chain of nat in filter', 'filter', 'KUBE-MARK-MASQ'],
    ['a canary in raw', 'raw', 'KUBE-PROXY-CANARY'],
    ['a user’s', 'nat', 'KUBE-USER'],
    ['a chain of all Services', 'nat', 'KUBE-SVC-'],
    ['no name', 'nat', ''],
    ['a member of every object', 'nat', 'constructor'],
  ])('look-alike: %s', (_, table, chain) => {
    expect(ownerOfChain(table, chain)).toBe('unknown');
  });

  test('what kube-proxy’s data names is kube-proxy’s, with a hash where it has one', () => {
    for (const { table, name, hashed } of kubeProxyChains) {
      expect(ownerOfChain(table, hashed === true ? `${name}${hash}` : name)).toBe('kubeProxy');
      if (hashed === true) expect(ownerOfChain(table, name)).toBe('unknown');
    }
  });
});

const ownerOf = (table: string, line: string): Owner => {
  const [, chain = ''] = /^-A (\S+)/.exec(line) ?? [];
  return ownerOfRule(table, chain, { line, target: / -[jg] (\S+)/.exec(line)?.[1] });
};

describe('rules', () => {
  test.each<[string, string, Owner]>([
    ['nat', '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', 'kubeProxy'],
    [
      'filter',
      '-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      'kubeProxy',
    ],
    ['filter', '-A INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER', 'kubeProxy'],
    ['filter', '-A FORWARD -m comment --comment "kube-proxy firewall rules" -j KUBE-PROXY-FIREWALL', 'kubeProxy'],
    [
      'nat',
      '-A PREROUTING -m addrtype --dst-type LOCAL -m comment --comment "handle service NodePorts; NOTE: this must be the last rule in the chain" -j KUBE-NODEPORT-CONTAINER',
      'kubeProxy',
    ],
    ['nat', '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING', 'shared'],
    ['filter', '-A INPUT -j KUBE-FIREWALL', 'kubelet'],
    ['nat', '-A PREROUTING -m comment --comment "cilium-feeder: CILIUM_PRE_nat" -j CILIUM_PRE_nat', 'cilium'],
    [
      'filter',
      '-A INPUT -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT',
      'kubeRouter',
    ],
    ['nat', '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT', 'portmap'],
    [
      'nat',
      '-A PREROUTING -m comment --comment "kube hostport portals" -m addrtype --dst-type LOCAL -j KUBE-HOSTPORTS',
      'crio',
    ],
    ['filter', '-A FORWARD -j DOCKER-USER', 'docker'],
    ['nat', '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE', 'docker'],
    ['filter', '-A INPUT -j INPUT_ZONES', 'firewalld'],
    [`nat`, `-A KUBE-SVC-${hash} -m comment --comment "a/b -> 10.0.0.1:80" -j KUBE-SEP-${hash}`, 'kubeProxy'],
    ['nat', `-A KUBE-FW-${hash} -m comment --comment "a/b loadbalancer IP" -j KUBE-MARK-DROP`, 'kubeProxy'],
    ['nat', '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000', 'shared'],
    ['nat', '-A CNI-DN-0123456789abcdef01234 -s 10.88.0.0/16 -p tcp -m tcp --dport 8080 -j KUBE-MARK-MASQ', 'portmap'],
    ['nat', '-A my-chain -j KUBE-MARK-MASQ', 'unknown'],
  ])('%s %s', (table, line, owner) => {
    expect(ownerOf(table, line)).toBe(owner);
  });

  test.each([
    [
      'a jump of an interface',
      'nat',
      '-A PREROUTING -i eth1 -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    ],
    ['a jump without comment', 'nat', '-A PREROUTING -j KUBE-SERVICES'],
    ['with another comment', 'nat', '-A PREROUTING -m comment --comment "kubernetes service portal" -j KUBE-SERVICES'],
    ['of another chain', 'nat', '-A POSTROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'],
    ['to another chain', 'nat', '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-NODEPORTS'],
    ['in another table', 'filter', '-A OUTPUT -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING'],
    ['a goto', 'nat', '-A PREROUTING -m comment --comment "kubernetes service portals" -g KUBE-SERVICES'],
    [
      'something after it',
      'nat',
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES --x',
    ],
    ['of somebody who marks', 'nat', '-A PREROUTING -p tcp -j KUBE-MARK-MASQ'],
    ['a jump to one Service', 'nat', `-A PREROUTING -d 192.0.2.1/32 -j KUBE-SVC-${hash}`],
    ['a restricted jump to kubelet’s', 'filter', '-A INPUT -i eth0 -j KUBE-FIREWALL'],
    [
      'a rule that says it is kube-proxy’s',
      'filter',
      '-A INPUT -m comment --comment "kubernetes service portals" -j DROP',
    ],
    ['a rule without a target', 'filter', '-A INPUT -s 10.0.0.1/32'],
    ['another bridge', 'nat', '-A POSTROUTING -o docker01 -j MASQUERADE'],
    ['a user’s rule in kube-proxy’s chain', 'nat', '-A KUBE-SERVICES -j my-chain'],
    ['a log in kube-proxy’s chain', 'filter', '-A KUBE-FORWARD -j LOG'],
  ])('nobody’s that is known: %s', (_, table, line) => {
    expect(ownerOf(table, line)).toBe('unknown');
  });

  test('somebody else’s rule in a chain of kube-proxy’s is theirs', () => {
    expect(ownerOf('nat', '-A KUBE-POSTROUTING -j CNI-HOSTPORT-MASQ')).toBe('portmap');
  });
});

const fixtures = join(import.meta.dirname, '..', 'fixtures');

/** How many rules of a dump belong to whom. */
function ownersIn(path: string): Partial<Record<Owner, number>> {
  const save = parseIptablesSave(readFileSync(join(fixtures, path), 'utf8'));
  if (!save.ok) throw new Error(save.why);
  const owners: Partial<Record<Owner, number>> = {};
  for (const table of save.value.tables) {
    for (const chain of table.chains) {
      for (const rule of chain.rules) {
        const owner = ownerOfRule(table.name, chain.name, rule);
        owners[owner] = (owners[owner] ?? 0) + 1;
      }
    }
  }
  return owners;
}

test.each([
  ['kube-proxy/with-kube-proxy-1.36.txt', { kubeProxy: 94, shared: 5, kubelet: 3, cilium: 30 }],
  ['kube-proxy/with-kube-proxy-1.36-ipv6.txt', { kubeProxy: 15, shared: 5, kubelet: 2 }],
  ['kube-proxy/cilium-alone-1.18.txt', { kubelet: 3, cilium: 29 }],
])('every rule of a recorded node has an owner: %s', (path, owners) => {
  expect(ownersIn(path)).toEqual(owners);
});

describe('what is no chain', () => {
  test.each<[string, Owner]>([
    ['KUBE-CLUSTER-IP', 'kubeProxy'],
    ['KUBE-LOOP-BACK', 'kubeProxy'],
    ['KUBE-6-LOAD-BALANCER-SOURCE-CID', 'kubeProxy'],
    ['KUBE-6-LOAD-BALANCER-SOURCE-CIDR', 'unknown'],
    ['KUBE-CLUSTER-IPS', 'unknown'],
    ['kube-cluster-ip', 'unknown'],
    ['KUBE-SRC-5BAK3BQH4XWUMBTU', 'kubeRouter'],
    ['inet6:KUBE-DST-5BAK3BQH4XWUMBTU', 'kubeRouter'],
    ['kube-router-svip', 'kubeRouter'],
    ['cilium_node_set_v4', 'cilium'],
    ['cilium_node_set_v5', 'unknown'],
    ['blocklist', 'unknown'],
  ])('ipset %s: %s', (name, owner) => {
    expect(ownerOfIpset(name)).toBe(owner);
  });

  test.each<[string, string, Owner]>([
    ['ip', 'kube-proxy', 'kubeProxy'],
    ['ip6', 'kube-proxy', 'kubeProxy'],
    ['inet', 'kube-proxy', 'unknown'],
    ['bridge', 'kube-proxy', 'unknown'],
    ['ip', 'kube-proxy-2', 'unknown'],
    ['ip', 'nat', 'unknown'],
    ['ip', 'cni_hostport', 'portmap'],
    ['inet', 'cni_plugins_masquerade', 'cniPlugins'],
    ['ip6', 'docker-bridges', 'docker'],
    ['inet', 'firewalld', 'firewalld'],
    ['inet', 'firewalld_policy_drop', 'firewalld'],
    ['inet', 'firewalld2', 'unknown'],
  ])('table %s %s: %s', (family, name, owner) => {
    expect(ownerOfNftTable(family, name)).toBe(owner);
  });
});
