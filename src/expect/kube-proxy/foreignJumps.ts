import { chainOwner, perServiceHash } from '../../knowledge/iptablesOwners.ts';
import type { IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';

/** A rule of somebody else that leads into a chain of kube-proxy: it needs that chain, and the kernel does not let it go. */
export interface ForeignJump {
  readonly table: string;
  readonly chain: string;
  readonly target: string;
  readonly rule: IptablesRule;
}

export const foreignJumps = (tables: readonly IptablesTable[]): readonly ForeignJump[] =>
  tables.flatMap((table) =>
    table.chains.flatMap(({ name: chain, rules }) =>
      rules.flatMap((rule) => {
        const { target } = rule;
        return target !== undefined && isForeignJump(table.name, chain, target)
          ? [{ table: table.name, chain, target, rule }]
          : [];
      }),
    ),
  );

/**
 * kube-proxy leads from the built-in chains to its main ones and from there to the others; nobody else's chain leads to its own
 * by its doing (kubernetes: pkg/proxy/iptables/proxier.go, iptablesJumpChains).
 */
export function isForeignJump(table: string, chain: string, target: string): boolean {
  const to = chainOwner(table, target);
  if (to !== 'kubeProxy' && to !== 'shared') return false;
  const from = chainOwner(table, chain);
  if (from === 'builtIn') return target === 'KUBE-MARK-MASQ' || perServiceHash(target) !== undefined;
  return from !== 'kubeProxy' && from !== 'shared' && from !== 'kubelet';
}
