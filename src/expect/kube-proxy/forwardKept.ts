import { ownChains } from '../../model/iptablesChains.ts';
import type { IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import { optionsOf } from '../../model/RuleOptions.ts';

/**
 * Where everything is dropped that no rule accepts, KUBE-FORWARD may be what lets replies through; only of Cilium's own
 * chain it is certain that it accepts in its place. @param table `filter`
 */
export function needsKubeForward(table: IptablesTable): boolean {
  const forward = ownChains(table).find(({ name }) => name === 'FORWARD');
  const rules = forward?.rules ?? [];
  const drops =
    forward?.policy === 'DROP' ||
    rules.some((rule) => (rule.target === 'DROP' || rule.target === 'REJECT') && isForAll(rule));
  return (
    drops && !rules.some((rule) => rule.target === 'CILIUM_FORWARD' || (rule.target === 'ACCEPT' && isForAll(rule)))
  );
}

const isForAll = (rule: IptablesRule): boolean => optionsOf(rule).isUnconditional;
