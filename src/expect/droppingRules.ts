import { ownerBesideFirewalld } from '../knowledge/owners/ownerOfRule.ts';
import { isKnown } from '../model/Fact.ts';
import { canonicalCidr } from '../model/lb/address.ts';
import { ownChains } from '../model/iptablesChains.ts';
import type { IptablesDump, IptablesRule } from '../model/NodeFacts.ts';
import { optionsOf } from '../model/RuleOptions.ts';

/** Chains of the kernel through which packets of this node, to it, or past it go, whatever their table. */
const onTheWay: ReadonlySet<string> = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);

/**
 * Rules of nobody known in the kernel's own chains that have dropped or rejected packets, and are for one of these
 * addresses by themselves: those that look at more (states, other ports, sets) may be right, and are left out.
 */
export const droppingRules = (
  dumps: readonly IptablesDump[],
  addresses: readonly string[],
  port: number,
): readonly IptablesRule[] =>
  dumps
    .flatMap(({ tables }) => (isKnown(tables) ? tables.value : []))
    .flatMap((table) =>
      ownChains(table)
        .filter(({ name }) => onTheWay.has(name))
        .flatMap(({ name, rules }) =>
          rules.filter(
            (rule) =>
              (rule.target === 'DROP' || rule.target === 'REJECT') &&
              rule.packets !== 0 &&
              ownerBesideFirewalld(table.name, name, rule) === 'unknown' &&
              isFor(rule, addresses, port),
          ),
        ),
    );

function isFor(rule: IptablesRule, addresses: readonly string[], port: number): boolean {
  const { source, destination, unknown, port: only, chain } = optionsOf(rule);
  // By which link a packet leaves is of no account here.
  if (unknown !== undefined && unknown !== '-o') return false;
  if (only !== undefined && only !== port) return false;
  if (source === undefined && destination === undefined) return chain === 'FORWARD';
  return [source, destination].every((range) => range === undefined || addresses.some((one) => isIn(one, range)));
}

/** Not where the range is negated. */
function isIn(address: string, range: string): boolean {
  const [, bits] = range.split('/');
  return bits !== undefined && canonicalCidr(range) === canonicalCidr(`${address}/${bits}`);
}
