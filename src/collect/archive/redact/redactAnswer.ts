import { isIP } from 'node:net';
import { parseJson } from '../../../text/parseJson.ts';
import { missing } from '../../../model/Fact.ts';
import type { Service } from '../../../model/kubernetes.ts';
import type { AnswerName, RawAnswer } from '../../../model/raw.ts';
import { isRecord } from '../../../text/isRecord.ts';
import type { Pseudonyms } from './Pseudonyms.ts';
import { redactCommand } from './redactCommand.ts';
import {
  redactAddresses,
  redactFreeText,
  redactHost,
  redactMacs,
  redactOption,
  redactProse,
  redactSettingWords,
  redactSystem,
} from './redactFreeText.ts';
import { redactIptables, redactSet } from './redactIptables.ts';
import { redactIpvs, redactMapDump } from './redactMaps.ts';
import { redactNft, redactTableName } from './redactNft.ts';
import { redactConfiguration } from './redactObjects.ts';
import { redactColumns } from './redactTables.ts';

/**
 * What a node printed, with pseudonyms. What can't be redacted because it is not understood is left out, and says so.
 */
export function redactAnswer(
  name: AnswerName,
  answer: RawAnswer,
  names: Pseudonyms,
  services: readonly Service[],
): RawAnswer {
  const command = answer.command === undefined ? undefined : redactCommand(answer.command, names);
  if ('missing' in answer)
    return { ...answer, detail: redactProse(answer.detail, names), ...(command !== undefined && { command }) };
  const text = redactors[name](answer.text, names, services);
  const shown = command ?? '';
  if (text === undefined) return { ...missing('notCollected', 'left out: it could not be redacted'), command: shown };
  return { text, stderr: redactProse(answer.stderr, names), exitCode: answer.exitCode, command: shown };
}

type Redactor = (text: string, names: Pseudonyms, services: readonly Service[]) => string | undefined;

/** Numbers and words of the program's own beside addresses. */
const addressesOnly: Redactor = (text, names) => redactMacs(redactAddresses(text, names), names);
const prose: Redactor = (text, names) => redactFreeText(text, names);

const frontends: Redactor = (text, names) =>
  redactColumns(text, ['Address', 'ServiceName'], names, (heading, cell) => {
    if (heading === 'ServiceName' || heading === 'RedirectTo') return names.serviceName(cell);
    if (heading === 'PortName') return names.label(cell);
    return heading === 'Error' ? redactProse(cell, names) : redactAddresses(cell, names);
  });

const health: Redactor = (text, names) =>
  redactColumns(text, ['Module', 'Component', 'Level'], names, (heading, cell) => {
    if (heading === 'Message' || heading === 'Error') return redactProse(cell, names);
    return heading === 'Component' || heading === 'Module' ? redactSettingWords(cell, names) : cell;
  });

const messageKeys: ReadonlySet<string> = new Set(['msg', 'last-failure-msg', 'last-success-msg', 'error']);

/** The agent's status: of the addresses that it gave only that it did, not to whom. */
const status: Redactor = (text, names) =>
  redactJson(text, names, (key, value, parent) => {
    if (key === 'ipam') return [{ allocations: givenAddresses(value, names) }];
    if (key === 'uuid' || key === 'public-key') return [];
    if (typeof value === 'string' && messageKeys.has(key)) return [redactProse(value, names)];
    // Other nodes and clusters by name; what is needed of them stands in the API's objects.
    if (typeof value !== 'string') return undefined;
    if (key === 'self' || (key === 'name' && (parent === 'clusters' || parent === 'nodes')))
      return [
        value
          .split('/')
          .map((part) => names.name(part))
          .join('/'),
      ];
    if (key !== 'name') return undefined;
    // Of a controller its pod, of WireGuard its interface.
    if (parent === 'controllers') return [redactProse(value, names)];
    return parent === 'interfaces' ? [names.interface(value)] : undefined;
  });

function givenAddresses(ipam: unknown, names: Pseudonyms): Readonly<Record<string, string>> | undefined {
  const allocations = isRecord(ipam) ? ipam['allocations'] : undefined;
  if (!isRecord(allocations)) return undefined;
  const addresses = Object.keys(allocations).map((key) => key.slice(key.lastIndexOf('/') + 1));
  return Object.fromEntries(addresses.filter((one) => isIP(one) !== 0).map((one) => [redactAddresses(one, names), '']));
}

const serviceList: Redactor = (text, names) =>
  redactJson(text, names, (key, value) =>
    typeof value === 'string' && (key === 'name' || key === 'namespace' || key === 'nodeName')
      ? [names.name(value)]
      : undefined,
  );

const configuration: Redactor = (text, names) =>
  text
    .split('\n')
    .map((line) => {
      const colon = line.indexOf(':');
      const key = line.slice(0, Math.max(0, colon));
      return key === ''
        ? line
        : `${redactOption(key, names)}:${redactConfiguration(key, line.slice(colon + 1), names)}`;
    })
    .join('\n');

const sets: Redactor = (text, names) =>
  text
    .split('\n')
    .map((line) =>
      line.replace(/^(Name: )?([^\s:]+)$/, (_, start = '', name: string) => start + redactSet(name, names)),
    )
    .join('\n');

/** `create NAME hash:ip …` and `add NAME ELEMENT comment "…"`. */
const ipsetSave: Redactor = (text, names) =>
  redactAddresses(text, names)
    // Addresses, ports and networks are an element; an interface may be a part of one.
    .replaceAll(/^(add \S+ )(\S+)/gm, (_, start: string, element: string) => start + redactSettingWords(element, names))
    .replaceAll(/^(create|add) (\S+)/gm, (_, verb: string, set: string) => `${verb} ${redactSet(set, names)}`)
    .replaceAll(
      /( comment )"((?:[^"\\]|\\.)*)"/g,
      (_, flag: string, comment: string) => `${flag}"text-${names.base32(comment, 8)}"`,
    );

/** Lines of family, name and, in newer captures, number of chains. */
const nftTables: Redactor = (text, names) =>
  text.replaceAll(
    /^(\S+) (\S+)( \d+)?$/gm,
    (_, family: string, name: string, chains = '') => `${family} ${redactTableName(family, name, names)}${chains}`,
  );

/** `ip -j address`: names that somebody gave, beside addresses. */
const interfaces: Redactor = (text, names) =>
  addressesOnly(
    text
      .replaceAll(/"ifalias": ?"(?:[^"\\]|\\[^]?)*(?:"|$),? ?/g, '')
      .replaceAll(/"altnames": ?\[[^\]]*(?:\]|$),? ?/g, '')
      .replaceAll(
        /("(?:ifname|link|master|label)": ?")([^"\\]*)/g,
        (_, key: string, name: string) => key + names.interface(name),
      ),
    names,
    [],
  );

/** `DEVICE HOOK NAME`, `DEVICE`, and `devices NUMBER` at the end. */
const devicePrograms: Redactor = (text, names) =>
  text.replaceAll(
    /^(\S+)( (?:ingress|egress|xdp) )?(\S*)$/gm,
    (line, device: string, hook: string | undefined, program: string) =>
      hook === undefined && program !== '' ? line : `${names.interface(device)}${hook ?? ''}${names.words(program)}`,
  );

/** `default via ADDRESS dev NAME proto dhcp metric 100`. */
const routes: Redactor = (text, names) =>
  addressesOnly(
    text.replaceAll(/(\bdev )(\S+)/g, (_, key: string, name: string) => key + names.interface(name)),
    names,
    [],
  );

/** `try NODE KIND ADDRESS …`; reasons of drops are Cilium's own. */
const reachProbe: Redactor = (text, names) =>
  addressesOnly(
    text.replaceAll(/^(from|try) (\S+)/gm, (_, word: string, node: string) => `${word} ${names.name(node)}`),
    names,
    [],
  );

const redactors: Readonly<Record<AnswerName, Redactor>> = {
  status,
  frontends,
  health,
  nodeAddresses: (text, names) =>
    redactColumns(text, ['Address', 'DeviceName'], names, (_, cell) => redactAddresses(cell, names)),
  metrics: (text, names) =>
    prose(
      text.replaceAll(
        /(\bhost"?[=:] ?"?)([^\s",}]+)/g,
        (_, key: string, host: string) => key + redactHost(host, names),
      ),
      names,
      [],
    ),
  agentLog: (text, names) => redactProse(text, names),
  // Names of tables and of the program's own types.
  tables: addressesOnly,
  serviceList,
  lbDump: redactMapDump,
  lbList: addressesOnly,
  lbFrontends: addressesOnly,
  lbBackends: addressesOnly,
  lbRevnat: addressesOnly,
  lbSourceRanges: addressesOnly,
  lbMaps: redactSettingWords,
  startedConfig: configuration,
  cgroupPrograms: redactSettingWords,
  devicePrograms,
  iptablesNft: redactIptables,
  ip6tablesNft: redactIptables,
  iptablesLegacy: redactIptables,
  ip6tablesLegacy: redactIptables,
  addresses: interfaces,
  ipsets: sets,
  ipsetSave,
  ipvs: redactIpvs,
  listeners: (text, names) =>
    addressesOnly(
      text
        .replaceAll(/%([\w.@-]{1,40})(?=[\]:])/g, (_, name: string) => `%${names.interface(name)}`)
        .replaceAll(/\("(?!cilium-agent")([^"]{0,60})"/g, (_, name: string) => `("${names.words(name)}"`),
      names,
      [],
    ),
  // `uname -a` names the node.
  kernel: redactSystem,
  defaultRoutes4: routes,
  defaultRoutes6: routes,
  routes4: routes,
  routes6: routes,
  routeRules: (text, names) =>
    addressesOnly(
      text
        .replaceAll(/(\b[io]if )(\S+)/g, (_, key: string, name: string) => key + names.interface(name))
        .replaceAll(/(\blookup )(\S+)/g, (_, key: string, name: string) => key + redactSettingWords(name, names)),
      names,
      [],
    ),
  sysctls: (text, names) =>
    text.replaceAll(/(\/conf\/)([^/\n]+)(\/)|[^/\n]+/g, (word, before?: string, link = '', after = '') =>
      before === undefined ? redactSettingWords(word, names) : before + names.interface(link) + after,
    ),
  kernelOptions: redactSettingWords,
  nftTables,
  // Rules as the kernel has them, with addresses and names in any place: not apart from each other.
  nftFilters: (text) => (text === '' ? '' : undefined),
  conntrack: (text, names) =>
    addressesOnly(text.replaceAll(/ (?:zone|secctx|secmark|token)=(?!\d+(?:\s|$))\S+/g, ''), names, []),
  proxyHealth: (text, names) => redactProse(text, names),
  apiProbe: (text, names) =>
    text
      .replaceAll(
        /\b(host|resolved)=(\S*)/g,
        (_, key: string, hosts: string) =>
          `${key}=${hosts
            .split(',')
            .map((host) => (/^[\d.]+$|:/.test(host) ? names.addresses.address(host) : names.name(host)))
            .join(',')}`,
      )
      .replaceAll(/\b(detail=)(.*)$/gm, (_, key: string, detail: string) => key + redactProse(detail, names)),
  dnsProbe: addressesOnly,
  serversProbe: addressesOnly,
  reachProbe,
  proxyIptables: redactIptables,
  proxyIp6tables: redactIptables,
  proxyNft: redactNft,
};

/**
 * @param special what becomes of a field: the one new value, none (the field goes), or undefined (as all others);
 * `parent` is the key under which its object, or the list of those, stands
 */
function redactJson(
  text: string,
  names: Pseudonyms,
  special: (key: string, value: unknown, parent: string) => readonly unknown[] | undefined,
): string {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    return redactFreeText(text, names);
  }
  const redact = (value: unknown, parent: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => redact(one, parent));
    if (typeof value === 'string') return redactFreeText(value, names);
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, one]): [string, unknown][] => {
        const special_ = special(key, one, parent);
        if (special_ === undefined) return [[redactAddresses(key, names), redact(one, key)]];
        return special_.map((changed) => [key, changed]);
      }),
    );
  };
  return `${JSON.stringify(redact(json, ''), undefined, 1)}\n`;
}
