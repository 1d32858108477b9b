import { isUnspecified } from '../../model/lb/address.ts';
import { type FlagName, flagSet, type FrontendType } from '../../model/lb/lbFlags.ts';
import type { Claim } from './Claim.ts';
import type { CiliumBehaviour } from './versionGates.ts';
import type { LbConfig } from './LbConfig.ts';
import type { ClaimContext } from './serviceClaims.ts';

const external: ReadonlySet<FrontendType> = new Set(['NodePort', 'LoadBalancer', 'ExternalIPs']);

/** The properties of a row; pkg/loadbalancer/reconciler, updateFrontend. */
export function frontendFlags(
  claim: Claim,
  type: FrontendType,
  address: string,
  { config, behaviour }: ClaimContext,
): ReadonlySet<FlagName> {
  const { traits } = claim;
  const flags: FlagName[] = [];
  if (traits.externalLocal && (behaviour.localOnEveryType || external.has(type))) flags.push('Local');
  if (traits.internalLocal) flags.push('InternalLocal');
  if (traits.externalLocal !== traits.internalLocal && type !== 'ClusterIP') flags.push('two-scopes');
  if (traits.affinityTimeout > 0) flags.push('sessionAffinity');
  // The zero address is looked up from inside only.
  if (isUnspecified(address) || (type === 'ClusterIP' && !config.externalClusterIP)) flags.push('non-routable');
  if (checksSourceRanges(claim, type, config, behaviour)) {
    flags.push('check source-range');
    if (traits.sourceRangesDeny) flags.push('deny');
  } else if (traits.sourceRangesDeny && !behaviour.sourceRangesOnLoadBalancer) {
    // The bit of `deny` is set without ranges, where it reads `quarantined`.
    flags.push('quarantined');
  }
  if (traits.loopback || traits.delegatesIfLocal) flags.push(type === 'HostPort' ? 'loopback' : 'delegate-if-local');
  if (usesDsr(claim, config, behaviour)) flags.push('dsr');
  return flagSet(flags);
}

function checksSourceRanges(
  { traits }: Claim,
  type: FrontendType,
  config: LbConfig,
  behaviour: CiliumBehaviour,
): boolean {
  if (traits.sourceRanges.length === 0 || !config.sourceRangeCheck) return false;
  if (!behaviour.sourceRangesOnLoadBalancer || config.sourceRangeAllTypes) return true;
  return type === 'LoadBalancer' || (behaviour.sourceRangesOnExternalIPs && type === 'ExternalIPs');
}

function usesDsr({ traits, protocol }: Claim, { mode }: LbConfig, behaviour: CiliumBehaviour): boolean {
  if (traits.forwardingMode !== undefined) return traits.forwardingMode === 'dsr';
  return mode === 'dsr' || (mode === 'hybrid' && behaviour.hybridMarksTcp && protocol === 'TCP');
}

/** Only what is reachable from outside the node gets a Maglev table. */
export function usesMaglev({ type, traits }: Claim, address: string, config: LbConfig): boolean {
  if (isUnspecified(address)) return false;
  if (traits.algorithm !== 'undef') return traits.algorithm === 'maglev';
  if (config.algorithm !== 'maglev' || type === 'LocalRedirect') return false;
  return type !== 'ClusterIP' || config.externalClusterIP;
}
