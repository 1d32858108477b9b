import type { Version } from '../../knowledge/version.ts';
import type { Family } from '../../model/lb/address.ts';
import type { AgentConfig } from '../agent/AgentConfig.ts';
import type { SettingValues } from '../agent/AgentSettings.ts';
import { asksForNodePorts, familiesOf } from '../agent/combinedSettings.ts';
import { behaviourOf } from './versionGates.ts';

/** The configuration of one agent, as far as it decides what its load-balancing maps hold: a view of its settings. */
export interface LbConfig extends SettingValues<
  | 'externalClusterIP'
  | 'mode'
  | 'modeAnnotation'
  | 'algorithm'
  | 'algorithmAnnotation'
  | 'sourceRangeCheck'
  | 'sourceRangeAllTypes'
  | 'serviceTopology'
  | 'serviceProxyName'
  | 'wildcards'
  | 'loadBalancerIpam'
  | 'internalTrafficPolicy'
  | 'localRedirects'
  | 'redirectCidrs'
  | 'healthCheckLoadBalancerIP'
> {
  readonly version: Version;
  /** Also with NodePorts alone, up to 1.18: the maps are the same then. */
  readonly kubeProxyReplacement: boolean;
  readonly families: ReadonlySet<Family>;
  readonly nodePortMin: number;
  readonly nodePortMax: number;
  readonly hostPorts: boolean;
}

export function lbConfigOf({ version, settings }: AgentConfig): LbConfig {
  const nodePorts = asksForNodePorts(settings);
  return {
    version,
    kubeProxyReplacement: nodePorts,
    families: familiesOf(settings),
    nodePortMin: settings.nodePortRange.value.min,
    nodePortMax: settings.nodePortRange.value.max,
    externalClusterIP: settings.externalClusterIP.value,
    mode: settings.mode.value,
    modeAnnotation: settings.modeAnnotation.value,
    algorithm: settings.algorithm.value,
    algorithmAnnotation: settings.algorithmAnnotation.value,
    // Up to 1.18 both need NodePorts (cilium: pkg/kpr/kpr.go).
    sourceRangeCheck: settings.sourceRangeCheck.value && (nodePorts || behaviourOf(version).noFeatureSwitches),
    hostPorts: settings.replacement.value === 'on' || (nodePorts && settings.hostPort.value),
    sourceRangeAllTypes: settings.sourceRangeAllTypes.value,
    serviceTopology: settings.serviceTopology.value,
    serviceProxyName: settings.serviceProxyName.value,
    wildcards: settings.wildcards.value,
    loadBalancerIpam: settings.loadBalancerIpam.value,
    internalTrafficPolicy: settings.internalTrafficPolicy.value,
    localRedirects: settings.localRedirects.value,
    redirectCidrs: settings.redirectCidrs.value,
    healthCheckLoadBalancerIP: settings.healthCheckLoadBalancerIP.value,
  };
}
