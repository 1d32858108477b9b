import { defineCheck } from '../../src/core/Check.ts';
import { forEachNode, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import { type NodeParity, tableParity } from '../../src/expect/parity/tableParity.ts';
import { type Missing, missing } from '../../src/model/Fact.ts';
import { count } from '../../src/text/plural.ts';
import { differenceFindings } from './differenceFindings.ts';
import { kpr4001 } from './problems/KPR4001.ts';
import { kpr4002 } from './problems/KPR4002.ts';
import { kpr4003 } from './problems/KPR4003.ts';
import { kpr4004 } from './problems/KPR4004.ts';
import { kpr4005 } from './problems/KPR4005.ts';
import { kpr4006 } from './problems/KPR4006.ts';
import { kpr4009 } from './problems/KPR4009.ts';

/** The comparison that nobody else makes: what the API asks for against what each node's maps hold, row by row. */
export const tablesMatch = defineCheck({
  id: 'tables-match',
  title: 'Every node’s eBPF table holds exactly what the API asks for',
  phases: ['doctor', 'verify'],
  raises: [kpr4001, kpr4002, kpr4003, kpr4004, kpr4005, kpr4006, kpr4009],
  requires: { cluster: ['nodes', 'services', 'endpointSlices'], node: ['lbTable'] },
  uses: [tableParity],
  run: ({ nodes }) =>
    forEachNode(nodes, (node) => {
      const table = node.derived(tableParity);
      if (!table.judged) return inconclusive(table.why);
      const certain = table.differences.filter((one) => one.kind === 'settling' || one.doubt === undefined);
      return passUnless([
        ...differenceFindings(node, certain),
        ...openQuestions(table).map((why) => inconclusive(why)),
      ]);
    }),
});

/** What in a judged table is neither a pass nor a finding. */
function openQuestions({ expected, differences }: Extract<NodeParity, { judged: true }>): Missing[] {
  const { nodePortAddresses, hostPorts, redirects } = expected.unknown;
  const unread = [...new Set([nodePortAddresses, hostPorts, redirects])].filter((why) => why !== undefined);
  const settling = differences.filter(({ kind }) => kind === 'settling').length;
  const doubtful = differences.filter((one) => one.kind !== 'settling' && one.doubt !== undefined);
  return [
    ...unread.map((why) => missing('notCollected', `some rows were not judged: ${why}`)),
    ...(settling === 0 ? [] : [missing('notCollected', `${rows(settling)} settling`)]),
    ...(doubtful[0]?.doubt === undefined
      ? []
      : [missing('unparsed', `${rows(doubtful.length)} perhaps misread: ${doubtful[0].doubt}`)]),
  ];
}

const rows = (number: number): string => `${count(number, 'row')} ${number === 1 ? 'is' : 'are'}`;
