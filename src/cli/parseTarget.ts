import { usageError } from '../core/KprError.ts';
import { canonicalAddress, protocolOf } from '../model/lb/address.ts';
import type { TypedAddress } from '../expect/trace/ownersAt.ts';
import { isServiceWord, parseServiceName, type ServiceName } from './parseServiceName.ts';

/** What `trace` is to follow: a Service by its name, or an address of whoever answers there. */
type TraceTarget =
  | ({ readonly kind: 'service'; readonly port?: string } & ServiceName)
  | ({ readonly kind: 'address' } & TypedAddress);

/**
 * `svc/NAME`, `svc NAME`, `NAME`, `NS/NAME`; `NAME.NS.svc.cluster.local:PORT`, as logs have it, with `http://` or
 * without; `ADDRESS`, `ADDRESS:PORT`, `[IPV6]:PORT`, `NODE:PORT`, each also with
 * `/UDP` at its end. Throws KprError for anything else.
 *
 * @param second what was typed behind it, as kubectl takes TYPE NAME
 */
export function parseTarget(first: string, second: string | undefined): TraceTarget {
  if (second !== undefined) {
    if (!isServiceWord(first)) throw usageError(`${first} ${second} names no Service`, howToWrite);
    return { kind: 'service', ...parseServiceName(second) };
  }
  const named = parseClusterName(first);
  if (named !== undefined) return { kind: 'service', ...named };
  const address = parseAddress(first);
  return address === undefined
    ? { kind: 'service', ...parseServiceName(first) }
    : { kind: 'address', typed: first, ...address };
}

/** undefined: it is no name of cluster DNS for a Service. One of two parts with a port may be a node's. */
function parseClusterName(text: string): (ServiceName & { readonly port?: string }) | undefined {
  const { name, namespace, svc, port } =
    /^(?:https?:\/\/)?(?<name>[a-z0-9-]+)\.(?<namespace>[a-z0-9-]+)(?<svc>\.svc(?:\.[a-z0-9.-]+)?)?(?::(?<port>\d+))?\/?$/i.exec(
      text,
    )?.groups ?? {};
  if (name === undefined || (svc === undefined && port !== undefined)) return undefined;
  return { name, namespace, ...(port !== undefined && { port }) };
}

const howToWrite = 'Write svc/NAME, NAMESPACE/NAME, ADDRESS:PORT or NODE:PORT';

/** undefined: it is no address, and no NODE:PORT. */
function parseAddress(text: string): Omit<TypedAddress, 'typed'> | undefined {
  const [, rest = '', suffix] = /^(.*?)(?:\/(tcp|udp|sctp))?$/is.exec(text) ?? [];
  const protocol = suffix === undefined ? undefined : protocolOf(suffix.toUpperCase());
  const whole = canonicalAddress(rest.replace(/^\[(.*)\]$/s, '$1'));
  if (whole !== undefined) return { host: whole, isAddress: true, port: undefined, protocol };
  const [, host = '', digits] = /^\[?([^/\s]+?)\]?:(\d{1,5})$/s.exec(rest) ?? [];
  if (digits === undefined) return undefined;
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw usageError(`${text} has no port that exists: ${digits}`, howToWrite);
  const address = canonicalAddress(host);
  return { host: address ?? host, isAddress: address !== undefined, port, protocol };
}
