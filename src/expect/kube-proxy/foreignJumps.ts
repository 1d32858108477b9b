import { perServiceHash } from '../../knowledge/iptablesOwners.ts';
import { isKubeProxyJump } from '../../knowledge/owners/kubeProxyJumps.ts';
import { isKubeProxys } from '../../knowledge/owners/Owner.ts';
import { ownerOfChain } from '../../knowledge/owners/ownerOfChain.ts';
import type { IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';

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

export const foreignJumps = (tables: readonly IptablesTable[]): readonly ForeignJump[] =>
  tables.flatMap(({ name: table, chains }) =>
    chains.flatMap(({ name: chain, rules }) =>
      rules.flatMap((rule) => {
        const { target } = rule;
        return target !== undefined && isForeignJump(table, chain, target, rule)
          ? [{ table, chain, target, rule }]
          : [];
      }),
    ),
  );

/**
 * Whether somebody else wrote a rule that leads to a chain of kube-proxy's. In a built-in chain kube-proxy's are the
 * very rules that it writes; beside those only its own chains lead to each other (kubernetes:
 * pkg/proxy/iptables/proxier.go, iptablesJumpChains).
 */
export function isForeignJump(table: string, chain: string, target: string, { line }: IptablesRule): boolean {
  return (
    isKubeProxys(ownerOfChain(table, target)) &&
    !isKubeProxys(ownerOfChain(table, chain)) &&
    !isKubeProxyJump(table, line)
  );
}

/**
 * Whether packets that take this way meet kube-proxy's rules as they did while it ran. Every way from a built-in chain
 * to a main chain counts: whoever wrote it and with whatever matches, what stands there is in effect.
 */
export function isWayOfKubeProxy(table: string, chain: string, target: string): boolean {
  if (!isKubeProxys(ownerOfChain(table, target))) return true;
  const from = ownerOfChain(table, chain);
  if (from === 'builtIn') return target !== 'KUBE-MARK-MASQ' && perServiceHash(target) === undefined;
  return isKubeProxys(from) || from === 'kubelet';
}
