import { nodeNamed } from '../../src/expect/nodeNamed.ts';
import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence, SeenLines } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, type Objection, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { familiesOf } from '../../src/expect/agent/combinedSettings.ts';
import { replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { CiliumNode, Node, Service } from '../../src/model/kubernetes.ts';
import type { Frame } from '../../src/model/Snapshot.ts';
import { familyOf } from '../../src/model/lb/address.ts';
import type { DefaultRoute, KprStatus, NetworkInterface, NodeAddress } from '../../src/model/NodeFacts.ts';
import { kpr1009 } from './problems/KPR1009.ts';

export const devicesSelected = defineCheck({
  id: 'devices-selected',
  title: 'NodePorts are served on the device and the address that Kubernetes knows the node by',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1009],
  requires: { cluster: ['nodes'], node: ['status', 'nodeAddresses'] },
  optional: { cluster: ['services', 'ciliumNodes'], node: ['interfaces', 'defaultRoutes'] },
  uses: [agentConfigOnNode],
  run({ cluster, nodes, evidence, frame }) {
    const serving = nodes.flatMap((node) => {
      const { kpr } = node.facts.status;
      return kpr && replacementMode(kpr.mode) === 'on' && kpr.nodePort ? [{ node, kpr }] : [];
    });
    if (serving.length === 0) return notApplicable('no node serves NodePorts through eBPF');
    return passUnless([
      ...sharedAddresses(cluster.nodes, new Set(nodes.map(({ name }) => name))),
      ...strangeAddresses(cluster.nodes, nodes, valueOf(cluster.ciliumNodes) ?? [], (seen) =>
        evidence('ciliumNodes', seen),
      ),
      ...lostCiliumNodes(frame, nodes, valueOf(cluster.ciliumNodes) ?? [], (seen) => evidence('ciliumNodes', seen)),
      ...serving.flatMap(({ node, kpr }) => ofDevices(node, kpr, cluster.nodes)),
      ...serving.flatMap(({ node, kpr }) => ofDirectRouting(node, kpr, cluster.nodes)),
      ...serving.flatMap(({ node, kpr }) => ofDefaultRoute(node, kpr)),
      ...serving.flatMap(({ node }) => ofMovedAddresses(node, cluster.nodes)),
      ...serving.flatMap(({ node, kpr }) => ofAddresses(node, kpr, cluster.nodes)),
      ...(hasNodePorts(valueOf(cluster.services) ?? []) ? ofRanges(serving.map(({ node }) => node)) : []),
    ]);
  },
});

type View = NodeView<'status' | 'nodeAddresses', 'interfaces' | 'defaultRoutes', never, typeof agentConfigOnNode>;

function ofDevices(node: View, kpr: KprStatus, nodes: readonly Node[]): Finding<'KPR1009'>[] {
  const devices = kpr.devices.map(({ name }) => name);
  const excerpt = `devices: ${devices.join(', ') || 'none'}; directRoutingDevice: ${kpr.directRoutingDevice ?? 'none'}`;
  const about = { nodes: [node.name], evidence: [node.evidence('status', excerpt)] };
  if (devices.length === 0) return [finding(kpr1009, 'noDevice', {}, about)];
  const findings: Finding<'KPR1009'>[] = [];
  const wrong = devices.filter(leadsNowhere).join(', ');
  if (wrong !== '') {
    const right = rightDevices(node, kpr, nodes);
    const isNoneRight = devices.every(leadsNowhere);
    findings.push(
      right.length === 0
        ? finding(kpr1009, 'wrongDevice', { wrong }, about)
        : isNoneRight
          ? finding(kpr1009, 'onlyWrongDevices', { wrong, devices: right.join(' ') }, about)
          : finding(kpr1009, 'wrongDeviceToo', { wrong, devices: right.join(' ') }, about),
    );
  }
  if (kpr.directRoutingDevice === undefined) {
    findings.push(finding(kpr1009, 'noDirectRouting', { devices: devices.join(', ') }, about));
  }
  return findings;
}

/** Devices of Cilium itself, of pods, of Docker, and dummies of kube-proxy and node-local DNS. */
const leadsNowhere = (device: string): boolean => /^(cilium_|lxc|docker0$|kube-ipvs0$|nodelocaldns$)/.test(device);

/** Those that are selected and may be, the one with the node’s InternalIP, and those by which it leaves by default. */
function rightDevices(node: View, kpr: KprStatus, nodes: readonly Node[]): readonly string[] {
  const internal = internalIPs(nodeNamed(nodes, node.name));
  const holding = (valueOf(node.facts.interfaces) ?? []).flatMap(({ name, addresses }) =>
    addresses.some((address) => internal.some((one) => sameAddress(one, address))) ? [name] : [],
  );
  const selected = kpr.devices.map(({ name }) => name);
  const all = [...selected, ...holding, ...defaultDevices(valueOf(node.facts.defaultRoutes) ?? [])];
  return [...new Set(all)].filter((name) => !leadsNowhere(name));
}

const defaultDevices = (routes: readonly DefaultRoute[]): readonly string[] => [
  ...new Set((['ipv4', 'ipv6'] as const).flatMap((family) => usedWay(routes, family))),
];

/** Answers of this node’s pods leave by the default route; past devices that are not selected they go untranslated. */
function ofDefaultRoute(node: View, kpr: KprStatus): Finding<'KPR1009'>[] {
  const config = node.derived(agentConfigOnNode);
  const selected = kpr.devices.map(({ name }) => name);
  // What the agent chooses by itself holds the default route.
  if ('missing' in config || config.settings.devices.value.length === 0 || selected.length === 0) return [];
  // Whoever names those that are right names this one.
  if (selected.some(leadsNowhere)) return [];
  const { defaultRoutes, interfaces } = node.facts;
  if (isKnown(defaultRoutes)) {
    return defaultDevices(defaultRoutes.value)
      .filter((device) => !selected.includes(device))
      .map((device) =>
        finding(
          kpr1009,
          'defaultRouteDevice',
          { device, selected: selected.join(', '), devices: [...selected, device].join(' ') },
          { nodes: [node.name], evidence: [node.evidence('defaultRoutes', `default dev ${device}`)] },
        ),
      );
  }
  const others = (valueOf(interfaces) ?? []).filter(
    ({ name, up, addresses }) => up && uplink.test(name) && !selected.includes(name) && addresses.some(isGlobal),
  );
  return others.length === 0
    ? []
    : [
        finding(
          kpr1009,
          'otherUplink',
          { device: others.map(({ name }) => name).join(', '), selected: selected.join(', ') },
          {
            nodes: [node.name],
            evidence: [
              node.evidence(
                'interfaces',
                others.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`).join('\n'),
              ),
            ],
          },
        ),
      ];
}

/** Names of physical devices, bonds and teams, and of VLANs on them. */
const uplink = /^(?:eth\d|en[opsx]|bond|team)[\w.]*$/;

const isGlobal = (address: string): boolean => !/^(?:fe80:|127\.|169\.254\.|::1$)/i.test(address);

function usedWay(routes: readonly DefaultRoute[], family: DefaultRoute['family']): readonly string[] {
  const own = routes.filter((one) => one.family === family);
  const best = Math.min(...own.map(({ metric }) => metric));
  return own.filter(({ metric }) => metric === best).map(({ device }) => device);
}

/** Other nodes send to the InternalIP; what is forwarded to them leaves by another device then. */
function ofDirectRouting(node: View, kpr: KprStatus, nodes: readonly Node[]): Finding<'KPR1009'>[] {
  const direct = kpr.devices.find(({ name }) => name === kpr.directRoutingDevice);
  const internal = internalIPs(nodeNamed(nodes, node.name));
  const holds = ({ addresses }: { readonly addresses: readonly string[] }): boolean =>
    addresses.some((address) => internal.some((one) => sameAddress(one, address)));
  const right = kpr.devices.find(holds);
  if (direct === undefined || right === undefined || holds(direct)) return [];
  return [
    finding(
      kpr1009,
      'directRoutingElsewhere',
      { device: direct.name, right: right.name, address: right.addresses.find((one) => internal.includes(one)) ?? '' },
      {
        nodes: [node.name],
        expected: right.name,
        found: direct.name,
        evidence: [
          node.evidence('status', `directRoutingDevice: ${direct.name}; ${right.name} ${right.addresses.join(' ')}`),
        ],
      },
    ),
  ];
}

/** Addresses that the agent serves, or Kubernetes has of the node, which no interface has any more. */
function ofMovedAddresses(node: View, nodes: readonly Node[]): Finding<'KPR1009'>[] {
  const { interfaces, nodeAddresses } = node.facts;
  if (!isKnown(interfaces)) return [];
  const held = interfaces.value.flatMap(({ addresses }) => addresses);
  const isHeld = (address: string): boolean => held.some((one) => sameAddress(one, address));
  const config = node.derived(agentConfigOnNode);
  const isServed = (address: string): boolean =>
    'missing' in config || familiesOf(config.settings).has(familyOf(address));
  const internal = internalIPs(nodeNamed(nodes, node.name)).filter(isServed);
  const gone = served(nodeAddresses).filter((address) => !isHeld(address));
  const unheld = internal.filter((address) => !isHeld(address) && !gone.includes(address));
  const familiesLeft = new Set(internal.filter(isHeld).map(familyOf));
  const about = (fact: 'nodeAddresses' | 'interfaces', line: string) => ({
    nodes: [node.name],
    evidence: [node.evidence(fact, line)],
  });
  return [
    ...(gone.length > 0
      ? [
          finding(
            kpr1009,
            'addressGone',
            { address: gone.join(', ') },
            about('nodeAddresses', excerptOf(nodeAddresses)),
          ),
        ]
      : []),
    // An address that NAT makes sits on no interface; one of several that is not there is lost.
    ...(unheld.length > 0 && unheld.length < internal.length
      ? [
          finding(
            kpr1009,
            'internalIPGone',
            { address: unheld.join(', ') },
            {
              ...about(
                'interfaces',
                interfaces.value.map(({ name, addresses }) => `${name} ${addresses.join(' ')}`).join('\n'),
              ),
              // Of one of two addresses clients use the other.
              ...(unheld.every((address) => familiesLeft.has(familyOf(address))) && { severity: 'warning' as const }),
            },
          ),
        ]
      : []),
  ];
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
    if (device === undefined || isMoved(node.facts.nodeAddresses, interfaces.value, address)) return [];
    const about = {
      nodes: [node.name],
      expected: address,
      found: served(node.facts.nodeAddresses).join(', ') || 'none',
      evidence: [node.evidence('nodeAddresses', excerptOf(node.facts.nodeAddresses))],
    };
    if (devices.some(leadsNowhere) && !devices.includes(device)) return [];
    return [
      devices.includes(device)
        ? finding(kpr1009, 'notServed', { address, device }, about)
        : finding(kpr1009, 'otherDevice', { address, device, devices: [...devices, device].join(' ') }, about),
    ];
  });
}

const hasNodePorts = (services: readonly Service[]): boolean =>
  services.some(({ spec }) => (spec?.ports ?? []).some(({ nodePort = 0 }) => nodePort !== 0));

/** Who names ranges that no address of a node is in has named those of other nodes, or none that there are. */
function ofRanges(nodes: readonly View[]): readonly Finding<'KPR1009'>[] {
  const outside = nodes.flatMap((node) => {
    const config = node.derived(agentConfigOnNode);
    const { nodeAddresses } = node.facts;
    if ('missing' in config || nodeAddresses.length === 0 || served(nodeAddresses).length > 0) return [];
    const ranges = config.settings.nodePortAddresses.value;
    // Those of loopback are how one says that nobody outside is to be served.
    return ranges.every((one) => /^(?:127\.|::1)/.test(one)) ? [] : [{ node, ranges }];
  });
  // Some nodes may be left out by intention, and not all of them.
  const severity = outside.length === nodes.length ? { severity: 'error' as const } : {};
  return outside.map(({ node, ranges }) => {
    const evidence = [node.evidence('nodeAddresses', excerptOf(node.facts.nodeAddresses))];
    return finding(
      kpr1009,
      'outsideRanges',
      { ranges: ranges.join(', ') },
      { nodes: [node.name], evidence, ...severity },
    );
  });
}

/** Of that family an address is served that is gone: the agent did not notice that the node got another one. */
const isMoved = (all: readonly NodeAddress[], interfaces: readonly NetworkInterface[], address: string): boolean =>
  served(all).some(
    (one) =>
      familyOf(one) === familyOf(address) &&
      !interfaces.some(({ addresses }) => addresses.some((held) => sameAddress(held, one))),
  );

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

/**
 * Other nodes send what is for the pods of a node to the address that its CiliumNode says; its agent writes it when it
 * starts, and when Kubernetes tells of another one. One that the node has beside those of Kubernetes may be meant.
 */
function strangeAddresses(
  nodes: readonly Node[],
  covered: readonly View[],
  ciliumNodes: readonly CiliumNode[],
  evidence: (seen: SeenLines) => Evidence,
): Objection<'KPR1009'>[] {
  const ofKubernetes = new Map(nodes.map((node) => [node.metadata.name, node.status?.addresses ?? []]));
  const byName = new Map(ciliumNodes.map((one) => [one.metadata.name, one]));
  return covered.flatMap(({ name, facts: { interfaces } }): Objection<'KPR1009'>[] => {
    const known = (ofKubernetes.get(name) ?? []).map(({ address }) => address);
    const strange = (byName.get(name)?.spec?.addresses ?? []).flatMap(({ type, ip = '' }) =>
      type === 'InternalIP' && !known.some((one) => sameAddress(one, ip)) ? [ip] : [],
    );
    if (known.length === 0 || strange.length === 0) return [];
    if (!isKnown(interfaces)) return [inconclusive(interfaces, name)];
    const held = interfaces.value.flatMap(({ addresses }) => addresses);
    const nobodys = strange.filter((ip) => !held.some((one) => sameAddress(one, ip)));
    if (nobodys.length === 0) return [];
    const address = nobodys.join(', ');
    const seen = { lines: [`${name}: InternalIP ${address}`], of: [name] };
    return [
      finding(
        kpr1009,
        'strangeAddress',
        { address, own: known.join(', ') },
        { nodes: [name], objects: [{ kind: 'CiliumNode', name }], evidence: [evidence(seen)] },
      ),
    ];
  });
}

/** An agent that started has written its CiliumNode by then. */
const writtenSeconds = 60;

/**
 * By its CiliumNode other nodes know a node: they take away what leads to one that is deleted, and its agent writes it
 * when it starts. Where there are none at all, nodes hear of each other in another way.
 */
function lostCiliumNodes(
  { nodes, takenAt }: Pick<Frame, 'nodes' | 'takenAt'>,
  covered: readonly View[],
  ciliumNodes: readonly CiliumNode[],
  evidence: (seen: SeenLines) => Evidence,
): Finding<'KPR1009'>[] {
  const there = new Set(ciliumNodes.map(({ metadata }) => metadata.name));
  const started = new Map(nodes.map(({ name, agent }) => [name, Date.parse(agent?.startedAt ?? '')]));
  const lost = covered.filter(
    ({ name }) => !there.has(name) && Date.parse(takenAt) - (started.get(name) ?? Number.NaN) > writtenSeconds * 1000,
  );
  if (!covered.some(({ name }) => there.has(name))) return [];
  return lost.map(({ name }) => {
    const seen = { lines: [`no CiliumNode ${name}`] };
    return finding(
      kpr1009,
      'ciliumNodeGone',
      {},
      { nodes: [name], objects: [{ kind: 'CiliumNode', name }], evidence: [evidence(seen)] },
    );
  });
}

const internalIPs = (node: Node | undefined): string[] =>
  (node?.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);

const served = (addresses: readonly NodeAddress[]): string[] =>
  addresses.filter(({ nodePort }) => nodePort).map(({ address }) => address);

const excerptOf = (addresses: readonly NodeAddress[]): string =>
  addresses.map(({ address, nodePort, device }) => `${address} ${device} NodePort=${nodePort}`).join('\n');

const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
