import { defineNodeDerived } from '../../core/Derived.ts';
import { isKnown, type Missing, valueOf } from '../../model/Fact.ts';
import type { LbTable } from '../../model/lb/LbTable.ts';
import type { NodeFacts } from '../../model/NodeFacts.ts';
import type { ExpectedTable } from '../lb/ExpectedTable.ts';
import { expectedOnNode } from '../lb/expectedOnNode.ts';
import { LayerComparison } from './compareLayers.ts';
import { compareTables } from './compareTables.ts';
import type { FirmDifference } from './Difference.ts';

/** A node's table beside what it must be. */
export interface TableComparison {
  readonly expected: ExpectedTable;
  readonly found: LbTable;
  readonly differences: readonly FirmDifference[];
}

/** What the first reading of a node's table shows; missing where it can't be judged. */
export const tableComparison = defineNodeDerived({
  name: 'tableComparison',
  optional: { node: ['lbTable', 'agentTable'] },
  uses: [expectedOnNode],
  compute() {
    const layers = new LayerComparison();
    return ({ facts, derived }): TableComparison | Missing => {
      if (!isKnown(facts.lbTable)) return facts.lbTable;
      const expected = derived(expectedOnNode);
      return 'missing' in expected ? expected : comparedWith(expected, facts, layers);
    };
  },
});

export function comparedWith(
  expected: ExpectedTable,
  { lbTable, agentTable }: Pick<NodeFacts, 'lbTable' | 'agentTable'>,
  layers: LayerComparison,
): TableComparison | Missing {
  if (!isKnown(lbTable)) return lbTable;
  const differences = compareTables(expected, lbTable.value, valueOf(agentTable), layers);
  return { expected, found: lbTable.value, differences };
}
