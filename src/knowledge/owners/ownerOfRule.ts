import { optionsOf } from '../../model/RuleOptions.ts';
import { commentOwners, firewalldOwn, linkOwners } from './ownRules.ts';
import { isKubeProxyJump } from './kubeProxyJumps.ts';
import { isKubeProxys, type Owner } from './Owner.ts';
import { ownerOfChain } from './ownerOfChain.ts';

export interface OwnedRule {
  /** As iptables-save prints it, without counters. */
  readonly line: string;
  readonly target: string | undefined;
}

/**
 * Who wrote a rule. Those of a chain are its owner's, apart from a rule in a chain of kube-proxy's that kube-proxy
 * doesn't write. In a built-in chain a jump is the owner's of its target, but one to kube-proxy's is its own only where
 * it is exactly what kube-proxy writes.
 */
export function ownerOfRule(table: string, chain: string, rule: OwnedRule): Owner {
  const owner = ownerOfChain(table, chain);
  if (owner === 'builtIn') return inBuiltIn(table, rule);
  if (!isKubeProxys(owner) || isOwnTarget(table, rule.target)) return owner;
  return foreignTarget(table, rule.target);
}

function inBuiltIn(table: string, rule: OwnedRule): Owner {
  const { line, target } = rule;
  const owner = target === undefined ? 'unknown' : ownerOfChain(table, target);
  if (isKubeProxys(owner)) return isKubeProxyJump(table, line) ? owner : 'unknown';
  if (owner === 'kubelet') return kubeletJumps.has(line) ? owner : 'unknown';
  if (owner !== 'unknown' && owner !== 'builtIn') return owner;
  const { comment = '', inInterface, outInterface } = optionsOf(rule);
  const byComment = commentOwners.find(([pattern]) => pattern.test(comment));
  if (byComment !== undefined) return byComment[1];
  const links = [inInterface, outInterface].flatMap((name) => name?.replace(/^!\s*/, '') ?? []);
  return linkOwners.find(([pattern]) => links.some((name) => pattern.test(name)))?.[1] ?? 'unknown';
}

/** The same where firewalld has chains in that table: then rules of built-in chains that say of nobody are its. */
export function ownerBesideFirewalld(table: string, chain: string, rule: OwnedRule): Owner {
  const owner = ownerOfRule(table, chain, rule);
  return owner === 'unknown' && firewalldOwn.has(rule.line) ? 'firewalld' : owner;
}

/** kubernetes: pkg/kubelet/kubelet_network_linux.go */
const kubeletJumps: ReadonlySet<string> = new Set(['-A INPUT -j KUBE-FIREWALL', '-A OUTPUT -j KUBE-FIREWALL']);

/** What rules of kube-proxy's chains lead to: its own chains, those of kubelet that drop, and these verdicts. */
const isOwnTarget = (table: string, target: string | undefined): boolean =>
  target === undefined ||
  verdicts.has(target) ||
  target === 'KUBE-MARK-DROP' ||
  isKubeProxys(ownerOfChain(table, target));
const verdicts: ReadonlySet<string> = new Set([
  'ACCEPT',
  'DNAT',
  'DROP',
  'MARK',
  'MASQUERADE',
  'REDIRECT',
  'REJECT',
  'RETURN',
]);

function foreignTarget(table: string, target: string | undefined): Owner {
  const owner = ownerOfChain(table, target ?? '');
  return owner === 'builtIn' ? 'unknown' : owner;
}
