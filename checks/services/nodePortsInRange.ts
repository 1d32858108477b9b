import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { PortRange } from '../../src/expect/agent/AgentSettings.ts';
import { apiServerRange } from '../../src/expect/api-server/apiServerRange.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { type Missing, valueOf } from '../../src/model/Fact.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5001 } from './problems/KPR5001.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';

/**
 * The API server hands out NodePorts of its own range. Of others than Cilium's, connections inside the cluster are not
 * translated (bpf/bpf_sock.c, sock4_wildcard_lookup), and SNAT may take their numbers for its own.
 */
export const nodePortsInRange = defineCheck({
  id: 'node-ports-in-range',
  title: 'NodePorts lie in Cilium’s range, and no outgoing connection gets one of its ports',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5001],
  requires: { cluster: ['services'] },
  optional: { cluster: ['systemPods'], node: ['status', 'sysctls'] },
  uses: [agentConfigOnNode, replacementOnNode],
  run({ cluster, nodes, evidence }) {
    const replacing = nodes.filter((node) => node.derived(replacementOnNode) === 'on');
    if (replacing.length === 0) return notApplicable('Cilium serves NodePorts on no node');
    const ranges = replacing.map((node) => ({ node, range: rangeOn(node) }));
    const known = ranges.flatMap(({ node, range }) => ('missing' in range ? [] : [{ node, range }]));
    const apiServer = apiServerRange(valueOf(cluster.systemPods) ?? []);
    const findings = [...Map.groupBy(known, ({ range }) => textOf(range))].flatMap(
      ([text, group]): readonly Finding<'KPR5001'>[] => {
        const [first] = group;
        if (first === undefined) return [];
        const names = group.map(({ node }) => node.name);
        const nodesHere = names.length < nodes.length ? names : [];
        const outside = cluster.services.filter((service) => portsOutside(service, first.range).length > 0);
        const seen = first.node.evidence('status', `NodePort range ${text}`);
        if (outside.length > 0) {
          const objects = outside.map(serviceRef);
          const ports = listFirst(outside.flatMap((one) => portsOutside(one, first.range)).map(String), 5);
          const services = listFirst(
            objects.map(({ namespace, name }) => `${namespace ?? ''}/${name}`),
            5,
          );
          const about = { objects, nodes: nodesHere, evidence: [evidence('services', `nodePort ${ports}`), seen] };
          const all = outside.flatMap((one) => portsOutside(one, first.range));
          const wide = apiServer?.range ?? wideEnough(first.range, all);
          return [finding(kpr5001, 'outside', { services, ports, range: text, ...rangeParams(wide) }, about)];
        }
        if (apiServer === undefined || isWithin(apiServer.range, first.range)) return [];
        const about = {
          objects: [{ kind: 'Pod', ...apiServer.pod }],
          nodes: nodesHere,
          evidence: [evidence('systemPods', apiServer.seen), seen],
        };
        const params = { range: text, wanted: apiServer.text, ...rangeParams(apiServer.range) };
        return [finding(kpr5001, 'apiServerRange', params, about)];
      },
    );
    return passUnless([
      ...findings,
      ...known.flatMap(({ node, range }) => ephemeral(node, range)),
      ...ranges.flatMap(({ node, range }) => ('missing' in range ? [inconclusive(range, node.name)] : [])),
    ]);
  },
});

type View = NodeView<never, 'status' | 'sysctls', never, typeof agentConfigOnNode | typeof replacementOnNode>;

function rangeOn({ facts, derived }: View): PortRange | Missing {
  const said = valueOf(facts.status)?.kpr?.nodePort;
  if (said !== undefined) return { min: said.portMin, max: said.portMax };
  const config = derived(agentConfigOnNode);
  return 'missing' in config ? config : config.settings.nodePortRange.value;
}

/** What the kernel gives to outgoing connections, and is not told to leave out. */
function ephemeral(node: View, range: PortRange): readonly Finding<'KPR5001'>[] {
  const sysctls = valueOf(node.facts.sysctls);
  const [from, to] = numbersIn(sysctls?.get('net.ipv4.ip_local_port_range') ?? '');
  if (from === undefined || to === undefined || from > range.max || to < range.min) return [];
  const reserved = sysctls?.get('net.ipv4.ip_local_reserved_ports') ?? '';
  const isReserved = reserved.split(',').some((part) => {
    const [first, last = first] = numbersIn(part);
    return (
      first !== undefined && last !== undefined && first <= Math.max(range.min, from) && last >= Math.min(range.max, to)
    );
  });
  if (isReserved) return [];
  const lines = `net.ipv4.ip_local_port_range = ${from} ${to}\nnet.ipv4.ip_local_reserved_ports = ${reserved}`;
  const about = { nodes: [node.name], layer: 'host', evidence: [node.evidence('sysctls', lines)] } as const;
  const all = [reserved.trim(), textOf(range)].filter((part) => part !== '').join(',');
  return [finding(kpr5001, 'ephemeral', { range: textOf(range), local: `${from}–${to}`, reserved: all }, about)];
}

const numbersIn = (text: string): readonly number[] => (text.match(/\d+/g) ?? []).map(Number);

const textOf = ({ min, max }: PortRange): string => `${min}-${max}`;

/** In a value for Helm a comma alone would begin another one. */
const rangeParams = ({ min, max }: PortRange) => ({ agentRange: `${min},${max}`, helmRange: `${min}\\,${max}` });

const wideEnough = ({ min, max }: PortRange, ports: readonly number[]): PortRange => ({
  min: Math.min(min, ...ports),
  max: Math.max(max, ...ports),
});

const isWithin = (inner: PortRange, outer: PortRange): boolean => inner.min >= outer.min && inner.max <= outer.max;

const portsOutside = ({ spec }: Service, { min, max }: PortRange): readonly number[] =>
  spec?.type !== 'NodePort' && spec?.type !== 'LoadBalancer'
    ? []
    : (spec.ports ?? []).flatMap(({ nodePort = 0 }) =>
        nodePort > 0 && (nodePort < min || nodePort > max) ? [nodePort] : [],
      );
