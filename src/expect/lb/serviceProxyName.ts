import type { ObjectMeta } from '../../model/kubernetes.ts';

export const serviceProxyNameLabel = 'service.kubernetes.io/service-proxy-name';

/**
 * Whether a Service or EndpointSlice is for a service proxy of that name; empty: for the one that takes all that name
 * none (EndpointSlices get the labels of their Service from the controller that writes them).
 */
export function isForProxy({ labels }: ObjectMeta, name: string): boolean {
  const label = labels?.[serviceProxyNameLabel];
  return name === '' ? label === undefined : label === name;
}
