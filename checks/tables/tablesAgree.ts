import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { compareNodes, type NodeGroup } from '../../src/expect/parity/compareNodes.ts';
import { tableParity } from '../../src/expect/parity/tableParity.ts';
import type { FrontendKey } from '../../src/model/lb/keys.ts';
import { kpr4007 } from './problems/KPR4007.ts';

/** Rows that are judged already, as different from the API or as settling, are not said twice. */
export const tablesAgree = defineCheck({
  id: 'tables-agree',
  title: 'Nodes hold the same rows where they should be equal',
  phases: ['doctor', 'verify'],
  raises: [kpr4007],
  requires: { cluster: ['nodes', 'services', 'endpointSlices'], node: ['lbTable'] },
  uses: [tableParity],
  run({ nodes }) {
    if (nodes.length < 2) return notApplicable('fewer than two nodes to compare');
    const parities = nodes.map((node) => node.derived(tableParity));
    const judged = parities.filter((one) => one.judged);
    const unjudged = parities.filter((one) => !one.judged).map(({ node, why }) => inconclusive(why, node));
    const explained = new Set(judged.flatMap(({ differences }) => differences.map(({ frontend }) => frontend)));
    const groups = compareNodes(judged);
    const minorities = groups.flatMap((group) => {
      const differs = group.differs.filter(({ frontend }) => !explained.has(frontend));
      const [first] = differs;
      if (first === undefined) return [];
      const example = `${first.frontend} ${first.here ?? 'is not there'}`;
      const majority = judged.length - differingIn(first.frontend, groups);
      const params = { majority, all: judged.length, count: differs.length, example };
      const about = { expected: first.majority ?? '(no row)', found: first.here ?? '(no row)' };
      return nodes
        .filter(({ name }) => group.nodes.includes(name))
        .map(({ name, evidence }) =>
          finding(kpr4007, 'minority', params, { ...about, nodes: [name], evidence: [evidence('lbTable', example)] }),
        );
    });
    return passUnless([...minorities, ...unjudged]);
  },
});

/** How many nodes do not have the row as most nodes have it. */
const differingIn = (frontend: FrontendKey, groups: readonly NodeGroup[]): number =>
  groups
    .filter(({ differs }) => differs.some((row) => row.frontend === frontend))
    .reduce((sum, { nodes }) => sum + nodes.length, 0);
