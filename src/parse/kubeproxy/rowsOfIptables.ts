import { canonicalAddress, canonicalCidr, type Family, unspecified } from '../../model/lb/address.ts';
import type { ProxyKind, ProxyTable } from '../../model/lb/ProxyTable.ts';
import { chainFinder, countRules, type FindChain } from '../../model/iptablesChains.ts';
import type { CommonRules, IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import { lazyProxyTable } from './lazyProxyTable.ts';
import { type Entry, ProxyTableBuilder, singleAddress, transportOf } from './ProxyTableBuilder.ts';
import { mayNameSets, optionsOf, type RuleOptions } from '../../model/RuleOptions.ts';
import type { RuleCondition, RuleGraph, Step } from './RuleGraph.ts';

/**
 * kube-proxy's iptables rules of one backend and family as rows; undefined: there are none (chain KUBE-SERVICES of
 * table nat), or they are those of its IPVS mode, where the rows are not in iptables. Kubernetes 1.23 to 1.36
 * (pkg/proxy/iptables/proxier.go).
 */
export function rowsOfIptables(
  tables: readonly IptablesTable[],
  family: Family,
  signs: IpvsSigns = new IpvsSigns(),
): ProxyTable | undefined {
  const nat = finderIn(tables, 'nat');
  const services = nat('KUBE-SERVICES');
  if (services === undefined || isOfIpvs(services, nat, signs)) return undefined;
  const head = { mode: 'iptables', families: new Set([family]), hooked: isHooked(nat) } as const;
  return lazyProxyTable(head, () => readRows(tables, family));
}

/** Whether the rules of a backend and family are those of kube-proxy's IPVS mode, which leave the balancing to IPVS. */
export function hasIpvsRules(tables: readonly IptablesTable[], signs: IpvsSigns = new IpvsSigns()): boolean {
  const nat = finderIn(tables, 'nat');
  const services = nat('KUBE-SERVICES');
  return services !== undefined && isOfIpvs(services, nat, signs);
}

/**
 * IPVS mode sends what the sets name through chains of its own. The chains alone tell nothing: after a change to the
 * mode iptables they stay, without anything that leads to them.
 */
const isOfIpvs = (services: IptablesChain, nat: FindChain, signs: IpvsSigns): boolean =>
  countRules(services) === 0
    ? nat('KUBE-LOAD-BALANCER') !== undefined || nat('KUBE-NODE-PORT') !== undefined
    : signs.areIn(services);

/** Rules that only the IPVS mode has; those that nodes have in common are looked at once. */
export class IpvsSigns {
  readonly #common = new Map<CommonRules, boolean>();

  areIn(chain: IptablesChain): boolean {
    if (chain.parts === undefined) return chain.rules.some(isSign);
    const { common, own } = chain.parts;
    const known = this.#common.get(common) ?? common.rulesOf(chain.name).some(isSign);
    this.#common.set(common, known);
    return known || own.some(isSign);
  }
}

const isSign = (rule: IptablesRule): boolean =>
  ipvsTargets.has(rule.target) || (mayNameSets(rule) && optionsOf(rule).sets.some(isOfKube));
const isOfKube = (set: string): boolean => set.startsWith('KUBE-');
const ipvsTargets: ReadonlySet<string | undefined> = new Set(['KUBE-LOAD-BALANCER', 'KUBE-NODE-PORT']);

/** Looks the chains up anew: of each node they would be a map of its own. */
function readRows(tables: readonly IptablesTable[], family: Family): Pick<ProxyTable, 'rows' | 'notUnderstood'> {
  const nat = chainsOf(tables, 'nat');
  const graph = graphOf(nat);
  const builder = new ProxyTableBuilder(graph);
  const nodePorts = new NodePortReach(family);
  for (const rule of nat.get('KUBE-SERVICES')?.rules ?? []) {
    const options = optionsOf(rule);
    if (options.target === 'KUBE-NODEPORTS') nodePorts.add(options);
    else if (options.target !== markChain) addAddress(builder, rule, options, family, nat);
  }
  const filter = chainsOf(tables, 'filter');
  const refused = [
    ...(filter.get('KUBE-SERVICES')?.rules ?? []),
    ...(filter.get('KUBE-EXTERNAL-SERVICES')?.rules ?? []),
  ];
  const externals = new Set(filter.get('KUBE-EXTERNAL-SERVICES')?.rules ?? []);
  const addNodePort = (entry: Entry): void => {
    for (const address of nodePorts.addresses()) builder.add({ ...entry, address });
  };
  for (const rule of nat.get('KUBE-NODEPORTS')?.rules ?? []) {
    const options = optionsOf(rule);
    // Counts what comes over the loopback, or (up to 1.23) marks it, then the same follows for all.
    if (options.destination !== undefined || options.target === markChain) continue;
    const entry = entryOf(rule, options, unspecified[family], 'NodePort', options.target, undefined);
    if (entry === undefined) builder.notUnderstood(rule.line, 'no NodePort rule of kube-proxy');
    else addNodePort({ ...entry, onLoopback: nodePorts.onLoopback });
  }
  for (const rule of refused) {
    const options = optionsOf(rule);
    const verdict = verdictOf(options);
    const isNodePort = options.destinationType === 'LOCAL';
    const address = isNodePort ? unspecified[family] : singleAddress(options.destination, family);
    const kind = isNodePort ? 'NodePort' : externals.has(rule) ? 'External' : 'ClusterIP';
    const entry = address === undefined ? undefined : entryOf(rule, options, address, kind, undefined, verdict);
    if (entry === undefined || verdict === undefined)
      builder.notUnderstood(rule.line, 'no rule of kube-proxy for a refused address');
    else if (isNodePort) addNodePort({ ...entry, onLoopback: nodePorts.onLoopback });
    else builder.add(entry);
  }
  return builder.content();
}

function finderIn(tables: readonly IptablesTable[], name: string): FindChain {
  const finders = tables.filter((table) => table.name === name).map(chainFinder);
  return (chain) => finders.map((find) => find(chain)).findLast((found) => found !== undefined);
}

const chainsOf = (tables: readonly IptablesTable[], name: string): ReadonlyMap<string, IptablesChain> =>
  new Map(
    tables.filter((table) => table.name === name).flatMap(({ chains }) => chains.map((chain) => [chain.name, chain])),
  );

function addAddress(
  builder: ProxyTableBuilder,
  rule: IptablesRule,
  options: RuleOptions,
  family: Family,
  nat: ReadonlyMap<string, IptablesChain>,
): void {
  const address = singleAddress(options.destination, family);
  const { target } = options;
  const kind = kindOf(rule, target ?? '');
  const entry = address === undefined ? undefined : entryOf(rule, options, address, kind, target, undefined);
  if (entry === undefined) {
    builder.notUnderstood(rule.line, 'no rule of kube-proxy for an address');
    return;
  }
  builder.add(isFirewall(target) ? { ...entry, ...rangesOf(nat.get(target ?? ''), entry.address) } : entry);
}

/**
 * What it does is of no matter to where a connection goes. Up to 1.23 rules beside those of an address lead to it, too.
 */
const markChain = 'KUBE-MARK-MASQ';

const isFirewall = (chain: string | undefined): boolean => chain?.startsWith('KUBE-FW-') ?? false;

/** Only the comment says whether an address is a load balancer's. */
function kindOf({ comment }: IptablesRule, target: string): ProxyKind {
  if (isFirewall(target) || comment?.endsWith(' loadbalancer IP') === true) return 'LoadBalancer';
  if (comment?.endsWith(' external IP') === true) return 'ExternalIPs';
  return target.startsWith('KUBE-SVC-') || target.startsWith('KUBE-SVL-') ? 'ClusterIP' : 'External';
}

function entryOf(
  { comment }: IptablesRule,
  { port, protocol: name, target, unknown }: RuleOptions,
  address: string,
  kind: ProxyKind,
  chain: string | undefined,
  verdict: Entry['verdict'],
): Entry | undefined {
  const protocol = transportOf(name);
  if (port === undefined || protocol === undefined || target === undefined || unknown !== undefined) return undefined;
  const service = /^(\S+?\/\S+?)(?: (?:cluster IP|external IP|loadbalancer IP|has no (?:local )?endpoints))?$/.exec(
    comment ?? '',
  )?.[1];
  return { address, port, protocol, kind, service, onLoopback: false, chain, verdict, sourceRanges: [] };
}

/**
 * The firewall chain lets ranges through and what follows drops the rest. The address itself is among them where a
 * range has the node's own, for connections that come back to the node.
 */
function rangesOf(chain: IptablesChain | undefined, own: string): Pick<Entry, 'chain' | 'sourceRanges'> {
  const allowed = (chain?.rules ?? [])
    .map(optionsOf)
    .filter(({ source, target }) => source !== undefined && target !== undefined);
  const ranges = new Set(allowed.map(({ source = '' }) => canonicalCidr(source) ?? source));
  if (ranges.size > 1) ranges.delete(`${own}/${own.includes(':') ? 128 : 32}`);
  return { chain: allowed[0]?.target ?? chain?.name, sourceRanges: [...ranges].toSorted() };
}

/** At which addresses KUBE-SERVICES sends packets on to the NodePorts. */
class NodePortReach {
  onLoopback = false;
  readonly #family: Family;
  readonly #addresses = new Set<string>();

  constructor(family: Family) {
    this.#family = family;
  }

  add({ destination, destinationType }: RuleOptions): void {
    const single = singleAddress(destination, this.#family);
    if (single !== undefined) {
      this.#addresses.add(single);
    } else if (destinationType === 'LOCAL') {
      this.#addresses.add(unspecified[this.#family]);
      this.onLoopback = destination === undefined;
    }
  }

  addresses(): ReadonlySet<string> {
    return this.#addresses;
  }
}

function graphOf(nat: ReadonlyMap<string, IptablesChain>): RuleGraph {
  const graph = new Map<string, readonly Step[]>();
  for (const [name, { rules }] of nat) {
    graph.set(
      name,
      rules.map((rule) => stepOf(optionsOf(rule), nat)).filter((step) => step !== undefined),
    );
  }
  return graph;
}

/** undefined: the rule sends nothing anywhere (marks, counters, comments). */
function stepOf(options: RuleOptions, nat: ReadonlyMap<string, IptablesChain>): Step | undefined {
  const { target, toDestination } = options;
  if (target === undefined || target === markChain) return undefined;
  const when = conditionOf(options);
  if (target === 'DNAT') {
    const backend = backendOf(toDestination ?? '');
    return backend === undefined
      ? { when: { ...when, unknown: `DNAT to ${toDestination ?? 'nothing'}` }, act: { kind: 'return' } }
      : { when, act: { kind: 'backend', ...backend } };
  }
  // Up to 1.24 kubelet's chain marks what its filter chain then drops.
  if (target === 'KUBE-MARK-DROP') return { when, act: { kind: 'drop' } };
  if (nat.has(target)) return { when, act: { kind: options.isGoto ? 'goto' : 'jump', target } };
  switch (target) {
    case 'ACCEPT':
      return { when, act: { kind: 'accept' } };
    case 'RETURN':
      return { when, act: { kind: 'return' } };
    case 'DROP':
      return { when, act: { kind: 'drop' } };
    default:
      // A chain that is not there is a broken rule; a target of the kernel (MARK, LOG) goes on with the next one.
      return target.startsWith('KUBE-') ? { when, act: { kind: 'jump', target } } : undefined;
  }
}

function conditionOf({
  source,
  inInterface,
  sourceType,
  recentSeconds,
  isRandom,
  unknown,
}: RuleOptions): RuleCondition {
  const negated = [source, inInterface, sourceType].find((value) => value?.startsWith('!'));
  return {
    source: sourceType === 'LOCAL' ? 'node' : source !== undefined || inInterface !== undefined ? 'pod' : undefined,
    maybe: isRandom || recentSeconds !== undefined,
    affinity: recentSeconds ?? 0,
    unknown: negated ?? unknown,
  };
}

/** `10.0.0.1:80` or `[fd00::1]:80`; undefined: something else, as a port alone. */
function backendOf(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const address = canonicalAddress(host.startsWith('[') ? host.slice(1, -1) : host);
  return address === undefined ? undefined : { address, port: Number(port) };
}

function verdictOf({ target }: RuleOptions): 'reject' | 'drop' | undefined {
  if (target === 'REJECT') return 'reject';
  return target === 'DROP' ? 'drop' : undefined;
}

/** Whether packets come to KUBE-SERVICES from a built-in chain. */
function isHooked(nat: FindChain): boolean {
  const seen = new Set<string>();
  const queue = ['PREROUTING', 'OUTPUT'];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name === 'KUBE-SERVICES') return true;
    if (seen.has(name)) continue;
    seen.add(name);
    for (const { target } of nat(name)?.rules ?? []) if (target !== undefined) queue.push(target);
  }
  return false;
}
