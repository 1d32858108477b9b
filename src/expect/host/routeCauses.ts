import { defineNodeDerived } from '../../core/Derived.ts';
import type { NodeView } from '../../core/View.ts';
import { type Fact, isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import { addressNumber, firstFrom } from '../../model/addressNumber.ts';
import type { Family } from '../../model/lb/address.ts';
import type { Node as KubernetesNode } from '../../model/kubernetes.ts';
import { canonicalAddress, familyOf } from '../../model/lb/address.ts';
import type { RouteMap, RouteSpan } from '../../model/NodeFacts.ts';
import { listNames } from '../../text/names.ts';
import { agentConfigOnNode } from '../agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';
import { familiesOf } from '../agent/combinedSettings.ts';
import { nodeNamed } from '../nodeNamed.ts';
import { type CauseOf, type HostJudgement, stretches } from './HostCause.ts';
import { podHomes, type PodHomes } from './podHomes.ts';
import { isReachedBy, type TakingRule, takingRuleOf, takingRules } from './takingRules.ts';

export type RouteCause = 'ruleTakes' | 'routeMissing' | 'routeOffLink' | 'ownRouteMissing' | 'routeRefuses';
type Node = NodeView<never, 'routes4' | 'routes6' | 'routeRules' | 'reachProbe', never, typeof agentConfigOnNode>;

/**
 * Routes that the agent writes and that are gone: to the pods on the node itself and, where nodes are to reach each
 * other by routes of theirs, to those of other nodes. Judged by where a pod's address leads, so that it does not matter
 * who gives nodes their ranges. The nodes' own packets take them; those of pods do in some modes.
 */
export const routeCauses = defineNodeDerived({
  name: 'routeCauses',
  optional: { cluster: ['nodes'], node: ['routes4', 'routes6', 'routeRules', 'reachProbe'] },
  uses: [agentConfigOnNode, podHomes],
  compute({ cluster, derived, frame: { origin } }) {
    const objects = valueOf(cluster.nodes) ?? [];
    const homes = derived(podHomes);
    const ordered = homesByFamily('missing' in homes ? new Map() : homes);
    return (node): HostJudgement<RouteCause> => {
      if ('missing' in homes) return { kind: 'unknown', why: homes };
      if (homes.size === 0) return { kind: 'notApplicable', reason: 'no pod shows where routes must lead' };
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return { kind: 'unknown', why: config };
      if (config.settings.chaining.value !== 'none')
        return { kind: 'notApplicable', reason: 'another CNI makes the routes' };
      const families = [...familiesOf(config.settings)];
      const unread = families.map((family) => routesOf(node, family)).find((routes) => !isKnown(routes));
      if (unread !== undefined && 'missing' in unread) return { kind: 'unknown', why: unread };
      const rules = takingRules(valueOf(node.facts.routeRules) ?? []);
      const judgements = families.includes('ipv4') ? judgeRules(node, rules, ordered.ipv4) : [];
      // What a rule takes, no route of the table main decides.
      const isTaken = (address: string): boolean => takingRuleOf(rules, address) !== undefined;
      const own = (family: Family): string | undefined => homes.get(node.name)?.get(family);
      const causes: readonly CauseOf<RouteCause>[] = [
        ...judgements.flatMap((one) => ('missing' in one ? [] : [one])),
        ...families.flatMap((family) => (isTaken(own(family) ?? '') ? [] : toItself(node, family, own(family)))),
        ...(routesToOthers(config.settings)
          ? families.flatMap((family) =>
              toOthers(
                node,
                family,
                rules.length === 0 ? ordered[family] : ordered[family].filter(({ address }) => !isTaken(address)),
                waysOf(config.settings, objects),
              ),
            )
          : []),
      ];
      const untold = judgements.find((one) => 'missing' in one);
      if (causes.length === 0 && untold !== undefined && 'missing' in untold) return { kind: 'unknown', why: untold };
      const cut = origin === 'sysdump' ? cutBefore(node, causes) : undefined;
      const other = causes.length === 0 ? undefined : (cut ?? otherTable(node));
      return other === undefined ? { kind: 'judged', causes } : { kind: 'unknown', why: other };
    };
  },
});

function routesOf({ facts }: Node, family: Family): Fact<RouteMap> {
  const routes = family === 'ipv4' ? facts.routes4 : facts.routes6;
  if (!isKnown(routes) || routes.value.some(({ device }) => device !== undefined)) return routes;
  // Whoever serves a family has an address of it, and with it a route.
  return missing('unparsed', `${routes.source} printed no route at all`);
}

const spansOf = (node: Node, family: Family): RouteMap => valueOf(routesOf(node, family)) ?? [];

/** In a tunnel all ways begin at cilium_host; without one the agent makes routes only where it is told to. */
const routesToOthers = ({ routingMode, autoDirectNodeRoutes }: AgentSettings): boolean =>
  routingMode.value === 'tunnel' || autoDirectNodeRoutes.value;

function toItself(
  node: Node,
  family: Family,
  address: string | undefined,
): CauseOf<'ownRouteMissing' | 'routeRefuses'>[] {
  const span = address === undefined ? undefined : spanOf(spansOf(node, family), address);
  if (address === undefined || span === undefined || !isLost(span)) return [];
  const breaks = stretches('toOwnPods', 'fromOtherNodes', 'outside');
  if (span.refusedBy !== undefined) return [refused(node, family, span.refusedBy, address, span, { breaks })];
  return [
    {
      kind: 'ownRouteMissing',
      what: 'a missing route to its own pods',
      breaks,
      family,
      params: { address, way: wayOf(span) },
      evidence: evidenceOf(node, family, [[address, span]]),
    },
  ];
}

/** Of nodes in the order of those addresses: what a node's routes leave out is found without a look at each. */
interface Home {
  readonly node: string;
  readonly address: string;
  readonly number: bigint;
}

const homesByFamily = (homes: PodHomes): Readonly<Record<Family, readonly Home[]>> => ({
  ipv4: homesOf(homes, 'ipv4'),
  ipv6: homesOf(homes, 'ipv6'),
});

const homesOf = (homes: PodHomes, family: Family): readonly Home[] =>
  [...homes]
    .flatMap(([node, addresses]) => {
      const address = addresses.get(family);
      return address === undefined ? [] : [{ node, address, number: numberOf(address) }];
    })
    .toSorted((a, b) => (a.number < b.number ? -1 : 1));

const numberOf = (address: string): bigint => addressNumber(canonicalAddress(address) ?? address);

/** Where agents make routes themselves: these are for their neighbours, and the network may know the other ways. */
type Direct = { readonly nodes: readonly KubernetesNode[] } | undefined;

const waysOf = ({ routingMode }: AgentSettings, nodes: readonly KubernetesNode[]): Direct =>
  routingMode.value === 'tunnel' ? undefined : { nodes };

function toOthers(
  node: Node,
  family: Family,
  homes: readonly Home[],
  direct: Direct,
): CauseOf<'routeMissing' | 'routeOffLink' | 'routeRefuses'>[] {
  const spans = spansOf(node, family);
  const all = spans.flatMap((span, at) =>
    isLost(span)
      ? homes
          .slice(firstFrom(homes, span.from), firstFrom(homes, spans[at + 1]?.from))
          .filter((home) => home.node !== node.name)
          .map(({ node: peer, address }) => ({ peer, address, span }))
      : [],
  );
  const lost = all.filter(({ span }) => span.refusedBy === undefined);
  const refusals = refusedOnes(node, family, all);
  if (direct === undefined) return [...refusals, ...lostOnes(node, family, 'routeMissing', lost)];
  const unreached = lost.filter(({ peer, span }) => !isReached(node, peer, spans, span));
  const isNear = ({ peer }: Lost): boolean => isNeighbour(nodeNamed(direct.nodes, peer), family, spans);
  return [
    ...refusals,
    ...lostOnes(node, family, 'routeMissing', unreached.filter(isNear)),
    ...lostOnes(
      node,
      family,
      'routeOffLink',
      unreached.filter((one) => !isNear(one)),
    ),
  ];
}

interface Lost {
  readonly peer: string;
  readonly address: string;
  readonly span: RouteSpan;
}

/** Its pods answer where the same way leads: whoever routes between nodes knows it. */
const isReached = ({ facts }: Node, peer: string, spans: RouteMap, span: RouteSpan): boolean =>
  (valueOf(facts.reachProbe)?.tries ?? []).some(
    ({ node, kind, address, outcome }) =>
      node === peer &&
      kind !== 'node' &&
      (outcome === 'open' || outcome === 'refused') &&
      spanOf(spans, address) === span,
  );

/** On the same network: another route than the default one leads to the node itself. Of whom nothing is known, is. */
function isNeighbour(peer: KubernetesNode | undefined, family: Family, spans: RouteMap): boolean {
  const internal = (peer?.status?.addresses ?? [])
    .filter(({ type, address }) => type === 'InternalIP' && familyOf(address) === family)
    .flatMap(({ address }) => spanOf(spans, address) ?? []);
  return internal.length === 0 || internal.some((span) => !isLost(span));
}

function lostOnes(
  node: Node,
  family: Family,
  kind: 'routeMissing' | 'routeOffLink',
  lost: readonly Lost[],
): CauseOf<'routeMissing' | 'routeOffLink'>[] {
  const [first] = lost;
  if (first === undefined) return [];
  const peers = lost.map(({ peer }) => peer);
  const about: readonly (readonly [string, RouteSpan])[] = lost.slice(0, 3).map(({ address, span }) => [address, span]);
  return [
    {
      kind,
      what: `a missing route to the pods of ${listNames(peers)}`,
      breaks: stretches('toOtherPods'),
      peers,
      family,
      params: { address: first.address, way: wayOf(first.span), peers: listNames(peers) },
      evidence: evidenceOf(node, family, about),
    },
  ];
}

/** Somebody’s route to less than Cilium’s own, which comes before it. */
function refusedOnes(node: Node, family: Family, lost: readonly Lost[]): CauseOf<'routeRefuses'>[] {
  return [...Map.groupBy(lost, ({ span }) => span.refusedBy)].flatMap(([route, all]) => {
    const [first] = all;
    if (route === undefined || first === undefined) return [];
    const about = { breaks: stretches('toOtherPods'), peers: all.map(({ peer }) => peer) };
    return [refused(node, family, route, first.address, first.span, about)];
  });
}

const refused = (
  node: Node,
  family: Family,
  route: NonNullable<RouteSpan['refusedBy']>,
  address: string,
  span: RouteSpan,
  about: Pick<CauseOf<'routeRefuses'>, 'breaks' | 'peers'>,
): CauseOf<'routeRefuses'> => ({
  kind: 'routeRefuses',
  what: `the route ${route.kind} ${route.network}`,
  family,
  params: { address, ...route },
  evidence: evidenceOf(node, family, [[address, span]]),
  ...about,
});

/** A rule before the table main, by whether the pods answer that it takes: the table to which it leads is not read. */
const judgeRules = (
  node: Node,
  rules: readonly TakingRule[],
  homes: readonly Home[],
): readonly (CauseOf<'ruleTakes'> | Missing)[] =>
  rules.flatMap((rule): (CauseOf<'ruleTakes'> | Missing)[] => {
    const taken = homes.filter(({ address }) => takingRuleOf(rules, address) === rule);
    const [first] = taken;
    if (first === undefined) return [];
    const isReached = rule.refuses ? false : isReachedBy(rule, valueOf(node.facts.reachProbe)?.tries ?? []);
    if (isReached === true) return [];
    if (isReached === undefined)
      return [missing('notCollected', `the rule ${rule.line} leads to a table of routes that is not read here`)];
    const names = taken.map((one) => one.node);
    const isOwn = names.includes(node.name);
    const peers = names.filter((name) => name !== node.name);
    return [
      {
        kind: 'ruleTakes',
        what: `the rule ${rule.line}`,
        breaks: isOwn ? stretches('toOwnPods', 'fromOtherNodes', 'toOtherPods') : stretches('toOtherPods'),
        ...(isOwn ? {} : { peers }),
        family: 'ipv4',
        params: {
          rule: rule.line,
          priority: rule.priority,
          network: rule.network,
          address: first.address,
          peers: listNames(names),
        },
        evidence: node.evidence('routeRules', { lines: [rule.line], of: [rule.line] }),
      },
    ];
  });

/** What only the default route takes, or none; a route of its own is somebody's, and leads there. */
const isLost = ({ device, isDefault }: RouteSpan): boolean => device === undefined || isDefault;

const wayOf = ({ device, refusedBy }: RouteSpan): string =>
  device === undefined
    ? refusedBy === undefined
      ? 'no route at all'
      : `${refusedBy.kind} ${refusedBy.network}`
    : `the default route, by ${device}`;

const evidenceOf = (node: Node, family: Family, lost: readonly (readonly [string, RouteSpan])[]) =>
  node.evidence(
    family === 'ipv4' ? 'routes4' : 'routes6',
    lost.map(([address, span]) => `${address}: ${wayOf(span)}`).join('\n'),
  );

/** The last one that does not begin behind it. */
function spanOf(spans: RouteMap, address: string): RouteSpan | undefined {
  const number = numberOf(address);
  return spans.findLast(({ from }) => from <= number);
}

/**
 * Routes are printed in the order of their addresses, and a file of a program that was ended tells of no end: what is
 * missing is known to be by a route that stands behind it.
 */
function cutBefore(node: Node, causes: readonly CauseOf<RouteCause>[]): Missing | undefined {
  const lost = causes.find(({ params: { address } }) => {
    const at = numberOf(address);
    return !spansOf(node, familyOf(address)).some((span) => span.from > at && !isLost(span));
  });
  return lost && missing('unparsed', `the file of routes may be cut before ${lost.params.address}`);
}

/** Cilium's own rules are for marked packets, or those from pods; others may lead to a table that has the route. */
function otherTable({ facts }: Node): Missing | undefined {
  if (!isKnown(facts.routeRules)) return facts.routeRules;
  const other = facts.routeRules.value.find(
    (rule) =>
      /^\d+: (?:not )?from all /.test(rule) &&
      !/ lookup (?:local|main|default|\[l3mdev-table\])\b/.test(rule) &&
      !/^\d+: from all (?:fwmark |to )/.test(rule),
  );
  return other === undefined
    ? undefined
    : missing('unparsed', `the rule ${other} leads to a table of routes that is not read here`);
}
