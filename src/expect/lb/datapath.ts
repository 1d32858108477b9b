import { type Fact, isKnown, valueOf } from '../../model/Fact.ts';
import type { CgroupProgram, NodeFacts } from '../../model/NodeFacts.ts';
import type { AgentConfig } from '../agent/AgentConfig.ts';
import { asksForNodePorts, asksForSocketLb } from '../agent/combinedSettings.ts';
import { replacementMode } from '../agent/replacementMode.ts';
import { type CiliumBehaviour, behaviourOf } from './versionGates.ts';
import type { LbConfig } from './LbConfig.ts';

/** How a node's programs use its load-balancing table, as far as configuration and the agent's status tell. */
export interface Datapath {
  readonly behaviour: CiliumBehaviour;
  /** Whether Cilium replaces kube-proxy here. */
  readonly replacement: boolean;
  /** Whose connections are translated when they are made. */
  readonly socketLb: 'everywhere' | 'hostOnly' | 'off';
  /** Whether packets are looked at once more where they leave a pod. */
  readonly perPacket: boolean;
  /** Whether packets that leave a pod are looked up in the scope of in-cluster clients. */
  readonly perPacketScoped: boolean;
  readonly mode: LbConfig['mode'];
  readonly modeAnnotation: boolean;
  readonly dsrDispatch: string | undefined;
  readonly maglevTableSize: number | undefined;
  readonly xdp: boolean;
  /** Where traffic from outside is balanced; undefined: not known. */
  readonly devices: readonly string[] | undefined;
  /** External IPs are left alone inside the cluster, unless they are the node's own. */
  readonly externalIpMitigation: boolean;
  /** What comes back when there is no backend. */
  readonly noBackend: 'reject' | 'drop';
  readonly programs: Fact<readonly CgroupProgram[]>;
  /** Why this is what was configured, and not what the agent says is in effect; undefined: the agent said so. */
  readonly assumed: string | undefined;
}

/** What the agent does not say is taken from its configuration: a hung agent does not stop the datapath. */
export function datapathOf(
  facts: Pick<NodeFacts, 'status' | 'cgroupPrograms'>,
  { settings, version }: AgentConfig,
): Datapath {
  const kpr = valueOf(facts.status)?.kpr;
  const replacement = kpr === undefined ? asksForNodePorts(settings) : replacementMode(kpr.mode) === 'on';
  const hasSocketLb = kpr?.socketLb ?? asksForSocketLb(settings);
  const hostOnly = kpr?.socketLbHostNamespaceOnly ?? settings.socketLbHostNamespaceOnly.value;
  const socketLb = !hasSocketLb ? 'off' : hostOnly ? 'hostOnly' : 'everywhere';
  const acceleration = kpr?.nodePort?.acceleration ?? settings.acceleration.value;
  return {
    behaviour: behaviourOf(version),
    replacement,
    socketLb,
    // What sockets can't do: an L7 proxy between client and backend, and SCTP (bpf/bpf_lxc.c, ENABLE_PER_PACKET_LB).
    perPacket: socketLb !== 'everywhere' || settings.envoyConfig.value || settings.sctp.value,
    perPacketScoped: replacement || settings.bpfMasquerade.value,
    mode: modeOf(kpr?.nodePort?.mode) ?? settings.mode.value,
    modeAnnotation: settings.modeAnnotation.value,
    dsrDispatch: kpr?.nodePort?.dsrDispatch ?? settings.dsrDispatch.text,
    maglevTableSize: kpr?.nodePort?.maglevTableSize,
    xdp: !['', 'none', 'disabled'].includes(acceleration.toLowerCase()),
    devices: kpr?.devices.map(({ name }) => name),
    externalIpMitigation: !settings.externalIpMitigationOff.value,
    noBackend: settings.noBackendResponse.value,
    programs: facts.cgroupPrograms,
    assumed: kpr === undefined ? whyAssumed(facts.status) : undefined,
  };
}

const whyAssumed = (status: NodeFacts['status']): string =>
  isKnown(status) ? 'the agent does not say what is in effect' : status.detail;

function modeOf(text: string | undefined): LbConfig['mode'] | undefined {
  const mode = text?.toLowerCase();
  return mode === 'snat' || mode === 'dsr' || mode === 'hybrid' ? mode : undefined;
}
