import { parseJson } from '../../text/parseJson.ts';
import { canonicalAddress, protocolOf } from '../../model/lb/address.ts';
import { type BackendKey, backendKey, frontendKey, type KeyParts } from '../../model/lb/keys.ts';
import { type FlagName, type FrontendFlags, flagsOfWords } from '../../model/lb/lbFlags.ts';
import type { BackendState, LbTable } from '../../model/lb/LbTable.ts';
import type { JsonObject } from '../../text/isRecord.ts';
import { objectIn, textIn } from '../json.ts';
import { agentSlots } from './agentSlots.ts';
import { LbTableBuilder } from './LbTableBuilder.ts';

/**
 * Reads `cilium-dbg service list -o json`: the agent's own table of services, not the maps. Total. Since 1.18
 * `status.realized` is the same object as `spec`, so only `spec` is read. In front of it may stand of which
 * frontends it is (serviceRows.pl).
 */
export function parseServiceList(text: string): LbTable {
  if (!text.startsWith(narrowing)) return parseList(text);
  const end = text.indexOf('\n');
  const words = text.slice(narrowing.length, end).split(' ');
  const narrowedTo = new Set(words.flatMap((address, at) => (at % 2 === 0 ? [`${address} ${words[at + 1]}`] : [])));
  return { ...parseList(text.slice(end + 1)), narrowedTo };
}

const narrowing = 'only ';

function parseList(text: string): LbTable {
  const table = new LbTableBuilder();
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    return table.finish('serviceList', { unreadable: 'service list printed no JSON' });
  }
  // No services: null.
  if (parsed !== null && !Array.isArray(parsed))
    return table.finish('serviceList', { unreadable: 'service list printed no JSON array' });
  for (const item of (parsed ?? []) as readonly unknown[]) {
    if (!readService(table, item))
      table.notUnderstood(JSON.stringify(item) ?? 'undefined', 'a service without address and port');
  }
  return table.finish('serviceList', {});
}

function readService(table: LbTableBuilder, item: unknown): boolean {
  const spec = objectIn(objectIn(item)['spec']);
  const parts = partsOf(objectIn(spec['frontend-address']));
  if (parts === undefined) return false;
  const key = frontendKey(parts.address, parts.port, parts.protocol, parts.scope);
  const row = table.row(key, () => ({ ...parts, key }));
  if (row === undefined) return false;
  const flags = objectIn(spec['flags']);
  const list: unknown = spec['backend-addresses'];
  const backends = (Array.isArray(list) ? list : []).map((value: unknown) => backendOf(objectIn(value)));
  const slots = agentSlots(backends.filter((backend) => backend !== undefined));
  table.master(row, {
    id: typeof spec['id'] === 'number' ? spec['id'] : 0,
    flags: flagsOf(flags),
    count: slots.count,
    inactiveCount: slots.order.length - slots.count,
    affinityTimeout: undefined,
    algorithm: undefined,
    l7ProxyPort: undefined,
    agent: {
      service: `${textIn(flags['namespace'])}/${textIn(flags['name'])}`,
      status: '',
      error: '',
      redirectTo: '',
      more: 0,
    },
  });
  for (const [at, backend] of slots.order.entries()) table.slot(row, at + 1, 0, undefined, backend);
  return backends.every((backend) => backend !== undefined);
}

function partsOf(address: JsonObject): KeyParts | undefined {
  const ip = canonicalAddress(textIn(address['ip']));
  // Zero values are left out.
  const port = address['port'] ?? 0;
  const protocol = protocolOf(textIn(address['protocol']).toUpperCase() || 'ANY');
  if (ip === undefined || typeof port !== 'number' || protocol === undefined) return undefined;
  const scope = address['scope'] === 'internal' ? 'internal' : 'external';
  return { address: ip, port, protocol, scope };
}

const states: ReadonlySet<string> = new Set([
  'active',
  'terminating',
  'terminating-not-serving',
  'quarantined',
  'maintenance',
]);
const isState = (value: string): value is BackendState => states.has(value);

function backendOf(value: JsonObject): { readonly key: BackendKey; readonly state: BackendState } | undefined {
  const parts = partsOf(value);
  if (parts === undefined) return undefined;
  const state = textIn(value['state']) || 'active';
  return {
    key: backendKey(parts.address, parts.port, parts.protocol),
    state: isState(state) ? state : 'inactive',
  };
}

function flagsOf(flags: JsonObject): FrontendFlags {
  const { type, unknown } = flagsOfWords([textIn(flags['type'])]);
  const names = new Set<FlagName>();
  if (flags['extTrafficPolicy'] === 'Local') names.add('Local');
  if (flags['intTrafficPolicy'] === 'Local') names.add('InternalLocal');
  return { type, names, unknown };
}
