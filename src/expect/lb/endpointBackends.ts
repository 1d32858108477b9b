import type { Endpoint, EndpointConditions, EndpointPort, EndpointSlice } from '../../model/kubernetes.ts';
import { canonicalAddress, type Family, familyOf, type Protocol } from '../../model/lb/address.ts';
import { type BackendKey, backendKey } from '../../model/lb/keys.ts';
import type { BackendState } from '../../model/lb/LbTable.ts';
import type { CiliumBehaviour } from './versionGates.ts';
import type { ExpectedBackend } from './ExpectedTable.ts';
import type { LbConfig } from './LbConfig.ts';
import { serviceNameLabel } from './readyBackends.ts';
import { isForProxy } from './serviceProxyName.ts';

/** An address and port behind a Service, with what decides which frontends may choose it. */
export interface ServiceBackend extends ExpectedBackend {
  readonly protocol: Protocol;
  readonly family: Family;
  /** Empty: fits every frontend of its protocol. */
  readonly portNames: readonly string[];
  readonly forZones: readonly string[];
}

/** `namespace/name` of a Service → the backends of all its EndpointSlices. */
export type BackendIndex = ReadonlyMap<string, readonly ServiceBackend[]>;

const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
/** Mirrors of other clusters' endpoints; Cilium gets those on its own way. */
const meshController = 'endpointslice-mesh-controller.cilium.io';
const weightAnnotation = 'service.cilium.io/weight';

/** Put there by Cilium's ingress and gateway controllers so that a Service has an endpoint at all. */
const ingressDummy = backendKey('192.192.192.192', 9999, 'TCP');

/** Whether a backend is that placeholder; for every row, so that it takes no key apart. */
export const isDummyBackend = (key: BackendKey): boolean => key.startsWith('192.192.192.192:');

/** Whether an address is that placeholder's. */
export const isCiliumDummy = (address: string): boolean => address === '192.192.192.192';

export const hasDummyEndpoint = ({ endpoints }: EndpointSlice): boolean =>
  (endpoints ?? []).some(({ addresses }) => addresses.some((one) => isCiliumDummy(one)));

export function indexBackends(
  slices: readonly EndpointSlice[],
  behaviour: CiliumBehaviour,
  { families, serviceProxyName }: Pick<LbConfig, 'families' | 'serviceProxyName'>,
): BackendIndex {
  const index = new Map<string, Map<BackendKey, ServiceBackend>>();
  for (const slice of slices) {
    const { metadata, addressType } = slice;
    const service = metadata.labels?.[serviceNameLabel];
    if (service === undefined || metadata.labels?.[managedByLabel] === meshController) continue;
    if (addressType !== 'IPv4' && addressType !== 'IPv6') continue;
    if (behaviour.slicesNeedProxyName && !isForProxy(metadata, serviceProxyName)) continue;
    const key = `${metadata.namespace ?? ''}/${service}`;
    let backends = index.get(key);
    if (backends === undefined) {
      backends = new Map();
      index.set(key, backends);
    }
    addSlice(backends, slice, behaviour, families);
  }
  return new Map([...index].map(([key, backends]) => [key, [...backends.values()]]));
}

function addSlice(
  backends: Map<BackendKey, ServiceBackend>,
  { metadata, endpoints, ports }: EndpointSlice,
  behaviour: CiliumBehaviour,
  families: ReadonlySet<Family>,
): void {
  const maintenance = behaviour.sliceWeight && /^0+$/.test(metadata.annotations?.[weightAnnotation] ?? '');
  const usable = portsOf(ports ?? [], behaviour);
  for (const endpoint of endpoints ?? []) {
    const state = maintenance ? 'maintenance' : stateOf(endpoint.conditions ?? {}, behaviour);
    if (state === undefined) continue;
    for (const text of endpoint.addresses) {
      const address = canonicalAddress(text);
      if (address === undefined || !families.has(familyOf(address))) continue;
      for (const { port, protocol, names } of usable) {
        const key = backendKey(address, port, protocol);
        if (key === ingressDummy && behaviour.ignoresIngressDummy) continue;
        const before = backends.get(key);
        const backend = backendOf(endpoint, key, address, protocol, names, state, behaviour);
        backends.set(key, before === undefined ? backend : merged(before, backend));
      }
    }
  }
}

interface UsablePort {
  readonly port: number;
  readonly protocol: Protocol;
  readonly names: readonly string[];
}

/** One entry a port number and protocol; several ports of a slice may differ in their names only. */
function portsOf(ports: readonly EndpointPort[], behaviour: CiliumBehaviour): readonly UsablePort[] {
  const usable = new Map<string, { port: number; protocol: Protocol; names: string[] }>();
  for (const { name, port, protocol } of ports) {
    if (port === undefined) continue;
    const asked = protocol ?? 'TCP';
    if (asked !== 'TCP' && asked !== 'UDP' && asked !== 'SCTP') continue;
    const kept: Protocol = behaviour.protocolsApart ? asked : 'ANY';
    const key = `${port}/${kept}`;
    const same = usable.get(key);
    const names = behaviour.unnamedPortsMatch && (name ?? '') === '' ? [] : [name ?? ''];
    if (same === undefined) usable.set(key, { port, protocol: kept, names });
    else same.names.push(...names);
  }
  return [...usable.values()];
}

function backendOf(
  endpoint: Endpoint,
  key: BackendKey,
  address: string,
  protocol: Protocol,
  names: readonly string[],
  state: BackendState,
  behaviour: CiliumBehaviour,
): ServiceBackend {
  return {
    key,
    state,
    protocol,
    family: familyOf(address),
    portNames: names,
    nodeName: endpoint.nodeName ?? '',
    forZones: zonesOf(endpoint, behaviour),
    ambiguous: false,
  };
}

function zonesOf({ zone = '', hints }: Endpoint, behaviour: CiliumBehaviour): readonly string[] {
  const zones = behaviour.hintsNeedZone && zone === '' ? [] : (hints?.forZones ?? []);
  return zones.length === 0 ? noZones : zones.map(({ name }) => name);
}

const noZones: readonly string[] = [];

/** The agent keeps the one that it saw last, which is not known here; equal ones (nearly always) are no question. */
function merged(a: ServiceBackend, b: ServiceBackend): ServiceBackend {
  const preferred = a.state === 'active' ? a : b;
  return {
    ...preferred,
    portNames:
      a.portNames.length === 0 || b.portNames.length === 0 ? [] : [...new Set([...a.portNames, ...b.portNames])],
    ambiguous: a.ambiguous || b.ambiguous || a.state !== b.state || a.nodeName !== b.nodeName,
  };
}

/**
 * undefined: the agent passes over the endpoint. A ready one is active even while it terminates
 * (publishNotReadyAddresses).
 */
function stateOf(conditions: EndpointConditions, behaviour: CiliumBehaviour): BackendState | undefined {
  const ready = conditions.ready ?? true;
  if (ready) return 'active';
  const terminating = conditions.terminating ?? false;
  if (behaviour.maintenanceState) {
    if (!terminating) return 'maintenance';
    return (conditions.serving ?? true) ? 'terminating' : 'terminating-not-serving';
  }
  // Before, an unset `serving` follows `ready`, and what does not serve is dropped.
  if (conditions.serving !== true) return undefined;
  return terminating ? 'terminating' : 'active';
}
