import {
  bracketed,
  canonicalAddress,
  familyOf,
  type Protocol,
  protocolOf,
  type Scope,
  unspecified,
} from './address.ts';

declare const frontendBrand: unique symbol;
declare const backendBrand: unique symbol;

/**
 * One frontend as text: `10.96.0.10:53/UDP`, `[fd00::1]:80/TCP`, and with `/i` at the end for the internal scope. Made
 * by `frontendKey` and `parseFrontend` alone, so that equal frontends have equal keys; taken apart by `partsOf` alone.
 */
export type FrontendKey = string & { readonly [frontendBrand]: true };

/** One backend as text: `10.244.1.5:8080/TCP`, `[fd00::5]:8080/TCP`. */
export type BackendKey = string & { readonly [backendBrand]: true };

/** What a key says. */
export interface KeyParts {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly scope: Scope;
}

export interface ParsedFrontend extends KeyParts {
  readonly key: FrontendKey;
}

export interface ParsedBackend extends Omit<KeyParts, 'scope'> {
  readonly key: BackendKey;
}

/** @param address canonical, without brackets */
export function frontendKey(address: string, port: number, protocol: Protocol, scope: Scope): FrontendKey {
  const text = `${bracketed(address)}:${port}/${protocol}`;
  return (scope === 'internal' ? `${text}/i` : text) as FrontendKey;
}

/** @param address canonical, without brackets */
export const backendKey = (address: string, port: number, protocol: Protocol): BackendKey =>
  `${bracketed(address)}:${port}/${protocol}` as BackendKey;

/**
 * Reads `10.96.0.10:53/UDP`, `[fd00::1]:80/TCP/i` and, from before protocols were kept apart, `10.96.0.10:53`.
 * undefined: not of that form, or of a protocol that this program does not know.
 */
export function parseFrontend(text: string): ParsedFrontend | undefined {
  const { slash, colon, end } = cut(text);
  const protocol = slash === -1 ? 'ANY' : protocolOf(text.slice(slash + 1, end));
  if (protocol === undefined || colon <= 0) return undefined;
  const port = parsePort(text, colon + 1, slash === -1 ? end : slash);
  if (port === -1) return undefined;
  const isBracketed = text.charCodeAt(0) === 91;
  if (isBracketed !== (text.charCodeAt(colon - 1) === 93)) return undefined;
  const host = isBracketed ? text.slice(1, colon - 1) : text.slice(0, colon);
  const address = canonicalAddress(host);
  if (address === undefined) return undefined;
  const scope = end === text.length ? 'external' : 'internal';
  // What is spelled as keys are spelled is the key: nearly every row.
  const isKey = address === host && slash !== -1 && isBracketed === address.includes(':');
  const key = isKey ? (text as FrontendKey) : frontendKey(address, port, protocol, scope);
  return { address, port, protocol, scope, key };
}

/** As `parseFrontend`; undefined also for what names a scope, which backends do not have. */
export function parseBackend(text: string): ParsedBackend | undefined {
  const parsed = parseFrontend(text);
  if (parsed === undefined || parsed.scope === 'internal') return undefined;
  const { address, port, protocol, key } = parsed;
  return { address, port, protocol, key: key as string as BackendKey };
}

/** Takes a key apart; never fails, since a key is well-formed by its type. */
export function partsOf(key: FrontendKey | BackendKey): KeyParts {
  const { slash, colon, end } = cut(key);
  const host = key.slice(0, colon);
  return {
    address: host.startsWith('[') ? host.slice(1, -1) : host,
    port: Number(key.slice(colon + 1, slash)),
    protocol: protocolOf(key.slice(slash + 1, end)) ?? 'ANY',
    scope: end === key.length ? 'external' : 'internal',
  };
}

/** `10.244.1.5:8080`: for rows of several protocols, for the map of reverse NAT, and for people. */
export function withoutProtocol(key: FrontendKey | BackendKey): string {
  return key.slice(0, cut(key).slash);
}

/** The same address, port and protocol, looked up by other clients. */
export function withScope(key: FrontendKey, scope: Scope): FrontendKey {
  const { address, port, protocol } = partsOf(key);
  return frontendKey(address, port, protocol, scope);
}

/** The key of the row that stands for a NodePort or hostPort at all addresses of a node. */
export const atAllAddresses = ({ address, port, protocol }: Omit<KeyParts, 'scope'>, scope: Scope): FrontendKey =>
  frontendKey(unspecified[familyOf(address)], port, protocol, scope);

/** Where protocol and port begin (-1: there is none), and where the protocol ends. */
function cut(text: string): { readonly slash: number; readonly colon: number; readonly end: number } {
  const end = text.endsWith('/i') ? text.length - 2 : text.length;
  const slash = text.lastIndexOf('/', end - 1);
  return { slash, colon: text.lastIndexOf(':', (slash === -1 ? end : slash) - 1), end };
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
