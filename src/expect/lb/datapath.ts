import { type Fact, isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { CgroupProgram } from '../../model/NodeFacts.ts';
import type { NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import { type Era, eraOf } from './eras.ts';
import { type LbConfig, lbConfigOf } from './LbConfig.ts';

/** How a node's programs use its load-balancing table, as far as configuration and the agent's status tell. */
export interface Datapath {
  readonly era: Era;
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

/** What of it the agent does not say is taken from its configuration: a hung agent does not stop the datapath. */
export function datapathOf(snapshot: Snapshot, { facts }: NodeSnapshot): Datapath | Missing {
  const settings = valueOf(facts.startedConfig) ?? valueOf(snapshot.facts.ciliumConfig);
  if (settings === undefined)
    return missing('notCollected', 'neither the agent’s configuration nor cilium-config was read');
  const status = valueOf(facts.status);
  const config = lbConfigOf(settings, status?.version ?? anyVersion(snapshot));
  const on = (key: string): boolean => settings.get(key)?.trim().toLowerCase() === 'true';
  const kpr = status?.kpr;
  const replacement = kpr === undefined ? config.kubeProxyReplacement : /^(true|strict)$/i.test(kpr.mode);
  const hasSocketLb = kpr?.socketLb ?? (config.kubeProxyReplacement || on('bpf-lb-sock'));
  const hostOnly = kpr?.socketLbHostNamespaceOnly ?? on('bpf-lb-sock-hostns-only');
  const socketLb = !hasSocketLb ? 'off' : hostOnly ? 'hostOnly' : 'everywhere';
  const acceleration = kpr?.nodePort?.acceleration ?? settings.get('bpf-lb-acceleration') ?? '';
  return {
    era: eraOf(config.version),
    replacement,
    socketLb,
    // What sockets can't do: an L7 proxy between client and backend, and SCTP (bpf/bpf_lxc.c, ENABLE_PER_PACKET_LB).
    perPacket: socketLb !== 'everywhere' || on('enable-envoy-config') || on('enable-sctp'),
    perPacketScoped: replacement || on('enable-bpf-masquerade'),
    mode: modeOf(kpr?.nodePort?.mode) ?? config.mode,
    modeAnnotation: config.modeAnnotation,
    dsrDispatch: kpr?.nodePort?.dsrDispatch ?? settings.get('bpf-lb-dsr-dispatch'),
    maglevTableSize: kpr?.nodePort?.maglevTableSize,
    xdp: !['', 'none', 'disabled'].includes(acceleration.toLowerCase()),
    devices: kpr?.devices.map(({ name }) => name),
    externalIpMitigation: !on('disable-external-ip-mitigation'),
    noBackend: settings.get('service-no-backend-response')?.trim() === 'drop' ? 'drop' : 'reject',
    programs: facts.cgroupPrograms,
    assumed: kpr === undefined ? whyAssumed(facts.status) : undefined,
  };
}

const whyAssumed = (status: NodeSnapshot['facts']['status']): string =>
  isKnown(status) ? 'the agent does not say what is in effect' : status.detail;

const anyVersion = ({ nodes }: Snapshot): string | undefined =>
  nodes.map(({ facts }) => valueOf(facts.status)?.version).find((version) => version !== undefined);

function modeOf(text: string | undefined): LbConfig['mode'] | undefined {
  const mode = text?.toLowerCase();
  return mode === 'snat' || mode === 'dsr' || mode === 'hybrid' ? mode : undefined;
}
