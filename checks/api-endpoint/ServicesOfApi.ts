import { lazily } from '../../src/core/lazily.ts';
import { leadToHosts, serversIn } from '../../src/expect/api-server/apiServerAddresses.ts';
import { hostPort } from '../../src/expect/api-server/apiEndpoint.ts';
import { nodePortKey, servicesByFrontend, type ServicesByFrontend } from '../../src/expect/lb/servicesByFrontend.ts';
import { type Fact, valueOf } from '../../src/model/Fact.ts';
import type { EndpointSlice, Node, Service } from '../../src/model/kubernetes.ts';
import { canonicalAddress } from '../../src/model/lb/address.ts';
import { frontendKey } from '../../src/model/lb/keys.ts';
import type { ApiProbe } from '../../src/model/NodeFacts.ts';

/** A Service of the cluster that stands where the API server was to be. */
export interface ServiceOfApi {
  readonly service: string;
  readonly host: string;
  readonly frontend: string;
  /** Whether it has a backend now. */
  readonly isReady: boolean;
}

interface Objects {
  readonly services: readonly Service[];
  readonly endpointSlices: Fact<readonly EndpointSlice[]>;
  readonly nodes: Fact<readonly Node[]>;
}

/** Services of the cluster by their frontends; default/kubernetes is not among them. */
export class ServicesOfApi {
  readonly #byFrontend: () => ServicesByFrontend;
  readonly #slices: readonly EndpointSlice[];
  readonly #nodeAddresses: ReadonlySet<string>;
  readonly #resolved: ReadonlyMap<string, readonly string[]>;

  constructor({ services, endpointSlices, nodes }: Objects, probes: readonly ApiProbe[]) {
    this.#byFrontend = lazily(() => servicesByFrontend(services.filter((one) => nameOf(one) !== 'default/kubernetes')));
    this.#slices = valueOf(endpointSlices) ?? [];
    this.#nodeAddresses = new Set(
      (valueOf(nodes) ?? []).flatMap(({ status }) => (status?.addresses ?? []).map(({ address }) => address)),
    );
    this.#resolved = new Map(probes.map(({ host, resolved }) => [host, resolved]));
  }

  /** The Service to which connections to that place go; undefined: to none, so far as is known. */
  at(host: string, port: string | undefined): ServiceOfApi | undefined {
    const addresses = [host, ...(this.#resolved.get(host) ?? [])].flatMap((one) => canonicalAddress(one) ?? []);
    for (const address of addresses) {
      const number = Number(port ?? 443);
      const served =
        this.#byFrontend().get(frontendKey(address, number, 'TCP', 'external')) ??
        (this.#nodeAddresses.has(address) ? this.#byFrontend().get(nodePortKey(number, 'TCP')) : undefined);
      const frontend = hostPort(address, String(number));
      if (served === undefined || this.#isTaken(frontend, served.service)) continue;
      return { service: nameOf(served.service), host, frontend, isReady: this.#isReady(served.service) };
    }
    return undefined;
  }

  /** A server itself, whose address a Service of other pods takes: without a table it is reached (addresses-single). */
  #isTaken(frontend: string, service: Service): boolean {
    const servers = serversIn(this.#slices);
    if (!servers.some(({ address, port }) => hostPort(address, String(port)) === frontend)) return false;
    const hosts = new Set([...this.#nodeAddresses, ...servers.map(({ address }) => address)]);
    return !leadToHosts(this.#slicesOf(service), hosts);
  }

  #isReady(service: Service): boolean {
    return this.#slicesOf(service).some(({ endpoints = [] }) =>
      endpoints.some(({ conditions }) => conditions?.ready !== false),
    );
  }

  #slicesOf({ metadata }: Service): readonly EndpointSlice[] {
    return this.#slices.filter(
      (slice) =>
        slice.metadata.namespace === metadata.namespace &&
        slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name,
    );
  }
}

const nameOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`;
