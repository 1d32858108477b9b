import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addRules, type DumpChanges, noRules, ownerGroupOf, type RuleTally } from '../../src/changes/Changes.ts';
import { compareDump } from '../../src/changes/compareDump.ts';
import { iptablesLines } from '../../src/changes/iptablesLines.ts';
import { chainHash, liveChainHashes } from '../../src/expect/kube-proxy/chainHashes.ts';
import type { IptablesTable } from '../../src/model/NodeFacts.ts';
import { parseIptablesSave } from '../../src/parse/parseIptablesSave.ts';
import { aService } from '../support/lbObjects.ts';

const recorded = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'kube-proxy', name), 'utf8');

const tablesIn = (text: string): readonly IptablesTable[] => {
  const save = parseIptablesSave(text);
  if (!save.ok) throw new Error(save.why);
  return save.value.tables;
};

const services = [aService({ name: 'cart' })];
const compare = (before: string, after: string): DumpChanges =>
  compareDump({
    backend: 'nft',
    family: 'ipv4',
    before: tablesIn(before),
    after: tablesIn(after),
    hashes: liveChainHashes(services),
  });

const shareOf = ({ shares }: DumpChanges, ownerGroup: 'kubeProxy' | 'cilium' | 'others'): RuleTally => {
  const all = noRules();
  for (const [owner, share] of shares) if (ownerGroupOf(owner) === ownerGroup) addRules(all, share);
  return all;
};

/** Without kube-proxy's chains and the rules that lead there, as a careful clean-up leaves it. */
const withoutKubeProxy = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/KUBE-(?!FIREWALL|IPTABLES-HINT|KUBELET-CANARY)/.test(line))
    .join('\n');

const withProxy = recorded('with-kube-proxy-1.36.txt');

describe('what kube-proxy leaves when it goes', () => {
  const changes = compare(withProxy, withoutKubeProxy(withProxy));

  test('is its share alone', () => {
    const lines = withProxy.split('\n').filter((line) => /KUBE-(?!FIREWALL|IPTABLES-HINT|KUBELET-CANARY)/.test(line));
    const chains = lines.filter((line) => line.startsWith(':')).length;
    expect(shareOf(changes, 'kubeProxy')).toEqual({
      chains: { removed: chains, added: 0, changed: 0, same: 0 },
      rules: { removed: lines.length - chains, added: 0, changed: 0, same: 0 },
    });
    expect(chains).toBeGreaterThan(20);
    for (const ownerGroup of ['cilium', 'others'] as const) {
      const { chains: ofChains, rules } = shareOf(changes, ownerGroup);
      expect([ofChains.removed, ofChains.added, ofChains.changed, rules.removed, rules.added, rules.changed]).toEqual([
        0, 0, 0, 0, 0, 0,
      ]);
      expect(rules.same).toBeGreaterThan(0);
    }
  });

  test('is folded by Service, without a hash in sight', () => {
    expect(changes.services.size).toBeGreaterThan(3);
    for (const [name, { chains, rules }] of changes.services) {
      expect(name).toMatch(/^[a-z0-9-]+\/[a-z0-9.-]+(:[a-z0-9-]+)?$/);
      expect(chains.removed + rules.removed).toBeGreaterThan(0);
    }
    const dns = changes.services.get('kube-system/kube-dns:dns');
    const own = withProxy.split('\n').filter((line) => /^\[.*kube-system\/kube-dns:dns[ "]/.test(line));
    expect(dns?.rules.removed).toBe(own.length);
  });

  test('is nothing new when it is compared with itself', () => {
    const same = compare(withProxy, withProxy);
    expect(same.chains).toEqual([]);
    expect(same.services.size).toBe(0);
  });
});

const dump = (...lines: string[]): string => ['*nat', ...lines, 'COMMIT', ''].join('\n');
const accept = [':PREROUTING ACCEPT [0:0]', ':POSTROUTING ACCEPT [0:0]'];

describe('what is no difference', () => {
  test.each<[string, string, string]>([
    [
      'counters',
      dump(':PREROUTING ACCEPT [1:2]', '[3:4] -A PREROUTING -j ACCEPT'),
      dump(':PREROUTING ACCEPT [9:9]', '-A PREROUTING -j ACCEPT'),
    ],
    [
      'the order of chains',
      dump(':A - [0:0]', ':B - [0:0]', '-A A -j B'),
      dump(':B - [0:0]', ':A - [0:0]', '-A A -j B'),
    ],
    [
      'the order in which kube-proxy writes the Services',
      dump(
        ':KUBE-SERVICES - [0:0]',
        '-A KUBE-SERVICES -d 10.96.0.1/32 -j A',
        '-A KUBE-SERVICES -d 10.96.0.2/32 -j B',
        '-A KUBE-SERVICES -j KUBE-NODEPORTS',
      ),
      dump(
        ':KUBE-SERVICES - [0:0]',
        '-A KUBE-SERVICES -d 10.96.0.2/32 -j B',
        '-A KUBE-SERVICES -d 10.96.0.1/32 -j A',
        '-A KUBE-SERVICES -j KUBE-NODEPORTS',
      ),
    ],
    ['a table that only accepts', '', dump(...accept)],
    ['a built-in chain that only accepts', dump(...accept, ':A - [0:0]'), dump(':A - [0:0]')],
  ])('%s', (_, before, after) => {
    expect(compare(before, after).chains).toEqual([]);
    expect(iptablesLines(tablesIn(before))).toEqual(iptablesLines(tablesIn(after)));
  });
});

const markRules = (before: string[], after: string[]) =>
  compare(dump(':KUBE-MARK-MASQ - [0:0]', ...before), dump(':KUBE-MARK-MASQ - [0:0]', ...after)).chains;

describe('what is one', () => {
  test('the order of rules in a chain', () => {
    const changes = compare(
      dump(':A - [0:0]', '-A A -s 10.0.0.1/32 -j ACCEPT', '-A A -j DROP'),
      dump(':A - [0:0]', '-A A -j DROP', '-A A -s 10.0.0.1/32 -j ACCEPT'),
    );
    expect(changes.chains).toMatchObject([{ chain: 'A', owner: 'unknown', what: 'changed', removed: [], added: [] }]);
    expect(changes.chains[0]?.moved).toHaveLength(1);
  });

  test('the policy of a built-in chain, also of one that was not there', () => {
    const [change] = compare('', dump(':POSTROUTING DROP [0:0]')).chains;
    expect(change).toMatchObject({
      chain: 'POSTROUTING',
      owner: 'builtIn',
      policy: { before: 'ACCEPT', after: 'DROP' },
    });
  });

  test.each<[line: string, owner: string]>([
    ['-A PREROUTING -p tcp -m tcp --dport 8443 -j DNAT --to-destination 10.0.0.9:443', 'unknown'],
    ['-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT', 'portmap'],
    ['-A POSTROUTING -m comment --comment "CRI-O masq" -j CRIO-HOSTPORTS-MASQ', 'crio'],
    ['-A PREROUTING -j DOCKER', 'docker'],
    ['-A PREROUTING -j PREROUTING_direct', 'firewalld'],
    ['-A PREROUTING -j KUBE-SERVICES', 'unknown'],
    ['-A PREROUTING -j KUBE-ROUTER-INPUT', 'kubeRouter'],
    ['-A PREROUTING -m comment --comment "cilium-feeder: CILIUM_PRE_nat" -j CILIUM_PRE_nat', 'cilium'],
    ['-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', 'kubeProxy'],
    ['-A CNI-DN-1234567890abcdef -s 10.1.0.0/16 -j KUBE-MARK-MASQ', 'portmap'],
  ])('a rule that removed has an owner: %s', (line, owner) => {
    const rest = [...accept, ':OUTPUT ACCEPT [0:0]', ':CNI-DN-1234567890abcdef - [0:0]'];
    const { chains } = compare(dump(...rest, line), dump(...rest));
    expect(chains).toMatchObject([{ owner, removed: [line], added: [] }]);
  });

  test('kube-proxy’s mark, while the rules of others count on it', () => {
    const cni = [':CNI-DN-1 - [0:0]', '-A CNI-DN-1 -s 10.1.0.0/16 -j KUBE-MARK-MASQ'];
    const mark = '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000';
    expect(markRules([...cni, mark], cni)).toMatchObject([
      { chain: 'KUBE-MARK-MASQ', owner: 'shared', neededBy: ['CNI-DN-1'] },
    ]);
    expect(markRules([mark], [])).toMatchObject([{ owner: 'shared', neededBy: [] }]);
  });
});

describe('the Service of a chain', () => {
  const hash = chainHash({ namespace: 'shop', name: 'cart', port: 'http', protocol: 'TCP' });
  test.each<[how: string, lines: string[], service: string]>([
    ['by its hash', [`:KUBE-SVC-${hash} - [0:0]`], 'shop/cart:http'],
    [
      'by the comment of its rules, when the Service is gone',
      [
        ':KUBE-EXT-AAAAAAAAAAAAAAAA - [0:0]',
        '-A KUBE-EXT-AAAAAAAAAAAAAAAA -m comment --comment "masquerade traffic for old/web external destinations" -j KUBE-MARK-MASQ',
      ],
      'old/web',
    ],
    [
      'by the chain that leads there, in large clusters',
      [
        `:KUBE-SVC-${hash} - [0:0]`,
        ':KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]',
        `-A KUBE-SVC-${hash} -j KUBE-SEP-AAAAAAAAAAAAAAAA`,
        '-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m tcp -j DNAT --to-destination 10.1.0.5:8080',
      ],
      'shop/cart:http',
    ],
  ])('%s', (_, lines, service) => {
    const { services: found } = compare(dump(...lines), '');
    const chains = lines.filter((line) => line.startsWith(':')).length;
    expect([...found]).toMatchObject([
      [service, { chains: { removed: chains }, rules: { removed: lines.length - chains } }],
    ]);
  });
});

describe('meaning and text agree', () => {
  const line = fc.constantFrom(
    '-A INPUT -j ACCEPT',
    '-A INPUT -j KUBE-SERVICES',
    '-A X -j DROP',
    '-A X -j Y',
    '-A KUBE-SERVICES -j X',
  );
  const head = fc.shuffledSubarray([':INPUT ACCEPT [0:0]', ':X - [0:0]', ':KUBE-SERVICES - [0:0]', ':Y - [0:0]']);
  const dumps = fc.tuple(head, fc.array(line)).map(([chains, rules]) => dump(...chains, ...rules));
  test('one says that nothing differs when the other does', () => {
    fc.assert(
      fc.property(dumps, dumps, (before, after) => {
        const sameText = iptablesLines(tablesIn(before)).join('\n') === iptablesLines(tablesIn(after)).join('\n');
        expect(compare(before, after).chains.length === 0).toBe(sameText);
      }),
    );
  });
});
