import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Env } from '../ConnectionFlags.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * The proxy that the environment asks for, for a server's URL; undefined: none. Means what it means to kubectl
 * (golang.org/x/net/http/httpproxy): NO_PROXY knows addresses, CIDR ranges, names, `.suffixes`, each with an optional
 * port, and `*`; localhost and loopback addresses never go through a proxy.
 */
export function proxyFor(server: string, env: Env): string | undefined {
  const url = new URL(server);
  const isHttps = url.protocol === 'https:';
  const proxy = either(env, isHttps ? 'https_proxy' : 'http_proxy');
  if (proxy === '') return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (isHttps ? '443' : '80');
  if (host === 'localhost' || (isIP(host) !== 0 && loopback.check(host, family(host)))) return undefined;
  const entries = either(env, 'no_proxy')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  if (entries.some((entry) => entry === '*' || entryCovers(entry, host, port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

const either = (env: Env, name: string): string => env[name.toUpperCase()] || env[name.toLowerCase()] || '';

function addRange(list: BlockList, entry: string): boolean {
  const [address = '', prefix = ''] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128)) return false;
  list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return true;
}

/** `host:port`, `[v6]:port`, `[v6]`, a bare v6 address, or a host. */
function splitPort(entry: string): { host: string; port: string } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry);
  return match ? { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' } : { host: entry, port: '' };
}

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

function isSameAddress(a: string, b: string): boolean {
  const list = new BlockList();
  list.addAddress(a, family(a));
  return list.check(b, family(b));
}

function entryCovers(entry: string, host: string, port: string): boolean {
  const range = new BlockList();
  if (addRange(range, entry)) return isIP(host) !== 0 && range.check(host, family(host));
  const wanted = splitPort(entry);
  if (wanted.host === '' || (wanted.port !== '' && wanted.port !== port)) return false;
  if (isIP(wanted.host) !== 0) return isIP(host) !== 0 && isSameAddress(wanted.host, host);
  // `example.com` covers itself and what lies below it; `.example.com` and `*.example.com` only what lies below.
  const suffix = wanted.host.replace(/^\*(?=\.)/, '');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}
