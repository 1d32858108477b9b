import type { EndpointSlice, Service } from '../../model/kubernetes.ts';

/** A port of a Service as kube-proxy names its chains by it. */
export interface ServicePortName {
  readonly namespace: string;
  readonly name: string;
  /** Empty when the port has no name. */
  readonly port: string;
  /** Any case. */
  readonly protocol: string;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The 16 characters behind KUBE-SVC-, KUBE-SVL-, KUBE-EXT-, KUBE-FW- and KUBE-XLB-; with an endpoint (`address:port`,
 * IPv6 in brackets) those behind KUBE-SEP- (kubernetes: pkg/proxy/iptables/proxier.go).
 */
export function chainHash({ namespace, name, port, protocol }: ServicePortName, endpoint = ''): string {
  const text = `${namespace}/${name}${port === '' ? '' : `:${port}`}${protocol.toLowerCase()}${endpoint}`;
  return base32(sha256(text)).slice(0, 16);
}

/**
 * The 8 characters in the names of nftables chains, of what follows them there (kubernetes:
 * pkg/proxy/nftables/proxier.go).
 */
export const nftHash = (name: string): string => base32(sha256(name)).slice(0, 8);

/**
 * Loads node:crypto with the first name that is asked for: that takes 7 ms, and `explain` loads every check and
 * asks for none.
 */
const sha256 = (text: string): Uint8Array =>
  // oxlint-disable-next-line no-restricted-globals -- the way to a module of Node's that takes no await
  process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest();

function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xff_ff;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(value >> (bits - 5)) & 31] ?? '';
  }
  return text;
}

/** Every hash that a chain of a Service which exists now can bear, with that Service port. */
export function liveChainHashes(services: readonly Service[]): ReadonlyMap<string, ServicePortName> {
  const hashes = new Map<string, ServicePortName>();
  for (const { metadata, spec } of services) {
    for (const port of spec?.ports ?? []) {
      const named = {
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        port: port.name ?? '',
        protocol: port.protocol ?? 'TCP',
      };
      hashes.set(chainHash(named), named);
    }
  }
  return hashes;
}

/**
 * Every `address:port` that a KUBE-SEP- chain of an existing endpoint leads to, IPv6 in brackets. A pod that has ended
 * stays in its slice until its node takes it down, which a hung agent may prevent for long.
 */
export function liveTargets(slices: readonly EndpointSlice[]): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const { addressType, endpoints, ports } of slices) {
    for (const { addresses, conditions } of endpoints ?? []) {
      if (conditions?.terminating === true && conditions.serving === false) continue;
      for (const address of addresses) {
        for (const { port } of ports ?? [])
          targets.add(`${addressType === 'IPv6' ? `[${address}]` : address}:${port ?? ''}`);
      }
    }
  }
  return targets;
}
