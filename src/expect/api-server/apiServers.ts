import { load } from 'js-yaml';
import { defineDerived } from '../../core/Derived.ts';
import { valueOf } from '../../model/Fact.ts';
import type { EndpointSlice } from '../../model/kubernetes.ts';
import { clusterConfigurationOf } from './clusterConfiguration.ts';
import { hostPort } from './apiEndpoint.ts';
import { serversIn } from './apiServerAddresses.ts';

/** An address under which the API server is known to the cluster itself, and where that stands. */
export interface ApiServerAddress {
  readonly host: string;
  readonly port: string;
  readonly from: string;
  /** Meant to stand for all API servers; the others are one server each. */
  readonly shared: boolean;
}

/** Addresses for all servers first, each once. */
export const apiServers = defineDerived({
  name: 'apiServers',
  optional: { cluster: ['kubeadmConfig', 'clusterInfo', 'endpointSlices'] },
  compute({ cluster }): readonly ApiServerAddress[] {
    const endpoint = clusterConfigurationOf(valueOf(cluster.kubeadmConfig))?.controlPlaneEndpoint;
    const url = typeof endpoint === 'string' && endpoint !== '' ? `https://${endpoint}` : undefined;
    const kubeconfig = valueOf(cluster.clusterInfo)?.data?.['kubeconfig'];
    const known = new Map<string, ApiServerAddress>();
    for (const server of [
      ...fromUrl(url, 'kubeadm’s controlPlaneEndpoint', '6443'),
      ...fromUrl(clusterInfoServer(kubeconfig), 'ConfigMap kube-public/cluster-info', '443'),
      ...fromSlices(valueOf(cluster.endpointSlices) ?? []),
    ]) {
      const address = hostPort(server.host, server.port);
      if (!known.has(address)) known.set(address, server);
    }
    return [...known.values()];
  },
});

const fromSlices = (slices: readonly EndpointSlice[]): readonly ApiServerAddress[] =>
  serversIn(slices).map(({ address, port }) => ({
    host: address,
    port: String(port),
    from: 'EndpointSlice default/kubernetes',
    shared: false,
  }));

function clusterInfoServer(kubeconfig: string | undefined): string | undefined {
  if (kubeconfig === undefined) return undefined;
  try {
    const { clusters } = load(kubeconfig) as { clusters?: readonly { cluster?: { server?: string } }[] };
    return clusters?.[0]?.cluster?.server;
  } catch {
    return undefined; // Somebody else's broken YAML is one address less to recommend.
  }
}

function fromUrl(text: string | undefined, from: string, defaultPort: string): ApiServerAddress[] {
  if (text === undefined || !URL.canParse(text)) return [];
  const { hostname } = new URL(text);
  // URL leaves out the port that is its scheme's own.
  const port = /:(\d+)\/?$/.exec(text)?.[1];
  return hostname === ''
    ? []
    : [{ host: hostname.replace(/^\[|\]$/g, ''), port: port ?? defaultPort, from, shared: true }];
}
