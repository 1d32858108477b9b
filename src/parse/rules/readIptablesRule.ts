import type { IptablesRule } from '../../model/NodeFacts.ts';
import { optionsOf } from '../../model/RuleOptions.ts';

/**
 * A rule as `iptables-save` prints it, with counters or without; undefined: no rule.
 * @param spelling gives one string for equal names, so that a jump holds no copy of its target's name
 */
export function readIptablesRule(
  text: string,
  spelling: (name: string) => string,
): { readonly chain: string; readonly rule: IptablesRule } | undefined {
  const counters = text.startsWith('[') ? /^\[(\d+):(\d+)\] /.exec(text) : undefined;
  if (counters === null) return undefined;
  const line = counters === undefined ? text : text.slice(counters[0].length);
  const { chain, target, comment } = optionsOf({ line });
  if (chain === undefined) return undefined;
  const rule = {
    line,
    packets: counters && Number(counters[1]),
    bytes: counters && Number(counters[2]),
    target: target === undefined ? undefined : spelling(target),
    comment,
  };
  const printed = counters?.[0].slice(1, -2);
  const isExact = printed === undefined || printed === `${rule.packets}:${rule.bytes}`;
  return { chain, rule: isExact ? rule : { ...rule, counters: printed } };
}
