import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { passUnless } from '../../src/core/Outcome.ts';
import { findClusterDns } from '../../src/expect/clusterDns.ts';
import { isGlobal } from '../../src/expect/lb/globalService.ts';
import { backendsOf, serviceKey, serviceNameLabel } from '../../src/expect/lb/readyBackends.ts';
import { serviceSlices } from '../../src/expect/lb/serviceSlices.ts';
import { nodesWithoutOwnPods } from '../../src/expect/reach/wayPatterns.ts';
import { lookalikeOf } from '../../src/expect/served/whyNoBackend.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5011 } from './problems/KPR5011.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';

/** Names in the message; all of them are in the finding's objects. */
const shownNames = 5;

export const backendsReady = defineCheck({
  id: 'backends-ready',
  title: 'Every Service has a ready backend',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5011],
  requires: { cluster: ['services', 'endpointSlices'] },
  optional: { cluster: ['kubeletConfig', 'nodes', 'pods'], node: ['reachProbe'] },
  uses: [serviceSlices],
  run({ cluster, nodes, derived, evidence }) {
    const slices = derived(serviceSlices);
    const dns = findClusterDns(cluster.services, cluster.endpointSlices, cluster.kubeletConfig)?.service;
    const empty = cluster.services.filter(
      // Cluster DNS without a server is more than information: cluster-dns-ready says so.
      (service) => service !== dns && hasNoBackend(service, slices.get(serviceKey(service)) ?? []),
    );
    const seen = (services: string) => [evidence('endpointSlices', `no ready endpoint: ${services}`)];
    const unwritten = empty.filter(
      (service) => (slices.get(serviceKey(service)) ?? []).length === 0 && !selects(service),
    );
    const written = empty.filter((service) => !unwritten.includes(service));
    const unreached = nodesWithoutOwnPods(nodes.map(({ name, facts }) => ({ name, probe: facts.reachProbe })));
    const homesOf = (service: Service): readonly string[] => podHomes(slices.get(serviceKey(service)) ?? []);
    const lost = new Set((valueOf(cluster.nodes) ?? []).filter(isLost).map(({ metadata }) => metadata.name));
    const placesOf = (service: Service): readonly string[] => allHomes(slices.get(serviceKey(service)) ?? []);
    const isOnLost = (service: Service): boolean =>
      placesOf(service).length > 0 && placesOf(service).every((node) => lost.has(node));
    const byLostNodes = Map.groupBy(written.filter(isOnLost), (service) => placesOf(service).join(' '));
    const here = written.filter((service) => !isOnLost(service));
    const isUnreached = (service: Service): boolean =>
      homesOf(service).length > 0 && homesOf(service).every((node) => unreached.has(node));
    // What shows on other nodes has another cause.
    const byNodes = Map.groupBy(here.filter(isUnreached), (service) => homesOf(service).join(' '));
    const atGates = podsAtGates(valueOf(cluster.pods) ?? []);
    const waiting = here.filter((service) => !isUnreached(service));
    const isGated = (service: Service): boolean => areAllAt(slices.get(serviceKey(service)) ?? [], atGates);
    const others = Map.groupBy(waiting, (service) =>
      !hasPods(slices.get(serviceKey(service)) ?? []) ? 'noBackend' : isGated(service) ? 'gated' : 'notReady',
    );
    const unlabelled = cluster.endpointSlices.filter(
      ({ metadata }) => metadata.labels?.[serviceNameLabel] === undefined,
    );
    const meant = unwritten.flatMap((service) => {
      const slice = lookalikeOf(service, unlabelled);
      return slice === undefined ? [] : [{ service, slice }];
    });
    const missed = unwritten.filter((service) => !meant.some((one) => one.service === service));
    return passUnless([
      ...meant.map(({ service, slice }) => {
        const name = slice.metadata.name;
        const excerpt = `${slice.metadata.namespace ?? ''}/${name}: no label ${serviceNameLabel}`;
        const about = {
          objects: [service].map(serviceRef),
          evidence: [evidence('endpointSlices', { lines: [excerpt], of: [name] })],
          layer: 'api' as const,
        };
        return finding(kpr5011, 'unlabelled', { service: serviceKey(service), slice: name }, about);
      }),
      ...[...byLostNodes].map(([names, services]) => listing('onLostNodes', services, seen, names.split(' '))),
      ...[...byNodes].map(([names, services]) => listing('unreached', services, seen, names.split(' '))),
      ...[...others].map(([variant, services]) => listing(variant, services, seen)),
      ...(missed.length === 0 ? [] : [listing('nobodyWrites', missed, seen)]),
    ]);
  },
});

function listing(
  variant: 'noBackend' | 'notReady' | 'gated' | 'nobodyWrites' | 'unreached' | 'onLostNodes',
  services: readonly Service[],
  seen: (services: string) => readonly Evidence[],
  nodes: readonly string[] = [],
): Finding<'KPR5011'> {
  const names = listFirst(services.map((one) => serviceKey(one)).sort(), shownNames);
  const about = { nodes, objects: services.map(serviceRef), evidence: seen(names) };
  if (variant === 'onLostNodes') return finding(kpr5011, variant, { services: names }, { ...about, layer: 'host' });
  if (variant === 'unreached') return finding(kpr5011, variant, { services: names }, { ...about, layer: 'host' });
  // Where pods are and are not ready, their kubelet may have been unable to ask.
  return variant === 'notReady'
    ? finding(kpr5011, variant, { services: names }, about)
    : finding(kpr5011, variant, { services: names }, { ...about, layer: 'api' });
}

/** What kubelets say of a pod whose containers are ready (kubernetes: pkg/kubelet/status/generate.go). */
const atGate = 'ReadinessGatesNotReady';

/** Where pods are that wait for nothing but a gate. */
const podsAtGates = (pods: readonly Pod[]): ReadonlySet<string> =>
  new Set(
    pods.flatMap(({ metadata, status }) =>
      status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === atGate) === true
        ? (status.podIPs ?? [{ ip: status.podIP }]).map(({ ip }) => `${metadata.namespace ?? ''} ${ip ?? ''}`)
        : [],
    ),
  );

const areAllAt = (slices: readonly EndpointSlice[], places: ReadonlySet<string>): boolean =>
  slices.every((slice) =>
    podsOf([slice]).every(({ addresses }) =>
      addresses.every((address) => places.has(`${slice.metadata.namespace ?? ''} ${address}`)),
    ),
  );

/** Pods that are neither ready nor on their way out. */
const podsOf = (slices: readonly EndpointSlice[]) =>
  slices.flatMap(({ endpoints = [] }) => endpoints.filter(({ conditions }) => conditions?.terminating !== true));

const hasPods = (slices: readonly EndpointSlice[]): boolean => podsOf(slices).length > 0;

/** The nodes that they are on, in their order; none where that is not said of each. */
function podHomes(slices: readonly EndpointSlice[]): readonly string[] {
  const homes = podsOf(slices).map(({ nodeName }) => nodeName);
  return homes.includes(undefined) ? [] : [...new Set(homes.flatMap((home) => home ?? []))].toSorted();
}

/** The nodes of all endpoints, of those that terminate, too; empty names where that is not said. */
const allHomes = (slices: readonly EndpointSlice[]): readonly string[] =>
  [...new Set(slices.flatMap(({ endpoints = [] }) => endpoints.map(({ nodeName = '' }) => nodeName)))].toSorted();

/** Its kubelet has not been heard of for a while. */
const isLost = ({ status }: Node): boolean =>
  status?.conditions?.some(({ type, status: said }) => type === 'Ready' && said !== 'True') ?? false;

const selects = ({ spec }: Service): boolean => Object.keys(spec?.selector ?? {}).length > 0;

function hasNoBackend({ metadata, spec }: Service, slices: readonly EndpointSlice[]): boolean {
  if (spec?.type === 'ExternalName' || spec?.clusterIP === 'None' || (spec?.ports ?? []).length === 0) return false;
  // Another proxy's.
  if (metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined) return false;
  // Other clusters may have backends for it, which the API here does not show.
  if (isGlobal(metadata.annotations ?? {})) return false;
  return backendsOf(slices).length === 0;
}
