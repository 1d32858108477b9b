import { type Fact, isKnown, known, mapFact, type Missing, missing, valueOf } from '../model/Fact.ts';
import type { LbTable } from '../model/lb/LbTable.ts';
import type { AgentStatus, DefaultRoute, NodeFacts } from '../model/NodeFacts.ts';
import type { RawAnswer, RawNode } from '../model/raw.ts';
import { agreeing } from './agreeing.ts';
import { parseIpsetSave } from './ipset/ipsetSave.ts';
import { parseIpvsProc } from './ipvs/parseIpvsProc.ts';
import { eitherTable, tableOfAgent } from './kubeproxy/readProxyTable.ts';
import { SelectableCounts } from '../model/lb/CommonFrontends.ts';
import type { KnownRows } from './digest/KnownRows.ts';
import { mapFrontendsOf } from './mapFrontendsOf.ts';
import type { NodeIdentities } from './NodeIdentities.ts';
import { ownRules } from './ownRules.ts';
import { parseApiProbe } from './parseApiProbe.ts';
import { parseCgroupPrograms } from './parseCgroupPrograms.ts';
import { parseConntrack } from './parseConntrack.ts';
import { defaultRoutesIn, parseDefaultRoutes } from './parseDefaultRoutes.ts';
import { parseDevicePrograms } from './parseDevicePrograms.ts';
import { parseRouteRules } from './parseRouteRules.ts';
import { parseRoutes } from './parseRoutes.ts';
import { parseDnsProbe } from './parseDnsProbe.ts';
import { parseFailedCalls } from './parseFailedCalls.ts';
import { parseFrontendStates } from './parseFrontendStates.ts';
import { parseInterfaces } from './parseInterfaces.ts';
import { parseIpsets } from './parseIpsets.ts';
import { virtualServersOf } from './virtualServersOf.ts';
import { parseKernel } from './parseKernel.ts';
import { parseKernelOptions } from './parseKernelOptions.ts';
import { parseListeners } from './parseListeners.ts';
import { parseMapFrontends } from './parseMapFrontends.ts';
import { parseMetrics } from './parseMetrics.ts';
import { parseModuleHealth } from './parseModuleHealth.ts';
import { parseAllNftTables } from './parseNftTables.ts';
import { parseNftFilters } from './nft/parseNftFilters.ts';
import { parseNodeAddresses } from './parseNodeAddresses.ts';
import { parsePendingInitializers } from './parsePendingInitializers.ts';
import { parseProxyHealth } from './parseProxyHealth.ts';
import { parseReachProbe } from './parseReachProbe.ts';
import { parseServersProbe } from './parseServersProbe.ts';
import { parseStartedConfig } from './parseStartedConfig.ts';
import { parseStatus } from './parseStatus.ts';
import { parseSysctls } from './parseSysctls.ts';
import { type AnswerRules, readAnswer, unparsedOf } from './readAnswer.ts';
import { readIptables, readProxyRules } from './readIptables.ts';
import { readLbDump } from './readLbDump.ts';
import { readAgentTable, readLbTable, withoutRevNat } from './readLbTable.ts';
import { mapSizesOf, readMapSizes } from './readMapSizes.ts';
import type { SharedRules } from './rules/SharedRules.ts';

export interface NodeContext {
  /** The name of the kube-proxy pod that runs on the node; undefined: there is none, or nobody knows. */
  readonly kubeProxyPod: string | undefined;
  /** Tells whose answers they are; undefined: the API's nodes are not known. */
  readonly identities?: NodeIdentities | undefined;
  /** The rules of the nodes before it; undefined: it is the only one. */
  readonly rules?: SharedRules;
  /** What nodes' maps have in common, where they were asked for digests. */
  readonly digests?: KnownRows | undefined;
}

/** A node's answers as facts, each by itself: what did not come or was not understood takes nothing else with it. */
export function readNodeFacts(raw: RawNode, { kubeProxyPod, identities, rules, digests }: NodeContext): NodeFacts {
  const { answers } = raw;
  /** The fact, unless what it states belongs to another node. */
  const own = <T>(fact: Fact<T>, stated: (value: T) => Iterable<string>): Fact<T> => {
    const other = isKnown(fact) ? identities?.otherThan(raw.name, stated(fact.value)) : undefined;
    return other === undefined ? fact : unparsedOf(fact.source ?? '', `gave the answer of ${other}`);
  };
  const digested = digestedOf(answers.lbDump, digests);
  const dump = digested === undefined ? readLbDump(raw) : undefined;
  const interfaces = own(readAnswer(answers.addresses, parseInterfaces), (all) => all.flatMap((one) => one.addresses));
  const { iptables, nftTables } = agreeing(
    ownRules(readIptables(raw, rules, digests?.rules), interfaces),
    readAnswer(answers.nftTables, parseAllNftTables),
  );
  const ipvs = readAnswer(answers.ipvs, parseIpvsProc);
  const ofIpvs = { ipvs, interfaces, sets: readAnswer(answers.ipsetSave, parseIpsetSave) };
  const proxyRules = readProxyRules(raw, kubeProxyPod, ofIpvs, rules);
  const lbTable = mapFact(own(digested?.table ?? readLbTable(raw, dump), nodePortAddresses), (all) => {
    const other = identities?.otherThan(raw.name, translatedAddresses(all));
    const table = withDoubt(all, answers.lbDump);
    return other === undefined ? table : withoutRevNat(table, `bpf lb list --revnat gave the answer of ${other}`);
  });
  return {
    status: own(readAnswer(answers.status, parseStatus, { selfContained: true }), statedByAgent),
    frontendStates: readAnswer(
      answers.frontends,
      (text) => digests?.states.read(text) ?? parseFrontendStates(text),
      table('frontends'),
    ),
    moduleHealth: readAnswer(answers.health, parseModuleHealth, table('health')),
    nodeAddresses: own(readAnswer(answers.nodeAddresses, parseNodeAddresses, table('node-addresses')), (all) =>
      all.map(({ address }) => address),
    ),
    failedCalls: readAnswer(answers.agentLog, parseFailedCalls),
    pendingInitializers: readAnswer(answers.tables, parsePendingInitializers, table('tables')),
    metrics: readAnswer(answers.metrics, parseMetrics),
    mapFrontends: digested?.counts(lbTable) ?? readMapFrontends(raw, dump, lbTable),
    lbTable,
    agentTable: readAnswer(answers.serviceList, readAgentTable),
    mapSizes: digested?.sizes ?? readMapSizes(raw, dump),
    startedConfig: readAnswer(answers.startedConfig, parseStartedConfig, { explain: noDirectory }),
    cgroupPrograms: readAnswer(answers.cgroupPrograms, (text) =>
      parseCgroupPrograms(text, cgroupRootIn(answers.cgroupPrograms)),
    ),
    devicePrograms: readAnswer(answers.devicePrograms, parseDevicePrograms),
    iptables,
    interfaces,
    ipsets: readAnswer(answers.ipsets, parseIpsets),
    ipvs: mapFact(ipvs, virtualServersOf),
    listeners: own(readAnswer(answers.listeners, parseListeners), (all) => all.map(({ address }) => address)),
    kernel: readAnswer(answers.kernel, parseKernel),
    defaultRoutes: bothFamilies(
      readDefaultRoutes('ipv4', answers.routes4, answers.defaultRoutes4),
      readDefaultRoutes('ipv6', answers.routes6, answers.defaultRoutes6),
    ),
    routes4: own(readAnswer(answers.routes4, parseRoutes('ipv4')), () => routeSources(answers.routes4)),
    routes6: own(readAnswer(answers.routes6, parseRoutes('ipv6')), () => routeSources(answers.routes6)),
    routeRules: readAnswer(answers.routeRules, parseRouteRules),
    sysctls: readAnswer(answers.sysctls, parseSysctls, { selfContained: true }),
    kernelOptions: readAnswer(answers.kernelOptions, parseKernelOptions),
    nftTables,
    nftFilters: readAnswer(answers.nftFilters, parseNftFilters),
    conntrack: readAnswer(answers.conntrack, parseConntrack),
    proxyHealth: readAnswer(answers.proxyHealth, parseProxyHealth, { mayEndAnywhere: true }),
    apiProbe: readAnswer(answers.apiProbe, parseApiProbe),
    dnsProbe: readAnswer(answers.dnsProbe, parseDnsProbe),
    serversProbe: readAnswer(answers.serversProbe, parseServersProbe),
    reachProbe: own(readAnswer(answers.reachProbe, parseReachProbe), ({ from }) => [from]),
    proxyRules,
    proxyTable: eitherTable(
      isKnown(proxyRules) ? proxyRules.value.table : proxyRules,
      tableOfAgent(iptables, nftTables, ofIpvs, rules?.rows),
    ),
  };
}

/** Of all routes; of a reading that lacks them, as they were asked for by themselves. */
function readDefaultRoutes(
  family: DefaultRoute['family'],
  routes: RawAnswer | undefined,
  alone: RawAnswer | undefined,
): NodeFacts['defaultRoutes'] {
  const parse = parseDefaultRoutes(family);
  const among = readAnswer(routes, (text) => parse(defaultRoutesIn(text)));
  return isKnown(among) || alone === undefined ? among : readAnswer(alone, parse);
}

/** Addresses from which a node sends by its routes: its own. */
function* routeSources(answer: RawAnswer | undefined): Iterable<string> {
  if (answer === undefined || 'missing' in answer) return;
  for (const [, address = ''] of answer.text.matchAll(/ src (\S+)/g)) yield address;
}

/** A node that lacks one family says so by an empty answer, not by none. */
const bothFamilies = (v4: NodeFacts['defaultRoutes'], v6: NodeFacts['defaultRoutes']): NodeFacts['defaultRoutes'] =>
  isKnown(v4) && isKnown(v6) ? known([...v4.value, ...v6.value], v4.source) : isKnown(v4) ? v6 : v4;

/** By which an agent's status tells whose it is: the node that it says it is on, and the addresses of its devices. */
const statedByAgent = ({ node, kpr }: AgentStatus): readonly string[] => [
  ...(node === undefined ? [] : [node]),
  ...(kpr?.devices ?? []).flatMap(({ addresses }) => addresses),
];

/** Of the rows that a node has for itself: other addresses of a table may be those of any node. */
function* nodePortAddresses({ frontends }: LbTable): Iterable<string> {
  for (const { flags, address } of frontends.values()) if (flags.type === 'NodePort') yield address;
}

/** Of reverse NAT, which may come by a command of its own. */
function* translatedAddresses({ revNat }: LbTable): Iterable<string> {
  for (const address of revNat?.values() ?? [])
    yield address.slice(0, address.lastIndexOf(':')).replaceAll(/[[\]]/g, '');
}

/** What is made of the maps, where the node said them in little and whoever asked it has put them together. */
function digestedOf(answer: RawAnswer | undefined, digests: KnownRows | undefined) {
  if (answer === undefined || 'missing' in answer) return undefined;
  const read = digests?.take(answer.text);
  if (read === undefined) return undefined;
  const { command } = answer;
  const unread = missing('unparsed', `${command} has entries that were not understood`);
  return {
    table: known(read.table, command),
    counts: (table: NodeFacts['lbTable']): NodeFacts['mapFrontends'] => {
      if (!isKnown(table)) return table;
      return table.value.unattributed > 0 ? unread : known(new SelectableCounts(read.frontends), command);
    },
    sizes: known(mapSizesOf(read.sizes), command),
  };
}

/** What the node said before is not in the table, but nobody knows what else it does. */
function withDoubt(table: LbTable, answer: RawAnswer | undefined): LbTable {
  if (answer === undefined || 'missing' in answer || answer.doubt === undefined) return table;
  return { ...table, doubt: answer.doubt };
}

function readMapFrontends(
  { answers }: RawNode,
  dump: ReturnType<typeof readLbDump>,
  table: NodeFacts['lbTable'],
): NodeFacts['mapFrontends'] {
  if (dump === undefined) {
    if (!isKnown(table) && table.missing === 'absent') return table;
    return (
      mapFrontendsOf(table, answers.lbFrontends) ??
      withTorn(readAnswer(answers.lbFrontends, parseMapFrontends), valueOf(table))
    );
  }
  if (!isKnown(table)) return table;
  const unread = missing('unparsed', `${table.source} has entries that were not understood`);
  return mapFrontendsOf(table, answers.lbDump) ?? unread;
}

/** With rows that the list of the same map has, and this one lacks: it was cut, or the table changed in between. */
function withTorn(frontends: NodeFacts['mapFrontends'], table: LbTable | undefined): NodeFacts['mapFrontends'] {
  const torn = [...(table?.torn ?? [])];
  if (torn.length === 0) return frontends;
  return mapFact(
    frontends,
    (read) => new Map([...torn.map((key) => [key, { selectable: undefined }] as const), ...read]),
  );
}

/** `shell` came with 1.17, its frontends with 1.18: older agents say that they know neither. */
const table = (name: string): AnswerRules => ({
  explain: (complaint): Missing | undefined => {
    if (/unknown command "shell"/.test(complaint)) {
      return missing('absent', `this agent has no shell to show its ${name} (Cilium 1.17 was the first that had it)`);
    }
    return /table "?[\w-]+"? not found/.test(complaint)
      ? missing('absent', `this agent has no table ${name} (before Cilium 1.18 its Services were not in one)`)
      : undefined;
  },
});

/** Without files, the pattern stays as it is: `grep: *: No such file or directory`. */
const noDirectory = (complaint: string): Missing | undefined =>
  /No such file or directory/.test(complaint)
    ? missing('absent', 'the agent pod has no /tmp/cilium/config-map')
    : undefined;

/** A tree of cgroups leaves out those without programs, so its root is told by the command. */
const cgroupRootIn = (answer: RawAnswer | undefined): string | undefined =>
  / cgroup (?:tree|show) (\/\S*)/.exec(answer?.command ?? '')?.[1];
