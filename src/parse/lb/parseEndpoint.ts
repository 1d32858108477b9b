import { backendKey, canonicalAddress, type Protocol, protocolOf, type Scope } from '../../model/lb/address.ts';

export interface ParsedEndpoint {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly scope: Scope;
  /** The key of a frontend or, scope apart, of a backend. */
  readonly key: string;
}

/**
 * Reads `10.96.0.10:53/UDP`, `[fd00::1]:80/TCP/i` and, from before protocols were kept apart, `10.96.0.10:53`.
 * undefined: not of that form, or of a protocol that this program does not know.
 */
export function parseEndpoint(text: string): ParsedEndpoint | undefined {
  const internal = text.endsWith('/i');
  const end = internal ? text.length - 2 : text.length;
  const slash = text.lastIndexOf('/', end - 1);
  const protocol = slash === -1 ? 'ANY' : protocolOf(text.slice(slash + 1, end));
  if (protocol === undefined) return undefined;
  const portEnd = slash === -1 ? end : slash;
  const colon = text.lastIndexOf(':', portEnd - 1);
  if (colon <= 0) return undefined;
  const port = parsePort(text, colon + 1, portEnd);
  if (port === -1) return undefined;
  const brackets = text.charCodeAt(0) === 91;
  if (brackets !== (text.charCodeAt(colon - 1) === 93)) return undefined;
  const host = brackets ? text.slice(1, colon - 1) : text.slice(0, colon);
  const address = canonicalAddress(host);
  if (address === undefined) return undefined;
  // What is spelled as keys are spelled is the key: nearly every row.
  const plain = address === host && slash !== -1 && brackets === address.includes(':');
  const key = plain ? text : `${backendKey(address, port, protocol)}${internal ? '/i' : ''}`;
  return { address, port, protocol, scope: internal ? 'internal' : 'external', key };
}

/** -1: not a port. Leading zeros are refused, so that one port has one spelling. */
function parsePort(text: string, from: number, to: number): number {
  const length = to - from;
  if (length < 1 || length > 5 || (length > 1 && text.charCodeAt(from) === 48)) return -1;
  let port = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port > 65535 ? -1 : port;
}

/** A decimal number of up to ten digits; undefined: something else. */
export function parseCount(text: string): number | undefined {
  const length = text.length;
  if (length < 1 || length > 10) return undefined;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
