import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { type PodRange, podRanges, rangesInCommon } from '../../src/expect/podRanges.ts';
import { valueOf } from '../../src/model/Fact.ts';
import { addressNumber, firstFrom } from '../../src/model/addressNumber.ts';
import type { Pod, Service } from '../../src/model/kubernetes.ts';
import { canonicalAddress, type Family, familyOf } from '../../src/model/lb/address.ts';
import { listFirst, listNames } from '../../src/text/names.ts';
import { kpr1020 } from './problems/KPR1020.ts';

/**
 * An address leads to one place. Operators have given two nodes one range (cilium/cilium#21482, #41986), and a range of
 * pods may hold that of Services (#13766). Of a pool nodes take small ranges one by one, so that a pool which overlaps
 * something does no harm until one of these does.
 */
export const podAddressesSingle = defineCheck({
  id: 'pod-addresses-single',
  title: 'Each address of a pod is that of one pod, and of no Service',
  phases: ['doctor', 'verify'],
  raises: [kpr1020],
  requires: { cluster: ['pods'] },
  optional: { cluster: ['ciliumNodes', 'services'] },
  uses: [agentConfigOnNode],
  run({ frame, cluster, nodes, evidence }) {
    const served = new Set(frame.nodes.filter(({ agent }) => agent !== undefined).map(({ name }) => name));
    const held = cluster.pods.filter((pod) => isServing(pod, served)).flatMap(addressesOf);
    const ranges = podRanges(valueOf(cluster.ciliumNodes) ?? [], served);
    if (held.length === 0 && ranges.length === 0) return notApplicable('no pod has an address, and no node a range');
    const services = (valueOf(cluster.services) ?? []).flatMap(clusterIPsOf);
    const onNodes = (lines: readonly string[]): Evidence => evidence('ciliumNodes', lines.join('\n'));
    const ofPods = (holders: readonly Holder[]): Evidence => evidence('pods', holders.map(lineOf).join('\n'));
    return passUnless([
      ...rangesTwice(ranges, nodes, onNodes),
      ...podsTwice(held, ofPods),
      ...podsLikeServices(held, services, ofPods),
      ...servicesAmongPods(ranges, services, onNodes),
    ]);
  },
});

type View = NodeView<never, never, never, typeof agentConfigOnNode>;

interface Holder {
  readonly address: string;
  readonly pod: Pod;
  readonly node: string;
}

/**
 * Whoever ends keeps an address that others have by then, and so does who runs on a node that is lost or was started
 * again: these are not ready.
 */
const isServing = ({ metadata, spec, status }: Pod, served: ReadonlySet<string>): boolean =>
  spec?.hostNetwork !== true &&
  served.has(spec?.nodeName ?? '') &&
  metadata.deletionTimestamp === undefined &&
  status?.phase === 'Running' &&
  (status.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True');

function addressesOf(pod: Pod): readonly Holder[] {
  const { podIP, podIPs } = pod.status ?? {};
  const addresses = new Set(
    [podIP, ...(podIPs ?? []).map(({ ip }) => ip)].flatMap((ip) => canonicalAddress(ip ?? '') ?? []),
  );
  return [...addresses].map((address) => ({ address, pod, node: pod.spec?.nodeName ?? '' }));
}

const nameOf = ({ pod: { metadata } }: Holder): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const lineOf = (holder: Holder): string => `${nameOf(holder)} on ${holder.node}: ${holder.address}`;
const refOf = ({ pod: { metadata } }: Holder): ObjectRef => ({
  kind: 'Pod',
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});
const nodesOf = (all: readonly { readonly node: string }[]): readonly string[] =>
  [...new Set(all.map(({ node }) => node))].toSorted();

function rangesTwice(
  ranges: readonly PodRange[],
  views: readonly View[],
  seen: (lines: readonly string[]) => Evidence,
): readonly Finding<'KPR1020'>[] {
  return rangesInCommon(ranges).map(([first, second]) => {
    const lines = [first, second].map(({ node, network }) => `${node}: ${network}`);
    const nodes = nodesOf([first, second]);
    const range = first.network === second.network ? first.network : `${first.network} and ${second.network}`;
    const config = views.find(({ name }) => name === second.node)?.derived(agentConfigOnNode);
    const isOfNode = config !== undefined && !('missing' in config) && config.settings.ipam.value === 'kubernetes';
    const about = { nodes, evidence: [seen(lines)] };
    const pools = [...new Set([first, second].flatMap(({ pool }) => pool ?? []))];
    // Each pool is right by itself: nobody compares them.
    if (pools.length === 2) {
      const params = {
        range,
        pools: listNames(pools),
        pool: second.pool ?? '',
        family: second.family,
        second: second.node,
      };
      return finding(kpr1020, 'poolsOverlap', params, about);
    }
    return finding(kpr1020, isOfNode ? 'rangeOfNodeTwice' : 'rangeTwice', { range, second: second.node }, about);
  });
}

/** Of pods on different nodes: on one, an agent gives out an address once. */
function podsTwice(
  held: readonly Holder[],
  seen: (holders: readonly Holder[]) => Evidence,
): readonly Finding<'KPR1020'>[] {
  const byAddress = [...Map.groupBy(held, ({ address }) => address)].filter(([, all]) => nodesOf(all).length > 1);
  const byNodes = Map.groupBy(byAddress, ([, all]) => nodesOf(all).join(' '));
  return [...byNodes.values()].map((some) => {
    const holders = some.flatMap(([, all]) => all);
    const addresses = listFirst(
      some.map(([address, all]) => `${listNames(all.map(nameOf))} have ${address}`),
      3,
    );
    const about = {
      nodes: nodesOf(holders),
      objects: holders.slice(0, most).map(refOf),
      evidence: [seen(holders.slice(0, most))],
    };
    return finding(kpr1020, 'podsTwice', { addresses, address: some[0]?.[0] ?? '' }, about);
  });
}

/** Of a block that is given out twice, every address may be. */
const most = 10;

interface ClusterIP {
  readonly address: string;
  readonly family: Family;
  readonly number: bigint;
  readonly service: Service;
}

const clusterIPsOf = (service: Service): readonly ClusterIP[] =>
  [...new Set([service.spec?.clusterIP, ...(service.spec?.clusterIPs ?? [])])]
    .flatMap((ip) => canonicalAddress(ip ?? '') ?? [])
    .map((address) => ({ address, family: familyOf(address), number: addressNumber(address), service }));

function podsLikeServices(
  held: readonly Holder[],
  services: readonly ClusterIP[],
  seen: (holders: readonly Holder[]) => Evidence,
): readonly Finding<'KPR1020'>[] {
  const byAddress = new Map(services.map((one) => [one.address, one]));
  const taken = held.flatMap((holder) => {
    const service = byAddress.get(holder.address)?.service;
    return service === undefined ? [] : [{ ...holder, service }];
  });
  if (taken.length === 0) return [];
  const pods = listFirst(
    taken.map((one) => `${nameOf(one)} has ${one.address} of ${serviceKey(one.service)}`),
    3,
  );
  const about = {
    nodes: nodesOf(taken),
    objects: taken.slice(0, most).map(refOf),
    evidence: [seen(taken.slice(0, most))],
  };
  return [finding(kpr1020, 'podLikeService', { pods }, about)];
}

function servicesAmongPods(
  ranges: readonly PodRange[],
  services: readonly ClusterIP[],
  seen: (lines: readonly string[]) => Evidence,
): readonly Finding<'KPR1020'>[] {
  const byFamily = Map.groupBy(
    services.toSorted((a, b) => (a.number < b.number ? -1 : 1)),
    ({ family }) => family,
  );
  const holding = ranges.flatMap((range) => {
    const ordered = byFamily.get(range.family) ?? [];
    const first = ordered[firstFrom(ordered, range.from)];
    return first === undefined || first.number > range.to ? [] : [{ ...range, first }];
  });
  if (holding.length === 0) return [];
  const lines = holding.map(({ node, network, first }) => {
    return `${node}: ${network} holds ${first.address} of ${serviceKey(first.service)}`;
  });
  const about = { nodes: nodesOf(holding), evidence: [seen(lines.slice(0, most))] };
  return [finding(kpr1020, 'servicesAmongPods', { ranges: listFirst(lines, 3) }, about)];
}
