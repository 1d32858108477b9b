import { nodeNamed } from '../../src/expect/nodeNamed.ts';
import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, type Objection, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { familiesOf } from '../../src/expect/agent/combinedSettings.ts';
import { replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { Node } from '../../src/model/kubernetes.ts';
import { familyOf } from '../../src/model/lb/address.ts';
import type { KprStatus, NodeAddress } from '../../src/model/NodeFacts.ts';
import { kpr1009 } from './problems/KPR1009.ts';

export const devicesSelected = defineCheck({
  id: 'devices-selected',
  title: 'NodePorts are served on the device and the address that Kubernetes knows the node by',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1009],
  requires: { cluster: ['nodes'], node: ['status', 'nodeAddresses'] },
  optional: { node: ['interfaces'] },
  uses: [agentConfigOnNode],
  run({ cluster, nodes }) {
    const serving = nodes.flatMap((node) => {
      const { kpr } = node.facts.status;
      return kpr && replacementMode(kpr.mode) === 'on' && kpr.nodePort ? [{ node, kpr }] : [];
    });
    if (serving.length === 0) return notApplicable('no node serves NodePorts through eBPF');
    return passUnless([
      ...sharedAddresses(cluster.nodes, new Set(nodes.map(({ name }) => name))),
      ...serving.flatMap(({ node, kpr }) => ofDevices(node, kpr)),
      ...serving.flatMap(({ node, kpr }) => ofAddresses(node, kpr, cluster.nodes)),
    ]);
  },
});

type View = NodeView<'status' | 'nodeAddresses', 'interfaces', never, typeof agentConfigOnNode>;

function ofDevices(node: View, kpr: KprStatus): Finding<'KPR1009'>[] {
  const devices = kpr.devices.map(({ name }) => name);
  const excerpt = `devices: ${devices.join(', ') || 'none'}; directRoutingDevice: ${kpr.directRoutingDevice ?? 'none'}`;
  const about = { nodes: [node.name], evidence: [node.evidence('status', excerpt)] };
  if (devices.length === 0) return [finding(kpr1009, 'noDevice', {}, about)];
  const findings: Finding<'KPR1009'>[] = [];
  // Devices of Cilium itself, of pods, of Docker, and dummies of kube-proxy and node-local DNS.
  const wrong = devices.filter((name) => /^(cilium_|lxc|docker0$|kube-ipvs0$|nodelocaldns$)/.test(name));
  if (wrong.length > 0) findings.push(finding(kpr1009, 'wrongDevice', { wrong: wrong.join(', ') }, about));
  if (kpr.directRoutingDevice === undefined) {
    findings.push(finding(kpr1009, 'noDirectRouting', { devices: devices.join(', ') }, about));
  }
  return findings;
}

function ofAddresses(node: View, kpr: KprStatus, nodes: readonly Node[]): Objection<'KPR1009'>[] {
  const devices = kpr.devices.map(({ name }) => name);
  if (devices.length === 0) return [];
  const { interfaces } = node.facts;
  const unserved = unservedOn(node, nodes);
  if (unserved.length === 0) return [];
  const config = node.derived(agentConfigOnNode);
  if ('missing' in config) return [inconclusive(config, node.name)];
  return meantToBeServed(unserved, config.settings).flatMap((address): Objection<'KPR1009'>[] => {
    if (!isKnown(interfaces)) return [inconclusive(interfaces, node.name)];
    const device = interfaces.value.find((one) => one.addresses.some((held) => sameAddress(held, address)))?.name;
    // An address that NAT makes, or that moved on, sits on no interface: nobody here could serve it.
    if (device === undefined) return [];
    const about = {
      nodes: [node.name],
      expected: address,
      found: served(node.facts.nodeAddresses).join(', ') || 'none',
      evidence: [node.evidence('nodeAddresses', excerptOf(node.facts.nodeAddresses))],
    };
    return [
      devices.includes(device)
        ? finding(kpr1009, 'notServed', { address, device }, about)
        : finding(kpr1009, 'otherDevice', { address, device, devices: [...devices, device].join(' ') }, about),
    ];
  });
}

/** The node's InternalIPs at which no NodePort is served. */
function unservedOn({ name, facts }: View, nodes: readonly Node[]): string[] {
  const object = nodeNamed(nodes, name);
  const addresses = served(facts.nodeAddresses);
  return internalIPs(object).filter((address) => !addresses.some((one) => sameAddress(one, address)));
}

/** Who names the ranges has chosen; an address outside them is left out by intention, as families are that are off. */
const meantToBeServed = (addresses: readonly string[], settings: AgentSettings): readonly string[] =>
  settings.nodePortAddresses.value.length > 0
    ? []
    : addresses.filter((address) => familiesOf(settings).has(familyOf(address)));

/** One address on two nodes: the NIC of a VM tool's NAT, usually, and kubelet was not told which to take. */
function sharedAddresses(nodes: readonly Node[], covered: ReadonlySet<string>): Finding<'KPR1009'>[] {
  const holders = Map.groupBy(
    nodes.flatMap((node) => internalIPs(node).map((address) => ({ address, name: node.metadata.name }))),
    ({ address }) => address,
  );
  return [...holders].flatMap(([address, all]) => {
    const names = [...new Set(all.map(({ name }) => name))].filter((name) => covered.has(name));
    if (names.length < 2) return [];
    return [
      finding(
        kpr1009,
        'sharedAddress',
        { address },
        {
          nodes: names,
          evidence: [{ command: 'kubectl get nodes -o wide', lines: [`${names.join(', ')}: InternalIP ${address}`] }],
        },
      ),
    ];
  });
}

const internalIPs = (node: Node | undefined): string[] =>
  (node?.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);

const served = (addresses: readonly NodeAddress[]): string[] =>
  addresses.filter(({ nodePort }) => nodePort).map(({ address }) => address);

const excerptOf = (addresses: readonly NodeAddress[]): string =>
  addresses.map(({ address, nodePort, device }) => `${address} ${device} NodePort=${nodePort}`).join('\n');

const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
