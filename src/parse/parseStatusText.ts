import { canonicalAddress } from '../model/lb/address.ts';
import type { AgentStatus, FailingController, KprStatus, NodePortStatus, Past } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { readTable, type TableRow } from './readTable.ts';
import { secondsOf } from './secondsOf.ts';
import { excerptOf, linesOf } from './text.ts';
import { versionIn } from './versionIn.ts';

/**
 * The text of `cilium-dbg status --verbose` (cilium: pkg/client/client.go): `Name:   value`, and blocks
 * that are indented.
 */
export function parseStatusText(text: string): Parsed<AgentStatus> {
  const lines = linesOf(text);
  const cilium = valueOf(lines, 'Cilium');
  if (cilium === undefined) return unparsed(`no line "Cilium:": ${excerptOf(text)}`);
  const [state, message] = stateAndMessage(cilium);
  const [kubernetesState, kubernetesMessage] = stateAndMessage(valueOf(lines, 'Kubernetes') ?? '');
  const summary = valueOf(lines, 'KubeProxyReplacement');
  const details = blockOf(lines, 'KubeProxyReplacement Details:');
  // What is on and off stands in the block alone; without it there is no telling.
  if (summary !== undefined && details.length === 0) {
    return unparsed('it has no "KubeProxyReplacement Details": not the output of status --verbose, or cut');
  }
  const routing = valueOf(lines, 'Routing') ?? '';
  return parsed({
    node: undefined,
    version: versionIn(message),
    state,
    message,
    kubernetes: { state: kubernetesState, message: kubernetesMessage },
    kpr: details.length === 0 ? undefined : kprOf(details),
    masquerading: masqueradingOf(valueOf(lines, 'Masquerading') ?? ''),
    routing: {
      interHost: /Network: (\w+)/.exec(routing)?.[1] ?? '',
      intraHost: /Host: (\w+)/.exec(routing)?.[1] ?? valueOf(lines, 'Host Routing') ?? '',
      tunnelProtocol: /\[(\w+)\]/.exec(routing)?.[1] ?? '',
    },
    allocated: allocatedOf(lines),
    ...controllersOf(blockOf(lines, 'Controller Status:')),
    stale: staleOf(valueOf(lines, 'Stale status') ?? ''),
  });
}

/** Each line is `  ADDRESS (OWNER)`, with the pool before the address where that is not the default one. */
function allocatedOf(lines: readonly string[]): ReadonlySet<string> | undefined {
  const heading = 'Allocated addresses:';
  if (!lines.some((line) => line.startsWith(heading))) return undefined;
  return new Set(blockOf(lines, heading).flatMap((line) => addressOfPool(line.trim().split(' ')[0] ?? '')));
}

/** `10.244.1.7` of `10.244.1.7` and of `pool/10.244.1.7`; nothing of what is no address. */
export const addressOfPool = (text: string): string | [] =>
  canonicalAddress(text.slice(text.lastIndexOf('/') + 1)) ?? [];

/** What stands behind `name:`, at the beginning of a line or, in a block, behind blanks and a dash. */
function valueOf(lines: readonly string[], name: string): string | undefined {
  for (const line of lines) {
    const trimmed = line.replace(/^\s+(?:- )?/, '');
    if (trimmed.startsWith(`${name}:`)) return trimmed.slice(name.length + 1).trim();
  }
  return undefined;
}

/** The indented lines below a heading. */
function blockOf(lines: readonly string[], heading: string): readonly string[] {
  const at = lines.findIndex((line) => line.startsWith(heading));
  if (at === -1) return [];
  const end = lines.findIndex((line, i) => i > at && !/^\s/.test(line));
  return lines.slice(at + 1, end === -1 ? undefined : end);
}

function stateAndMessage(value: string): readonly [state: string, message: string] {
  const [, state = '', message = ''] = /^(\S*)\s*([^]*)$/.exec(value) ?? [];
  return [state, message];
}

function kprOf(details: readonly string[]): KprStatus {
  const value = (name: string): string => valueOf(details, name) ?? '';
  const isOn = (name: string): boolean => value(name).startsWith('Enabled');
  const devices = value('Devices')
    .split(',')
    .map((device) => device.trim())
    .filter((device) => device !== '');
  const direct = devices.find((device) => device.endsWith('(Direct Routing)'));
  const annotationsAt = details.findIndex((line) => line.trim() === 'Annotations:');
  return {
    mode: value('Status'),
    devices: devices.map((device) => {
      const [name = '', ...addresses] = wordsOf(device);
      return { name, addresses };
    }),
    directRoutingDevice: direct === undefined ? undefined : wordsOf(direct)[0],
    socketLb: value('Socket LB') === '' ? undefined : isOn('Socket LB'),
    socketLbHostNamespaceOnly: /^hostns-only$/i.test(value('Socket LB Coverage')),
    nodePort: isOn('NodePort') ? nodePortOf(value) : undefined,
    externalIPs: isOn('externalIPs'),
    hostPort: isOn('HostPort'),
    sessionAffinity: isOn('Session Affinity'),
    annotations:
      annotationsAt === -1
        ? undefined
        : details.slice(annotationsAt + 1).flatMap((line) => /^\s+- (\S+\/\S+)$/.exec(line.trimEnd())?.[1] ?? []),
  };
}

const wordsOf = (device: string): string[] => device.replace('(Direct Routing)', '').trim().split(/\s+/);

function nodePortOf(value: (name: string) => string): NodePortStatus {
  const [, algorithm = '', tableSize] = /^(\w+)(?: \(Table Size: (\d+)\))?/.exec(value('Backend Selection')) ?? [];
  const [, portMin, portMax] = /Range: (\d+)-(\d+)/.exec(value('NodePort')) ?? [];
  return {
    mode: value('Mode'),
    algorithm,
    maglevTableSize: tableSize === undefined ? undefined : Number(tableSize),
    acceleration: value('XDP Acceleration'),
    dsrDispatch: value('DSR Dispatch Mode') || undefined,
    portMin: Number(portMin ?? 0),
    portMax: Number(portMax ?? 0),
  };
}

/** `BPF   [eth0]   10.244.0.0/16 [IPv4: Enabled, IPv6: Disabled]`; the JSON calls the other mode `iptables`. */
function masqueradingOf(value: string): AgentStatus['masquerading'] {
  const [word = ''] = value.split(/\s/, 1);
  if (word === '' || word === 'Disabled') return { enabled: false, mode: '' };
  return { enabled: true, mode: word === 'IPTables' ? 'iptables' : word };
}

function controllersOf(block: readonly string[]): Pick<AgentStatus, 'failingControllers' | 'heartbeat'> {
  const table = readTable(block.join('\n'), ['Name', 'Last success', 'Last error', 'Count', 'Message']);
  if (!table.ok) return { failingControllers: [], heartbeat: undefined };
  const beat = table.value.find((row) => row.cell('Name') === 'k8s-heartbeat');
  return { failingControllers: table.value.flatMap(failing), heartbeat: beat && successOf(beat) };
}

function failing(row: TableRow): FailingController[] {
  const consecutiveFailures = Number(row.cell('Count') || 0);
  if (!(consecutiveFailures > 0)) return [];
  const lastFailure = row.cell('Message');
  return [{ name: row.cell('Name'), consecutiveFailures, lastFailure, lastSuccess: successOf(row) }];
}

/** `1m31s ago`, `never` */
function successOf(row: TableRow): Past | undefined {
  const secondsAgo = secondsOf(row.cell('Last success').replace(/ ago$/, ''));
  return secondsAgo === undefined ? undefined : { secondsAgo };
}

/** `"probe" since 2026-11-21 08:36:22 +0000 UTC, "other" since …` */
const staleOf = (value: string): ReadonlyMap<string, string> =>
  new Map(
    value.split(/,\s*(?=")/).flatMap((one): [string, string][] => {
      const [, probe, since = ''] = /^"([^"]*)" since (.*)$/.exec(one) ?? [];
      return probe === undefined ? [] : [[probe, since]];
    }),
  );
