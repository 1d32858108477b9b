import { perServiceHash } from '../../knowledge/iptablesOwners.ts';
import { isKubeProxyJump } from '../../knowledge/owners/kubeProxyJumps.ts';
import { isKubeProxys } from '../../knowledge/owners/Owner.ts';
import { type ChainOwners, ownerOfChain, type OwnerOf } from '../../knowledge/owners/ownerOfChain.ts';
import { ownChains } from '../../model/iptablesChains.ts';
import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';

/**
 * A rule of somebody else that leads into a chain of kube-proxy: it needs that chain, and the kernel
 * does not let it go.
 */
export interface ForeignJump {
  readonly table: string;
  readonly chain: string;
  readonly target: string;
  readonly rule: IptablesRule;
}

export const foreignJumps = (tables: readonly IptablesTable[], owners: ChainOwners): readonly ForeignJump[] =>
  tables.flatMap((table) =>
    othersChains(table, owners).flatMap((chain) =>
      chain.rules.flatMap((rule) => jumpOf(table.name, chain.name, rule, owners.of)),
    ),
  );

/** All but kube-proxy's. */
function othersChains(table: IptablesTable, owners: ChainOwners): readonly IptablesChain[] {
  const common = table.parts && owners.ofCommon(table.name, table.parts.common);
  const chains = common === undefined || [...common.keys()].every(isKubeProxys) ? ownChains(table) : table.chains;
  return chains.filter(({ name }) => !isKubeProxys(owners.of(table.name, name)));
}

function jumpOf(table: string, chain: string, rule: IptablesRule, ownerOf: OwnerOf): readonly ForeignJump[] {
  const { target } = rule;
  return target !== undefined && isForeignJump(table, chain, target, rule, ownerOf)
    ? [{ table, chain, target, rule }]
    : [];
}

/**
 * Whether somebody else wrote a rule that leads to a chain of kube-proxy's. In a built-in chain kube-proxy's are the
 * very rules that it writes; beside those only its own chains lead to each other (kubernetes:
 * pkg/proxy/iptables/proxier.go, iptablesJumpChains).
 */
export function isForeignJump(
  table: string,
  chain: string,
  target: string,
  { line }: IptablesRule,
  ownerOf: OwnerOf = ownerOfChain,
): boolean {
  return isKubeProxys(ownerOf(table, target)) && !isKubeProxys(ownerOf(table, chain)) && !isKubeProxyJump(table, line);
}

/**
 * Whether packets that take this way meet kube-proxy's rules as they did while it ran. Every way from a built-in chain
 * to a main chain counts: whoever wrote it and with whatever matches, what stands there is in effect.
 */
export function isWayOfKubeProxy(
  table: string,
  chain: string,
  target: string,
  ownerOf: OwnerOf = ownerOfChain,
): boolean {
  if (!isKubeProxys(ownerOf(table, target))) return true;
  const from = ownerOf(table, chain);
  if (from === 'builtIn') return target !== 'KUBE-MARK-MASQ' && perServiceHash(target) === undefined;
  return isKubeProxys(from) || from === 'kubelet';
}
