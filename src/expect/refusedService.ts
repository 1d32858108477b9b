import type { EndpointSlice, Service } from '../model/kubernetes.ts';
import type { IptablesRule } from '../model/NodeFacts.ts';
import { addressesOf } from './serviceAddresses.ts';
import { backendsOf, serviceKey, slicesByService } from './readyBackends.ts';

interface Served {
  readonly service: Service;
  readonly portName: string;
}

/** Services by where clients reach them: `address:port/PROTOCOL`, and `:nodePort/PROTOCOL`. */
export interface ServiceIndex {
  readonly byFrontend: ReadonlyMap<string, Served>;
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
}

export function serviceIndex(services: readonly Service[], slices: readonly EndpointSlice[]): ServiceIndex {
  const byFrontend = new Map<string, Served>();
  for (const service of services) {
    const addresses = addressesOf(service);
    for (const { name, port, nodePort, protocol } of service.spec?.ports ?? []) {
      const served = { service, portName: name ?? '' };
      for (const address of addresses) byFrontend.set(`${address}:${port}/${protocol ?? 'TCP'}`, served);
      if (nodePort !== undefined) byFrontend.set(`:${nodePort}/${protocol ?? 'TCP'}`, served);
    }
  }
  return { byFrontend, slices: slicesByService(slices) };
}

/**
 * The Service that a rule of kube-proxy turns away on this node although it has backends by now. Such rules are written
 * while a Service has no endpoints, or none on the node; the frontend decides and not the comment, because an address or a
 * node port may belong to another Service by now.
 */
export function refusedService(
  { target, line, comment }: IptablesRule,
  node: string,
  { byFrontend, slices }: ServiceIndex,
): Service | undefined {
  if (target !== 'REJECT' && target !== 'DROP') return undefined;
  const reason = / has no (local )?endpoints$/.exec(comment ?? '');
  const port = / --dport (\d+)(?: |$)/.exec(line)?.[1];
  const protocol = / -p (\w+)/.exec(line)?.[1]?.toUpperCase();
  if (reason === null || port === undefined || protocol === undefined) return undefined;
  const address = / -d ([^\s/]+)/.exec(line)?.[1] ?? '';
  if (address === '' && !line.includes('--dst-type LOCAL')) return undefined;
  const served = byFrontend.get(`${address}:${port}/${protocol}`);
  if (served === undefined) return undefined;
  const backends = backendsOf(slices.get(serviceKey(served.service)) ?? [], served.portName);
  const needsLocal = reason[1] !== undefined;
  return backends.some(({ nodeName }) => !needsLocal || nodeName === node) ? served.service : undefined;
}
