import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { ownerId, ownerName, serviceRef } from '../../src/expect/lb/OwnerRef.ts';
import { leadToHosts, serversIn } from '../../src/expect/api-server/apiServerAddresses.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { serviceSlices } from '../../src/expect/lb/serviceSlices.ts';
import { unservedFrontends, type UnservedInCluster } from '../../src/expect/served/unservedFrontends.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { EndpointSlice, Pod, Service } from '../../src/model/kubernetes.ts';
import { bracketed, canonicalAddress } from '../../src/model/lb/address.ts';
import { listFirst } from '../../src/text/names.ts';
import { hostPortsOf } from './hostPortsOf.ts';
import { addressesOfNodes, externalAddresses, nodeAddressUses } from './nodeAddressUses.ts';
import { kpr5004 } from './problems/KPR5004.ts';
import { affectedBy, groupsOf, refOf, unknownNodes, unservedBy } from './unservedServices.ts';

/** One address and port has one owner: of two the agent serves one, and gives all frontends of the other up. */
export const addressesSingle = defineCheck({
  id: 'addresses-single',
  title: 'External and LoadBalancer addresses are no node’s and no other Service’s',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5004],
  requires: { cluster: ['services', 'nodes'] },
  optional: { cluster: ['endpointSlices', 'pods'], node: ['nodeAddresses', 'listeners', 'status'] },
  uses: [unservedFrontends, serviceSlices],
  run({ cluster, nodes, derived, evidence }) {
    if (cluster.services.length === 0) return notApplicable('there is no Service');
    const unserved = derived(unservedFrontends);
    const seen = (text: string): Evidence => evidence('services', text);
    const own = addressesOfNodes(cluster.nodes, nodes);
    const uses = nodeAddressUses(cluster.services, derived(serviceSlices), own);
    return passUnless([
      ...claims(unserved, seen),
      ...uses.map(({ service, frontend, node, use }) => {
        const name = serviceKey(service);
        const about = { objects: [serviceRef(service)], nodes: [node], evidence: [seen(`${name}: ${frontend}`)] };
        if (use.kind === 'nodePortRange')
          return finding(kpr5004, 'nodePortRange', { service: name, frontend, range: use.range }, about);
        return finding(kpr5004, 'hidesListener', { service: name, frontend, what: use.what }, about);
      }),
      ...serversHidden(cluster.services, valueOf(cluster.endpointSlices) ?? [], derived(serviceSlices), own, seen),
      ...podsHidden(cluster.services, valueOf(cluster.pods) ?? [], seen),
      ...sameNumbers(cluster.services, valueOf(cluster.pods) ?? [], seen),
      ...unknownNodes(unserved),
    ]);
  },
});

/** Each pair of Services once: who lost, and what, if the tables tell. */
function claims(unserved: UnservedInCluster, seen: (text: string) => Evidence): readonly Finding<'KPR5004'>[] {
  const ofServices = unservedBy(unserved, ['claimed']).filter(
    ({ frontend: { owner }, why }) => owner.kind === 'Service' && why.by.kind === 'Service',
  );
  const pairs = groupsOf(ofServices, ({ frontend: { owner }, why }) => [ownerId(owner), ownerId(why.by)].toSorted());
  return pairs.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { frontend, why } = first;
    const [loser, holder] = [ownerName(frontend.owner), ownerName(why.by)];
    const { nodes, frontends: lost } = affectedBy(group, unserved);
    const about = {
      objects: [refOf(frontend.owner), refOf(why.by)],
      nodes,
      evidence: [seen(`${loser} and ${holder}: ${why.at}`)],
    };
    const params = { loser, holder, frontend: why.at };
    return why.decided
      ? [finding(kpr5004, 'twoOwners', { ...params, lost }, about)]
      : [finding(kpr5004, 'eitherOwner', params, about)];
  });
}

/** API servers of a control plane that is no node of the cluster; of nodes, all of their ports are looked at. */
function serversHidden(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  byService: ReadonlyMap<string, readonly EndpointSlice[]>,
  own: ReadonlyMap<string, unknown>,
  seen: (text: string) => Evidence,
): readonly Finding<'KPR5004'>[] {
  const servers = serversIn(slices).map(({ address, port }) => ({ address: canonicalAddress(address) ?? '', port }));
  const hosts = new Set([...own.keys(), ...servers.map(({ address }) => address)]);
  return services.flatMap((service) =>
    externalAddresses(service)
      .filter((address) => !own.has(address))
      .flatMap((address) =>
        (service.spec?.ports ?? []).flatMap(({ port, protocol }): readonly Finding<'KPR5004'>[] => {
          const frontend = `${bracketed(address)}:${port}`;
          const name = serviceKey(service);
          const isServer = servers.some((one) => one.address === address && one.port === port);
          if ((protocol ?? 'TCP') !== 'TCP' || !isServer || leadToHosts(byService.get(name) ?? [], hosts)) return [];
          const about = { objects: [serviceRef(service)], evidence: [seen(`${name}: ${frontend}`)] };
          return [finding(kpr5004, 'hidesApiServer', { service: name, frontend }, about)];
        }),
      ),
  );
}

/** External addresses that pods have: who connects to the pod at that port reaches the Service’s backends. */
function podsHidden(
  services: readonly Service[],
  pods: readonly Pod[],
  seen: (text: string) => Evidence,
): readonly Finding<'KPR5004'>[] {
  const asking = services.filter((service) => externalAddresses(service).length > 0);
  if (asking.length === 0) return [];
  const byAddress = new Map(
    pods.flatMap((pod) =>
      pod.spec?.hostNetwork === true || pod.status?.phase !== 'Running'
        ? []
        : (pod.status.podIPs ?? []).flatMap(({ ip = '' }) => {
            const address = canonicalAddress(ip);
            return address === undefined ? [] : [[address, pod] as const];
          }),
    ),
  );
  return asking.flatMap((service) =>
    externalAddresses(service).flatMap((server) => {
      const pod = byAddress.get(server)?.metadata;
      if (pod === undefined) return [];
      const name = serviceKey(service);
      const ports = (service.spec?.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(', ');
      const objects = [serviceRef(service), { kind: 'Pod', namespace: pod.namespace ?? '', name: pod.name }];
      const params = { service: name, server, ports, pod: `${pod.namespace ?? ''}/${pod.name}` };
      return [finding(kpr5004, 'hidesPod', params, { objects, evidence: [seen(`${name}: ${server} ${ports}`)] })];
    }),
  );
}

/** A pod's hostPort and a Service's nodePort of one number: the nodePort is served. */
function sameNumbers(
  services: readonly Service[],
  pods: readonly Pod[],
  seen: (text: string) => Evidence,
): readonly Finding<'KPR5004'>[] {
  const byPort = new Map<string, Service>(
    services.flatMap((service) =>
      (service.spec?.ports ?? []).flatMap(({ nodePort, protocol }) =>
        nodePort === undefined || nodePort === 0 ? [] : [[`${nodePort}/${protocol ?? 'TCP'}`, service] as const],
      ),
    ),
  );
  const hits = pods.flatMap((pod) =>
    hostPortsOf(pod).flatMap(({ hostPort, protocol }) => {
      const port = `${hostPort ?? 0}/${protocol ?? 'TCP'}`;
      const service = byPort.get(port);
      return service === undefined ? [] : [{ pod, port, service }];
    }),
  );
  return [...Map.groupBy(hits, ({ port }) => port)].flatMap(([port, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const pods = listFirst(
      group.map(({ pod: { metadata } }) => `${metadata.namespace ?? ''}/${metadata.name}`),
      3,
    );
    const params = { pods, port, service: serviceKey(first.service) };
    const objects = [
      ...group.map(({ pod: { metadata } }) => ({
        kind: 'Pod',
        namespace: metadata.namespace ?? '',
        name: metadata.name,
      })),
      serviceRef(first.service),
    ];
    return [
      finding(kpr5004, 'hostPortIsNodePort', params, {
        objects,
        evidence: [seen(`${params.service}: nodePort ${port}`)],
      }),
    ];
  });
}
