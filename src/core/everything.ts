import { nodeFactNames } from '../knowledge/nodeCommands.ts';
import { documentNames } from '../model/raw.ts';
import type { NodeFactName } from '../model/NodeFacts.ts';
import type { ClusterFactName } from '../model/Snapshot.ts';

/** For rules about the examination itself, which look at every fact whatever it is. */
export const everything: { readonly cluster: readonly ClusterFactName[]; readonly node: readonly NodeFactName[] } = {
  cluster: documentNames,
  node: nodeFactNames,
};
