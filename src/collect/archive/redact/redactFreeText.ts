import { redactText } from '../../redactText.ts';
import type { Pseudonyms } from './Pseudonyms.ts';

/**
 * IPv4 or IPv6, with a length of a network behind it or not; neighbours that make it a part of something else
 * are looked at.
 */
const ipv4 = /(?<![\w.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:\/(\d{1,2}))?(?![\w])(?!\.\d)/g;
const ipv6 =
  /(?<![\w:.])((?:[0-9a-fA-F]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}))(?:\/(\d{1,3}))?(?![\w:])/g;
const mac = /(?<![\w:])[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![\w:])/g;

/** Every address in a text, whatever stands around it. */
export const redactAddresses = (text: string, { addresses }: Pseudonyms): string =>
  text
    .replace(ipv6, (whole, address: string, length: string | undefined) => mapped(addresses, whole, address, length))
    .replace(ipv4, (whole, address: string, length: string | undefined) => mapped(addresses, whole, address, length));

const mapped = (
  addresses: Pseudonyms['addresses'],
  whole: string,
  address: string,
  length: string | undefined,
): string => (length === undefined ? addresses.address(address) : addresses.cidr(address, Number(length))) || whole;

export const redactMacs = (text: string, names: Pseudonyms): string => text.replace(mac, (found) => names.mac(found));

const url = /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@"']+@)?(\[[0-9a-fA-F:.]+\]|[^\s/:"'\\<>,;]+)/g;
const email = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
/**
 * Names of machines on the Internet and in companies; what ends otherwise is more often a file or a part of a program.
 */
const machine =
  /(?<![\w./@-])(?:[a-zA-Z0-9](?:[\w-]*[a-zA-Z0-9])?\.)+(?:com|net|org|io|dev|cloud|local|internal|corp|lan|intern|home|private|test|example|invalid|info|biz|de|fr|uk|us|eu|ch|at|nl|it|es|pl|cz|se|dk|fi|jp|cn|kr|br|au|ca|ru)(?![\w-])(?!\.\w)/g;
const publicMachine = /(^|\.)(kubernetes\.io|k8s\.io|cilium\.io|svc|cluster\.local|localhost|docker\.io|github\.com)$/;
const word = /[A-Za-z0-9][\w-]*/g;

/**
 * Prose, command lines, values of configuration: hosts, addresses, and every name that the cluster is known to have.
 */
export function redactFreeText(text: string, names: Pseudonyms): string {
  const hosts = redactText(text)
    .replace(url, (_, scheme: string, host: string) => `${scheme}${redactHost(host, names)}`)
    .replace(email, (found) => `${names.label(found)}@redacted.invalid`)
    .replace(machine, (found) => (publicMachine.test(found) ? found : redactHost(found, names)));
  return redactKnownNames(redactMacs(redactAddresses(hosts, names), names), names);
}

/** The name or the address of a machine. */
export function redactHost(host: string, names: Pseudonyms): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (/^[\d.]+$|:/.test(bare))
    return bare === host ? names.addresses.address(bare) : `[${names.addresses.address(bare)}]`;
  return names.name(host);
}

/** Words, and parts of words between dashes, that are names elsewhere. */
export function redactKnownNames(text: string, names: Pseudonyms): string {
  return text.replace(word, (found) => {
    if (names.isKnown(found)) return names.label(found);
    return found.includes('-') ? withinDashes(found, names) : found;
  });
}

/** `payments-api-7d9f` where `payments-api` is a name: the longest such part, from the left. */
function withinDashes(found: string, names: Pseudonyms): string {
  const parts = found.split('-');
  for (let length = parts.length - 1; length > 0; length--) {
    for (let from = 0; from + length <= parts.length; from++) {
      const part = parts.slice(from, from + length).join('-');
      if (part.length < 3 || !names.isKnown(part)) continue;
      const rest = (some: readonly string[]): string => (some.length === 0 ? '' : withinDashes(some.join('-'), names));
      const [before, after] = [rest(parts.slice(0, from)), rest(parts.slice(from + length))];
      return [before, names.label(part), after].filter((one) => one !== '').join('-');
    }
  }
  return found;
}
