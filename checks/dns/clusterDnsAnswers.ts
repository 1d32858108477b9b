import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import {
  forEachNode,
  type Inconclusive,
  inconclusive,
  notApplicable,
  type Objection,
  passUnless,
} from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { type ClusterDns, findClusterDns } from '../../src/expect/clusterDns.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { familiesOf } from '../../src/expect/agent/combinedSettings.ts';
import { filterCauses } from '../../src/expect/host/filterCauses.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { matchesSelector } from '../../src/expect/lb/labelSelectors.ts';
import { type HostObstacle, hostObstacles } from '../../src/expect/reach/hostObstacles.ts';
import { isStarved, reachMatrix } from '../../src/expect/reach/reachMatrix.ts';
import { type Apart, type FromItself, patternOf } from '../../src/expect/reach/reachPattern.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { CiliumLocalRedirectPolicy, Pod } from '../../src/model/kubernetes.ts';
import type { DnsProbe } from '../../src/model/NodeFacts.ts';
import { canonicalAddress, type Family, familyOf, protocolOf } from '../../src/model/lb/address.ts';
import { frontendKey } from '../../src/model/lb/keys.ts';
import { listFirst, listNames } from '../../src/text/names.ts';
import { dnsFrontend, dnsParams } from './dnsParams.ts';
import { judgeProbes, type ProbeVerdict } from './judgeProbes.ts';
import { kpr6002 } from './problems/KPR6002.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';

export const clusterDnsAnswers = defineCheck({
  id: 'cluster-dns-answers',
  title: 'Cluster DNS is in the table of every node and answers through its ClusterIP',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr6002],
  requires: { cluster: ['services', 'endpointSlices'] },
  optional: {
    cluster: ['kubeletConfig', 'localRedirectPolicies', 'systemPods'],
    node: ['mapFrontends', 'dnsProbe', 'reachProbe', 'iptables'],
  },
  uses: [agentConfigOnNode, replacementOnNode, filterCauses],
  run({ cluster, nodes }) {
    const dns = findClusterDns(cluster.services, cluster.endpointSlices, cluster.kubeletConfig);
    if (dns === undefined) return notApplicable('there is no Service for cluster DNS (cluster-dns-ready)');
    if (dns.endpoints.length === 0)
      return notApplicable('cluster DNS has no ready server that could answer (cluster-dns-ready)');
    const protocols = new Set(
      (dns.service.spec?.ports ?? []).filter(({ port }) => port === 53).map(({ protocol }) => protocol ?? 'TCP'),
    );
    const reach = reachOf(nodes, dns);
    const redirects = redirectsOf(dns, valueOf(cluster.localRedirectPolicies) ?? [], valueOf(cluster.systemPods) ?? []);
    const servers = dns.endpoints.map(({ address }) => address);
    return forEachNode(nodes, (node) => {
      const addresses = servedAddresses(dns, node);
      const lost = missingInTable(node, dns, addresses);
      // A row that is not there explains why nobody answers through it.
      if (lost !== undefined) return lost;
      const open = notTold(dns, node);
      const probes = node.facts.dnsProbe;
      if (!isKnown(probes)) return passUnless([...open, inconclusive(probes)]);
      const asked = probes.value.filter(
        ({ via, server, protocol }) => protocols.has(protocol) && (via === 'endpoint' || addresses.includes(server)),
      );
      return passUnless([
        ...open,
        ...notProbed(addresses, protocols, asked),
        ...judgeProbes(asked, servers).flatMap((verdict): Objection<'KPR6002'>[] => {
          if (isOfOne(verdict.kind) && reach.isTold(node.name, verdict.server)) return [];
          if (reach.isUntold(node.name, verdict)) return [inconclusive(starved)];
          const redirect = isPastServers(verdict.kind) ? redirectOn(node, redirects) : undefined;
          return [
            redirect === undefined ? findingOf(verdict, node, dns, reach) : redirectedOf(verdict, redirect, node, dns),
          ];
        }),
        ...apartOf(node, dns, reach),
        ...forbiddenOf(node, dns, reach),
        ...fromItselfOf(node, dns, reach),
      ]);
    });
  },
});

type View = NodeView<
  never,
  'mapFrontends' | 'dnsProbe' | 'reachProbe' | 'iptables',
  never,
  typeof agentConfigOnNode | typeof replacementOnNode | typeof filterCauses
>;

/** What the probes of all nodes together tell. */
interface Reach {
  readonly apart: readonly Apart[];
  readonly fromItself: readonly FromItself[];
  /** That the node does not reach the server is a part of these. */
  readonly isTold: (node: string, server: string) => boolean;
  /** That nobody answered in time says nothing: the node, or all that were to answer, had no processor to spare. */
  readonly isUntold: (node: string, verdict: ProbeVerdict) => boolean;
  /** Nodes that got an answer of a server itself, by its address. */
  readonly answered: ReadonlyMap<string, readonly string[]>;
  readonly obstaclesOf: (name: string) => readonly HostObstacle[];
  /** Servers that answer their own node alone, although this one reaches that node's network of pods. */
  readonly forbidden: ReadonlyMap<string, ReadonlySet<string>>;
  /** The same of nodes that have no server of their own: nobody answers them. */
  readonly closed: ReadonlyMap<string, ReadonlySet<string>>;
}

function reachOf(nodes: readonly View[], { endpoints }: ClusterDns): Reach {
  const asked = nodes.map((node) => ({ name: node.name, probes: valueOf(node.facts.dnsProbe) ?? [] }));
  const homes = new Map(endpoints.flatMap(({ address, node }) => (node === undefined ? [] : [[address, node]])));
  const { apart: all, fromItself } = patternOf(asked, homes);
  const answers = asked.flatMap(({ name, probes }) =>
    probes
      .filter(({ via, outcome }) => via === 'endpoint' && outcome === 'answered')
      .map(({ server }) => ({ name, server })),
  );
  const byServer = Map.groupBy(answers, ({ server }) => server);
  const slow = new Set(nodes.filter(({ facts }) => isStarved(facts.reachProbe)).map(({ name }) => name));
  const views = new Map(nodes.map((node) => [node.name, node]));
  const answered = new Map([...byServer].map(([server, all]) => [server, [...new Set(all.map(({ name }) => name))]]));
  const { forbidden, closed } = forbiddenIn(nodes, homes, answered);
  const apart = all.filter(
    ({ pair, servers }) =>
      ![...servers].every((server) => pair.some((name) => forbidden.get(name)?.has(server) === true)),
  );
  return {
    apart,
    forbidden,
    closed,
    fromItself,
    isTold: (node, server) =>
      apart.some(({ pair, servers }) => pair.includes(node) && servers.has(server)) ||
      forbidden.get(node)?.has(server) === true ||
      fromItself.some((one) => one.node === node && one.servers.includes(server)),
    isUntold(name, { probes }) {
      const lost = probes.filter(({ outcome }) => outcome !== 'answered');
      if (lost.some(({ outcome }) => outcome !== 'timeout')) return false;
      const direct = lost.filter(({ via }) => via === 'endpoint');
      const ofStarved = direct.length > 0 && direct.every(({ server }) => slow.has(homes.get(server) ?? ''));
      return slow.has(name) || ofStarved;
    },
    answered,
    obstaclesOf(name) {
      const view = views.get(name);
      const lost = asked.find((one) => one.name === name)?.probes.filter(({ outcome }) => outcome !== 'answered');
      return view === undefined ? [] : hostObstacles(view, lost ?? []);
    },
  };
}

const starved = missing('timeout', 'cluster DNS did not answer in time, and the node had no processor to spare');

/**
 * A network policy lets the node of a pod ask it in any case, and is about all servers alike; Cilium's health endpoint
 * answers every node. Of nodes that have a server of their own (`forbidden`), and of those that have none (`closed`):
 * of these programs resolve no name.
 */
function forbiddenIn(
  nodes: readonly View[],
  homes: ReadonlyMap<string, string>,
  answered: ReadonlyMap<string, readonly string[]>,
): Pick<Reach, 'forbidden' | 'closed'> {
  const isOwnAlone = [...answered].every(
    ([server, [first, another]]) => another === undefined && first === homes.get(server),
  );
  if (!isOwnAlone) return { forbidden: new Map(), closed: new Map() };
  const ways = reachMatrix(nodes.map(({ name, facts }) => ({ name, probe: facts.reachProbe })));
  const reached = new Set(ways.flatMap(({ from, to, state }) => (state === 'reached' ? [`${from} ${to}`] : [])));
  const withOwn = new Set([...answered.values()].flat());
  const serversOf = (wanted: readonly View[]): Reach['forbidden'] =>
    new Map(
      wanted.map(({ name, facts }) => {
        const isReached = (server: string): boolean => reached.has(`${name} ${homes.get(server)}`);
        return [
          name,
          new Set(
            timedOut(valueOf(facts.dnsProbe) ?? []).filter((server) => answered.has(server) && isReached(server)),
          ),
        ];
      }),
    );
  return {
    forbidden: serversOf(nodes.filter(({ name }) => withOwn.has(name))),
    closed: serversOf(nodes.filter(({ name }) => !withOwn.has(name))),
  };
}

/** Servers of which no answer came, whatever was asked. */
const timedOut = (probes: readonly DnsProbe[]): readonly string[] =>
  [...Map.groupBy(probes, ({ server }) => server)].flatMap(([server, all]) =>
    all.every(({ via, outcome }) => via === 'endpoint' && outcome === 'timeout') ? [server] : [],
  );

function forbiddenOf(node: View, dns: ClusterDns, { forbidden }: Reach): Finding<'KPR6002'>[] {
  const servers = [...(forbidden.get(node.name) ?? [])];
  if (servers.length === 0) return [];
  const seen = seenAt(node, servers, `no answer: ${servers.join(', ')}`);
  const about = { nodes: [node.name], objects: [serviceRef(dns.service)], evidence: [seen] };
  return [finding(kpr6002, 'forbidden', { servers: listFirst(servers, 3), ...dnsParams(dns.service) }, about)];
}

/** What was seen of these servers, with the command that asks the first of them that this node asked. */
function seenAt(node: View, servers: readonly string[], line: string): Evidence {
  const probe = (valueOf(node.facts.dnsProbe) ?? []).find(
    ({ server, outcome }) => servers.includes(server) && outcome !== 'answered',
  );
  const at = probe && { address: probe.server, port: probe.port };
  return node.evidence('dnsProbe', { lines: [line], at });
}

/** One finding for all nodes that are apart, by the first of them. */
function apartOf(node: View, dns: ClusterDns, { apart, obstaclesOf }: Reach): Finding<'KPR6002'>[] {
  const names = [...new Set(apart.flatMap(({ pair }) => pair))].toSorted();
  if (node.name !== names[0]) return [];
  const pairs = listFirst(
    apart.map(({ pair }) => listNames(pair)),
    3,
  );
  const found = names.flatMap((name) => obstaclesOf(name).map(({ what, evidence }) => ({ name, what, evidence })));
  const lost = [...new Set(apart.flatMap((one) => [...one.servers]))];
  const evidence = [
    seenAt(node, lost, `no answer from the other node: ${listFirst(lost, 6)}`),
    ...found.slice(0, 3).map((one) => one.evidence),
  ];
  const about = { nodes: names, objects: [serviceRef(dns.service)], evidence };
  const params = { pairs, ...dnsParams(dns.service) };
  if (found.length === 0) return [finding(kpr6002, 'nodesApart', params, { ...about, layer: 'network' })];
  const obstacles = listNames([...new Set(found.map(({ what }) => what))]);
  const where = listNames([...new Set(found.map(({ name }) => name))]);
  return [finding(kpr6002, 'nodesApartBy', { ...params, obstacles, where }, { ...about, layer: 'host' })];
}

/** IPv6 addresses of a Service are not frontends where IPv6 is off, and the other way round. */
function servedAddresses({ clusterIPs }: ClusterDns, { derived }: View): readonly string[] {
  const config = derived(agentConfigOnNode);
  const families = 'missing' in config ? surelyServed : familiesOf(config.settings);
  return clusterIPs.filter((ip) => families.has(familyOf(ip)));
}

/** Where the configuration is not known; hardly anybody switches IPv4 off. */
const surelyServed: ReadonlySet<Family> = new Set(['ipv4']);

/** Whether IPv6 addresses are frontends on a node whose configuration was not read. */
function notTold({ clusterIPs }: ClusterDns, { derived }: View): Inconclusive[] {
  const config = derived(agentConfigOnNode);
  const isOpen = 'missing' in config && clusterIPs.some((ip) => !surelyServed.has(familyOf(ip)));
  return isOpen ? [inconclusive(config)] : [];
}

/** Both protocols are asked of each address: of what is not among the answers nothing is known. */
function notProbed(
  addresses: readonly string[],
  protocols: ReadonlySet<string>,
  probes: readonly DnsProbe[],
): Inconclusive[] {
  const lacking = addresses.flatMap((address) =>
    [...protocols].flatMap((protocol) =>
      probes.some((one) => one.via === 'clusterIP' && one.server === address && one.protocol === protocol)
        ? []
        : [`${protocol} ${address}`],
    ),
  );
  return lacking.length === 0
    ? []
    : [inconclusive(missing('unparsed', `the probe of cluster DNS says nothing of ${lacking.join(', ')}`))];
}

function missingInTable(node: View, dns: ClusterDns, addresses: readonly string[]): Finding<'KPR6002'> | undefined {
  const table = valueOf(node.facts.mapFrontends);
  if (table === undefined || node.derived(replacementOnNode) !== 'on') return undefined;
  const ports = (dns.service.spec?.ports ?? []).filter(({ port }) => port === 53);
  const rows = addresses.flatMap((ip) =>
    ports.map(({ protocol }) => {
      const address = canonicalAddress(ip) ?? ip;
      const frontend = frontendKey(address, 53, protocolOf(protocol ?? 'TCP') ?? 'TCP', 'external');
      // Before Cilium 1.17 rows have no protocol.
      return { frontend, row: table.get(frontend) ?? table.get(frontendKey(address, 53, 'ANY', 'external')) };
    }),
  );
  const params = dnsParams(dns.service);
  const about = (excerpt: string) => ({
    nodes: [node.name],
    objects: [serviceRef(dns.service)],
    evidence: [node.evidence('mapFrontends', excerpt)],
  });
  const absent = rows.filter(({ row }) => row === undefined).map(({ frontend }) => frontend);
  if (absent.length > 0) {
    return finding(
      kpr6002,
      'notInTable',
      { frontends: absent.join(', '), ...params },
      about(`no ${absent.join(', ')}`),
    );
  }
  const empty = rows.filter(({ row }) => row?.selectable === 0).map(({ frontend }) => frontend);
  if (empty.length === 0) return undefined;
  const seen = about(empty.map((one) => `${one}: no selectable backend`).join(', '));
  if (lacksOwn(dns, node.name)) return noServerHere(dns, seen);
  // A server that does not say its node may be on this one.
  if (isLocal(dns)) return undefined;
  return finding(kpr6002, 'noBackend', { frontends: empty.join(', '), count: dns.endpoints.length, ...params }, seen);
}

const isLocal = ({ service }: ClusterDns): boolean => service.spec?.internalTrafficPolicy === 'Local';

/** With this policy a node without a server of its own has none to choose from, as it is told. */
const lacksOwn = (dns: ClusterDns, name: string): boolean =>
  isLocal(dns) && dns.endpoints.every(({ node }) => node !== undefined && node !== name);

function noServerHere(
  dns: ClusterDns,
  about: { readonly nodes: readonly string[]; readonly objects: readonly ObjectRef[]; readonly evidence: Evidence[] },
): Finding<'KPR6002'> {
  const others = [...new Set(dns.endpoints.flatMap(({ node }) => node ?? []))].toSorted();
  return finding(
    kpr6002,
    'noServerHere',
    { others: listFirst(others, 3), ...dnsParams(dns.service) },
    { ...about, layer: 'api' },
  );
}

/** Its kubelet asks pods whether they are ready by the same way. */
const fromItselfOf = (node: View, dns: ClusterDns, { fromItself, answered }: Reach): Finding<'KPR6002'>[] =>
  fromItself
    .filter((one) => one.node === node.name)
    .map(({ servers }) => {
      const others = [...new Set(servers.flatMap((server) => answered.get(server) ?? []))];
      const seen = `no answer from its own: ${servers.join(', ')}`;
      const params = { own: listFirst(servers, 3), others: listNames(others), ...dnsParams(dns.service) };
      const about = { nodes: [node.name], objects: [serviceRef(dns.service)], evidence: [seenAt(node, servers, seen)] };
      return finding(kpr6002, 'fromItself', params, { ...about, layer: 'host' });
    });

/** Pods to which a policy redirects the queries of their node. */
interface Redirect {
  readonly policy: CiliumLocalRedirectPolicy;
  readonly pods: readonly Pod[];
}

const redirectsOf = (
  { service: { metadata } }: ClusterDns,
  policies: readonly CiliumLocalRedirectPolicy[],
  pods: readonly Pod[],
): readonly Redirect[] =>
  policies
    .filter(({ metadata: { namespace }, spec }) => {
      const { serviceName, namespace: wanted } = spec?.redirectFrontend?.serviceMatcher ?? {};
      return serviceName === metadata.name && wanted === metadata.namespace && namespace === metadata.namespace;
    })
    .map((policy) => ({
      policy,
      pods: pods.filter(
        (pod) =>
          pod.metadata.namespace === policy.metadata.namespace &&
          matchesSelector(policy.spec?.redirectBackend?.localEndpointSelector, pod.metadata.labels ?? {}),
      ),
    }));

function redirectOn({ name, derived }: View, redirects: readonly Redirect[]): Redirect | undefined {
  const config = derived(agentConfigOnNode);
  if ('missing' in config || !config.settings.localRedirects.value) return undefined;
  return redirects
    .map(({ policy, pods }) => ({ policy, pods: pods.filter(({ spec }) => spec?.nodeName === name) }))
    .find(({ pods }) => pods.length > 0);
}

/** The ClusterIP does not answer, and those of its servers that were asked do. */
const isPastServers = (kind: ProbeVerdict['kind']): boolean => kind === 'datapath' || kind === 'notAllAsked';

function redirectedOf(
  { server, protocols, probes }: ProbeVerdict,
  { policy: { metadata: of }, pods }: Redirect,
  node: View,
  dns: ClusterDns,
): Finding<'KPR6002'> {
  const params = {
    ...dnsParams(dns.service),
    clusterIP: server,
    protocols: protocols.join(' and '),
    policy: of.name,
    pods: listFirst(
      pods.map(({ metadata }) => metadata.name),
      3,
    ),
    pod: pods[0]?.metadata.name ?? '',
  };
  const objects = [
    serviceRef(dns.service),
    { kind: 'CiliumLocalRedirectPolicy', namespace: of.namespace ?? '', name: of.name },
  ];
  const evidence = [seenAt(node, [server], seenOf(probes))];
  return finding(kpr6002, 'redirected', params, { nodes: [node.name], objects, evidence });
}

function findingOf(verdict: ProbeVerdict, node: View, dns: ClusterDns, reach: Reach): Finding<'KPR6002'> {
  const params = dnsParams(dns.service);
  const seen = seenOf(verdict.probes);
  const { kind, server } = verdict;
  const about = { nodes: [node.name], objects: [serviceRef(dns.service)], evidence: [seenAt(node, [server], seen)] };
  if (isOfOne(kind)) {
    // Whom another node gets answers from, listens.
    if (kind !== 'oneRefuses' || reach.answered.has(server))
      return finding(kpr6002, 'oneServer', { server, ...params }, about);
    const [label = 'k8s-app'] = Object.keys(dns.service.spec?.selector ?? {});
    const port = String(verdict.probes[0]?.port ?? 53);
    return finding(kpr6002, kind, { server, port, label, ...params }, about);
  }
  if ((kind === 'datapath' || kind === 'clusterIP') && lacksOwn(dns, node.name)) return noServerHere(dns, about);
  const rcodes = [...new Set(verdict.probes.flatMap(({ rcode }) => rcode ?? []))].join(' and ');
  if (kind === 'oneAnswersBadly') return finding(kpr6002, kind, { server, rcodes, ...params }, about);
  if (kind === 'answersBadly') return finding(kpr6002, kind, { clusterIP: server, rcodes, ...params }, about);
  const protocols = verdict.protocols.join(' and ');
  const all = { ...params, clusterIP: server, frontend: dnsFrontend(server), protocols };
  if (kind === 'notAllAsked') {
    const asked = new Set(verdict.probes.filter(({ via }) => via === 'endpoint').map((one) => one.server)).size;
    const counts = { asked: String(asked), servers: String(dns.endpoints.length) };
    return finding(kpr6002, kind, { ...all, ...counts }, about);
  }
  if (kind !== 'servers' && kind !== 'allRefuse') return finding(kpr6002, kind, all, about);
  // Without TCP only answers that are too long for a datagram are lost.
  const weight = verdict.protocols.includes('UDP') ? {} : { severity: 'warning' as const };
  const obstacles = hostObstacles(node, verdict.probes);
  if (obstacles.length > 0) {
    const evidence = [...about.evidence, ...obstacles.map((one) => one.evidence)];
    const what = listNames(obstacles.map((one) => one.what));
    return finding(kpr6002, 'stopped', { ...all, obstacles: what }, { ...about, ...weight, layer: 'host', evidence });
  }
  const direct = verdict.probes.filter(({ via }) => via === 'endpoint');
  const servers = new Set(direct.map((one) => one.server));
  const others = [...new Set([...servers].flatMap((one) => reach.answered.get(one) ?? []))];
  const closed = reach.closed.get(node.name);
  // With this policy no pod there is served either.
  if (!isLocal(dns) && servers.size > 0 && [...servers].every((one) => closed?.has(one) === true))
    return finding(kpr6002, 'closed', { ...all, others: listNames(others) }, { ...about, layer: 'network' });
  return others.length > 0 && !others.includes(node.name)
    ? finding(kpr6002, 'outOfReach', { ...all, others: listNames(others) }, { ...about, ...weight, layer: 'network' })
    : kind === 'allRefuse'
      ? finding(kpr6002, kind, { ...all, port: String(direct[0]?.port ?? 53) }, { ...about, layer: 'api' })
      : finding(kpr6002, 'servers', all, { ...about, ...weight });
}

const isOfOne = (kind: ProbeVerdict['kind']): kind is 'oneServer' | 'oneRefuses' =>
  kind === 'oneServer' || kind === 'oneRefuses';

const seenOf = (probes: readonly DnsProbe[]): string =>
  probes
    .map(
      ({ protocol, server, outcome, detail }) =>
        `${protocol} ${server}: ${outcome}${detail === '' ? '' : ` (${detail})`}`,
    )
    .join(', ');
