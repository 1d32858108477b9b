import type { Node, Service } from '../../model/kubernetes.ts';

/**
 * Providers whose load balancers ask every node at kube-proxy’s port whether it takes traffic (cloud-provider-gcp:
 * providers/gce/gce_healthchecks.go; cloud-provider-azure: shared and cluster health probes; DigitalOcean: lb.go). By
 * spec.providerID of a Node.
 */
const askingProviders: ReadonlyMap<string, string> = new Map([
  ['gce', 'Google Cloud'],
  ['azure', 'Azure'],
  ['digitalocean', 'DigitalOcean'],
]);

/** Of each node, the name of the provider whose load balancers ask it; undefined: none does. */
export const providersOf = (nodes: readonly Node[]): ReadonlyMap<string, string | undefined> =>
  new Map(nodes.map((node) => [node.metadata.name, askingProviders.get(providerOf(node))]));

/** `gce` of `gce://PROJECT/ZONE/NAME`; empty: nobody says. */
export const providerOf = ({ spec }: Node): string => /^([a-z]+):\/\//.exec(spec?.providerID ?? '')?.[1] ?? '';

/** With externalTrafficPolicy Local the load balancer asks the Service’s own health check port. */
export const isAskedFor = ({ spec }: Service): boolean =>
  spec?.type === 'LoadBalancer' && spec.loadBalancerClass === undefined && spec.externalTrafficPolicy !== 'Local';
