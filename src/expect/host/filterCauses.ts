import { defineNodeDerived } from '../../core/Derived.ts';
import type { NodeView } from '../../core/View.ts';
import { ownerNames, type Owner } from '../../knowledge/owners/Owner.ts';
import { ownerOfNftTable } from '../../knowledge/owners/ownerOfObject.ts';
import { ownerBesideFirewalld } from '../../knowledge/owners/ownerOfRule.ts';
import { isKnown, valueOf } from '../../model/Fact.ts';
import type { Node as NodeObject } from '../../model/kubernetes.ts';
import { familyOf } from '../../model/lb/address.ts';
import type { FilterRule, FilterTable } from '../../model/PacketFilter.ts';
import { argumentsOf, optionsOf } from '../../model/RuleOptions.ts';
import { listNames } from '../../text/names.ts';
import { shellQuote } from '../../text/shell.ts';
import { agentConfigOnNode } from '../agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';
import { tunnelPortOf } from '../agent/tunnelPortOf.ts';
import { familiesOf } from '../agent/combinedSettings.ts';
import { foreignSocketPrograms, programName } from '../socketPrograms.ts';
import { IptablesFilters } from './filter/iptablesFilter.ts';
import { type Dropping, whatDrops } from './filter/passes.ts';
import { type PacketScene, type PacketWay, waysOf } from './filter/ways.ts';
import { type CauseOf, type HostJudgement, type Stretch, stretches } from './HostCause.ts';
import { type PodHomes, podHomes } from './podHomes.ts';

export type FilterCause = 'rule' | 'policy' | 'program';
type Node = NodeView<
  never,
  'iptables' | 'nftFilters' | 'interfaces' | 'status' | 'cgroupPrograms' | 'dnsProbe' | 'serversProbe',
  never,
  typeof agentConfigOnNode
>;

/**
 * Rules, policies and programs of others that surely drop what carries pods: packets of each way are led through the
 * filters as the kernel would lead them, and what lets them pass before is taken into account, Cilium's own rules, too.
 * Where that depends on what is not known here, nothing is said.
 */
export const filterCauses = defineNodeDerived({
  name: 'filterCauses',
  optional: {
    cluster: ['nodes'],
    node: ['iptables', 'nftFilters', 'interfaces', 'status', 'cgroupPrograms', 'dnsProbe', 'serversProbe'],
  },
  uses: [agentConfigOnNode, podHomes],
  compute({ derived, cluster }) {
    const homes = derived(podHomes);
    const filters = new IptablesFilters();
    const nodes = valueOf(cluster.nodes) ?? [];
    return (node): HostJudgement<FilterCause> => {
      const { iptables, nftFilters } = node.facts;
      if (!isKnown(iptables)) return { kind: 'unknown', why: iptables };
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return { kind: 'unknown', why: config };
      const around = surroundings(node, config.settings, 'missing' in homes ? new Map() : homes, nodes);
      const ways = around.flatMap(waysOf);
      const tables = [...filters.in(iptables.value), ...(valueOf(nftFilters) ?? [])];
      const found = ways.flatMap((way) => {
        const dropping = droppingOn(way, tables);
        return dropping === undefined ? [] : [{ way, dropping }];
      });
      const byWhat = [...Map.groupBy(found, ({ dropping }) => dropping.rule ?? dropping.chain).values()];
      const causes = byWhat.flatMap((all) => causeOf(node, all));
      const all = causes.length > 0 ? causes : refusing(node);
      return all.length === 0 && !isKnown(nftFilters)
        ? { kind: 'unknown', why: nftFilters }
        : { kind: 'judged', causes: all };
    };
  },
});

function droppingOn({ packets, hooks }: PacketWay, tables: Parameters<typeof whatDrops>[0]): Dropping | undefined {
  for (const packet of packets) {
    const dropping = whatDrops(tables, packet, hooks);
    if (dropping !== undefined) return dropping;
  }
  return undefined;
}

/** More nodes say nothing more: rules are for ranges. */
const askedOf = 8;

function surroundings(
  node: Node,
  settings: AgentSettings,
  homes: PodHomes,
  nodes: readonly NodeObject[],
): readonly PacketScene[] {
  const { kpr, routing } = valueOf(node.facts.status) ?? {};
  const others = nodes.filter(({ metadata }) => metadata.name !== node.name).slice(0, askedOf);
  const hostLink = (valueOf(node.facts.interfaces) ?? []).find(({ name }) => name === 'cilium_host');
  const addresses = others.flatMap(({ status }) => status?.addresses ?? []).filter(({ type }) => type === 'InternalIP');
  const underlay = addresses.some(({ address }) => familyOf(address) === 'ipv4') ? 'ipv4' : 'ipv6';
  return [...familiesOf(settings)].map((family): PacketScene => {
    const isOf = (address: string): boolean => familyOf(address) === family;
    return {
      family,
      device: kpr?.directRoutingDevice ?? kpr?.devices[0]?.name,
      ownPod: homes.get(node.name)?.get(family),
      otherPods: others.flatMap(({ metadata }) => homes.get(metadata.name)?.get(family) ?? []),
      // All that is between nodes goes over one family.
      nodes: family === underlay ? addresses.map(({ address }) => address).filter(isOf) : [],
      hostAddress: hostLink?.addresses.find(isOf),
      tunnelPort: settings.routingMode.value === 'tunnel' ? tunnelPortOf(settings) : undefined,
      isLegacy: routing?.intraHost === 'Legacy',
    };
  });
}

/** What kube-proxy, kubelet and Cilium itself drop, they drop by intention. */
const own: ReadonlySet<Owner> = new Set(['cilium', 'kubeProxy', 'shared', 'kubelet']);

function causeOf(
  node: Node,
  found: readonly { readonly way: PacketWay; readonly dropping: Dropping }[],
): readonly CauseOf<'rule' | 'policy'>[] {
  const [first] = found;
  if (first === undefined) return [];
  const { table, rule } = first.dropping;
  const breaks = new Set(found.flatMap(({ way }): Stretch[] => [...way.breaks]));
  const traffic = listNames([...new Set(found.map(({ way }) => way.traffic))], true);
  if (rule === undefined) return [policyCause(node, first.dropping, breaks, traffic)];
  const owner = ownerOf(first.dropping, rule);
  if (own.has(owner)) return [];
  const counted = rule.packets === undefined ? 'not counted' : `${rule.packets} packets`;
  return [
    {
      kind: 'rule',
      what: `the rule ${rule.line}`,
      breaks,
      ...(rule.packets === 0 && { isIdle: true }),
      params: { rule: rule.line, owner: nameOf(owner), traffic, deletion: deletionOf(first.dropping) },
      evidence: node.evidence(factOf(table), `${rule.line} (${counted})`),
    },
  ];
}

function policyCause(
  node: Node,
  { table, chain }: Dropping,
  breaks: ReadonlySet<Stretch>,
  traffic: string,
): CauseOf<'policy'> {
  const where = table.program === 'nft' ? `chain ${table.name} ${chain.name}` : `${chain.name} (table ${table.name})`;
  const counted = chain.packets === undefined ? '' : ` (${chain.packets} packets)`;
  return {
    kind: 'policy',
    what: `the policy of ${where}, which is to drop`,
    breaks,
    ...(chain.packets === 0 && { isIdle: true }),
    params: { policy: where, owner: nameOf(tableOwner(table)), traffic, change: changeOf({ table, chain }) },
    evidence: node.evidence(factOf(table), `${where}: policy drop${counted}`),
  };
}

const factOf = ({ program }: FilterTable) => (program === 'nft' ? 'nftFilters' : 'iptables');

const changeOf = ({ table, chain }: Pick<Dropping, 'table' | 'chain'>): string =>
  table.program === 'nft'
    ? `nft ${shellQuote(`chain ${table.name} ${chain.name} { policy accept; }`)}`
    : `${table.program} -t ${table.name} -P ${chain.name} ACCEPT`;

function tableOwner({ program, name }: FilterTable): Owner {
  const [family = '', own = ''] = name.split(' ');
  return program === 'nft' ? ownerOfNftTable(family, own) : 'unknown';
}

function ownerOf({ table, chain }: Dropping, rule: FilterRule): Owner {
  if (table.program === 'nft') return tableOwner(table);
  const { target } = optionsOf(rule);
  return ownerBesideFirewalld(table.name, chain.name, { line: rule.line, target });
}

const nameOf = (owner: Owner): string =>
  owner === 'unknown' || owner === 'builtIn' ? 'an unknown writer' : ownerNames[owner];

function deletionOf({ table, rule }: Dropping): string {
  if (rule === undefined) return '';
  // Of nftables a rule is called by its handle.
  if (table.program === 'nft') return ['nft', 'delete', ...rule.line.split(' ')].map(shellQuote).join(' ');
  const [, ...words] = argumentsOf(rule);
  return [table.program, '-w', '-t', table.name, '-D', ...words].map(shellQuote).join(' ');
}

/** The kernel says so where a program on the socket's way refuses, or a rule drops what the node sends. */
function refusing({ facts, evidence }: Node): readonly CauseOf<'program'>[] {
  const lost = [...(valueOf(facts.dnsProbe) ?? []), ...(valueOf(facts.serversProbe) ?? [])];
  if (!lost.some(({ detail }) => /not permitted/i.test(detail))) return [];
  const programs = foreignSocketPrograms(valueOf(facts.cgroupPrograms) ?? []).map(programName);
  return programs.length === 0
    ? []
    : [
        {
          kind: 'program',
          what: `the program ${listNames(programs)}`,
          breaks: stretches('toOwnPods', 'toOtherPods'),
          params: { program: listNames(programs) },
          evidence: evidence('cgroupPrograms', programs.join('\n')),
        },
      ];
}
