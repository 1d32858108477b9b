import { defineCheck, type Undecided, undecided } from '../../src/core/Check.ts';
import type { Finding } from '../../src/core/Finding.ts';
import { tableParity } from '../../src/expect/tableParity.ts';
import { missing } from '../../src/model/Fact.ts';
import { differenceFindings } from './differenceFindings.ts';

/** The comparison that nobody else makes: what the API asks for against what each node's maps hold, row by row. */
export const tablesMatch = defineCheck({
  id: 'tables-match',
  title: 'Every node’s eBPF table holds exactly what the API asks for',
  area: 'tables',
  phases: ['doctor', 'verify'],
  codes: ['KPR4001', 'KPR4002', 'KPR4003', 'KPR4004', 'KPR4005', 'KPR4006', 'KPR4009'],
  needs: { cluster: ['nodes', 'services', 'endpointSlices'], node: ['lbTable'] },
  wants: {
    cluster: ['pods', 'localRedirectPolicies', 'ciliumConfig'],
    node: ['status', 'startedConfig', 'nodeAddresses'],
  },
  run({ snapshot, nodes }) {
    const parity = tableParity(snapshot);
    return nodes.flatMap((node): (Finding | Undecided)[] => {
      const table = parity.get(node.name);
      if (table === undefined) return [];
      if (!table.judged) return [undecided(table.why, node.name)];
      const settling = table.differences.filter(({ kind }) => kind === 'settling').length;
      return [
        ...differenceFindings(node, table.differences),
        ...(settling === 0 ? [] : [undecided(missing('notCollected', `${settling} rows are settling`), node.name)]),
      ];
    });
  },
});
