import type { ObjectRef } from '../../src/core/Finding.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { canonicalAddress } from '../../src/model/lb/address.ts';

/** A Service that a text means by an address or a port, and what that is to it. */
export interface NamedService {
  readonly ref: ObjectRef;
  /** e.g. `31999 is the health check node port of shop/cart`. */
  readonly role: string;
}

/** `10.0.0.1:80`, `[fd00::1]:80`, `:31999`. */
const place = /(?:\[([\da-f:.]{2,45})\]|(\d{1,3}(?:\.\d{1,3}){3})|(?<=^|[\s"(]))?:(\d{1,5})(?!\d|\.\d)/gi;

/** Finds the Services behind the addresses and ports of what agents complain of. */
export class ServicesByPlace {
  /** By `ADDRESS PORT`, of health checks and node ports by `PORT` alone. */
  readonly #named = new Map<string, NamedService>();

  constructor(services: readonly Service[]) {
    for (const service of services) this.#add(service);
  }

  /** Those that a text means, each once. */
  namedIn(text: string): readonly NamedService[] {
    const found = [...text.matchAll(place)].flatMap(([, v6, v4, port = '']) => {
      const address = canonicalAddress(v6 ?? v4 ?? '');
      return this.#named.get(`${address} ${port}`) ?? this.#named.get(port) ?? [];
    });
    return [...new Set(found)];
  }

  #add({ metadata: { namespace = '', name }, spec, status }: Service): void {
    const ref = { kind: 'Service', namespace, name };
    const put = (key: string, what: string): void => {
      if (!this.#named.has(key)) this.#named.set(key, { ref, role: `${what} of ${namespace}/${name}` });
    };
    const { healthCheckNodePort, ports = [], externalIPs = [], clusterIPs = [] } = spec ?? {};
    if (healthCheckNodePort !== undefined) {
      put(String(healthCheckNodePort), `${healthCheckNodePort} is the port for load balancers’ health checks`);
    }
    const addresses = [
      ...externalIPs.map((ip) => [ip, 'external IP'] as const),
      ...(status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) =>
        ip === undefined ? [] : [[ip, 'address'] as const],
      ),
      ...clusterIPs.map((ip) => [ip, 'ClusterIP'] as const),
    ];
    for (const { port, nodePort } of ports) {
      if (nodePort) put(String(nodePort), `${nodePort} is a node port`);
      for (const [ip, what] of addresses) put(`${canonicalAddress(ip)} ${port}`, `${ip}:${port} is the ${what}`);
    }
  }
}
