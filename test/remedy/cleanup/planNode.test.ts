import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import { known } from '../../../src/model/Fact.ts';
import type { IptablesDump } from '../../../src/model/NodeFacts.ts';
import type { NodeCleanup, NodePlan } from '../../../src/remedy/cleanup/NodeCleanup.ts';
import { planNode } from '../../../src/remedy/cleanup/planNode.ts';
import { renderScript } from '../../../src/remedy/cleanup/renderScript.ts';
import { summarize, summarizeAll } from '../../../src/remedy/cleanup/summarize.ts';
import { kubeProxyDaemonSet, kubeProxyPod } from '../../checks/kube-proxy/kubeProxyObjects.ts';
import { allMissing, aMissing, aSnapshot, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode, aService } from '../../support/healthy.ts';
import { aTable, fixture, tablesOf } from './tables.ts';

const dump = (text: string, backend: IptablesDump['backend'] = 'nft'): IptablesDump => ({
  backend,
  family: 'ipv4',
  tables: known(tablesOf(text), `iptables-${backend}-save -c`),
});
const left = [dump(fixture('with-kube-proxy-1.36.txt'))];
const of = (facts: NodeChanges, changes: SnapshotChanges = {}): NodeCleanup => {
  const snapshot = aSnapshot({ ...changes, nodes: { n1: facts } });
  return planNode(snapshot.nodes[0] ?? expect.fail('no node'), new Derivations(snapshot));
};
const planOf = (facts: NodeChanges, changes: SnapshotChanges = {}): NodePlan => {
  const cleanup = of(facts, changes);
  return cleanup.kind === 'planned' ? cleanup.plan : expect.fail(JSON.stringify(cleanup));
};

test('a node on which kube-proxy’s rules are left', () => {
  const { tables, notes } = planOf({ iptables: left });
  expect(tables.map(({ table, chains, rules }) => [table, chains, rules])).toEqual([
    ['mangle', 1, 0],
    ['filter', 6, 13],
    ['nat', 31, 86],
  ]);
  expect(notes).toEqual([]);
});

test('a healthy node is clean, and one that was not read is not called so', () => {
  expect(of({})).toMatchObject({ kind: 'clean', unread: [] });
  const unread = of({ iptables: aMissing('timeout', 'no answer within 10 s') });
  expect(unread).toMatchObject({ kind: 'clean', unread: [{ what: 'iptables', why: 'no answer within 10 s' }] });
  expect(summarize(unread)[0]).not.toContain('nothing of kube-proxy is left');
});

test('nodes of which there is the same to say are said once', () => {
  const [n3, n5] = ['10.0.0.3', '10.0.0.5'].map((address): NodeChanges => {
    const why = aMissing('unreachable', `dial tcp ${address}:10250: refused`);
    return { iptables: why, ipvs: why };
  });
  const nodes = { n1: {}, n2: {}, n3: n3 ?? {}, n4: { iptables: left }, n5: n5 ?? {}, n6: { iptables: left } };
  const snapshot = aSnapshot({ nodes });
  const derivations = new Derivations(snapshot);
  const lines = summarizeAll(snapshot.nodes.map((node) => planNode(node, derivations)));
  expect(lines).toEqual([
    'n1 and n2: nothing of kube-proxy is left',
    'n3 and n5: whether anything of kube-proxy is left is not known',
    '    not read, so what is left there is not known: iptables and IPVS: dial tcp …:10250: refused',
    expect.stringMatching(/^n4 and n6: \d+ rules and .* each$/),
  ]);
  expect(summarizeAll(snapshot.nodes.slice(2, 3).map((node) => planNode(node, derivations)))[1]).toContain('10.0.0.3');
});

describe('no script', () => {
  test.each<[string, NodeChanges, SnapshotChanges, 'refused' | 'unknown', RegExp]>([
    [
      'kube-proxy’s pod runs there',
      {},
      { facts: { daemonSets: [kubeProxyDaemonSet()], systemPods: [kubeProxyPod('n1')] } },
      'refused',
      /kube-proxy still runs there/,
    ],
    [
      'kube-proxy answers on its port',
      { proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } },
      {},
      'refused',
      /kube-proxy still runs there/,
    ],
    [
      'an answer that may be an old kube-proxy’s',
      { proxyHealth: { kind: 'cilium', httpStatus: 200 } },
      {},
      'refused',
      /as kube-proxy up to 1\.27 does/,
    ],
    [
      'something else answers there',
      { proxyHealth: { kind: 'other', excerpt: 'hello' } },
      {},
      'refused',
      /something unknown answers on port 10256/,
    ],
    ['the port was not asked', { proxyHealth: aMissing('notCollected') }, {}, 'unknown', /port 10256/],
    ['the agent says nothing', { status: aMissing('timeout') }, {}, 'unknown', /whether it replaces kube-proxy/],
    ['no replacement', { status: { kpr: { mode: 'False' } } }, {}, 'refused', /not in effect/],
    ['the table was not read', { lbTable: aMissing('timeout') }, {}, 'unknown', /was not compared with the API/],
    [
      'the table lacks a Service',
      {},
      { facts: { services: [aService('more', { clusterIP: '10.96.77.7', clusterIPs: ['10.96.77.7'] })] } },
      'refused',
      /differs from the API in \d+ rows/,
    ],
    [
      'Services were not listed',
      {},
      { facts: { services: aMissing('forbidden', 'list services is forbidden') } },
      'unknown',
      /list services is forbidden/,
    ],
    [
      'FORWARD drops, and only KUBE-FORWARD accepts',
      {
        iptables: [
          {
            ...dump(''),
            tables: known(
              [
                aTable(
                  'filter',
                  ':FORWARD DROP [0:0]',
                  '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
                  '-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
                ),
              ],
              'iptables-nft-save',
            ),
          },
        ],
      },
      {},
      'refused',
      /FORWARD in filter \(nft, IPv4\) drops what nobody accepts/,
    ],
    [
      'a firewall’s rule hangs in KUBE-FORWARD',
      {
        iptables: [
          {
            ...dump(''),
            tables: known(
              [
                aTable(
                  'filter',
                  '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
                  '-A KUBE-FORWARD -j MY-CHAIN',
                  '-A KUBE-FORWARD -j LOG',
                ),
              ],
              'iptables-nft-save',
            ),
          },
        ],
      },
      {},
      'refused',
      /^in filter \(nft, IPv4\) a rule that is not .* meet it any more: -A KUBE-FORWARD -j MY-CHAIN \(and 1 more\)\. Move them to a chain of your own, then run cleanup again$/,
    ],
  ])('%s', (_, facts, changes, kind, why) => {
    const cleanup = of({ iptables: left, ...facts }, changes);
    expect(cleanup).toMatchObject({ kind: 'blocked' });
    const obstacles = cleanup.kind === 'blocked' ? cleanup.obstacles : [];
    expect(obstacles).toContainEqual({ kind, why: expect.stringMatching(why) });
  });

  test.each(['../../etc/profile.d/x', 'n1\ntouch /tmp/x', '$(id)', '-n', 'n1/..', 'N1', '', 'n'.repeat(254)])(
    'a name that no node has: %j',
    (name) => {
      const snapshot = aSnapshot({ nodes: { [name]: { iptables: left } } });
      const node = snapshot.nodes.find((one) => one.name === name) ?? expect.fail('no node');
      const cleanup = planNode(node, new Derivations(snapshot));
      expect(cleanup).toMatchObject({ kind: 'blocked' });
      const obstacles = cleanup.kind === 'blocked' ? cleanup.obstacles : [];
      expect(obstacles).toContainEqual({ kind: 'refused', why: expect.stringContaining('no node such a name') });
    },
  );

  test('a node of which nothing is known', () => {
    expect(of(allMissing('unreachable'))).toMatchObject({ kind: 'clean', unread: expect.arrayContaining([]) });
    expect(summarize(of(allMissing('unreachable'))).join('\n')).toContain(
      'not read, so what is left there is not known',
    );
  });
});

test('an agent that is configured to answer on kube-proxy’s port is no kube-proxy', () => {
  const config = new Map([
    ['kube-proxy-replacement', 'true'],
    ['kube-proxy-replacement-healthz-bind-address', '0.0.0.0:10256'],
  ]);
  const plan = planOf({ iptables: left, startedConfig: config, proxyHealth: { kind: 'cilium', httpStatus: 200 } });
  expect(plan.healthIsCilium).toBe(true);
});

const marks = 'KUBE-MARK-MASQ and KUBE-POSTROUTING in nat (nft, IPv4) stay:';
test.each([
  ['v1.36.3', []],
  ['v1.27.0', []],
  ['v1.26.15', [`${marks} the kubelet (v1.26.15) writes the same`]],
  ['', [`${marks} kubelets up to 1.26 write the same, and the version of this one is not known`]],
])('kubelet %s', (kubeletVersion, notes) => {
  const facts = {
    nodes: [aNode('n2'), { ...aNode('n1'), status: { ...aNode('n1').status, nodeInfo: { kubeletVersion } } }],
  };
  expect(planOf({ iptables: left }, { facts }).notes).toEqual(notes);
});

test('what stays is one line for each reason, however many chains and tables', () => {
  const hashes = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(16));
  const table = aTable(
    'nat',
    '-A PREROUTING -j KUBE-SERVICES',
    ...hashes.flatMap((hash) => [
      `-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-${hash}`,
      `-A KUBE-SVC-${hash} -j KUBE-SEP-${hash}`,
      `-A KUBE-SEP-${hash} -p tcp -j DNAT --to-destination 10.0.0.1:80`,
    ]),
  );
  const tables = known([table], 'iptables-save');
  const iptables = (['nft', 'legacy'] as const).map((backend): IptablesDump => ({ backend, family: 'ipv4', tables }));
  const cleanup = of({ iptables });
  expect(cleanup.kind).toBe('clean');
  expect(summarize(cleanup).slice(1)).toEqual([
    '    KUBE-SERVICES in nat (nft, IPv4) and nat (legacy, IPv4) stays: a rule of somebody else in PREROUTING leads there',
    `    KUBE-SVC-${hashes[0]}, KUBE-SEP-${hashes[0]} and 6 more in nat (nft, IPv4) and nat (legacy, IPv4) stay: a chain that stays leads there`,
  ]);
});

test('nftables, and what the ipvs mode left', () => {
  const services = [
    aService('web', {
      clusterIP: '10.96.10.1',
      clusterIPs: ['10.96.10.1'],
      ports: [{ port: 80, protocol: 'TCP', nodePort: 31_080 }],
    }),
  ];
  const snapshot = aSnapshot({
    facts: { services },
    nodes: {
      n1: {
        nftTables: [
          { family: 'ip6', chains: 4 },
          { family: 'inet', chains: 1 },
        ],
        interfaces: [
          { name: 'eth0', up: true, addresses: ['172.30.0.11'] },
          { name: 'kube-ipvs0', up: false, addresses: ['10.96.0.99', 'fd00::99'] },
        ],
        ipsets: ['KUBE-CLUSTER-IP', 'KUBE-6-CLUSTER-IP', 'KUBE-LOOP-BACK', 'KUBE-SRC-ABC', 'mine'],
        ipvs: [
          { protocol: 'TCP', address: '10.96.10.1', port: 80, destinations: 1 },
          { protocol: 'TCP', address: '10.96.0.1', port: 443, destinations: 1 },
          { protocol: 'TCP', address: '10.96.0.1', port: 6443, destinations: 1 },
          { protocol: 'UDP', address: 'fd00::99', port: 53, destinations: 1 },
          { protocol: 'TCP', address: '172.30.0.11', port: 31_080, destinations: 1 },
          { protocol: 'TCP', address: '172.30.0.11', port: 443, destinations: 1 },
          { protocol: 'UDP', address: '172.30.0.11', port: 31_080, destinations: 1 },
        ],
        iptables: [
          {
            ...dump(''),
            tables: known(
              [aTable('nat', '-A POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE')],
              '',
            ),
          },
        ],
      },
    },
  });
  const cleanup = planNode(snapshot.nodes[0] ?? expect.fail('no node'), new Derivations(snapshot));
  // The Services of this test are not in the table; what is planned is of interest here.
  expect(cleanup.kind).toBe('blocked');
  const calm = { ...snapshot, facts: { ...snapshot.facts, services: aSnapshot().facts.services } };
  const plan = planNode(calm.nodes[0] ?? expect.fail('no node'), new Derivations(calm));
  if (plan.kind !== 'planned') expect.fail(JSON.stringify(plan));
  expect(plan.plan.nftTables).toEqual([{ family: 'ip6', chains: 4 }]);
  expect(plan.plan.ipvs.link).toBe(true);
  expect(plan.plan.ipvs.sets).toEqual(['KUBE-CLUSTER-IP', 'KUBE-6-CLUSTER-IP']);
  expect(plan.plan.ipvs.servers).toContain('-u [fd00::99]:53');
  expect(plan.plan.ipvs.servers).not.toContain('-t 10.96.0.1:443');
  expect(plan.plan.ipvs.byService).toContain('-t 10.96.0.1:443');
  const read = { ...calm, origin: { kind: 'capture', file: 'a.kpr', context: '', server: '' } } as const;
  const ofArchive = planNode(read.nodes[0] ?? expect.fail('no node'), new Derivations(read));
  if (ofArchive.kind !== 'planned') expect.fail(JSON.stringify(ofArchive));
  expect(ofArchive.plan.ipvs).toMatchObject({ servers: ['-u [fd00::99]:53'], byService: [] });
  expect(ofArchive.plan.notes).toContain('of IPVS stays what the archive alone ties to kube-proxy: -t 10.96.0.1:443');
  // keepalived's, on an address that a Service has, too.
  expect(plan.plan.notes).toContain(
    'of IPVS stays what nothing ties to kube-proxy: -t 10.96.10.1:80, -t 10.96.0.1:6443 and 3 more',
  );
  expect(plan.plan.notes.join('\n')).toMatch(/KUBE-LOOP-BACK stays: a rule that is not kube-proxy’s matches it/);
});

describe('the script', () => {
  const context = {
    toolVersion: '1.2.3',
    takenAt: '2026-01-02T03:04:05Z',
    kubectl: 'kubectl --context=prod-1',
    archive: undefined,
    agent: { namespace: 'kube-system', name: 'cilium-n1', container: 'cilium-agent' },
  };

  test('says what it is for, how it is run, and how it ends', () => {
    const text = renderScript(planOf({ iptables: left }), context);
    const head = text
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join('\n');
    expect(head).toContain(
      'kubectl --context=prod-1 -n kube-system exec -i cilium-n1 -c cilium-agent -- bash -s -- check < cleanup-n1.sh',
    );
    expect(head).toContain('Exit status: 0 done');
    expect(text.endsWith('\n{ main "$@"; exit; }\n')).toBe(true);
  });

  test('says when it comes from an archive', () => {
    expect(renderScript(planOf({ iptables: left }), context)).not.toContain('archive');
    const text = renderScript(planOf({ iptables: left }), { ...context, archive: 'their\n.kpr' });
    expect(text).toContain(String.raw`# Made from the archive their\n.kpr, not from the cluster`);
  });

  test('the same rules make the same script, whatever their counters', () => {
    const again = [dump(fixture('with-kube-proxy-1.36.txt').replaceAll(/^\[\d+:\d+\]/gm, '[7:8]'))];
    expect(renderScript(planOf({ iptables: again }), context)).toBe(renderScript(planOf({ iptables: left }), context));
  });

  test('what stands in the cluster cannot leave its quotes', () => {
    const evil = "n1'; touch /tmp/x; '\n\u001B[31m";
    const plan: NodePlan = { ...planOf({ iptables: left }), node: evil, notes: [`$(id) \`id\` ${evil}`] };
    const text = renderScript(plan, { ...context, takenAt: evil });
    expect(text).not.toContain('\u001B');
    for (const line of text.split('\n').filter((one) => one.includes('touch')))
      expect(line).toMatch(/^# |^NODE=\$'|^NOTES=\('/);
  });

  test('bash reads names and payloads as they are', () => {
    const evil = "n1'; exit 7; '\n$(exit 8) \u001B[31m ü";
    const line = '-A KUBE-SERVICES -m comment --comment "$(exit 9) `exit 9` \\"x\\" KPR_PAYLOAD" -j RETURN';
    const iptables = [{ ...dump(''), tables: known([aTable('nat', line)], '') }];
    const plan = { ...planOf({ iptables }), node: evil };
    const [stage = ''] = plan.tables[0]?.stages ?? [];
    const text = renderScript(plan, context).replace('{ main "$@"; exit; }', 'printf "%s|" "$NODE"; payload 0.1');
    const { stdout, status } = spawnSync('bash', ['-c', text]);
    expect(stdout.toString()).toBe(`${evil}|${stage}`);
    expect(status).toBe(0);
  });

  test('large payloads are packed', () => {
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `-A KUBE-SVC-${`${i}`.padStart(16, 'A').replaceAll(/[0189]/g, 'B')} -j RETURN`,
    );
    const tables = known([aTable('nat', ...lines)], '');
    const text = renderScript(planOf({ iptables: [{ backend: 'legacy', family: 'ipv4', tables }] }), context);
    expect(text).toContain("base64 -d <<'KPR_PAYLOAD' | gzip -dc");
    expect(text).not.toContain(':KUBE-SVC-');
  });
});
