import { defineCheck, skip } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { compareNodes, type NodeGroup } from '../../src/expect/parity/compareNodes.ts';
import { tableParity } from '../../src/expect/parity/tableParity.ts';
import type { FrontendKey } from '../../src/model/lb/keys.ts';
import { kpr4007 } from './problems/KPR4007.ts';

/** Rows that are judged already, as different from the API or as settling, are not said twice. */
export const tablesAgree = defineCheck({
  id: 'tables-agree',
  title: 'Nodes hold the same rows where they should be equal',
  area: 'tables',
  phases: ['doctor', 'verify'],
  raises: [kpr4007],
  needs: { cluster: ['nodes', 'services', 'endpointSlices'], node: ['lbTable'] },
  uses: [tableParity],
  run({ nodes }) {
    const judged = nodes.map((node) => node.derived(tableParity)).filter((one) => one.judged);
    if (judged.length < 2) return skip('fewer than two nodes to compare');
    const explained = new Set(judged.flatMap(({ differences }) => differences.map(({ frontend }) => frontend)));
    const groups = compareNodes(judged);
    return groups.flatMap((group) => {
      const differs = group.differs.filter(({ frontend }) => !explained.has(frontend));
      const [first] = differs;
      if (first === undefined) return [];
      const majority = judged.length - differingIn(first.frontend, groups);
      return group.nodes.flatMap((name) => {
        const node = nodes.find((one) => one.name === name);
        if (node === undefined) return [];
        const example = `${first.frontend} ${first.here ?? 'is not there'}`;
        return finding(
          kpr4007,
          'minority',
          { majority, all: judged.length, count: differs.length, example },
          {
            nodes: [name],
            expected: first.majority ?? '(no row)',
            found: first.here ?? '(no row)',
            evidence: [node.evidence('lbTable', example)],
          },
        );
      });
    });
  },
});

/** How many nodes do not have the row as most nodes have it. */
const differingIn = (frontend: FrontendKey, groups: readonly NodeGroup[]): number =>
  groups
    .filter(({ differs }) => differs.some((row) => row.frontend === frontend))
    .reduce((sum, { nodes }) => sum + nodes.length, 0);
