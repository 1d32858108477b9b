import { defineCheck } from '../../src/core/Check.ts';
import { forEachNode, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import { defectBehind, type DefectsOnNode, defectsOnNode } from '../../src/expect/defects/defectsOnNode.ts';
import {
  type Difference,
  type FirmDifference,
  isCertain,
  isFirm,
  type Settling,
  type Undecided,
} from '../../src/expect/parity/Difference.ts';
import { type NodeParity, tableParity } from '../../src/expect/parity/tableParity.ts';
import { RowAges } from '../../src/expect/settling/RowAges.ts';
import { type Missing, missing, valueOf } from '../../src/model/Fact.ts';
import { listFirst } from '../../src/text/names.ts';
import { count } from '../../src/text/plural.ts';
import { cureOf, referenceName } from '../agents/defectWords.ts';
import { differenceFindings, type Explanation, settlingFindings } from './differenceFindings.ts';
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
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr4001, kpr4002, kpr4003, kpr4004, kpr4005, kpr4006, kpr4009],
  requires: { cluster: ['nodes', 'services', 'endpointSlices'], node: ['lbTable'] },
  optional: { cluster: ['pods'], node: ['frontendStates'] },
  uses: [tableParity, defectsOnNode],
  run({ nodes, cluster: { services, endpointSlices, pods }, frame: { takenAt } }) {
    const ages = new RowAges({ services, endpointSlices, pods: valueOf(pods) }, takenAt);
    const isHarm = isEverywhere(nodes.map((node) => node.derived(tableParity)));
    return forEachNode(nodes, (node) => {
      const table = node.derived(tableParity);
      if (!table.judged) return inconclusive(table.why);
      const { differences } = table;
      return passUnless([
        ...differenceFindings(
          node,
          differences.filter(isFirm).filter(isCertain),
          (one) => explanationOf(one, node.derived(defectsOnNode)),
          (rows) => ages.of(rows, valueOf(node.facts.frontendStates) ?? []),
        ),
        ...settlingFindings(node, differences.filter(isSettling), isHarm),
        ...openQuestions(table).map((why) => inconclusive(why)),
      ]);
    });
  },
});

function explanationOf(difference: FirmDifference, found: DefectsOnNode | Missing): Explanation | undefined {
  const defect = 'missing' in found ? undefined : defectBehind(difference, found);
  if (defect === undefined || 'missing' in found) return undefined;
  return {
    reference: referenceName(defect.reference),
    whatHelps: cureOf(defect, found.version),
    isNote: defect.harm === 'note',
  };
}

const isSettling = (one: Difference): one is Settling => one.kind === 'settling';

/**
 * Whether agents' starts cost connections on every node at once: then no node is left that serves them meanwhile, and
 * nobody looks at a moment. A change of a Service reaches all nodes at the same time, and is no such thing.
 */
const isEverywhere = (tables: readonly NodeParity[]): boolean =>
  tables.length > 0 && tables.every((table) => table.judged && table.differences.some(isHeldUp));

const isHeldUp = (one: Difference): boolean => isSettling(one) && one.byStart && one.lost !== undefined;

/** What in a judged table is neither a pass nor a finding. */
function openQuestions({ expected, differences }: Extract<NodeParity, { judged: true }>): Missing[] {
  const { nodePortAddresses, hostPorts, redirects } = expected.unknown;
  const unread = [...new Set([nodePortAddresses, hostPorts, redirects])].filter((why) => why !== undefined);
  const settling = differences.filter(isSettling).length;
  const undecided = differences.filter((one): one is Undecided => one.kind === 'undecided');
  const doubtful = differences.filter(isFirm).filter((one) => !isCertain(one));
  return [
    ...unread.map((why) => missing('notCollected', `some rows were not judged: ${why}`)),
    ...(settling === 0 ? [] : [missing('notCollected', `${rows(settling)} settling`)]),
    ...[...Map.groupBy(undecided, ({ why }) => why)].map(([why, group]) =>
      missing(
        'notCollected',
        `${differing(group)}, permanently or only for the moment: ${why}, and a file can’t be read again`,
      ),
    ),
    ...(doubtful[0]?.doubt === undefined
      ? []
      : [missing('unparsed', `${rows(doubtful.length)} perhaps misread: ${doubtful[0].doubt}`)]),
  ];
}

const rows = (number: number): string => `${count(number, 'row')} ${number === 1 ? 'is' : 'are'}`;

/** `2 rows differ from the API (10.96.0.9:80/TCP, 10.96.0.10:53/UDP)` */
const differing = (group: readonly Undecided[]): string =>
  `${count(group.length, 'row')} ${group.length === 1 ? 'differs' : 'differ'} from the API (${listFirst(
    group.map(({ frontend }) => frontend),
    3,
  )})`;
