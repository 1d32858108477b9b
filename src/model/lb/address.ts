import ipaddr from 'ipaddr.js';

export type Family = 'ipv4' | 'ipv6';

/** What the port of a Service can be. */
export const transports = ['TCP', 'UDP', 'SCTP'] as const;
export type TransportProtocol = (typeof transports)[number];

/** `ANY` in two cases: a wildcard row (port 0), and rows from before Cilium kept protocols apart (1.16 and older). */
export const protocols = ['TCP', 'UDP', 'SCTP', 'ANY'] as const;
export type Protocol = (typeof protocols)[number];

/**
 * Who looks a frontend up: traffic from outside the node, or from inside (`/i`) where the two have different backends.
 */
export type Scope = 'external' | 'internal';

export function protocolOf(text: string): Protocol | undefined {
  switch (text) {
    case 'TCP':
      return 'TCP';
    case 'UDP':
      return 'UDP';
    case 'SCTP':
      return 'SCTP';
    case 'ANY':
      return 'ANY';
    default:
      return undefined;
  }
}

/**
 * The one spelling under which addresses are compared: IPv4 dotted, IPv6 as RFC 5952 and without brackets. An address
 * of another cluster keeps its `@ID` (Cilium's cluster-aware addressing). undefined: not an IP address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isPlainIPv4(text)) return text;
  const at = text.indexOf('@');
  if (at !== -1) {
    const address = canonicalAddress(text.slice(0, at));
    const cluster = text.slice(at + 1);
    return address === undefined || !/^\d{1,5}$/.test(cluster) ? undefined : `${address}@${cluster}`;
  }
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text) || text.includes('%')) return undefined;
  const parsed = ipaddr.IPv6.parse(text);
  // Services of dual-stack clusters are sometimes written IPv4-mapped; the maps hold plain IPv4 then.
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

/**
 * Four decimal octets without leading zeros: what Go prints. A table has tens of thousands of them, so no
 * regular expression.
 */
function isPlainIPv4(text: string): boolean {
  const length = text.length;
  if (length < 7 || length > 15) return false;
  let octets = 1;
  let value = 0;
  let digits = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0 || ++octets > 4) return false;
      value = 0;
      digits = 0;
    } else if (code >= 48 && code <= 57) {
      if (digits > 0 && value === 0) return false;
      value = value * 10 + code - 48;
      digits++;
      if (value > 255) return false;
    } else {
      return false;
    }
  }
  return octets === 4 && digits > 0;
}

export const familyOf = (address: string): Family => (address.includes(':') ? 'ipv6' : 'ipv4');

/** `10.96.0.10` or `[fd00::1]`, as it stands before a port. */
export const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** The zero addresses: in the maps, the row behind which a NodePort without node address stands. */
export const isUnspecified = (address: string): boolean => address === '0.0.0.0' || address === '::';

export const unspecified: Readonly<Record<Family, string>> = { ipv4: '0.0.0.0', ipv6: '::' };

export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** The spelling under which CIDRs are compared, with the host bits cut off: `10.1.2.3/8` becomes `10.0.0.0/8`. */
export function canonicalCidr(text: string): string | undefined {
  const slash = text.lastIndexOf('/');
  if (slash === -1 || !ipaddr.isValidCIDR(text)) return undefined;
  const parsed = ipaddr.parse(text.slice(0, slash));
  const network =
    parsed.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(text).toString()
      : ipaddr.IPv6.networkAddressFromCIDR(text).toString();
  const address = canonicalAddress(network);
  return address === undefined ? undefined : `${address}/${Number(text.slice(slash + 1))}`;
}

/** False also where the text is not a range. */
export function isWithin(address: string, cidr: string): boolean {
  if (!ipaddr.isValid(address) || !ipaddr.isValidCIDR(cidr)) return false;
  const parsed = ipaddr.parse(address);
  const range = ipaddr.parseCIDR(cidr);
  return parsed.kind() === range[0].kind() && parsed.match(range);
}
