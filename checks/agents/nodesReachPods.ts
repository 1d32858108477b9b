import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { type Inconclusive, inconclusive, notApplicable, type Outcome, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { carriageTo, anyTraffic } from '../../src/expect/reach/carriage.ts';
import { reachMatrix, type PodWay } from '../../src/expect/reach/reachMatrix.ts';
import { type WayPattern, wayPatterns } from '../../src/expect/reach/wayPatterns.ts';
import { isKnown, missing, valueOf, whyOfNobody } from '../../src/model/Fact.ts';
import { type Family, familyOf } from '../../src/model/lb/address.ts';
import type { ReachTry } from '../../src/model/NodeFacts.ts';
import { listFirst, listNames } from '../../src/text/names.ts';
import { kpr1017 } from './problems/KPR1017.ts';

/**
 * Tables may be right and packets lost all the same. What is judged is the pattern over nodes, each of which asked pods
 * of others and of its own: a place that answers somebody is there, and who gets no answer of it has lost the way.
 */
export const nodesReachPods = defineCheck({
  id: 'nodes-reach-pods',
  title: 'Nodes reach the pods of each other and their own',
  phases: ['doctor', 'verify'],
  raises: [kpr1017],
  optional: { node: ['reachProbe'] },
  uses: [agentConfigOnNode],
  run({ nodes }): Outcome<'KPR1017'> {
    if (whyOfNobody(nodes.map(({ facts }) => facts.reachProbe)) !== undefined)
      return notApplicable('no node tried pods of others');
    const ways = reachMatrix(nodes.map(({ name, facts }) => ({ name, probe: facts.reachProbe })));
    return passUnless([...foundIn(ways, nodes), ...forbiddenIn(ways, nodes), ...untoldIn(ways, nodes)]);
  },
});

type View = NodeView<never, 'reachProbe', never, typeof agentConfigOnNode>;

/** Patterns that a sentence can say together: of one kind and family, and alike in how nodes themselves fare. */
function foundIn(ways: readonly PodWay[], nodes: readonly View[]): Finding<'KPR1017'>[] {
  const families = new Set(ways.map(({ family }) => family));
  const alike = Map.groupBy(bothFamilies(wayPatterns(ways), families), ({ kind, family, ways }) =>
    [kind, family, hostsOf(ways, walledAmong(ways, nodes).length > 0)].join(),
  );
  return [...alike.values()].flatMap((patterns) => {
    const [first] = patterns;
    return first === undefined ? [] : [findingOf(first, patterns, nodes)];
  });
}

interface Told extends Omit<WayPattern, 'family'> {
  /** undefined: every family that there is. */
  readonly family: Family | undefined;
}

/** What holds for all families alike is said once. */
function bothFamilies(patterns: readonly WayPattern[], families: ReadonlySet<Family>): readonly Told[] {
  const alike = Map.groupBy(patterns, ({ kind, nodes }) => [kind, ...nodes].join(' '));
  return [...alike.values()].flatMap((some): Told[] => {
    const [first] = some;
    if (first === undefined || some.length < families.size) return some;
    return [{ ...first, family: undefined, ways: some.flatMap(({ ways }) => ways) }];
  });
}

function findingOf(first: Told, patterns: readonly Told[], nodes: readonly View[]): Finding<'KPR1017'> {
  const ways = patterns.flatMap((one) => one.ways);
  const over = first.family === undefined || first.family === 'ipv4' ? overIPv4(first) : ' over IPv6';
  const isWalled = walledAmong(first.ways, nodes).length > 0;
  const hosts = hostsOf(first.ways, isWalled);
  const params = { over, hosts, ...lossOf(ways, nodes) };
  const pairs = listFirst(
    patterns.map(({ nodes, kind }) =>
      kind === 'oneWay' ? `${nodes[0]} does not reach the pods of ${nodes[1]}` : listNames(nodes),
    ),
    3,
  );
  const about = {
    nodes: [...new Set(patterns.flatMap((one) => one.nodes))].toSorted(),
    layer: first.kind === 'ofItself' || first.kind === 'silent' ? ('host' as const) : ('network' as const),
    evidence: evidenceOf(ways, nodes),
  };
  switch (first.kind) {
    case 'apart':
      return finding(kpr1017, 'apart', { ...params, pairs }, about);
    case 'oneWay':
      return finding(kpr1017, 'oneWay', { ...params, pairs }, about);
    case 'ofItself':
      return finding(kpr1017, 'ofItself', params, about);
    case 'silent':
      return finding(kpr1017, 'silent', params, about);
    case 'allApart':
    case 'cutOff':
    case 'unreached':
    case 'reachesNobody':
      return finding(kpr1017, first.kind, params, about);
  }
}

/** The first way that is lost, and what has to get through on it. */
function lossOf(ways: readonly PodWay[], nodes: readonly View[]) {
  const [way] = ways;
  const { from = '', to = '', tries = [], family = 'ipv4', isHostReached } = way ?? {};
  const address = tries[0]?.address ?? '';
  const config = nodes.find(({ name }) => name === from)?.derived(agentConfigOnNode);
  const carriage =
    isHostReached === false || config === undefined || 'missing' in config
      ? anyTraffic(family)
      : carriageTo(address, family, config.settings);
  const [asker, other] = [from, to].map((name) => addressOf(name, carriage.family, nodes));
  const ends = listNames([withAddress(from, asker), withAddress(to, other)]);
  const policies =
    walledAmong(ways, nodes).length === 0
      ? ''
      : ', and in each CiliumClusterwideNetworkPolicy that selects nodes (enable-host-firewall is on): from remote-node to nodes';
  const isForbidden = tries.length > 0 && tries.every(isRefusedByKernel);
  const traffic = isForbidden
    ? `packets to ${address}, which a rule (ip rule) or a route of ${from} itself forbids`
    : `${carriage.what} between ${ends}, both ways, in firewalls, security groups and routers${policies}`;
  const filter = [...carriage.filter, `host ${asker ?? address}`].join(' and ');
  return { from, to, address, traffic, filter };
}

/** Those of the nodes on which policies may be in the way of what comes from others. */
function walledAmong(ways: readonly PodWay[], nodes: readonly View[]): readonly string[] {
  const ends = new Set(ways.flatMap(({ from, to }) => [from, to]));
  return nodes.flatMap(({ name, derived }) => {
    const config = ends.has(name) ? derived(agentConfigOnNode) : undefined;
    return config !== undefined && !('missing' in config) && config.settings.hostFirewall.value ? [name] : [];
  });
}

const withAddress = (name: string, address: string | undefined): string =>
  address === undefined ? name : `${name} (${address})`;

/** As others know it, of that family where it has one. */
function addressOf(name: string, family: Family, nodes: readonly View[]): string | undefined {
  const known = nodes
    .flatMap(({ facts }) => valueOf(facts.reachProbe)?.tries ?? [])
    .flatMap(({ kind, node, address }) => (kind === 'node' && node === name ? [address] : []));
  return known.find((address) => familyOf(address) === family) ?? known[0];
}

const overIPv4 = ({ family }: Told): string => (family === undefined ? '' : ' over IPv4');

/** How the nodes themselves fare where pods are not reached. */
function hostsOf(ways: readonly PodWay[], isWalled: boolean): string {
  if (ways.every(({ tries }) => tries.length > 0 && tries.every(isRefusedByKernel)))
    return 'the kernel of the node that asks refuses to send there: a rule or a route of the host forbids it';
  const seen = new Set(ways.flatMap(({ isHostReached }) => isHostReached ?? []));
  if (seen.size === 1 && seen.has(true))
    return `the nodes themselves reach each other, so it is what carries pods between them: the tunnel, routes or rules of the host${isWalled ? ', or a policy for nodes, for the host firewall is on' : ''}`;
  return seen.size === 1
    ? 'nor do the nodes reach each other: it is the network between them, a firewall in it, or one of the host'
    : 'whether the nodes themselves reach each other cannot be told';
}

/** EACCES of a rule or route that prohibits, EINVAL of a blackhole; routers answer otherwise. */
const isRefusedByKernel = ({ detail }: ReachTry): boolean => /permission denied|invalid argument/i.test(detail);

/** Of the first three ways, by the node that asked; and what Cilium dropped there meanwhile. */
function evidenceOf(ways: readonly PodWay[], nodes: readonly View[]): Evidence[] {
  const byAsker = Map.groupBy(ways, ({ from }) => from);
  return [...byAsker].slice(0, 3).flatMap(([from, all]) => {
    const node = nodes.find(({ name }) => name === from);
    const drops = (node && valueOf(node.facts.reachProbe)?.drops) ?? [];
    const lines = [
      ...all.slice(0, 3).flatMap(({ tries }) => tries.slice(0, 4).map(lineOf)),
      ...drops
        .slice(0, 3)
        .map(({ direction, reason, packets }) => `dropped meanwhile, ${direction}: ${reason} (${packets})`),
    ];
    return node === undefined ? [] : [node.evidence('reachProbe', { lines, at: all[0]?.tries[0] })];
  });
}

const lineOf = ({ node, kind, address, port, outcome, detail }: ReachTry): string =>
  `${kind === 'pod' ? 'a pod' : 'health endpoint'} of ${node}, ${address} port ${port}: ${outcome} ${detail}`.trim();

function forbiddenIn(ways: readonly PodWay[], nodes: readonly View[]): Finding<'KPR1017'>[] {
  const some = ways.filter(({ state }) => state === 'perhapsForbidden');
  if (some.length === 0) return [];
  const targets = [...new Set(some.map(({ to }) => to))].toSorted();
  return [
    finding(
      kpr1017,
      'perhapsForbidden',
      { targets: listNames(targets) },
      { nodes: targets, evidence: evidenceOf(some, nodes) },
    ),
  ];
}

/** Nodes that were not asked, those with ways to them of which nothing is told, and those with nothing to try. */
function untoldIn(ways: readonly PodWay[], nodes: readonly View[]): Inconclusive[] {
  const into = Map.groupBy(ways, ({ to }) => to);
  return nodes.flatMap(({ name, facts: { reachProbe } }) => {
    if (!isKnown(reachProbe)) return [inconclusive(reachProbe, name)];
    const all = into.get(name) ?? [];
    const untold = all.filter(({ state }) => state === 'untold');
    return all.length === 0 ? [inconclusive(nothingThere, name)] : untold.length > 0 ? [whyUntold(name, untold)] : [];
  });
}

const nothingThere = missing('absent', 'there is no pod on it that could be tried, and no health endpoint');

function whyUntold(name: string, ways: readonly PodWay[]): Inconclusive {
  const askers = listNames([...new Set(ways.map(({ from }) => from))].toSorted());
  const why = `nothing on it answered ${askers}, which tells little: what was tried may have just gone, or a node has no processor to spare`;
  return inconclusive(missing('timeout', why), name);
}
