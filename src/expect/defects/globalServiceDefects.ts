import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { serviceKey } from '../lb/readyBackends.ts';
import { aboutServices, annotation, isGlobalService, servicesThat, slicesOf } from './conditions.ts';
import { type Defect, defineDefect } from './Defect.ts';

const globals = servicesThat(isGlobalService);

const sharedTargetPort = defineDefect({
  reference: '#45179',
  affects: { '1.18': { fixed: '1.18.10' }, '1.19': { fixed: '1.19.4' } },
  title: 'of a global Service with two ports on one target port, backends of other clusters are missing',
  meets: 'a global Service has two ports that lead to the same port of its pods',
  symptom: 'One of the ports reaches the pods of this cluster only, or nobody.',
  workaround: 'Give each port of the Service a target port of its own',
  harm: 'trap',
  reads: ['services', 'slices'],
  condition({ services, slices }) {
    const found = globals(services);
    if (found.length === 0) return undefined;
    const byService = slicesOf(slices);
    const hit = found.filter((service) => (byService.get(serviceKey(service)) ?? []).some(namesPortTwice));
    return aboutServices(hit, 'a global Service with two ports on one target port');
  },
});

function namesPortTwice({ ports = [] }: EndpointSlice): boolean {
  const numbers = ports.map(({ port, protocol }) => `${port}/${protocol ?? 'TCP'}`);
  return new Set(numbers).size < numbers.length;
}

const affinityNone = defineDefect({
  reference: '#46635',
  affects: { '1.18': { fixed: 'never' }, '1.19': { fixed: '1.19.6' } },
  title: 'the annotation service.cilium.io/affinity with the value none drops all backends of other clusters',
  meets: 'a global Service has the annotation service.cilium.io/affinity: none',
  symptom: 'Only pods of this cluster are reached; without any, connections go nowhere.',
  workaround: 'Take the annotation off, which means the same',
  harm: 'now',
  reads: ['services'],
  condition: ({ services }) => aboutServices(withAffinityNone(services), 'a global Service with affinity none'),
});

const withAffinityNone = servicesThat(
  (service) =>
    isGlobalService(service) &&
    annotation(service, 'service.cilium.io/affinity', 'io.cilium/service-affinity')?.toLowerCase() === 'none',
);

const namelessPorts = defineDefect({
  reference: '#40848',
  affects: { '1.18': { fixed: '1.18.1' } },
  title: 'global Services whose ports have no name lack the backends of other clusters',
  meets: 'a global Service has a port without a name',
  symptom: 'Only pods of this cluster are reached; without any, connections go nowhere.',
  workaround: 'Give the port the same name in all clusters',
  harm: 'now',
  reads: ['services'],
  condition: ({ services }) =>
    aboutServices(globalWithoutNames(services), 'a global Service with a port without a name'),
});

const hasNamelessPort = ({ spec }: Service): boolean => (spec?.ports ?? []).some(({ name }) => (name ?? '') === '');
const globalWithoutNames = servicesThat((service) => isGlobalService(service) && hasNamelessPort(service));

const unreadyElsewhere = defineDefect({
  reference: '#43807',
  affects: { '1.18': { from: '1.18.5', fixed: '1.18.7' } },
  title: 'endpoints of global Services that are not ready are still used from other clusters',
  meets: 'there is a global Service',
  symptom: 'Some connections go to pods of another cluster that are not ready or about to end.',
  workaround: undefined,
  harm: 'trap',
  reads: ['services'],
  condition: ({ services }) => aboutServices(globals(services), 'a global Service'),
});

const withoutSelector = defineDefect({
  reference: '#40361',
  affects: { '1.17': { fixed: '1.17.6' } },
  title: 'a global Service without a selector loses its remote backends when they go and come again',
  meets: 'a global Service has no selector',
  symptom: 'After the Service was recreated in the other cluster, its pods are not reached from this one.',
  workaround: 'Restart the agents of this cluster',
  harm: 'trap',
  reads: ['services'],
  condition: ({ services }) => aboutServices(globalWithoutSelector(services), 'a global Service without a selector'),
});

const globalWithoutSelector = servicesThat(
  (service) => isGlobalService(service) && Object.keys(service.spec?.selector ?? {}).length === 0,
);

export const globalServiceDefects: readonly Defect[] = [
  sharedTargetPort,
  affinityNone,
  namelessPorts,
  unreadyElsewhere,
  withoutSelector,
];
