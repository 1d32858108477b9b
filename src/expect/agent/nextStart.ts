import { defineNodeDerived } from '../../core/Derived.ts';
import type { Version } from '../../knowledge/version.ts';
import { type Missing, valueOf } from '../../model/Fact.ts';
import type { Pod, Service } from '../../model/kubernetes.ts';
import type { NetworkInterface } from '../../model/NodeFacts.ts';
import type { AgentPod } from '../../model/Snapshot.ts';
import { kubeProxyPresence } from '../kube-proxy/kubeProxyPresence.ts';
import { replacementBy } from '../kube-proxy/replacement.ts';
import { isForProxy } from '../lb/serviceProxyName.ts';
import { agentConfigOnNode } from './agentConfigOnNode.ts';
import type { AgentSettings } from './AgentSettings.ts';
import { refusesReplacement } from './replacementMode.ts';
import type { SettingOrigin } from './Setting.ts';

/** What would happen if the agent of a node started again now. */
export interface NextStart {
  /** It would end at once for these. */
  readonly refusals: readonly StartRefusal[];
  /** It replaces kube-proxy, would not then, and nobody else serves Services there. */
  readonly leavesNobody: boolean;
  /** It would serve Services of one name alone, and nobody else the others. */
  readonly leavesServices: { readonly name: string; readonly services: number } | undefined;
}

export interface StartRefusal {
  readonly key: string;
  readonly text: string;
  /** Goes on from the value, e.g. `is none of random, maglev`. */
  readonly why: string;
  readonly origin: SettingOrigin;
  /** What this agent started with and runs on; undefined: not known, or not set then. */
  readonly started: string | undefined;
}

/** Missing where what stands in the API could not be read. */
export const nextStart = defineNodeDerived({
  name: 'nextStart',
  optional: { cluster: ['systemPods', 'services'], node: ['status', 'startedConfig', 'interfaces'] },
  uses: [agentConfigOnNode, kubeProxyPresence],
  compute: ({ cluster }) => {
    const pods = valueOf(cluster.systemPods) ?? [];
    const services = valueOf(cluster.services) ?? [];
    return ({ agent, facts, derived }): NextStart | Missing => {
      const config = derived(agentConfigOnNode);
      if ('missing' in config) return config;
      const { next, version } = config;
      if ('missing' in next) return next;
      const started = valueOf(facts.startedConfig)?.byKey;
      const isOn = replacementBy(facts.status, config) === 'on';
      const isAlone = isOn && derived(kubeProxyPresence).kind === 'none';
      return {
        refusals: [
          ...refusalsOf(next, version),
          ...ofDevices(next, valueOf(facts.interfaces), isWithoutDevice(agent, pods)),
        ].map((one) => Object.assign(one, { started: started?.get(one.key)?.trim() })),
        leavesNobody: isAlone && next.replacement.value !== 'on',
        leavesServices: isAlone ? leftBy(config.settings, next, services) : undefined,
      };
    };
  },
});

/** In its own words, when it ended (cilium: pkg/datapath/tables/direct_routing_device.go). */
function isWithoutDevice(agent: AgentPod | undefined, pods: readonly Pod[]): boolean {
  const pod = pods.find(({ metadata }) => metadata.name === agent?.name && metadata.namespace === agent.namespace);
  return (pod?.status?.containerStatuses ?? []).some(
    ({ name, ready, state, lastState }) =>
      name === agent?.container &&
      ready !== true &&
      [state?.terminated, lastState?.terminated].some((end) =>
        /unable to determine direct routing device/.test(end?.message ?? ''),
      ),
  );
}

/** The name of a proxy for whose Services alone the agent would be from then on, and how many others there are. */
function leftBy(
  { serviceProxyName: now }: AgentSettings,
  { serviceProxyName: then }: AgentSettings,
  services: readonly Service[],
): NextStart['leavesServices'] {
  if (now.value !== '' || then.value === '') return undefined;
  const others = services.filter(
    ({ metadata, spec }) => spec?.clusterIP !== 'None' && !isForProxy(metadata, then.value),
  ).length;
  return others === 0 ? undefined : { name: then.value, services: others };
}

/** Why an agent would not start, whatever it runs with now. */
export type SettingRefusal = Omit<StartRefusal, 'started'>;

/**
 * What makes an agent end at its start, as far as it is certain for each version (cilium: pkg/loadbalancer/config.go,
 * pkg/maglev/maglev.go, pkg/datapath/xdp/cell.go, pkg/kpr/initializer, formerly daemon/cmd/kube_proxy_replacement.go).
 */
export function refusalsOf(settings: AgentSettings, version: Version): readonly SettingRefusal[] {
  const { replacement, algorithm, mode, dsrDispatch, acceleration, maglevTableSize, nodePortRange } = settings;
  if (replacement.text !== undefined && refusesReplacement(replacement.text, version))
    return [refusal('kube-proxy-replacement', replacement, 'is neither true nor false')];
  // Without the replacement older versions do not look at the rest.
  if (replacement.value !== 'on') return [];
  return [
    ...noneOf('bpf-lb-algorithm', algorithm, ['random', 'maglev']),
    ...noneOf('bpf-lb-mode', mode, ['snat', 'dsr', 'hybrid']),
    ...noneOf('bpf-lb-dsr-dispatch', dsrDispatch, ['opt', 'ipip', 'geneve']),
    ...noneOf('bpf-lb-acceleration', acceleration, ['disabled', 'native', 'best-effort', 'testing-only']),
    ...(algorithm.value === 'maglev' ? noneOf('bpf-lb-maglev-table-size', maglevTableSize, maglevTableSizes) : []),
    ...(isRange(nodePortRange.text) ? [] : [refusal('node-port-range', nodePortRange, 'is no range MIN,MAX of ports')]),
    ...ofTunnel(settings),
  ];
}

/** The sizes that Cilium has prime numbers for (cilium: pkg/maglev/maglev.go). */
export const maglevTableSizes = ['251', '509', '1021', '2039', '4093', '8191', '16381', '32749', '65521', '131071'];

interface Written {
  readonly text: string | undefined;
  readonly origin: SettingOrigin;
}

const refusal = (key: string, { text, origin }: Written, why: string): SettingRefusal => ({
  key,
  text: text ?? '',
  why,
  origin,
});

const noneOf = (key: string, setting: Written, words: readonly string[]): readonly SettingRefusal[] =>
  setting.text === undefined || words.includes(setting.text)
    ? []
    : [refusal(key, setting, `is none of ${words.join(', ')}`)];

function isRange(text: string | undefined): boolean {
  const [, min, max] = /^(\d{1,5})[\s,]+(\d{1,5})$/.exec(text ?? '') ?? [];
  return text === undefined || (min !== undefined && Number(min) < Number(max) && Number(max) <= 65_535);
}

/** Without a device nothing is routed to other nodes (cilium: pkg/datapath/tables/direct_routing_device.go). */
function ofDevices(
  { replacement, devices }: AgentSettings,
  interfaces: readonly NetworkInterface[] | undefined,
  isWithout: boolean,
): readonly SettingRefusal[] {
  const patterns = devices.value;
  if (replacement.value !== 'on' || patterns.length === 0) return [];
  // Of a node whose agent does not stay up nothing else is read.
  if (interfaces === undefined) return isWithout ? [refusal('devices', devices, 'names no device of the node')] : [];
  // One that only leaves devices out leaves the choice of the others to the agent.
  const isThere = interfaces.some(({ name }) => patterns.some((one) => one.startsWith('!') || isMeant(name, one)));
  return isThere ? [] : [refusal('devices', devices, 'names no device of the node')];
}

/** `eth+` means each whose name begins with `eth`. */
const isMeant = (name: string, pattern: string): boolean =>
  pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** Requests that keep the client's address do not fit into VXLAN. */
function ofTunnel({ mode, routingMode, tunnelProtocol, dsrDispatch }: AgentSettings): readonly SettingRefusal[] {
  if (mode.value === 'snat') return [];
  // Without a tunnel between pods, too, requests go to their backend through one.
  if (routingMode.value !== 'tunnel')
    return dsrDispatch.value === 'geneve' && tunnelProtocol.value !== 'geneve'
      ? [refusal('bpf-lb-dsr-dispatch', dsrDispatch, 'needs tunnel-protocol to be geneve, without a tunnel, too')]
      : [];
  if (tunnelProtocol.value === 'vxlan') return [refusal('bpf-lb-mode', mode, 'does not go with tunnels of VXLAN')];
  if (dsrDispatch.value === 'geneve') return [];
  return [refusal('bpf-lb-mode', mode, 'goes with tunnels only if bpf-lb-dsr-dispatch is geneve')];
}
