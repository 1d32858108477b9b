import { canonicalAddress, familyOf, protocolOf } from '../../model/lb/address.ts';
import { frontendKey, type FrontendKey } from '../../model/lb/keys.ts';
import type { Service } from '../../model/kubernetes.ts';
import {
  aboutNode,
  aboutServices,
  annotation,
  isBalanced,
  isExternalLocal,
  replacesKubeProxy,
  servicesAt,
  servicesThat,
  servesNodePorts,
  virtualAddresses,
} from './conditions.ts';
import { type Defect, defineDefect } from './Defect.ts';

const linkLocal = defineDefect({
  reference: '#44778',
  also: ['#44436', '#36752'],
  affects: {
    '1.16': { fixed: 'never' },
    '1.17': { fixed: 'never' },
    '1.18': { fixed: 'never' },
    '1.19': { fixed: '1.19.3' },
  },
  title: 'NodePorts are served at the link-local IPv6 address of a device instead of its global one',
  meets: 'the agent has chosen a link-local address for NodePorts, and not the device’s global one',
  symptom: 'NodePorts are refused over IPv6.',
  workaround: 'Name the ranges of the nodes’ addresses (nodePort.addresses), or restart the agent of the node',
  harm: 'now',
  reads: ['settings', 'addresses'],
  condition({ settings, addresses }) {
    if (!servesNodePorts(settings)) return undefined;
    const chosen = addresses.filter(({ address, nodePort }) => nodePort && isLinkLocal(address));
    const hit = chosen.find(({ device }) =>
      addresses.some((other) => other.device === device && !other.nodePort && isGlobalIPv6(other.address)),
    );
    return hit && aboutNode(`NodePorts are served at ${hit.address} of ${hit.device}`);
  },
});

const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address);
const isGlobalIPv6 = (address: string): boolean => familyOf(address) === 'ipv6' && !isLinkLocal(address);

const dropping = servicesAt((service) => droppedAt(service));

/** Classes whose addresses Cilium gives out. */
const managedClasses: ReadonlySet<string> = new Set(['io.cilium/bgp-control-plane', 'io.cilium/l2-announcer']);

const wildcardOnNode = defineDefect({
  reference: '#45572',
  also: ['#45408', '#43206'],
  affects: { '1.19': { fixed: '1.19.5' } },
  title: 'a Service address that is an address of the node cuts off every other port of it',
  meets: 'a ClusterIP or LoadBalancer address is one of the node’s own addresses',
  symptom: 'The node is reached at the ports of the Service alone: no SSH, no kubelet, no API server.',
  workaround: 'Give the Service another address, or a loadBalancerClass that is not Cilium’s',
  harm: 'now',
  reads: ['settings', 'services', 'addresses'],
  condition({ settings, services, addresses }) {
    const own = new Set(addresses.flatMap(({ address }) => canonicalAddress(address) ?? []));
    const isOurs = ({ spec }: Service): boolean =>
      spec?.loadBalancerClass === undefined
        ? settings.loadBalancerIpam.value === 'lbipam'
        : managedClasses.has(spec.loadBalancerClass);
    const hit = [...own].flatMap((address) => (dropping(services).get(address) ?? []).filter(isOurs));
    return aboutServices(hit, 'its address is this node’s');
  },
});

const droppedAt = (service: Service): readonly string[] => [
  ...(service.spec?.clusterIPs ?? []).flatMap((address) => canonicalAddress(address) ?? []),
  ...virtualAddresses(service),
];

const ipModeProxy = defineDefect({
  reference: '#40915',
  also: ['#40913'],
  affects: { '1.16': { fixed: 'never' }, '1.18': { fixed: '1.18.1' } },
  title: 'a load balancer’s address with ipMode Proxy is served on the nodes all the same',
  meets: 'a LoadBalancer address has ipMode Proxy',
  symptom: 'Connections from inside the cluster pass the load balancer by: without its TLS, PROXY protocol or rules.',
  workaround: undefined,
  harm: 'trap',
  reads: ['settings', 'services'],
  explains: ['frontendOrphan'],
  condition({ settings, services }) {
    const hit = replacesKubeProxy(settings) ? proxied(services) : [];
    const encounter = aboutServices(hit, 'its load balancer has ipMode Proxy');
    return encounter && { ...encounter, rows: hit.flatMap(proxiedRows) };
  },
});

const proxiedAddresses = ({ status }: Service): readonly string[] =>
  (status?.loadBalancer?.ingress ?? [])
    .filter(({ ipMode }) => ipMode === 'Proxy')
    .flatMap(({ ip }) => canonicalAddress(ip ?? '') ?? []);
const proxied = servicesThat((service) => proxiedAddresses(service).length > 0);

const proxiedRows = (service: Service): readonly FrontendKey[] =>
  proxiedAddresses(service).flatMap((address) =>
    (service.spec?.ports ?? []).flatMap(({ port, protocol: asked }) => {
      const protocol = protocolOf(asked ?? 'TCP');
      if (protocol === undefined) return [];
      return (['external', 'internal'] as const).map((scope) => frontendKey(address, port, protocol, scope));
    }),
  );

const hasRanges = (service: Service): boolean => (service.spec?.loadBalancerSourceRanges ?? []).length > 0;

const rangesOnAllTypes = defineDefect({
  reference: '#42351',
  affects: { '1.18': { fixed: '1.18.6' } },
  title: 'loadBalancerSourceRanges limits every address of the Service, not that of the load balancer alone',
  meets: 'a Service of type LoadBalancer has loadBalancerSourceRanges, and bpf-lb-source-range-all-types is off',
  symptom: 'Its NodePorts and external IPs are closed to clients outside of the ranges.',
  workaround: 'Add the other clients’ ranges to loadBalancerSourceRanges',
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: ({ settings, services }) =>
    servesNodePorts(settings) && !settings.sourceRangeAllTypes.value
      ? aboutServices(withRanges(services), 'has loadBalancerSourceRanges')
      : undefined,
});

const withRanges = servicesThat((service) => isBalanced(service) && hasRanges(service));

const rangesNotOnExternalIPs = defineDefect({
  reference: '#44747',
  affects: { '1.18': { from: '1.18.6', fixed: 'never' }, '1.19': { fixed: 'never' } },
  title: 'loadBalancerSourceRanges is not enforced at the external IPs of the Service',
  meets: 'a Service of type LoadBalancer has loadBalancerSourceRanges and externalIPs',
  symptom: 'At the external IPs everybody is let in.',
  workaround: 'Set bpf.lbSourceRangeAllTypes, or take the externalIPs off',
  harm: 'now',
  reads: ['settings', 'services'],
  condition: ({ settings, services }) =>
    settings.sourceRangeAllTypes.value
      ? undefined
      : aboutServices(openExternalIPs(services), 'its source ranges do not hold for its external IPs'),
});

const openExternalIPs = servicesThat(
  ({ spec }) =>
    spec?.type === 'LoadBalancer' &&
    (spec.loadBalancerSourceRanges ?? []).length > 0 &&
    (spec.externalIPs ?? []).length > 0,
);

const sharingKey = (service: Service): string | undefined =>
  annotation(service, 'lbipam.cilium.io/sharing-key', 'io.cilium/lb-ipam-sharing-key');
const sharing = servicesThat((service) => isBalanced(service) && sharingKey(service) !== undefined);

/** Services that have one address together. */
function sharedNow(services: readonly Service[]): readonly Service[] {
  const found = sharing(services);
  return found.filter((one) =>
    found.some(
      (other) => other !== one && virtualAddresses(other).some((address) => virtualAddresses(one).includes(address)),
    ),
  );
}

const sharedAddressesMove = defineDefect({
  reference: '#46262',
  affects: { '1.19': { fixed: '1.19.7' } },
  title: 'a restart of the operator may give Services that share an address another one',
  meets: 'Services share a LoadBalancer address by lbipam.cilium.io/sharing-key',
  symptom: 'After an upgrade or restart of the operator a Service has another address, and its clients the old one.',
  workaround: 'Ask for the address by lbipam.cilium.io/ips on each of the Services',
  harm: 'trap',
  reads: ['services'],
  condition: ({ services }) => aboutServices(sharedNow(services), 'shares its LoadBalancer address'),
});

const sharedAddressesPart = defineDefect({
  reference: '#34783',
  affects: { '1.16': { fixed: '1.16.3' } },
  title: 'a restart of the operator takes Services that share an address apart',
  meets: 'Services share a LoadBalancer address by lbipam.cilium.io/sharing-key',
  symptom: 'After an upgrade or restart of the operator one of the Services has another address.',
  workaround: 'Ask for the address by lbipam.cilium.io/ips on each of the Services',
  harm: 'trap',
  reads: ['services'],
  condition: ({ services }) => aboutServices(sharedNow(services), 'shares its LoadBalancer address'),
});

const balanced = servicesThat(isBalanced);
const balancedLocally = servicesThat((service) => isBalanced(service) && isExternalLocal(service));
const balancedOverIPv6 = servicesThat((service) =>
  virtualAddresses(service).some((address) => familyOf(address) === 'ipv6'),
);

const arpFails = defineDefect({
  reference: '#45197',
  affects: { '1.19': { fixed: '1.19.4' } },
  title: 'LoadBalancer addresses that are announced by ARP are now and then not answered for',
  meets: 'enable-l2-announcements is true, and Services have a LoadBalancer address',
  symptom: 'From the same network segment the address is unreachable at times.',
  workaround: undefined,
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: ({ settings, services }) =>
    settings.l2Announcements.value
      ? aboutServices(balanced(services), 'its address may be announced by ARP')
      : undefined,
});

const neighbourAdvertisements = defineDefect({
  reference: '#46079',
  affects: { '1.19': { fixed: '1.19.5' } },
  title: 'announcements of IPv6 LoadBalancer addresses are ignored when they move to another node',
  meets: 'enable-l2-announcements is true, and a Service has an IPv6 LoadBalancer address',
  symptom: 'After another node has taken the lease, clients send to the node before.',
  workaround: undefined,
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: ({ settings, services }) =>
    settings.l2Announcements.value
      ? aboutServices(balancedOverIPv6(services), 'has an IPv6 address that may be announced')
      : undefined,
});

const announcedWithoutBackend = defineDefect({
  reference: '#46399',
  affects: { '1.20': { fixed: '1.20.2' } },
  title: 'nodes without a backend announce LoadBalancer addresses with externalTrafficPolicy Local',
  meets: 'enable-l2-announcements is true, and a Service of type LoadBalancer has externalTrafficPolicy Local',
  symptom: 'From outside the address is dropped while a node without a ready pod of the Service holds the lease.',
  workaround: 'Use externalTrafficPolicy Cluster, or run a pod of the Service on every node that announces',
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: ({ settings, services }) =>
    settings.l2Announcements.value
      ? aboutServices(balancedLocally(services), 'announced, with externalTrafficPolicy Local')
      : undefined,
});

export const addressDefects: readonly Defect[] = [
  linkLocal,
  wildcardOnNode,
  ipModeProxy,
  rangesOnAllTypes,
  rangesNotOnExternalIPs,
  sharedAddressesMove,
  sharedAddressesPart,
  arpFails,
  neighbourAdvertisements,
  announcedWithoutBackend,
];
