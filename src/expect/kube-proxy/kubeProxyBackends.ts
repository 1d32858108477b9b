import type { Endpoint, EndpointPort, EndpointSlice } from '../../model/kubernetes.ts';
import { canonicalAddress, type Family, type Protocol } from '../../model/lb/address.ts';
import { type BackendKey, backendKey } from '../../model/lb/keys.ts';

/** A port of a Service of one family on one node, as kube-proxy looks for its endpoints. */
export interface ProxyPort {
  /** Empty: the port has no name. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly family: Family;
  readonly node: string;
  /** Label `topology.kubernetes.io/zone` of the node. */
  readonly zone: string | undefined;
}

/** Where a reader of endpoints may go other ways than kube-proxy. */
export interface EndpointReading {
  readonly hints: 'nodesAndZones' | 'zones' | 'none';
  readonly allAddresses: boolean;
  readonly looseNames: boolean;
  readonly namelessIsLocal: boolean;
  readonly servingIsReady: boolean;
  readonly passesOver: (slice: EndpointSlice, address: string) => boolean;
  /** Only endpoints of the node. */
  readonly localOnly: boolean;
}

/** kube-proxy from 1.33 on. */
export const proxyReading: EndpointReading = {
  hints: 'nodesAndZones',
  allAddresses: false,
  looseNames: false,
  namelessIsLocal: false,
  servingIsReady: false,
  passesOver: () => false,
  localOnly: false,
};

interface ProxyEndpoint {
  readonly key: BackendKey;
  readonly ready: boolean;
  /** Serves on while it terminates: taken where nothing is ready. */
  readonly draining: boolean;
  readonly local: boolean;
  readonly zones: readonly string[];
  readonly nodes: readonly string[];
}

/**
 * Keys of the endpoints among which new connections are spread, sorted; kubernetes: pkg/proxy/topology.go,
 * endpointslicecache.go.
 * @param slices of the Service only
 */
export function kubeProxyBackends(
  slices: readonly EndpointSlice[],
  port: ProxyPort,
  reading: EndpointReading,
): readonly BackendKey[] {
  const all = endpointsOf(slices, port, reading);
  const allowed = reading.localOnly ? all.filter(({ local }) => local) : all;
  const ready = allowed.filter((endpoint) => endpoint.ready);
  const near = reading.localOnly ? ready : nearest(ready, port, reading);
  const chosen = near.length > 0 ? near : allowed.filter(({ draining }) => draining);
  return [...new Set(chosen.map(({ key }) => key))].toSorted();
}

function endpointsOf(
  slices: readonly EndpointSlice[],
  port: ProxyPort,
  reading: EndpointReading,
): readonly ProxyEndpoint[] {
  const endpoints = new Map<BackendKey, ProxyEndpoint>();
  for (const slice of slices) {
    if (slice.addressType !== (port.family === 'ipv4' ? 'IPv4' : 'IPv6')) continue;
    const numbers = (slice.ports ?? [])
      .filter((one) => fits(one, port, reading))
      .map(({ port: number }) => number ?? 0);
    for (const endpoint of slice.endpoints ?? []) {
      const addresses = reading.allAddresses ? endpoint.addresses : endpoint.addresses.slice(0, 1);
      for (const text of addresses) {
        const address = canonicalAddress(text);
        if (address === undefined || reading.passesOver(slice, address)) continue;
        for (const number of numbers) {
          const key = backendKey(address, number, port.protocol);
          const found = endpointOf(endpoint, key, port, reading);
          const same = endpoints.get(key);
          if (same === undefined || (found.local && !same.local)) endpoints.set(key, found);
        }
      }
    }
  }
  return [...endpoints.values()];
}

function fits({ name, protocol, port }: EndpointPort, wanted: ProxyPort, { looseNames }: EndpointReading): boolean {
  if ((port ?? 0) === 0 || (protocol ?? 'TCP') !== wanted.protocol) return false;
  if (looseNames && ((name ?? '') === '' || wanted.name === '')) return true;
  return (name ?? '') === wanted.name;
}

function endpointOf(
  { conditions, nodeName, hints }: Endpoint,
  key: BackendKey,
  { node }: ProxyPort,
  { namelessIsLocal, servingIsReady }: EndpointReading,
): ProxyEndpoint {
  const serving = conditions?.serving ?? true;
  const terminating = conditions?.terminating ?? false;
  return {
    key,
    ready: (conditions?.ready ?? true) || (servingIsReady && conditions?.serving === true && !terminating),
    draining: serving && terminating,
    local: nodeName === undefined || nodeName === '' ? namelessIsLocal : nodeName === node,
    zones: (hints?.forZones ?? []).map(({ name }) => name),
    nodes: (hints?.forNodes ?? []).map(({ name }) => name),
  };
}

/** Hints are all or nothing: each ready endpoint must have some, and one must name this place. */
function nearest(
  ready: readonly ProxyEndpoint[],
  { node, zone }: ProxyPort,
  { hints }: EndpointReading,
): readonly ProxyEndpoint[] {
  if (hints === 'nodesAndZones' && ready.every(({ nodes }) => nodes.length > 0)) {
    const here = ready.filter(({ nodes }) => nodes.includes(node));
    if (here.length > 0) return here;
  }
  if (hints !== 'none' && zone !== undefined && ready.every(({ zones }) => zones.length > 0)) {
    const here = ready.filter(({ zones }) => zones.includes(zone));
    if (here.length > 0) return here;
  }
  return ready;
}
