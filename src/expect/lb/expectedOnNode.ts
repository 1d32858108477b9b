import { nodeNamed } from '../nodeNamed.ts';
import { defineNodeDerived } from '../../core/Derived.ts';
import { type Fact, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { Node } from '../../model/kubernetes.ts';
import type { NodeAddress } from '../../model/NodeFacts.ts';
import { apiObjects } from './apiObjects.ts';
import type { ExpectedTable } from './ExpectedTable.ts';
import { type ExpectNode, expectNodeOf } from './ExpectNode.ts';
import { lbConfigOnNode } from './lbConfigOnNode.ts';
import { SharedTables } from './SharedTables.ts';

/** What the API requires a node's maps to hold, also when nothing is known of what they do hold. */
export const expectedOnNode = defineNodeDerived({
  name: 'expectedOnNode',
  optional: {
    cluster: ['nodes', 'services', 'endpointSlices', 'pods', 'localRedirectPolicies'],
    node: ['nodeAddresses'],
  },
  uses: [lbConfigOnNode],
  compute({ cluster }) {
    const objects = apiObjects(cluster);
    const tables = 'missing' in objects ? objects : new SharedTables(objects);
    return ({ name, facts, derived }): ExpectedTable | Missing => {
      if ('missing' in tables) return tables;
      const node = expectNodeIn(cluster.nodes, name, facts.nodeAddresses);
      if ('missing' in node) return node;
      const config = derived(lbConfigOnNode);
      return 'missing' in config ? config : tables.tableOf(node, config);
    };
  },
});

/** By what a node is told from others: its name, labels and addresses. */
export function expectNodeIn(
  nodes: Fact<readonly Node[]>,
  name: string,
  addresses: Fact<readonly NodeAddress[]>,
): ExpectNode | Missing {
  const list = valueOf(nodes) ?? [];
  const object = nodeNamed(list, name);
  return object === undefined
    ? missing('absent', 'the API has no such node')
    : expectNodeOf(object, valueOf(addresses), list);
}
