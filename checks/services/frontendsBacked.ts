import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { clusterIPs } from '../../src/expect/lb/clusterIPs.ts';
import { ownerId } from '../../src/expect/lb/OwnerRef.ts';
import { unservedFrontends, type UnservedInCluster } from '../../src/expect/served/unservedFrontends.ts';
import { backendsOf, serviceKey, slicesByService } from '../../src/expect/lb/readyBackends.ts';
import { serviceSlices } from '../../src/expect/lb/serviceSlices.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { EndpointSlice, Node, Service } from '../../src/model/kubernetes.ts';
import { bracketed, canonicalAddress } from '../../src/model/lb/address.ts';
import { externalAddresses } from './nodeAddressUses.ts';
import { kpr5009 } from './problems/KPR5009.ts';
import { affectedBy, groupsOf, unknownNodes, type UnservedBy, unservedBy } from './unservedServices.ts';

const reasons = [
  'portName',
  'protocol',
  'family',
  'familyOff',
  'sourceRanges',
  'otherProxy',
  'headless',
  'zone',
  'outOfRotation',
  'names',
  'sliceOfOtherProxy',
] as const;
type Unbacked = UnservedBy<(typeof reasons)[number]>;

/** What a user asks for and the agent makes nothing of, although an endpoint is ready: its table is right. */
export const frontendsBacked = defineCheck({
  id: 'frontends-backed',
  title: 'Frontends of Services that have a ready endpoint lead to one',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5009],
  requires: { cluster: ['services', 'endpointSlices'] },
  optional: { cluster: ['nodes'] },
  uses: [unservedFrontends, serviceSlices, clusterIPs],
  run({ cluster, derived, evidence }) {
    if (cluster.services.length === 0) return notApplicable('there is no Service');
    const unserved = derived(unservedFrontends);
    const list = unservedBy(unserved, reasons).filter(({ frontend }) => frontend.owner.kind === 'Service');
    const groups = groupsOf(list, ({ frontend, why }) => [why, isAlone(why) ? ownerId(frontend.owner) : '']);
    return passUnless([
      ...groups.flatMap((group) => findingOf(group, unserved, evidence)),
      ...chained(cluster.services, derived(clusterIPs), derived(serviceSlices), evidence),
      ...throughFrontends(cluster.services, cluster.endpointSlices, valueOf(cluster.nodes) ?? [], evidence),
      ...unknownNodes(unserved),
    ]);
  },
});

type Say = (fact: 'services' | 'endpointSlices', seen: string) => Evidence;

/** Endpoints that are ClusterIPs: what was translated to one is not translated again, and no packet finds it. */
function chained(
  services: readonly Service[],
  byClusterIP: ReadonlyMap<string, Service>,
  slices: ReadonlyMap<string, readonly EndpointSlice[]>,
  say: Say,
): Finding<'KPR5009'>[] {
  return services.flatMap((service) => {
    const addresses = backendsOf(slices.get(serviceKey(service)) ?? []).flatMap((one) =>
      one.addresses.flatMap((text) => canonicalAddress(text) ?? []),
    );
    const hits = [...new Set(addresses)].flatMap((address) => {
      const other = byClusterIP.get(address);
      return other === undefined ? [] : [{ address, other }];
    });
    const [first] = hits;
    if (first === undefined) return [];
    const params = { service: serviceKey(service), address: first.address, other: serviceKey(first.other) };
    const { namespace = '', name } = service.metadata;
    const lines = hits.map(({ address }) => `${params.service}: endpoint ${address}`).join('\n');
    return [
      finding(kpr5009, 'endpointIsService', params, {
        objects: [{ kind: 'Service', namespace, name }],
        evidence: [say('endpointSlices', lines)],
      }),
    ];
  });
}

/**
 * Endpoints that are nodePorts or external addresses of Services. Another node, or whoever holds the address, may
 * translate what comes by; the node that has translated it already does not.
 */
function throughFrontends(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  nodes: readonly Node[],
  say: Say,
): Finding<'KPR5009'>[] {
  // Pods have addresses of their own, and what stands before API servers is their clients' business.
  const byHand = slices.filter(
    ({ metadata: { namespace, name, labels } }) =>
      labels?.['endpointslice.kubernetes.io/managed-by'] !== 'endpointslice-controller.k8s.io' &&
      !(namespace === 'default' && name === 'kubernetes'),
  );
  if (byHand.length === 0) return [];
  const frontendAt = placesOf(services, nodes);
  const bySlices = slicesByService(byHand);
  return services.flatMap((service) => {
    const hits = (bySlices.get(serviceKey(service)) ?? []).flatMap((slice) =>
      (slice.ports ?? []).flatMap(({ port = 0, protocol }) =>
        backendsOf([slice]).flatMap(({ addresses }) =>
          addresses.flatMap((address) => {
            const found = frontendAt(canonicalAddress(address) ?? address, `${port}/${protocol ?? 'TCP'}`);
            // At an address of its own it is what clients reach there in any case.
            if (found === undefined || found.service === service) return [];
            return [{ address: `${bracketed(address)}:${port}`, what: found.what }];
          }),
        ),
      ),
    );
    const [first] = hits;
    if (first === undefined) return [];
    const { namespace = '', name } = service.metadata;
    const lines = hits.map(({ address, what }) => `${address}: ${what}`).join('\n');
    return [
      finding(
        kpr5009,
        'endpointIsFrontend',
        { service: serviceKey(service), ...first },
        { objects: [{ kind: 'Service', namespace, name }], evidence: [say('endpointSlices', lines)] },
      ),
    ];
  });
}

interface Frontend {
  readonly service: Service;
  readonly what: string;
}

/** What of a Service is at an address and port: an external address, or a nodePort of a node’s. */
function placesOf(services: readonly Service[], nodes: readonly Node[]) {
  const owners = new Map(
    nodes.flatMap(({ metadata: { name }, status }) =>
      (status?.addresses ?? [])
        .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
        .map(({ address }) => [canonicalAddress(address) ?? address, name] as const),
    ),
  );
  const external = new Map<string, Service>();
  const nodePorts = new Map<string, Service>();
  for (const service of services) {
    const addresses = externalAddresses(service);
    for (const { port, nodePort = 0, protocol = 'TCP' } of service.spec?.ports ?? []) {
      for (const address of addresses) external.set(`${address} ${port}/${protocol}`, service);
      if (nodePort !== 0) nodePorts.set(`${nodePort}/${protocol}`, service);
    }
  }
  return (address: string, port: string): Frontend | undefined => {
    const balanced = external.get(`${address} ${port}`);
    if (balanced !== undefined) return { service: balanced, what: `an external address of ${serviceKey(balanced)}` };
    const [node, service] = [owners.get(address), nodePorts.get(port)];
    if (node === undefined || service === undefined) return undefined;
    return { service, what: `the nodePort of ${serviceKey(service)} on ${node}` };
  };
}

/** Where each Service has an author who made a slip of his own. */
const isAlone = ({ kind }: Unbacked['why']): boolean =>
  kind === 'portName' || kind === 'protocol' || kind === 'sourceRanges' || kind === 'zone';

function findingOf(group: readonly Unbacked[], unserved: UnservedInCluster, say: Say): readonly Finding<'KPR5009'>[] {
  const [first] = group;
  if (first === undefined) return [];
  const { why, frontend } = first;
  const { owners: services, frontends, objects, nodes } = affectedBy(group, unserved);
  const base = { services, frontends };
  const about = { objects, nodes };
  const evidence = (slices: string): readonly Evidence[] => [say('services', frontends), say('endpointSlices', slices)];
  switch (why.kind) {
    case 'portName': {
      if (why.offered.length === 0)
        return [
          finding(kpr5009, 'noSuchPort', base, {
            ...about,
            evidence: evidence('ready endpoints, and no port: ports []'),
          }),
        ];
      const offered = why.offered.join(', ');
      const asked = frontend.portName === '' ? 'no name' : frontend.portName;
      const params = { ...base, asked, offered };
      return [finding(kpr5009, 'portName', params, { ...about, evidence: evidence(`ports[].name: ${offered}`) })];
    }
    case 'protocol': {
      const params = { ...base, asked: why.protocol, offered: why.offered.join(', ') };
      const seen = evidence(`ports[].protocol: ${params.offered}`);
      return [finding(kpr5009, 'protocol', params, { ...about, evidence: seen })];
    }
    case 'family': {
      const params = { ...base, family: familyWord(why.family), offered: why.offered.map(familyWord).join(', ') };
      const seen = evidence(`addressType of ready endpoints: ${params.offered}`);
      return [finding(kpr5009, 'family', params, { ...about, evidence: seen })];
    }
    case 'familyOff': {
      const params = { ...base, family: familyWord(why.family), key: `enable-${why.family}` };
      return [finding(kpr5009, 'familyOff', params, { ...about, evidence: [say('services', frontends)] })];
    }
    case 'sourceRanges': {
      const variant = why.policy === 'deny' ? 'deniesAll' : 'noRange';
      const params = { ...base, family: familyWord(why.family) };
      const seen = [say('services', `${frontends}: spec.loadBalancerSourceRanges`)];
      return [finding(kpr5009, variant, params, { ...about, evidence: seen })];
    }
    case 'otherProxy': {
      const seen = [say('services', `service.kubernetes.io/service-proxy-name: ${why.label ?? 'no such label'}`)];
      if (why.wanted === '') {
        const params = { ...base, label: why.label ?? '' };
        return [finding(kpr5009, 'otherProxy', params, { ...about, evidence: seen })];
      }
      return [finding(kpr5009, 'notThisProxy', { ...base, wanted: why.wanted }, { ...about, evidence: seen })];
    }
    case 'headless':
      return [finding(kpr5009, 'headless', base, { ...about, evidence: [say('services', frontends)] })];
    case 'zone':
      return [
        finding(
          kpr5009,
          'zone',
          { ...base, zone: why.zone ?? '' },
          { ...about, evidence: evidence('hints.forZones lack the zone') },
        ),
      ];
    case 'outOfRotation':
      return [finding(kpr5009, 'outOfRotation', base, { ...about, evidence: evidence('service.cilium.io/weight: 0') })];
    case 'names':
      return [finding(kpr5009, 'onlyNames', base, { ...about, evidence: evidence('addressType: FQDN') })];
    case 'sliceOfOtherProxy': {
      const seen = evidence('no label service.kubernetes.io/service-proxy-name');
      return [finding(kpr5009, 'sliceOfOtherProxy', { ...base, wanted: why.wanted }, { ...about, evidence: seen })];
    }
    default:
      return why satisfies never;
  }
}

const familyWord = (family: 'ipv4' | 'ipv6'): string => (family === 'ipv4' ? 'IPv4' : 'IPv6');
