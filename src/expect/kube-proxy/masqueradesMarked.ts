import { ownChains } from '../../model/iptablesChains.ts';
import type { IptablesChain, IptablesTable } from '../../model/NodeFacts.ts';

/**
 * Whether a packet that went through KUBE-MARK-MASQ is masqueraded in the end: marked there, and that acted on
 * in POSTROUTING.
 */
export function masqueradesMarked(tables: readonly IptablesTable[]): boolean {
  const nat = tables.find(({ name }) => name === 'nat');
  const chains = nat === undefined ? [] : ownChains(nat);
  const chain = (name: string): IptablesChain | undefined => chains.find((one) => one.name === name);
  const marks = chain('KUBE-MARK-MASQ')?.rules.some(({ target }) => target === 'MARK') === true;
  const masquerades = chain('KUBE-POSTROUTING')?.rules.some(({ target }) => target === 'MASQUERADE') === true;
  const linked = chain('POSTROUTING')?.rules.some(({ target }) => target === 'KUBE-POSTROUTING') === true;
  return marks && masquerades && linked;
}
