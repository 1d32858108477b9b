import type { Distribution } from '../model/Snapshot.ts';

/** What listens for the API server on a node's loopback address, where a distribution has such a thing. */
export const localApiProxies: Readonly<Partial<Record<Distribution, string>>> = {
  talos: 'KubePrism (machine.features.kubePrism, port 7445)',
  rke2: 'the load balancer of the RKE2 agent (port 6443)',
  k3s: 'the load balancer of the k3s agent (port 6444)',
};
