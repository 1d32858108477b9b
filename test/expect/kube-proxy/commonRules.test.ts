import { describe, expect, test } from 'vitest';
import { checks } from '../../../checks/index.ts';
import { Derivations } from '../../../src/core/Derivations.ts';
import { runChecks } from '../../../src/core/runChecks.ts';
import { foreignRules } from '../../../src/expect/foreignRules.ts';
import { foreignJumps } from '../../../src/expect/kube-proxy/foreignJumps.ts';
import {
  harmlessChains,
  hasLeftovers,
  leftoversIn,
  type LiveState,
  liveState,
} from '../../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import { masqueradesMarked } from '../../../src/expect/kube-proxy/masqueradesMarked.ts';
import { movedRules } from '../../../src/expect/kube-proxy/movedRules.ts';
import { ownerNames, type Owner } from '../../../src/knowledge/owners/Owner.ts';
import { ChainOwners } from '../../../src/knowledge/owners/ownerOfChain.ts';
import { known } from '../../../src/model/Fact.ts';
import type { EndpointSlice, Service } from '../../../src/model/kubernetes.ts';
import type {
  CommonRules,
  IptablesChain,
  IptablesRule,
  IptablesTable,
  Listener,
} from '../../../src/model/NodeFacts.ts';
import { KnownRules } from '../../../src/parse/digest/KnownRules.ts';
import { hasIpvsRules, rowsOfIptables } from '../../../src/parse/kubeproxy/rowsOfIptables.ts';
import { ClusterShape, type SimulatedService } from '../../simulate/ClusterShape.ts';
import { ProxyRules } from '../../simulate/ProxyRules.ts';
import { aSnapshot } from '../../support/aSnapshot.ts';
import { aService, aSlice } from '../../support/healthy.ts';
import { sha256 } from '../../support/sayDigest.ts';
import { sayRules } from '../../support/sayRules.ts';

const withoutKubeProxy = [
  '*filter',
  ':INPUT ACCEPT [3:180]',
  ':FORWARD ACCEPT [0:0]',
  ':CILIUM_INPUT - [0:0]',
  ':KUBE-EXTERNAL-SERVICES - [0:0]',
  ':KUBE-FORWARD - [0:0]',
  ':KUBE-SERVICES - [0:0]',
  '[12:720] -A INPUT -m comment --comment "cilium-feeder: CILIUM_INPUT" -j CILIUM_INPUT',
  '[12:720] -A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
  '[0:0] -A KUBE-EXTERNAL-SERVICES -d 192.0.2.1/32 -p tcp -m comment --comment "shop/a:http has no local endpoints" -m tcp --dport 80 -j DROP',
  '[4:240] -A KUBE-EXTERNAL-SERVICES -d 192.0.2.2/32 -p tcp -m comment --comment "shop/b:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
  '[0:0] -A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "shop/c:http has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 31999 -j REJECT --reject-with icmp-port-unreachable',
  '[0:0] -A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/gone:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
  'COMMIT',
  '*nat',
  ':PREROUTING ACCEPT [0:0]',
  ':POSTROUTING ACCEPT [0:0]',
  ':OUTPUT ACCEPT [0:0]',
  ':CILIUM_POST_nat - [0:0]',
  ':CNI-DN-abc - [0:0]',
  '[7:420] -A POSTROUTING -m comment --comment "cilium-feeder: CILIUM_POST_nat" -j CILIUM_POST_nat',
  '[0:0] -A CNI-DN-abc -j KUBE-MARK-MASQ',
  'COMMIT',
  '',
].join('\n');

const shape = new ClusterShape({ nodes: 12, services: 60, backends: 3, podsPerNode: 10 });
const printed = new ProxyRules(withoutKubeProxy, shape);
/** Of two nodes, whose rules stand in another order, and met other packets. */
const dumpOf = (at: number): string => {
  const node = shape.nodes[at];
  if (node === undefined) throw new Error('there is no such node');
  return printed.whole(node, (text) => text).toString();
};
const [first, second] = [dumpOf(0), dumpOf(3)];
const services = first.match(/KUBE-SVC-\S+(?= - )/g) ?? [];
const someService = services[0] ?? '';
const others = `KUBE-SVL-${'A'.repeat(16)}`;
const inNat = (lines: string) => (dump: string) => dump.replace(/COMMIT\n(?=[^*]*$)/, `${lines}\nCOMMIT\n`);
const declared = (chain: string) => (dump: string) =>
  dump.replace(':KUBE-SERVICES - [0:0]\n:KUBE-SVC', `$&`).replace(/:PREROUTING .*\n/, `$&:${chain} - [0:0]\n`);

const dumps: readonly (readonly [string, (dump: string) => string])[] = [
  ['as kube-proxy writes them', (dump) => dump],
  ['to which nothing leads', (dump) => dump.replaceAll(/.* -A (?:PREROUTING|OUTPUT|INPUT) .*KUBE-.*\n/g, '')],
  [
    'to which a single rule leads',
    (dump) => dump.slice(dump.indexOf('*nat')).replaceAll(/.* -A (?:OUTPUT|POSTROUTING) .*KUBE-.*\n/g, ''),
  ],
  [
    'with chains of the node alone',
    (dump) =>
      inNat(`[0:0] -A ${others} -j ${someService}\n[0:0] -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j ${others}`)(
        declared(others)(dump),
      ),
  ],
  [
    'to one of which somebody else leads',
    (dump) => inNat(`[1:60] -A MINE -j ${someService}\n[1:60] -A OUTPUT -j MINE`)(declared('MINE')(dump)),
  ],
  [
    'with one that translates at once',
    inNat('[0:0] -A KUBE-SERVICES -d 10.96.200.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.9.9.9:80'),
  ],
  ['of which one leads back', inNat(`[0:0] -A ${someService} -j KUBE-NODEPORTS`)],
  ['of which one leads to a chain of others', inNat(`[0:0] -A ${someService} -j CNI-DN-abc`)],
  ['of which one leads nowhere', inNat(`[0:0] -A ${someService} -j KUBE-SEP-${'Z'.repeat(16)}`)],
  [
    'in another table as well',
    (dump) =>
      dump.replace(
        ':KUBE-SERVICES - [0:0]\n[',
        `:KUBE-SERVICES - [0:0]\n:${someService} - [0:0]\n[0:0] -A ${someService} -j KUBE-FORWARD\n[`,
      ),
  ],
  ['of the IPVS mode', inNat('[0:0] -A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT')],
];

/** What each of both nodes is known to have, by what it says in little. */
function inLittle(change: (dump: string) => string): readonly (readonly IptablesTable[])[] {
  const rules = new KnownRules(sha256, undefined, 0);
  rules.hear('iptablesNft', change(first), 'first');
  return [first, second].map((dump) => {
    const said = sayRules(change(dump), rules.known('kpr-1').get('iptablesNft') ?? ['', '']);
    expect(said).toMatch(/^digest 1 /);
    expect(rules.hear('iptablesNft', said, 'kpr-1')).toBeUndefined();
    const save = rules.take(said);
    if (save?.ok !== true) throw new Error(save?.why ?? 'not read');
    return save.value.tables;
  });
}

/** The same with nothing in common. */
const whole = (tables: readonly IptablesTable[]): readonly IptablesTable[] =>
  tables.map(({ name, chains }) => ({
    name,
    chains: chains.map(({ name, policy, rules }) => ({ name, policy, rules: [...rules] })),
  }));

const serviceOf = ({ name, clusterIP, nodePort }: SimulatedService): Service =>
  aService(name, {
    clusterIP,
    clusterIPs: [clusterIP],
    ports: [{ name: 'http', port: 80, protocol: 'TCP', ...(nodePort !== undefined && { nodePort }) }],
  });
const sliceOf = ({ name, backends }: SimulatedService): EndpointSlice =>
  aSlice(
    name,
    backends.map(({ address }) => address),
    { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] },
  );
const everyThird = ({ index }: SimulatedService): boolean => index % 3 === 0;

const states: readonly (readonly [string, readonly Service[], readonly EndpointSlice[]])[] = [
  ['when they were written', shape.services.map(serviceOf), shape.services.map(sliceOf)],
  [
    'without some Services',
    shape.services.filter((one) => !everyThird(one)).map(serviceOf),
    shape.services.map(sliceOf),
  ],
  [
    'with other endpoints',
    shape.services.map(serviceOf),
    shape.services.filter((one) => !everyThird(one)).map(sliceOf),
  ],
  [
    'with Services of other names',
    shape.services.map((one) => serviceOf(everyThird(one) ? { ...one, name: `new-${one.name}` } : one)),
    shape.services.map(sliceOf),
  ],
  ['that is empty', [], []],
];
const listeners: readonly Listener[] = [31_999, ...shape.services.flatMap(({ nodePort }) => nodePort ?? [])].map(
  (port) => ({ address: '0.0.0.0', port }),
);

const lineOf = ({ line }: IptablesRule): string => line;

function leftovers(tables: readonly IptablesTable[], live: LiveState) {
  const left = leftoversIn(tables, live, { node: 'n1', listeners });
  return (
    left && {
      ...left,
      firstRules: left.firstRules.map(lineOf),
      staleRules: left.staleRules.map(lineOf),
      impacts: left.impacts.map(({ rule, ...impact }) => [rule.line, impact]),
    }
  );
}

function judged(tables: readonly IptablesTable[], later: readonly IptablesTable[]) {
  const owners = new ChainOwners();
  const table = rowsOfIptables(tables, 'ipv4');
  return {
    left: hasLeftovers(tables),
    harmless: harmlessChains(tables, false, owners),
    jumps: foreignJumps(tables, owners).map(({ chain, rule }) => [chain, rule.line]),
    others: (Object.keys(ownerNames) as Owner[]).map((owner) => {
      const { chains, entrances = [], active = [] } = foreignRules(tables, owner, owners) ?? {};
      return [chains, entrances.map(lineAt), active.map(lineAt)];
    }),
    moved: movedRules(tables, later).map(({ rule, packets }) => [rule.line, packets]),
    masquerades: masqueradesMarked(tables),
    isOfIpvs: hasIpvsRules(tables),
    table: table && { ...table, rows: [...table.rows] },
  };
}
const lineAt = ({ table, rule }: { readonly table: string; readonly rule: IptablesRule }) => `${table} ${rule.line}`;

describe.each(dumps)('rules %s that nodes have in common', (_, change) => {
  const nodes = inLittle(change);

  test.each(states)('are judged as those of a node by itself, beside a cluster %s', (_, services, slices) => {
    const shared = liveState(services, slices);
    for (const tables of nodes)
      expect(leftovers(tables, shared)).toEqual(leftovers(whole(tables), liveState(services, slices)));
  });

  test('and for all else', () => {
    const [one = [], other = []] = nodes;
    expect(judged(one, other)).toEqual(judged(whole(one), whole(other)));
    expect(judged(other, one)).toEqual(judged(whole(other), whole(one)));
  });
});

/** A table of which it is counted how often somebody looks at what is common; nobody is to look at all of it. */
function watched({ name: table, chains, parts }: IptablesTable, looks: { count: number }): IptablesTable {
  if (parts === undefined) return { name: table, chains };
  const { own, before } = parts;
  const counted = <T>(value: T): T => {
    looks.count += 1;
    return value;
  };
  const watchedRule = (rule: IptablesRule): IptablesRule => ({
    ...rule,
    get target() {
      return counted(rule.target);
    },
  });
  const lists = new Map(own.map(({ name }) => [name, parts.common.rulesOf(name).map(watchedRule)]));
  const common: CommonRules = {
    chains: parts.common.chains.map(({ name, policy, rules }) => ({
      policy,
      rules: rules.map(watchedRule),
      get name() {
        return counted(name);
      },
    })),
    rulesOf: (chain) => lists.get(chain) ?? [],
    find: (chain) => parts.common.find(chain),
  };
  const watchedList = (chain: IptablesChain): IptablesChain =>
    chain.parts === undefined
      ? chain
      : {
          name: chain.name,
          policy: chain.policy,
          get rules() {
            // Through filters packets are led, rule by rule.
            if (table === 'filter') return chain.rules;
            throw new Error(`all of ${chain.name} is looked at`);
          },
          parts: { common, own: chain.parts.own },
        };
  return {
    name: table,
    get chains(): never {
      throw new Error(`all of the table ${table} is looked at`);
    },
    parts: { common, own: own.map(watchedList), before },
  };
}

test('what nodes have in common is looked at as often for twenty nodes as for two', () => {
  const [tables = []] = inLittle((dump) => dump);
  const looksOf = (nodes: number): number => {
    const looks = { count: 0 };
    const said = known(
      tables.map((table) => watched(table, looks)),
      'iptables-nft-save -c',
    );
    const iptables = [{ backend: 'nft' as const, family: 'ipv4' as const, tables: said }];
    const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
    const snapshot = aSnapshot({
      facts: { services: shape.services.map(serviceOf), endpointSlices: shape.services.map(sliceOf) },
      nodes: Object.fromEntries(names.map((name) => [name, { iptables }])),
    });
    const results = runChecks(
      checks.filter(({ phases }) => phases.includes('doctor')),
      new Derivations(snapshot),
    );
    const whys = results.flatMap((one) => ('unknowns' in one ? one.unknowns.map(({ why }) => why.detail) : []));
    expect(whys.filter((why) => why.includes('looked at'))).toEqual([]);
    expect(results.filter(({ result }) => result === 'fail').map(({ check }) => check.id)).toContain(
      'leftover-iptables',
    );
    return looks.count;
  };
  const ofTwo = looksOf(2);
  expect(ofTwo).toBeGreaterThan(0);
  expect(looksOf(20)).toBe(ofTwo);
});
