import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, pass, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { replacementMode } from '../../src/expect/agent/replacementMode.ts';
import { isKnown, missing, whyOfNobody } from '../../src/model/Fact.ts';
import type { AgentStatus, DevicePrograms, KprStatus } from '../../src/model/NodeFacts.ts';
import { kpr1008 } from './problems/KPR1008.ts';

type Hook = DevicePrograms['programs'][number]['hook'];
interface Place {
  readonly device: string;
  readonly hook: Hook;
}

/**
 * With NodePorts in eBPF an agent attaches to both directions of each device that it serves them on, to its own links,
 * and, where the driver is to take packets, to XDP (cilium: pkg/datapath/loader, attachNetworkDevices and its
 * siblings). Its tables stay right when such a program is detached, and so do its pins and links.
 */
export const deviceProgramsAttached = defineCheck({
  id: 'device-programs-attached',
  title: 'Cilium’s programs are attached to each device that it uses',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1008],
  requires: { node: ['status'] },
  optional: { node: ['devicePrograms'] },
  uses: [agentConfigOnNode],
  run({ nodes }) {
    // No older capture tells, and few sysdumps do.
    if (whyOfNobody(nodes.map(({ facts }) => facts.devicePrograms)) !== undefined)
      return notApplicable('devices were not asked for their programs');
    return forEachNode(nodes, (node): Outcome<'KPR1008'> => {
      const { status, devicePrograms } = node.facts;
      if (status.kpr === undefined || replacementMode(status.kpr.mode) !== 'on' || status.kpr.nodePort === undefined)
        return notApplicable('no node serves NodePorts through eBPF');
      return isKnown(devicePrograms)
        ? judge(node, status, status.kpr, devicePrograms.value)
        : inconclusive(devicePrograms);
    });
  },
});

type View = NodeView<never, 'devicePrograms', never, typeof agentConfigOnNode>;

function judge(
  node: View,
  status: AgentStatus,
  kpr: KprStatus,
  devices: readonly DevicePrograms[],
): Outcome<'KPR1008'> {
  // Its own links are looked at below; of these only those that it serves NodePorts on stand in its status.
  const served = kpr.devices.map(({ name }) => name).filter((name) => !name.startsWith('cilium_'));
  const unseen = served.filter((name) => !devices.some(({ device }) => device === name));
  if (unseen.length > 0)
    return inconclusive(missing('absent', `${unseen.join(', ')} is not among the devices of the node that were seen`));
  if (served.length === 0) return pass;
  const lacking = (places: readonly Place[]): readonly Place[] => places.filter((place) => !hasProgram(devices, place));
  const atDevices = lacking(served.flatMap(bothHooks));
  const ingress = atDevices.filter(({ hook }) => hook === 'ingress');
  const own = lacking(ownPlaces(node, status, devices));
  const xdp =
    kpr.nodePort?.acceleration === 'Native' ? lacking(served.map((device) => ({ device, hook: 'xdp' as const }))) : [];
  const found = (variant: 'inbound' | 'outbound' | 'own' | 'xdp', places: readonly Place[]): Finding<'KPR1008'>[] =>
    places.length === 0
      ? []
      : [finding(kpr1008, variant, { places: listed(places) }, aboutPlaces(node, places, devices))];
  return passUnless([
    ...(ingress.length > 0 ? found('inbound', atDevices) : found('outbound', atDevices)),
    ...found('own', own),
    ...found('xdp', xdp),
  ]);
}

const bothHooks = (device: string): readonly Place[] => [
  { device, hook: 'ingress' },
  { device, hook: 'egress' },
];

/** Links that Cilium makes for itself, as far as they are there: one that is missing is another fault. */
function ownPlaces(node: View, { routing }: AgentStatus, devices: readonly DevicePrograms[]): readonly Place[] {
  const config = node.derived(agentConfigOnNode);
  const protocol = 'missing' in config ? routing.tunnelProtocol : config.settings.tunnelProtocol.value;
  const own = routing.interHost === 'Tunnel' ? ['cilium_host', `cilium_${protocol}`] : ['cilium_host'];
  return own.filter((name) => devices.some(({ device }) => device === name)).flatMap(bothHooks);
}

/** The kernel has the first 15 characters of `cil_from_netdev`, `cil_from_overlay`, … */
const hasProgram = (devices: readonly DevicePrograms[], { device, hook }: Place): boolean =>
  devices.some((one) => one.device === device && one.programs.some((other) => other.hook === hook && isOwn(other)));

/** One whose name is not told may be Cilium’s. */
const isOwn = ({ name }: { readonly name: string }): boolean => /^(?:cil_|id=)/.test(name);

/** `ingress and egress of eth0, ingress of eth1` */
const listed = (places: readonly Place[]): string =>
  [...Map.groupBy(places, ({ device }) => device)]
    .map(([device, here]) => `${here.map(({ hook }) => hook).join(' and ')} of ${device}`)
    .join(', ');

const aboutPlaces = (node: View, places: readonly Place[], devices: readonly DevicePrograms[]) => ({
  nodes: [node.name],
  evidence: [
    node.evidence(
      'devicePrograms',
      devices
        .filter(({ device }) => places.some((place) => place.device === device))
        .map(shown)
        .join('\n'),
    ),
  ],
});

const shown = ({ device, programs }: DevicePrograms): string =>
  `${device}: ${programs.map(({ hook, name }) => `${hook} ${name}`).join(', ') || 'no program'}`;
