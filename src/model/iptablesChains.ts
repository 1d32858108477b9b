import type { IptablesChain, IptablesTable } from './NodeFacts.ts';

/** The chains of a table but those of single Services and endpoints that many nodes have. */
export const ownChains = (table: IptablesTable): readonly IptablesChain[] => table.parts?.own ?? table.chains;

export type FindChain = (name: string) => IptablesChain | undefined;

/** Finds chains by their names; which packets met what is common is not told. */
export function chainFinder(table: IptablesTable): FindChain {
  const own = new Map(ownChains(table).map((chain) => [chain.name, chain]));
  const common = table.parts?.common;
  return common === undefined ? (name) => own.get(name) : (name) => own.get(name) ?? common.chains[common.find(name)];
}

/** Without a look at them: of a chain that holds common rules they are put together when somebody asks. */
export const countRules = (chain: IptablesChain): number =>
  chain.parts === undefined
    ? chain.rules.length
    : chain.parts.own.length + chain.parts.common.rulesOf(chain.name).length;
