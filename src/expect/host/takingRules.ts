import { type AddressRange, addressNumber, rangeOfNetwork } from '../../model/addressNumber.ts';
import { canonicalAddress, familyOf } from '../../model/lb/address.ts';
import type { ReachTry } from '../../model/NodeFacts.ts';

/** A rule (`ip rule`) that takes what is for some addresses before the table main, where Cilium’s routes are. */
export interface TakingRule extends AddressRange {
  readonly line: string;
  readonly priority: string;
  readonly network: string;
  /** Its own answer is a refusal; otherwise another table answers, which is not read. */
  readonly refuses: boolean;
}

/** Of packets that the node sends, whatever they bear: Cilium's own rules are for marked ones, or lead to main. */
const pattern =
  /^(\d+): from all to (\S+) (?:(blackhole|unreachable|prohibit)|lookup (?!(?:local|main|default)\b)\S+)\b/;

export function takingRules(lines: readonly string[]): readonly TakingRule[] {
  const main = lines.findIndex((line) => / lookup main\b/.test(line) && !/ to /.test(line));
  return lines.slice(0, main === -1 ? undefined : main).flatMap((line): TakingRule[] => {
    const [, priority = '', network = '', refusal] = pattern.exec(line) ?? [];
    const range = rangeOfNetwork(network, 'ipv4');
    return range === undefined ? [] : [{ ...range, line, priority, network, refuses: refusal !== undefined }];
  });
}

/** The first one decides. */
export const takingRuleOf = (rules: readonly TakingRule[], address: string): TakingRule | undefined =>
  rules.find((rule) => isWithin(rule, address));

function isWithin({ from, to }: AddressRange, address: string): boolean {
  const canonical = canonicalAddress(address) ?? '';
  if (canonical === '' || familyOf(canonical) !== 'ipv4') return false;
  const number = addressNumber(canonical);
  return from <= number && number <= to;
}

/** Whether pods answer this node where the rule leads; undefined: none was tried there. */
export function isReachedBy(rule: TakingRule, tries: readonly ReachTry[]): boolean | undefined {
  const there = tries.filter(({ kind, address }) => kind !== 'node' && isWithin(rule, address));
  return there.length === 0 ? undefined : there.some(({ outcome }) => outcome === 'open' || outcome === 'refused');
}
