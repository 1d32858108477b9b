import type { ContainerPort, Pod } from '../../model/kubernetes.ts';
import { ghostPortsIn } from '../ghostPorts.ts';
import {
  about,
  aboutDifferences,
  hostPortPods,
  hostPortNumbers,
  isOnHostNetwork,
  portsOf,
  replacesKubeProxy,
  runsOn,
  serviceAddresses,
  servicesAt,
  withHostPorts,
} from './conditions.ts';
import { podRef, serviceRef } from '../lb/OwnerRef.ts';
import { type Defect, defineDefect } from './Defect.ts';

const twoProtocols = defineDefect({
  reference: '#41521',
  also: ['#41426'],
  affects: { '1.18': { fixed: '1.18.3' } },
  title: 'of one hostPort number in two protocols only one is served',
  meets: 'a pod has the same hostPort number in two protocols',
  symptom: 'The hostPort answers in the protocol that the pod names last; in the other, connections are refused.',
  workaround: 'Give the two protocols different hostPort numbers, or put them into two pods',
  harm: 'now',
  reads: ['pods', 'node', 'settings'],
  explains: ['frontendMissing'],
  condition: ({ pods, node, settings }) =>
    replacesKubeProxy(settings)
      ? about(hostPortPods(pods, node).filter(hasPortTwice).map(podRef), 'one hostPort number in two protocols')
      : undefined,
});

function hasPortTwice(pod: Pod): boolean {
  const ports = portsOf(pod).filter(({ hostPort }) => (hostPort ?? 0) !== 0);
  return ports.some((port) =>
    ports.some((other) => isSameNumber(port, other) && protocolOf(port) !== protocolOf(other)),
  );
}
const isSameNumber = (a: ContainerPort, b: ContainerPort): boolean => a.hostPort === b.hostPort;
const protocolOf = ({ protocol }: ContainerPort): string => protocol ?? 'TCP';

const backOnHostNetwork = defineDefect({
  reference: '#46747',
  affects: { '1.18': { fixed: 'never' }, '1.19': { fixed: '1.19.6' } },
  title: 'hostPort rows stay when a pod is recreated under its name on the host network',
  meets: 'a pod on the host network has a hostPort for which the map still has rows',
  symptom: 'The port leads to the address that the pod had before; even on the node itself nothing answers there.',
  workaround: 'Restart the agent of the node: it writes rows for pods with an address of their own only',
  harm: 'now',
  reads: ['pods', 'node', 'table'],
  explains: ['frontendOrphan'],
  condition({ pods, node, table }) {
    const here = withHostPorts(pods).filter((pod) => runsOn(pod, node));
    const taken = new Set(here.filter((pod) => !isOnHostNetwork(pod)).flatMap(hostPortNumbers));
    const bare = here.filter(isOnHostNetwork);
    const rows = [...table.frontends.values()].filter(
      ({ flags, port }) =>
        flags.type === 'HostPort' && !taken.has(port) && bare.some((pod) => hostPortNumbers(pod).includes(port)),
    );
    const owners = bare.filter((pod) => rows.some(({ port }) => hostPortNumbers(pod).includes(port)));
    const encounter = about(owners.map(podRef), 'on the host network, and the map still has rows of a hostPort of it');
    return encounter && { ...encounter, rows: rows.map(({ key }) => key) };
  },
});

const ghostOwner = defineDefect({
  reference: '#48455',
  affects: { '1.18': { fixed: 'never' }, '1.19': { fixed: 'never' }, '1.20': { fixed: 'never' } },
  title: 'a pod that is recreated under its name does not get its hostPort back',
  meets: 'the agent refuses a hostPort because a pod that is gone still owns it',
  symptom: 'The hostPort of a StatefulSet’s or static pod keeps leading to the address that the pod had before.',
  workaround: 'Restart the agent of the node; it forgets pods that are gone',
  harm: 'now',
  reads: ['health', 'pods'],
  explains: ['frontendMissing', 'backendsStale', 'backendsMissing'],
  condition({ health, pods }) {
    const said = health.filter(({ level }) => level === 'Degraded').map(({ message, error }) => `${message} ${error}`);
    const ghosts = ghostPortsIn(said.join('\n'), pods).map(({ pod }) => pod);
    return about(ghosts, 'a pod that is gone still owns its hostPort');
  },
});

const portAtBalancedAddress = defineDefect({
  reference: '#45314',
  also: ['#44730'],
  affects: { '1.18': { fixed: 'never' }, '1.19': { fixed: '1.19.7' } },
  title: 'rows of hostPorts and of load balancers overwrite each other where the address is the node’s own',
  meets: 'a LoadBalancer or external IP is an address of this node, and a pod here has its port as hostPort',
  symptom: 'Connections to the address reach the pod of the hostPort instead of the Service, or nobody at all.',
  workaround: undefined,
  harm: 'trap',
  reads: ['services', 'pods', 'node', 'addresses', 'settings'],
  explains: ['backendsMissing', 'backendsStale', 'wrongProperties'],
  condition({ services, pods, node, addresses, settings }) {
    if (!replacesKubeProxy(settings)) return undefined;
    const own = new Set(addresses.filter(({ nodePort }) => nodePort).map(({ address }) => address));
    const ports = new Set(hostPortPods(pods, node).flatMap(hostPortNumbers));
    const hit = [...own]
      .flatMap((address) => reachedAt(services).get(address) ?? [])
      .filter(({ spec }) => (spec?.ports ?? []).some(({ port }) => ports.has(port)));
    return about(hit.map(serviceRef), 'its address is this node’s, where a pod has its port as hostPort');
  },
});

const reachedAt = servicesAt(serviceAddresses);

const lostNowAndThen = defineDefect({
  reference: '#37419',
  also: ['#32805'],
  affects: { '1.16': { fixed: '1.16.8' }, '1.17': { fixed: '1.17.2' } },
  title: 'pods are now and then left without the rows of their hostPorts',
  meets: 'a row of a hostPort is missing',
  symptom: 'The hostPort of a pod is refused on one node and works on others.',
  workaround: 'Restart the agent of the node',
  harm: 'now',
  reads: ['differences'],
  explains: ['frontendMissing'],
  condition: ({ differences }) =>
    aboutDifferences(
      differences.filter(({ kind, type }) => kind === 'frontendMissing' && type === 'HostPort'),
      'the row of a hostPort is missing',
    ),
});

const withoutEndpointCrd = defineDefect({
  reference: '#34385',
  affects: { '1.16': { fixed: '1.16.2' } },
  title: 'with disable-endpoint-crd hostPorts appear on other nodes than their pod’s',
  meets: 'disable-endpoint-crd is true, and pods have hostPorts',
  symptom: 'Nodes on which the pod does not run take connections to the port, too.',
  workaround: 'Leave disableEndpointCRD off',
  harm: 'trap',
  reads: ['settings', 'pods'],
  explains: ['frontendOrphan'],
  condition({ settings, pods }) {
    if (!settings.endpointCrdOff.value || !replacesKubeProxy(settings)) return undefined;
    return about(
      withHostPorts(pods)
        .filter((pod) => !isOnHostNetwork(pod))
        .map(podRef),
      'has a hostPort',
    );
  },
});

export const hostPortDefects: readonly Defect[] = [
  twoProtocols,
  backOnHostNetwork,
  ghostOwner,
  portAtBalancedAddress,
  lostNowAndThen,
  withoutEndpointCrd,
];
