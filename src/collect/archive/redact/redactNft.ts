import { parseJson } from '../../../text/parseJson.ts';
import { nftHash } from '../../../expect/kube-proxy/chainHashes.ts';
import { ownerOfNftTable } from '../../../knowledge/owners/ownerOfObject.ts';
import { isRecord } from '../../../text/isRecord.ts';
import type { Pseudonyms } from './Pseudonyms.ts';
import { redactAddresses } from './redactFreeText.ts';

/**
 * `nft -j list ruleset`: kube-proxy's tables with pseudonyms; of the tables of others that they are there. undefined:
 * it is no such JSON, so that nobody knows what it says.
 */
export function redactNft(text: string, names: Pseudonyms): string | undefined {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json) || !Array.isArray(json['nftables'])) return undefined;
  const objects = json['nftables'].flatMap((object): unknown[] => {
    if (!isRecord(object)) return [];
    if ('metainfo' in object) return [object];
    const [kind = '', value] = Object.entries(object)[0] ?? [];
    if (!isRecord(value)) return [];
    const table = kind === 'table' ? value['name'] : value['table'];
    if (table === 'kube-proxy') return [redactValue(object, names)];
    if (kind !== 'table' || typeof table !== 'string') return [];
    return [{ table: { ...value, name: redactTableName(String(value['family']), table, names), comment: undefined } }];
  });
  return `${JSON.stringify({ nftables: objects })}\n`;
}

/** The tables of the nft backend of iptables have the names of its tables. */
export const redactTableName = (family: string, name: string, names: Pseudonyms): string =>
  ownerOfNftTable(family, name) === 'unknown' ? names.label(name) : name;

function redactValue(value: unknown, names: Pseudonyms): unknown {
  if (Array.isArray(value)) return value.map((one) => redactValue(one, names));
  if (isRecord(value)) {
    const { addr, len } = value;
    if (typeof addr === 'string' && typeof len === 'number') {
      const [address = addr] = names.addresses.cidr(addr, len).split('/');
      return { ...value, addr: address };
    }
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redactValue(one, names)]));
  }
  return typeof value === 'string' ? redactWord(value, names) : value;
}

const chain = /^(@?(?:service|local|external|firewall|endpoint|affinity))-([A-Z2-7]{8})-(.+)$/;

/** A chain or (`@` refers to it) a set of one Service, a comment with its name, an address, or a word of nft's own. */
function redactWord(text: string, names: Pseudonyms): string {
  const [, kind, , rest = ''] = chain.exec(text) ?? [];
  if (kind !== undefined) {
    const renamed = redactChainRest(rest, names);
    return `${kind}-${nftHash(renamed)}-${renamed}`;
  }
  const named = text.replaceAll(
    /(?<![\w./:-])[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*(?::[a-z0-9-]+)?(?![\w/-])/g,
    (found) => (/^[\d./]+$/.test(found) ? found : names.serviceName(found)),
  );
  return redactAddresses(named, names);
}

/** `ns/name/tcp/port` or `ns/name/tcp/port__10.0.0.1/80`, where an IPv6 address has dots. */
function redactChainRest(text: string, names: Pseudonyms): string {
  const [, service = text, endpoint] = /^(.*?)(?:__(.*))?$/s.exec(text) ?? [];
  const [namespace = '', name = '', protocol = '', port = ''] = service.split('/');
  const renamed = [names.name(namespace), names.name(name), protocol, names.label(port)].join('/');
  if (endpoint === undefined) return renamed;
  const [address = '', ...rest] = endpoint.split('/');
  const isV4 = /^\d+\.\d+\.\d+\.\d+$/.test(address);
  const mapped = isV4
    ? names.addresses.address(address)
    : names.addresses.address(address.replaceAll('.', ':')).replaceAll(':', '.');
  return `${renamed}__${[mapped, ...rest].join('/')}`;
}
