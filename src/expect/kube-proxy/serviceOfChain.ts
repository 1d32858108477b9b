import { perServiceHash } from '../../knowledge/iptablesOwners.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { bracketed, canonicalAddress } from '../../model/lb/address.ts';
import { chainHash, liveChainHashes, nftHash, type ServicePortName } from './kubeProxyChains.ts';

/** For whom a chain of kube-proxy's was written. */
export type ChainService =
  | {
      readonly kind: 'live';
      readonly port: ServicePortName;
      /** `address:port`, IPv6 in brackets; undefined: the chain is of the Service port as a whole. */
      readonly endpoint: string | undefined;
    }
  /** No Service port or endpoint of today has this name. */
  | {
      readonly kind: 'stale';
      /** As the name says it: those of nftables do, those of iptables hide it in a hash. */
      readonly port: ServicePortName | undefined;
      readonly endpoint: string | undefined;
    };

/** The names that kube-proxy's chains of Services and endpoints bear today, prepared once for all nodes. */
export class ChainServices {
  readonly #ports: ReadonlyMap<string, ServicePortName>;
  readonly #slices: readonly EndpointSlice[];
  #endpoints: ReadonlyMap<string, ChainService> | undefined;

  constructor(services: readonly Service[], slices: readonly EndpointSlice[]) {
    this.#ports = liveChainHashes(services);
    this.#slices = slices;
  }

  /** Of a chain of table nat (KUBE-SVC-, KUBE-SEP-, …); undefined: it is none of one Service. */
  ofIptables(chain: string): ChainService | undefined {
    const hash = perServiceHash(chain);
    if (hash === undefined) return undefined;
    if (chain.startsWith('KUBE-SEP-')) return this.#endpoint(hash) ?? stale;
    const port = this.#ports.get(hash);
    return port === undefined ? stale : { kind: 'live', port, endpoint: undefined };
  }

  /** Of a chain of a table `kube-proxy` of nftables; undefined: it is none of one Service. */
  ofNftables(chain: string): ChainService | undefined {
    const named = nftChainName(chain);
    if (named === undefined) return undefined;
    const { port, endpoint } = named;
    const hash = chainHash(port);
    const live =
      this.#ports.has(hash) && (endpoint === undefined || this.#endpoint(chainHash(port, endpoint)) !== undefined);
    return { kind: live ? 'live' : 'stale', port, endpoint };
  }

  #endpoint(hash: string): ChainService | undefined {
    return (this.#endpoints ??= this.#readEndpoints()).get(hash);
  }

  #readEndpoints(): ReadonlyMap<string, ChainService> {
    const services = new Map<string, ServicePortName[]>();
    for (const port of this.#ports.values()) {
      const key = `${port.namespace}/${port.name}`;
      const ports = services.get(key);
      if (ports === undefined) services.set(key, [port]);
      else ports.push(port);
    }
    const found = new Map<string, ChainService>();
    for (const { metadata, addressType, endpoints, ports } of this.#slices) {
      if (addressType !== 'IPv4' && addressType !== 'IPv6') continue;
      const key = `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;
      for (const { name = '', port: number, protocol = 'TCP' } of ports ?? []) {
        const own = services.get(key)?.find((port) => port.port === (name ?? '') && port.protocol === protocol);
        if (own === undefined || !number) continue;
        for (const { addresses } of endpoints ?? []) {
          for (const address of addresses) {
            const endpoint = `${bracketed(canonicalAddress(address) ?? address)}:${number}`;
            found.set(chainHash(own, endpoint), { kind: 'live', port: own, endpoint });
          }
        }
      }
    }
    return found;
  }
}

const stale: ChainService = { kind: 'stale', port: undefined, endpoint: undefined };

/**
 * What the name of a chain of nftables says: `service-KK7OZTNB-default/web/tcp/http`, `endpoint-…__10.0.0.1/80`, with dots for the
 * colons of IPv6; undefined: it is none of one Service, or its hash is not of what it says, which is so where
 * kube-proxy did not name it, and where it cut a name of more than 240 characters.
 */
export function nftChainName(
  chain: string,
): { readonly port: ServicePortName; readonly endpoint: string | undefined } | undefined {
  const [, kind = '', hash, name = ''] =
    /^(service|local|external|firewall|endpoint|affinity)-([A-Z2-7]{8})-(.+)$/.exec(chain) ?? [];
  if (hash === undefined || nftHash(name) !== hash) return undefined;
  const ofEndpoint = kind === 'endpoint' || kind === 'affinity';
  const [, namespace = '', service, protocol = '', port = '', address, number] =
    (ofEndpoint ? endpointName : portName).exec(name) ?? [];
  if (service === undefined) return undefined;
  const named = { namespace, name: service, port, protocol: protocol.toUpperCase() };
  if (!ofEndpoint) return { port: named, endpoint: undefined };
  const host = canonicalAddress(
    /^\d+\.\d+\.\d+\.\d+$/.test(address ?? '') ? (address ?? '') : (address ?? '').replaceAll('.', ':'),
  );
  return host === undefined ? undefined : { port: named, endpoint: `${bracketed(host)}:${number ?? ''}` };
}

const portName = /^([a-z0-9-]+)\/([a-z0-9.-]+)\/(tcp|udp|sctp)\/([a-z0-9-]*)$/;
const endpointName = /^([a-z0-9-]+)\/([a-z0-9.-]+)\/(tcp|udp|sctp)\/([a-z0-9-]*)__([0-9a-f.]+)\/(\d{1,5})$/;
