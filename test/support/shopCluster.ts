import { valueOf } from '../../src/model/Fact.ts';
import type { EndpointSlice, Pod, Service } from '../../src/model/kubernetes.ts';
import type { ClusterChanges, NodeChanges, SnapshotChanges } from './aSnapshot.ts';
import { aService, aSlice, ciliumConfig, healthyFacts } from './healthy.ts';

interface ShopCluster {
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly pods?: readonly Pod[];
  /** Of cilium-config, and of what agents started with. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of both agents. */
  readonly version?: string;
  readonly facts?: ClusterChanges;
  readonly n1?: NodeChanges;
  readonly n2?: NodeChanges;
}

/** The healthy cluster with more Services, endpoints and pods, and other settings. */
export function shopCluster({
  services = [],
  slices = [],
  pods = [],
  settings = {},
  version,
  facts = {},
  n1 = {},
  n2 = {},
}: ShopCluster): SnapshotChanges {
  const healthy = healthyFacts(['n1', 'n2']);
  const config = new Map([...ciliumConfig, ...Object.entries(settings)]);
  const node: NodeChanges = { startedConfig: config, ...(version !== undefined && { status: { version } }) };
  return {
    facts: {
      services: [...(valueOf(healthy.services) ?? []), ...services],
      endpointSlices: [...(valueOf(healthy.endpointSlices) ?? []), ...slices],
      pods,
      ciliumConfig: config,
      ...facts,
    },
    nodes: { n1: { ...node, ...n1 }, n2: { ...node, ...n2 } },
  };
}

/** `default/shop` at 10.96.10.1 with the port 80 named http. */
export const shop = (spec: Service['spec'] = {}, metadata: Partial<Service['metadata']> = {}): Service =>
  aService('shop', { ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec }, metadata);

/** Its endpoint on node n2, ready, on port 8080 named http. */
export const shopSlice = (changes: Partial<EndpointSlice> = {}): EndpointSlice =>
  aSlice('shop', ['10.244.1.5'], { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }], ...changes });

/** A Service with these addresses of a load balancer. */
export const balanced = (service: Service, ...ips: readonly string[]): Service => ({
  ...service,
  spec: { ...service.spec, type: 'LoadBalancer' },
  status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
});
