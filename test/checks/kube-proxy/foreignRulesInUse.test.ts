import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { foreignRulesInUse } from '../../../checks/kube-proxy/foreignRulesInUse.ts';
import type { IptablesDump } from '../../../src/model/NodeFacts.ts';
import { aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';
import { dump, filter, nat } from './iptablesDumps.ts';

const on = (...iptables: IptablesDump[]): SnapshotChanges => ({ nodes: { n2: { iptables } } });
const daemonSet = (name: string, desired = 2) => ({
  metadata: { name, namespace: 'kube-system' },
  status: { desiredNumberScheduled: desired },
});
const pod = (name: string, phase = 'Running') => ({ metadata: { name, namespace: 'kube-system' }, status: { phase } });
const tenants = { name: 'aws-node-x', namespace: 'shop' };
const within = (cluster: SnapshotChanges, facts: SnapshotChanges['facts']): SnapshotChanges => ({
  ...cluster,
  facts: { ...cluster.facts, ...facts },
});

const aws = on(
  dump(
    nat(
      ':AWS-SNAT-CHAIN-0 - [0:0]',
      '-A POSTROUTING -m comment --comment "AWS SNAT CHAIN" -j AWS-SNAT-CHAIN-0',
      '-A AWS-SNAT-CHAIN-0 -d 10.1.0.0/16 -m comment --comment "AWS SNAT CHAIN" -j RETURN',
      '-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -j SNAT --to-source 10.1.2.3 --random-fully',
    ),
  ),
);
const flannelIdle = on(
  dump(
    filter(
      ':FLANNEL-FWD - [0:0]',
      '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
      '-A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
    ),
  ),
);
const flannelMasquerades = on(
  dump(nat('-A POSTROUTING -s 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE'), 'legacy', 'ipv6'),
);
const calicoWithoutWay = on(dump(filter(':cali-FORWARD - [0:0]', '-A cali-FORWARD -j DROP')));

test.each<[string, SnapshotChanges, string[]]>([
  ['a CNI that is gone', aws, ['KPR3009 n2']],
  ['a rule without a chain of its own', flannelMasquerades, ['KPR3009 n2']],
  ['its DaemonSet is there', within(aws, { daemonSets: [daemonSet('aws-node')] }), []],
  ['its DaemonSet is parked', within(aws, { daemonSets: [daemonSet('aws-node', 0)] }), ['KPR3009 n2']],
  ['its pod is there, its DaemonSet not in the archive', within(aws, { pods: [pod('aws-node-x7k2p')] }), []],
  ['a tenant’s pod of its name', within(aws, { pods: [{ ...pod('aws-node-x'), metadata: tenants }] }), ['KPR3009 n2']],
  [
    'a tenant’s DaemonSet of its name',
    within(aws, { daemonSets: [{ ...daemonSet('aws-node'), metadata: tenants }] }),
    ['KPR3009 n2'],
  ],
  ['a job of it has ended', within(aws, { pods: [pod('aws-node-cleanup-1', 'Succeeded')] }), ['KPR3009 n2']],
  ['k3s runs Flannel itself', { ...flannelMasquerades, distribution: 'k3s' }, []],
  [
    'rules of a firewall, of host ports and of Docker',
    on(
      dump(
        nat(
          ':DOCKER - [0:0]',
          ':CNI-HOSTPORT-DNAT - [0:0]',
          '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
          '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
          '-A POSTROUTING -s 192.0.2.0/24 -j MASQUERADE',
        ),
      ),
    ),
    [],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(foreignRulesInUse, aSnapshot(changes))).toEqual(expected);
});

describe('what acts on packets is a warning, what does not a note', () => {
  test.each<[string, SnapshotChanges, string, string]>([
    ['SNAT behind a jump', aws, 'active', 'warning'],
    ['nothing but ACCEPT', flannelIdle, 'idle', 'info'],
    ['a chain that nothing leads to', calicoWithoutWay, 'idle', 'info'],
  ])('%s', (_, changes, variant, severity) => {
    expect(findingsOf(foreignRulesInUse, aSnapshot(changes))).toMatchObject([{ variant, severity }]);
  });
});

test('the commands delete the very rules that lead there, whatever their comments hold', () => {
  const evil = on(
    dump(
      nat(
        ':AWS-SNAT-CHAIN-0 - [0:0]',
        '-A POSTROUTING -m comment --comment "AWS\'s $(touch pwned) \\"SNAT\\"" -j AWS-SNAT-CHAIN-0',
        '-A AWS-SNAT-CHAIN-0 -j MASQUERADE',
      ),
      'legacy',
    ),
  );
  const [finding] = findingsOf(foreignRulesInUse, aSnapshot(evil));
  const script = `iptables-legacy() { printf '<%s>' "$@"; }; ${finding?.params['deletions']}`;
  expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe(
    '<-w><-t><nat><-D><POSTROUTING><-m><comment><--comment><AWS\'s $(touch pwned) "SNAT"><-j><AWS-SNAT-CHAIN-0>',
  );
});

standardCases(foreignRulesInUse, {
  faulty: { KPR3009: { active: aws, idle: flannelIdle } },
  notApplicable: noNode,
  hostile: (text) =>
    on(
      dump(
        nat(
          ':AWS-SNAT-CHAIN-0 - [0:0]',
          `-A POSTROUTING -m comment --comment ${JSON.stringify(text.replaceAll('\n', ' '))} -j AWS-SNAT-CHAIN-0`,
          '-A AWS-SNAT-CHAIN-0 -j MASQUERADE',
        ),
      ),
    ),
});
