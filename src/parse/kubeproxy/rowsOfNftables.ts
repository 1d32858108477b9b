import { canonicalAddress, canonicalCidr, type Family, unspecified } from '../../model/lb/address.ts';
import type { ProxyKind, ProxyTable } from '../../model/lb/ProxyTable.ts';
import type { NftRuleset, NftTableContent } from '../../model/NftRuleset.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { listIn, numberIn, objectIn, textIn } from '../json.ts';
import { tablesOfRuleset } from '../nft/tablesOfRuleset.ts';
import { joinTables } from './joinTables.ts';
import { actOf, fieldOf, nftSteps } from './nftSteps.ts';
import { type Entry, ProxyTableBuilder, transportOf } from './ProxyTableBuilder.ts';
import { type RuleGraph, walkRules } from './RuleGraph.ts';

/**
 * kube-proxy's nftables rules (`nft -j list ruleset`, or its tables alone) as rows, both families; undefined: there is
 * no table `kube-proxy`. Kubernetes 1.29 to 1.36 (pkg/proxy/nftables/proxier.go).
 */
export function rowsOfRuleset(ruleset: NftRuleset): ProxyTable | undefined {
  const own = tablesOfRuleset(ruleset).filter(({ name }) => name === 'kube-proxy');
  return joinTables(
    (['ip', 'ip6'] as const).flatMap((family) => {
      const content = own.find((table) => table.family === family);
      return content === undefined ? [] : [readTable(objectsOf(content), family === 'ip' ? 'ipv4' : 'ipv6')];
    }),
  );
}

interface NftObjects {
  readonly chains: ReadonlyMap<string, readonly JsonObject[]>;
  readonly hooks: ReadonlySet<string>;
  /** Sets and maps by their name. */
  readonly sets: ReadonlyMap<string, JsonObject>;
}

function readTable(objects: NftObjects, family: Family): ProxyTable {
  const { chains, sets } = objects;
  const graph: RuleGraph = new Map(
    [...chains].map(([name, rules]) => [name, rules.flatMap((rule) => nftSteps(rule, sets))]),
  );
  const builder = new ProxyTableBuilder(graph);
  const elements = (name: string) => listIn(sets.get(name)?.['elem']);
  const addresses = (name: string, kind: (chain: string) => ProxyKind): void => {
    for (const element of elements(name)) {
      const found = addressElement(element, graph);
      if (found === undefined) builder.notUnderstood(JSON.stringify(element), `no entry of ${name} that is known`);
      else builder.add({ ...found, kind: kind(found.chain ?? '') });
    }
  };
  addresses('service-ips', (chain) => (chain.startsWith('external-') ? 'External' : 'ClusterIP'));
  const clusterIPs = new Set(elements('cluster-ips').map((element) => canonicalAddress(textIn(valueOf(element)))));
  for (const element of elements('no-endpoint-services')) {
    const found = addressElement(element, graph);
    if (found === undefined)
      builder.notUnderstood(JSON.stringify(element), 'no entry of no-endpoint-services that is known');
    else builder.add({ ...found, kind: clusterIPs.has(found.address) ? 'ClusterIP' : 'External' });
  }
  for (const element of elements('firewall-ips')) {
    const found = addressElement(element, graph);
    const ranges = found?.chain === undefined ? undefined : rangesOf(chains.get(found.chain) ?? [], found.address);
    if (found === undefined || ranges === undefined)
      builder.notUnderstood(JSON.stringify(element), 'no source ranges that are known');
    else builder.add({ ...found, chain: undefined, kind: 'LoadBalancer', sourceRanges: ranges });
  }
  const reach = nodePortReach(chains.get('services') ?? [], sets, family);
  for (const name of ['service-nodeports', 'no-endpoint-nodeports']) {
    for (const element of elements(name)) {
      const found = portElement(element, graph);
      if (found === undefined) builder.notUnderstood(JSON.stringify(element), `no entry of ${name} that is known`);
      else for (const address of reach.addresses) builder.add({ ...found, address, onLoopback: reach.onLoopback });
    }
  }
  const hooked = isHooked(objects, graph);
  return { mode: 'nftables', families: new Set([family]), hooked, ...builder.content() };
}

function objectsOf({ chains, sets, rules }: NftTableContent): NftObjects {
  const ofChain = (name: string): readonly JsonObject[] =>
    (rules.get(name) ?? []).map(({ printed }) => objectIn(printed['rule']));
  return {
    chains: new Map([...chains.map(({ name }) => name), ...rules.keys()].map((name) => [name, ofChain(name)])),
    hooks: new Set(chains.flatMap(({ name, base }) => (base === undefined ? [] : [name]))),
    sets: new Map(sets.map(({ kind, name, printed }) => [name, objectIn(printed[kind])])),
  };
}

/** An element is a value, or `{ elem: { val, comment, … } }`. */
function valueOf(element: unknown): unknown {
  const elem = objectIn(element)['elem'];
  return isRecord(elem) ? elem['val'] : element;
}
function commentOf(element: unknown): string | undefined {
  const comment = objectIn(objectIn(element)['elem'])['comment'];
  return typeof comment === 'string' ? comment : undefined;
}
const concatOf = (element: unknown): readonly unknown[] => listIn(objectIn(valueOf(element))['concat']);

/** An entry `address . protocol . port : verdict`. */
function addressElement(element: unknown, graph: RuleGraph): Entry | undefined {
  const [key, verdict] = listIn(element);
  const [address, protocol, port] = concatOf(key);
  return entryOf(canonicalAddress(textIn(address)), protocol, port, verdict, commentOf(key), 'External', graph);
}

/** An entry `protocol . port : verdict`. */
function portElement(element: unknown, graph: RuleGraph): Entry | undefined {
  const [key, verdict] = listIn(element);
  const [protocol, port] = concatOf(key);
  return entryOf('', protocol, port, verdict, commentOf(key), 'NodePort', graph);
}

function entryOf(
  address: string | undefined,
  protocolName: unknown,
  port: unknown,
  verdict: unknown,
  comment: string | undefined,
  kind: ProxyKind,
  graph: RuleGraph,
): Entry | undefined {
  const protocol = transportOf(textIn(protocolName));
  const number = numberIn(port);
  const act = actOf(objectIn(verdict));
  if (address === undefined || protocol === undefined || number === undefined || act === undefined) return undefined;
  const target = 'target' in act ? act.target : undefined;
  // The entries of the maps for what has no endpoint lead to one chain that rejects, or drop.
  const refusal = target === undefined ? act.kind : walkRules(graph, target, 'outside', protocol).answer.kind;
  const isRefused = (refusal === 'reject' || refusal === 'drop') && !(target ?? '').startsWith('firewall-');
  return {
    address,
    port: number,
    protocol,
    kind,
    service: comment ?? serviceIn(target ?? ''),
    onLoopback: false,
    chain: isRefused ? undefined : target,
    verdict: isRefused ? refusal : undefined,
    sourceRanges: [],
  };
}

/** `service-KK7OZTNB-default/web/tcp/http` → `default/web:http`. */
function serviceIn(chain: string): string | undefined {
  const [, namespace, name, port] = /^[a-z]+-[A-Z2-7]{8}-([^/]+)\/([^/]+)\/[a-z]+\/([^/]*)$/.exec(chain) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return `${namespace}/${name}${port === undefined || port === '' ? '' : `:${port}`}`;
}

/** The firewall chain drops what is not of the ranges; undefined: it does something else. */
function rangesOf(rules: readonly JsonObject[], own: string): readonly string[] | undefined {
  const [rule, ...more] = rules;
  const [match, verdict, ...rest] = listIn(rule?.['expr']).filter((part) => objectIn(part)['counter'] === undefined);
  const { op, left, right } = objectIn(objectIn(match)['match']);
  if (more.length > 0 || rest.length > 0 || op !== '!=' || fieldOf(left) !== 'saddr') return undefined;
  if (!isRecord(verdict) || !('drop' in verdict)) return undefined;
  const set = objectIn(right)['set'];
  const ranges = new Set<string>();
  for (const part of Array.isArray(set) ? set : [right]) {
    const cidr = cidrOf(valueOf(part), own.includes(':') ? 128 : 32);
    if (cidr === undefined) return undefined;
    ranges.add(cidr);
  }
  if (ranges.size > 1) ranges.delete(`${own}/${own.includes(':') ? 128 : 32}`);
  return [...ranges].toSorted();
}

function cidrOf(value: unknown, bits: number): string | undefined {
  if (typeof value === 'string') return canonicalCidr(`${value}/${bits}`);
  const { addr, len } = objectIn(objectIn(value)['prefix']);
  return canonicalCidr(`${textIn(addr)}/${String(len)}`);
}

/** At which addresses the chain `services` looks NodePorts up. */
function nodePortReach(
  rules: readonly JsonObject[],
  sets: ReadonlyMap<string, JsonObject>,
  family: Family,
): { readonly addresses: ReadonlySet<string>; readonly onLoopback: boolean } {
  const addresses = new Set<string>();
  let onLoopback = false;
  for (const rule of rules) {
    const parts = listIn(rule['expr']).map((part) => objectIn(part));
    if (!parts.some((part) => objectIn(part['vmap'])['data'] === '@service-nodeports')) continue;
    const matches = parts.map((part) => objectIn(part['match']));
    const byAddress = matches.find(({ op, left }) => op === '==' && fieldOf(left) === 'daddr');
    if (byAddress === undefined) {
      addresses.add(unspecified[family]);
      onLoopback = !matches.some(({ op, left }) => op === '!=' && fieldOf(left) === 'daddr');
      continue;
    }
    const { right } = byAddress;
    const named = typeof right === 'string' && right.startsWith('@') ? sets.get(right.slice(1))?.['elem'] : undefined;
    const list = named ?? objectIn(right)['set'] ?? [right];
    for (const element of listIn(list)) {
      const address = canonicalAddress(textIn(valueOf(element)));
      if (address !== undefined) addresses.add(address);
    }
  }
  return { addresses, onLoopback };
}

/** Whether packets come to the chain `services` from one that the kernel calls. */
function isHooked({ hooks }: NftObjects, graph: RuleGraph): boolean {
  return [...hooks].some((hook) =>
    (graph.get(hook) ?? []).some(({ act }) => 'target' in act && act.target === 'services'),
  );
}
