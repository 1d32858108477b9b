import type { EndpointSlice, Node, Service } from '../../model/kubernetes.ts';
import { partsOf, withScope } from '../../model/lb/keys.ts';
import { isUnspecified } from '../../model/lb/address.ts';
import { isWildcard } from '../../model/lb/LbTable.ts';
import { serviceKey } from '../lb/readyBackends.ts';
import type { FirmDifference, FrontendOrphan } from '../parity/Difference.ts';
import {
  about,
  aboutDifferences,
  aboutServices,
  isExternalLocal,
  ofList,
  servicesThat,
  wantsTopology,
  slicesOf,
} from './conditions.ts';
import { serviceRef } from '../lb/OwnerRef.ts';
import { type Defect, defineDefect } from './Defect.ts';
import type { Scene } from './Scene.ts';

/** Endpoints of Services that the agent itself holds wrongly, as far as is known. */
const staleInAgent = (differences: readonly FirmDifference[]): readonly FirmDifference[] =>
  differences.filter(
    ({ kind, layer, type, owner }) =>
      kind === 'backendsStale' && layer !== 'agentToMap' && type !== 'LocalRedirect' && owner?.kind === 'Service',
  );

const staleAfterReconnect = defineDefect({
  reference: '#45198',
  also: ['#48050'],
  affects: { '1.19': { fixed: '1.19.3' } },
  title: 'endpoints that were removed while the API server was not reached stay after the reconnect',
  meets: 'a node still has endpoints that the API no longer has',
  symptom: 'Some connections time out, from some nodes only, until the EndpointSlice changes again.',
  workaround: 'Restart the agent of the node, or any pod of the Service',
  harm: 'now',
  reads: ['differences'],
  explains: ['backendsStale'],
  condition: ({ differences }) => aboutDifferences(staleInAgent(differences), 'endpoints that the API no longer has'),
});

const missedDeletion = defineDefect({
  reference: '#38779',
  affects: { '1.16': { fixed: '1.16.10' }, '1.17': { fixed: '1.17.4' } },
  title: 'an EndpointSlice that is deleted while the API server is unreachable stays',
  meets: 'a node still has endpoints that the API no longer has',
  symptom: 'Some connections time out, from some nodes only.',
  workaround: 'Restart the agent of the node',
  harm: 'now',
  reads: ['differences'],
  explains: ['backendsStale'],
  condition: ({ differences }) => aboutDifferences(staleInAgent(differences), 'endpoints that the API no longer has'),
});

const sameSliceName = defineDefect({
  reference: '#43999',
  affects: { '1.18': { fixed: '1.18.8' } },
  title: 'endpoints that go are missed where EndpointSlices of several namespaces have one name',
  meets: 'EndpointSlices of Services in two namespaces have the same name',
  symptom: 'Some connections to one of the Services go to pods that are gone.',
  workaround: 'Give hand-made EndpointSlices names of their own',
  harm: 'trap',
  reads: ['slices'],
  explains: ['backendsStale'],
  condition: ({ slices }) =>
    about(
      namesakes(slices).flatMap(({ metadata }) => {
        const name = metadata.labels?.['kubernetes.io/service-name'];
        return name === undefined ? [] : ([{ kind: 'Service', namespace: metadata.namespace ?? '', name }] as const);
      }),
      'its EndpointSlice has the name of one in another namespace',
    ),
});

const namesakes = ofList((slices: readonly EndpointSlice[]): readonly EndpointSlice[] =>
  [...Map.groupBy(slices, ({ metadata }) => metadata.name).values()].filter((same) => same.length > 1).flat(),
);

const prefixOfAnother = defineDefect({
  reference: '#43620',
  affects: { '1.18': { fixed: '1.18.7' } },
  title: 'a Service loses backends that it shares with another when its name begins with the other’s',
  meets:
    'two Services of a namespace with different selectors share a pod, and the name of one begins with that of the other',
  symptom: 'All connections to one of the Services fail after a pod was taken off the other.',
  workaround: 'Restart the agents, and give one of the Services a name that does not begin with the other’s',
  harm: 'trap',
  reads: ['services', 'slices'],
  explains: ['backendsMissing', 'backendsStale'],
  condition: ({ services, slices }) =>
    about(
      sharersByPrefix(services, slices).map(serviceRef),
      'its name and another Service’s begin alike, and they share a pod',
    ),
});

function sharersByPrefix(services: readonly Service[], slices: readonly EndpointSlice[]): readonly Service[] {
  const alike = byPrefix(services);
  if (alike.length === 0) return [];
  const keys = backendsByService(slices);
  return alike.flatMap(([short, long]) => {
    const shared = keys.get(serviceKey(short)) ?? new Set<string>();
    return [...(keys.get(serviceKey(long)) ?? [])].some((key) => shared.has(key)) ? [short, long] : [];
  });
}

/**
 * Pairs of Services of a namespace of which the second's name goes on from the first's. Of those with one selector pods
 * come and go together, which does no harm.
 */
const byPrefix = ofList((services: readonly Service[]): readonly (readonly [Service, Service])[] => {
  const byName = new Map(services.map((service) => [serviceKey(service), service]));
  return services.flatMap((long) =>
    Array.from({ length: long.metadata.name.length - 1 }, (_, at) => long.metadata.name.slice(0, at + 1)).flatMap(
      (name) => {
        const short = byName.get(`${long.metadata.namespace ?? ''}/${name}`);
        return short === undefined || selectSame(short, long) ? [] : [[short, long] as const];
      },
    ),
  );
});

const selectSame = (one: Service, other: Service): boolean => selectorText(one) === selectorText(other);
const selectorText = ({ spec }: Service): string =>
  JSON.stringify(Object.entries(spec?.selector ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const backendsByService = ofList(
  (slices: readonly EndpointSlice[]): ReadonlyMap<string, ReadonlySet<string>> =>
    new Map(
      [...slicesOf(slices)].map(([service, own]) => [
        service,
        new Set(
          own.flatMap(({ endpoints = [], ports = [] }) =>
            endpoints.flatMap(({ addresses }) =>
              addresses.flatMap((address) =>
                ports.map(({ port, protocol }) => `${address} ${port} ${protocol ?? 'TCP'}`),
              ),
            ),
          ),
        ),
      ]),
    ),
);

const withGaps = (differences: readonly FirmDifference[]): readonly FirmDifference[] =>
  differences.filter((one) => one.kind === 'damaged' && one.damage.some(({ kind }) => kind === 'missingSlots'));

const gapsByMaintenance = defineDefect({
  reference: '#43902',
  affects: { '1.18': { from: '1.18.5', fixed: '1.18.9' }, '1.19': { fixed: '1.19.2' } },
  title: 'endpoints that are not ready leave gaps between the slots of a row',
  meets: 'slots are missing in the row of a Service with endpoints that are not ready',
  symptom: 'Some connections to the Service are dropped while one of its pods is not ready.',
  workaround: 'Repair or delete the pods that are not ready; the rows are rewritten then',
  harm: 'now',
  reads: ['differences', 'slices'],
  explains: ['damaged'],
  condition({ differences, slices }) {
    const gaps = withGaps(differences);
    if (gaps.length === 0) return undefined;
    const unready = new Set(slices.filter(hasUnready).map(({ metadata }) => nameOfService(metadata)));
    return aboutDifferences(
      gaps.filter(({ owner }) => owner !== undefined && unready.has(`${owner.namespace}/${owner.name}`)),
      'slots are missing, and an endpoint is not ready',
    );
  },
});

const hasUnready = ({ endpoints = [] }: EndpointSlice): boolean =>
  endpoints.some(({ conditions }) => conditions?.ready === false && conditions.terminating !== true);
const nameOfService = ({ namespace, labels }: EndpointSlice['metadata']): string =>
  `${namespace ?? ''}/${labels?.['kubernetes.io/service-name'] ?? ''}`;

const panicsOnGaps = defineDefect({
  reference: '#44895',
  affects: { '1.18': { fixed: '1.18.9' }, '1.19': { fixed: '1.19.3' } },
  title: 'an agent that starts with gaps between the slots of a row panics',
  meets: 'slots are missing in a row of the map',
  symptom: 'The agent does not come back from its next restart.',
  workaround: undefined,
  harm: 'trap',
  reads: ['differences'],
  explains: ['damaged'],
  condition: ({ differences }) =>
    aboutDifferences(withGaps(differences), 'slots are missing: do not restart the agent'),
});

const oldRowsWithLocal = defineDefect({
  reference: '#39360',
  affects: { '1.17': { fixed: '1.17.4' } },
  title: 'rows from before 1.17 are not found any more once their Service has a policy Local',
  meets: 'a Service with a policy Local has rows without a protocol',
  symptom: 'Connections to the Service fail on nodes that were upgraded from 1.16.',
  workaround: 'Delete the Service and create it again',
  harm: 'trap',
  reads: ['services', 'table'],
  explains: ['frontendMissing', 'wrongProperties', 'backendsMissing', 'backendsStale'],
  condition({ services, table }) {
    const old = new Set(
      [...table.frontends.values()]
        .filter((row) => row.protocol === 'ANY' && !isWildcard(row))
        .map(({ address }) => address),
    );
    if (old.size === 0) return undefined;
    const hit = localOnes(services).filter(({ spec }) => (spec?.clusterIPs ?? []).some((address) => old.has(address)));
    return aboutServices(hit, 'has a policy Local and rows without a protocol');
  },
});

const localOnes = servicesThat(
  (service) => isExternalLocal(service) || service.spec?.internalTrafficPolicy === 'Local',
);

const socketsStay = defineDefect({
  reference: '#37745',
  affects: { '1.17': { fixed: '1.17.5' } },
  title: 'connected UDP sockets are not closed when their backend goes, where a Service has a port in two protocols',
  meets: 'a Service has one port number in UDP and in another protocol',
  symptom: 'Clients such as DNS resolvers send to pods that are gone until they make a new socket.',
  workaround: 'Restart the clients that hang',
  harm: 'trap',
  reads: ['services'],
  condition: ({ services }) => aboutServices(inTwoProtocols(services), 'has a port in two protocols'),
});

const inTwoProtocols = servicesThat(({ spec }) => {
  const ports = spec?.ports ?? [];
  const udp = new Set(ports.filter(({ protocol }) => protocol === 'UDP').map(({ port }) => port));
  return ports.some(({ protocol, port }) => protocol !== 'UDP' && udp.has(port));
});

const leftInternalRows = defineDefect({
  reference: 'pkg/loadbalancer/reconciler',
  affects: { '1.18': { fixed: 'never' }, '1.19': { fixed: 'never' }, '1.20': { fixed: 'never' } },
  title: 'rows of the internal scope stay when a NodePort with two scopes is deleted',
  meets: 'the map has internal rows of NodePorts without the external ones',
  symptom: 'None: nothing looks these rows up without the external row beside them, and the port can be used again.',
  workaround: 'Leave them; the next restart of the agent takes them away',
  harm: 'note',
  reads: ['differences', 'table'],
  explains: ['frontendOrphan'],
  condition: ({ differences, table }) =>
    aboutDifferences(
      differences.filter((one) => one.kind === 'frontendOrphan').filter((one) => isLeftInternal(one, table)),
      'left by a Service that was deleted',
    ),
});

/** Rows are deleted by family, port and protocol, so that those of the second scope are forgotten. */
function isLeftInternal({ type, frontend }: FrontendOrphan, { frontends }: Scene['table']): boolean {
  const { address, scope } = partsOf(frontend);
  if (type !== 'NodePort' || scope !== 'internal' || isUnspecified(address)) return false;
  return !frontends.has(withScope(frontend, 'external'));
}

const zoneOf = ({ metadata }: Node): string | undefined => metadata.labels?.['topology.kubernetes.io/zone'];

const emptyZone = defineDefect({
  reference: '#41116',
  also: ['#41022', '#41024'],
  affects: { '1.18': { fixed: '1.18.1' } },
  title: 'zone hints leave nodes of a zone without an endpoint with nobody',
  meets: 'a Service asks for endpoints of the own zone, and has hints for other zones only',
  symptom: 'Connections to the Service are refused from nodes of that zone.',
  workaround:
    'Take trafficDistribution or the topology annotation off the Service, or switch loadBalancer.serviceTopology off',
  harm: 'now',
  reads: ['settings', 'services', 'slices', 'node'],
  explains: ['backendsMissing'],
  condition({ settings, services, slices, node }) {
    const zone = zoneOf(node);
    if (!settings.serviceTopology.value || zone === undefined) return undefined;
    const byService = slicesOf(slices);
    const hit = withTopology(services).filter((service) =>
      isWithoutZone(byService.get(serviceKey(service)) ?? [], zone),
    );
    return aboutServices(hit, `no endpoint is meant for zone ${zone}`);
  },
});

const withTopology = servicesThat(wantsTopology);

function isWithoutZone(slices: readonly EndpointSlice[], zone: string): boolean {
  const hints = slices.flatMap(({ endpoints = [] }) => endpoints.map(({ hints }) => hints?.forZones ?? []));
  return hints.some((zones) => zones.length > 0) && !hints.flat().some(({ name }) => name === zone);
}

const unreadyPreferred = defineDefect({
  reference: '#47054',
  affects: { '1.20': { fixed: '1.20.2' } },
  title: 'a node prefers an endpoint of its own that is not ready yet',
  meets: 'a Service asks for endpoints of its own node or zone',
  symptom: 'While a pod starts on a node, connections from there fail although pods elsewhere are ready.',
  workaround: 'Take trafficDistribution off the Service',
  harm: 'trap',
  reads: ['settings', 'services'],
  explains: ['backendsMissing'],
  condition: ({ settings, services }) =>
    settings.serviceTopology.value
      ? aboutServices(withTopology(services), 'asks for endpoints of its node or zone')
      : undefined,
});

export const tableDefects: readonly Defect[] = [
  staleAfterReconnect,
  missedDeletion,
  sameSliceName,
  prefixOfAnother,
  gapsByMaintenance,
  panicsOnGaps,
  oldRowsWithLocal,
  socketsStay,
  leftInternalRows,
  emptyZone,
  unreadyPreferred,
];
