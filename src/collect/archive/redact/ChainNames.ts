import { chainHash, type ServicePortName } from '../../../expect/kube-proxy/chainHashes.ts';
import { ownerOfChain } from '../../../knowledge/owners/ownerOfChain.ts';
import type { Service } from '../../../model/kubernetes.ts';
import type { Pseudonyms } from './Pseudonyms.ts';

const hashed = /^(KUBE-(?:SVC|SVL|EXT|FW|XLB|SEP)-)([A-Z2-7]{16})$/;
const protocols = ['tcp', 'udp', 'sctp'];

/**
 * New names for the chains of one dump. Those of kube-proxy's that hold a hash of a Service get the hash of its
 * pseudonym, so that they still are that Service's for whoever computes it.
 */
export class ChainNames {
  readonly #names: Pseudonyms;
  /** By the hash of a Service port. */
  readonly #ports = new Map<string, ServicePortName>();
  readonly #endpoints = new Map<string, string>();
  /** The hash of a Service port by that of an endpoint. */
  readonly #serviceOf = new Map<string, string>();
  readonly #texts = new Set<string>();

  constructor(names: Pseudonyms, services: readonly Service[]) {
    this.#names = names;
    for (const { metadata, spec } of services) {
      for (const { name, protocol } of spec?.ports ?? [])
        this.#addPort({
          namespace: metadata.namespace ?? '',
          name: metadata.name,
          port: name ?? '',
          protocol: protocol ?? 'TCP',
        });
    }
  }

  /** A Service that a rule names (`namespace/name:port`): it may be gone from the API. */
  addService(text: string): void {
    if (this.#texts.has(text)) return;
    this.#texts.add(text);
    const [, namespace = '', name = '', port = ''] = /^([^/\s]+)\/([^:\s]+)(?::(\S+))?$/.exec(text) ?? [];
    if (name !== '') for (const protocol of protocols) this.#addPort({ namespace, name, port, protocol });
  }

  /** That packets go from a chain of a Service to that of an endpoint: it is the Service's. */
  addJump(from: string, to: string): void {
    const service = hashed.exec(from)?.[2];
    const endpoint = hashed.exec(to)?.[2];
    if (service !== undefined && endpoint !== undefined) this.#serviceOf.set(endpoint, service);
  }

  /**
   * What a chain of an endpoint leads to, as the rule says: `10.0.0.1:80` or `[fd00::1]:80`; after all jumps are known.
   */
  addEndpoint(chain: string, target: string): void {
    const hash = hashed.exec(chain)?.[2] ?? '';
    const port = this.#ports.get(this.#serviceOf.get(hash) ?? '');
    if (port !== undefined && chainHash(port, target) === hash)
      this.#endpoints.set(hash, chainHash(this.#renamed(port), redactEndpoint(target, this.#names)));
  }

  chain(table: string, chain: string): string {
    const [, prefix, hash = ''] = hashed.exec(chain) ?? [];
    if (prefix !== undefined && (table === 'nat' || table === '')) return `${prefix}${this.#hash(prefix, hash)}`;
    const owner = ownerOfChain(table, chain);
    if (owner === 'kubeRouter' || owner === 'crio')
      return chain.replace(/-([A-Z2-7]{16})$/, (_, old: string) => `-${this.#names.base32(old, 16)}`);
    // Of a policy it has the name.
    if (owner === 'calico')
      return chain.replace(policy, (_, start: string, name: string) => `${start}${this.#names.base32(name, 16)}`);
    if (owner === 'firewalld')
      return chain.replace(
        zone,
        (_, start: string, name: string, end = '') =>
          `${start}${zones.has(name) ? name : this.#names.label(name)}${end}`,
      );
    return owner === 'unknown' && !isVerdict(chain) ? `CHAIN-${this.#names.base32(chain, 16)}` : chain;
  }

  /** Chains in running text, such as the comments of rules. */
  inText(text: string): string {
    return text.replace(/KUBE-(?:SVC|SVL|EXT|FW|XLB|SEP)-[A-Z2-7]{16}/g, (chain) => this.chain('nat', chain));
  }

  #hash(prefix: string, hash: string): string {
    const endpoint = this.#endpoints.get(hash);
    if (endpoint !== undefined && prefix === 'KUBE-SEP-') return endpoint;
    const port = this.#ports.get(hash);
    return port === undefined ? this.#names.base32(hash, 16) : chainHash(this.#renamed(port));
  }

  #addPort(port: ServicePortName): void {
    const hash = chainHash(port);
    if (!this.#ports.has(hash)) this.#ports.set(hash, port);
  }

  #renamed({ namespace, name, port, protocol }: ServicePortName): ServicePortName {
    const names = this.#names;
    return { namespace: names.name(namespace), name: names.name(name), port: names.label(port), protocol };
  }
}

const policy = /^(cali-p(?:i|o|ri|ro)-)(.+)$/;
const zone = /^((?:FWDI|FWDO|FWD|IN|OUT|PRE|POST)_)(.+?)((?:_(?:log|deny|allow|pre|post|policies))?)$/;
const zones: ReadonlySet<string> = new Set([
  'public',
  'trusted',
  'home',
  'work',
  'internal',
  'external',
  'dmz',
  'drop',
  'block',
]);

/** Targets of extensions, which have no owner because they are no chains. */
const isVerdict = (target: string): boolean =>
  /^(ACCEPT|DROP|REJECT|RETURN|QUEUE|NFQUEUE|DNAT|SNAT|MASQUERADE|REDIRECT|NETMAP|MARK|CONNMARK|SECMARK|CONNSECMARK|LOG|NFLOG|ULOG|TPROXY|CT|NOTRACK|TCPMSS|TOS|DSCP|ECN|TTL|HL|CLASSIFY|AUDIT|TRACE|TEE|SET|SYNPROXY|CHECKSUM|IDLETIMER|LED|RATEEST|HMARK|CLUSTERIP|TCPOPTSTRIP|DNPT|SNPT)$/.test(
    target,
  );

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function redactEndpoint(target: string, { addresses }: Pseudonyms): string {
  const [, v6, v4, port = ''] = /^(?:\[([^\]]+)\]|([^:]+))(:\d+(?:-\d+)?)?$/.exec(target) ?? [];
  if (v6 !== undefined) return `[${addresses.address(v6)}]${port}`;
  return v4 === undefined ? target : `${addresses.address(v4)}${port}`;
}
