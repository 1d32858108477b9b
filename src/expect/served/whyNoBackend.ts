import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { canonicalAddress, familyOf } from '../../model/lb/address.ts';
import { isCiliumDummy, type ServiceBackend } from '../lb/endpointBackends.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import { backendsOf } from '../lb/readyBackends.ts';
import { fits, onlyLocal } from '../lb/selectBackends.ts';
import { isForProxy } from '../lb/serviceProxyName.ts';
import type { CiliumBehaviour } from '../lb/versionGates.ts';
import type { WhyNoBackend } from './WhyUnserved.ts';

/** What is known of the endpoints of one Service. */
export interface EndpointsOfService {
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  /** As the agent reads them. */
  readonly backends: readonly ServiceBackend[];
  /** EndpointSlices of its namespace that name no Service. */
  readonly unlabelled: readonly EndpointSlice[];
}

/** How the agent reads endpoints. */
export interface ReaderOfEndpoints {
  readonly behaviour: CiliumBehaviour;
  readonly serviceProxyName: string;
}

/**
 * Why none of a Service's endpoints takes the connections of a row, by the first thing that keeps all of them out:
 * there is none, none is ready, families, protocols, port names; then what the node's place decides.
 * @returns `zone` without one: it is the node's
 */
export function whyNoBackend(
  row: ExpectedFrontend,
  { service, slices, backends, unlabelled }: EndpointsOfService,
  { behaviour, serviceProxyName }: ReaderOfEndpoints,
): WhyNoBackend {
  if (slices.length === 0) {
    const selects = Object.keys(service.spec?.selector ?? {}).length > 0;
    const meant = lookalikeOf(service, unlabelled)?.metadata;
    return { kind: 'noSlice', selects, lookalike: meant && `${meant.namespace ?? ''}/${meant.name}` };
  }
  const ready = backendsOf(slices);
  if (ready.length === 0) return { kind: 'notReady' };
  if (ready.every(({ addresses }) => addresses.every((one) => isCiliumDummy(one)))) return { kind: 'placeholder' };
  const active = backends.filter(({ state }) => takesNew(state));
  if (active.length === 0) {
    const isHidden =
      behaviour.slicesNeedProxyName && slices.every(({ metadata }) => !isForProxy(metadata, serviceProxyName));
    return isHidden ? { kind: 'sliceOfOtherProxy', wanted: serviceProxyName } : withoutActive(row, slices);
  }
  const family = familyOf(row.address);
  const sameFamily = active.filter((one) => one.family === family);
  if (sameFamily.length === 0) return { kind: 'family', family, offered: distinct(active.map((one) => one.family)) };
  const { protocol, portName } = row;
  const sameProtocol = sameFamily.filter((one) => one.protocol === protocol);
  if (sameProtocol.length === 0)
    return { kind: 'protocol', protocol, offered: distinct(sameFamily.map((one) => one.protocol)) };
  if (!sameProtocol.some((backend) => fits(backend, { family, protocol, portName }, behaviour)))
    return { kind: 'portName', portName, offered: distinct(sameProtocol.flatMap((one) => one.portNames)) };
  return keepsLocal(row) ? { kind: 'notLocal', policy: policyOf(row) } : { kind: 'zone', zone: undefined };
}

const takesNew = (state: ServiceBackend['state']): boolean => state === 'active' || state === 'terminating';

/** Endpoints are ready, and the agent makes no backend of them. */
function withoutActive({ portName, address }: ExpectedFrontend, slices: readonly EndpointSlice[]): WhyNoBackend {
  const holding = slices.filter((slice) => backendsOf([slice]).length > 0);
  if (holding.every(({ ports }) => (ports ?? []).every(({ port }) => port === undefined)))
    return { kind: 'portName', portName, offered: [] };
  if (holding.every(({ addressType }) => addressType === 'FQDN')) return { kind: 'names' };
  const families = distinct(
    holding
      .flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses))
      .flatMap((text) => canonicalAddress(text) ?? [])
      .map((one) => familyOf(one)),
  );
  const family = familyOf(address);
  return families.includes(family) ? { kind: 'outOfRotation' } : { kind: 'family', family, offered: families };
}

const distinct = <T>(list: readonly T[]): readonly T[] => [...new Set(list)];

const selectionOf = ({ type, scope, flags }: ExpectedFrontend) => ({
  type,
  scope,
  externalLocal: flags.has('Local'),
  internalLocal: flags.has('InternalLocal'),
});

const keepsLocal = (row: ExpectedFrontend): boolean => onlyLocal(selectionOf(row));

const policyOf = ({ type, scope }: ExpectedFrontend): 'internal' | 'external' =>
  scope === 'internal' || type === 'ClusterIP' ? 'internal' : 'external';

/** One that is called as if it were the Service's, as people name them who write them by hand. */
export const lookalikeOf = ({ metadata }: Service, unlabelled: readonly EndpointSlice[]): EndpointSlice | undefined =>
  unlabelled.find(
    ({ metadata: { name, namespace } }) =>
      namespace === metadata.namespace && (name === metadata.name || name.startsWith(`${metadata.name}-`)),
  );
