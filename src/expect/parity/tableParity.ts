import { defineNodeDerived } from '../../core/Derived.ts';
import type { NodeView } from '../../core/View.ts';
import { isKnown, type Missing } from '../../model/Fact.ts';
import type { EndpointSlice } from '../../model/kubernetes.ts';
import type { LbTable } from '../../model/lb/LbTable.ts';
import { apiObjects } from '../lb/apiObjects.ts';
import type { ExpectedTable } from '../lb/ExpectedTable.ts';
import { expectNodeIn } from '../lb/expectedOnNode.ts';
import { type ApiObjects, expectTable } from '../lb/expectTable.ts';
import { lbConfigOnNode } from '../lb/lbConfigOnNode.ts';
import { SharedBackends } from '../lb/SharedBackends.ts';
import { SharedExpectations } from '../lb/SharedExpectations.ts';
import type { Difference } from './Difference.ts';
import { type ApiChanges, changesBetween, confirm, settle } from './settle.ts';
import { comparedWith, type TableComparison, tableComparison } from './tableComparison.ts';

/** One node's table judged: what it must hold, what it holds, and what differs for sure or for now. */
export type NodeParity = { readonly node: string } & (
  | {
      readonly judged: true;
      readonly expected: ExpectedTable;
      readonly found: LbTable;
      readonly differences: readonly Difference[];
    }
  | { readonly judged: false; readonly why: Missing }
);

const objectsOfApi = ['services', 'endpointSlices', 'pods', 'localRedirectPolicies'] as const;

/** Every covered node against the API, by both readings where there are two. A node that can't be judged says why. */
export const tableParity = defineNodeDerived({
  name: 'tableParity',
  optional: { cluster: ['nodes', ...objectsOfApi], node: ['status', 'nodeAddresses'] },
  reread: { cluster: ['nodes', ...objectsOfApi], node: ['lbTable', 'agentTable'] },
  uses: [tableComparison, lbConfigOnNode],
  compute({ cluster, secondReading: second, frame: { takenAt } }) {
    const objects = apiObjects(cluster);
    const objectsAgain = second && apiObjects(second);
    const changes = changesOf(takenAt, objects, objectsAgain);
    const nodes = second !== undefined && isKnown(second.nodes) ? second.nodes : cluster.nodes;
    const [backends, rows] = [new SharedBackends(), new SharedExpectations()];

    const comparedAgain = (node: View): TableComparison | Missing | undefined => {
      if (node.secondReading === undefined || objectsAgain === undefined || 'missing' in objectsAgain) return undefined;
      const config = node.derived(lbConfigOnNode);
      const own = expectNodeIn(nodes, node.name, node.facts.nodeAddresses);
      if ('missing' in config || 'missing' in own) return undefined;
      const expected = expectTable({ node: own, config, objects: objectsAgain }, backends);
      return comparedWith(rows.share(expected), node.secondReading);
    };

    return (node: View): NodeParity => {
      const first = node.derived(tableComparison);
      if ('missing' in first) return { node: node.name, judged: false, why: first };
      const again = first.differences.length === 0 ? undefined : comparedAgain(node);
      const { expected, found, differences } = confirmed(first, again);
      const moment = { changes, agentAgeSeconds: ageOf(node, takenAt) };
      return { node: node.name, judged: true, expected, found, differences: settle(differences, moment) };
    };
  },
});

type View = NodeView<
  never,
  'status' | 'nodeAddresses',
  'lbTable' | 'agentTable',
  typeof tableComparison | typeof lbConfigOnNode
>;

/** What can't be compared again stands as it was. */
const confirmed = (first: TableComparison, second: TableComparison | Missing | undefined): TableComparison =>
  second === undefined || 'missing' in second
    ? first
    : { ...second, differences: confirm(first.differences, second.differences) };

/** undefined also for an agent that does not answer: nothing gets better there by waiting. */
function ageOf({ agent, facts }: View, takenAt: string): number | undefined {
  if (!isKnown(facts.status)) return undefined;
  const seconds =
    agent?.startedAt === undefined ? Number.NaN : (Date.parse(takenAt) - Date.parse(agent.startedAt)) / 1000;
  // Clocks of two machines differ: a start in the future says nothing.
  return seconds >= 0 ? seconds : undefined;
}

/** How long before a reading a change may be, to be on its way still when nobody looked twice. */
const recentSeconds = 30;

function changesOf(takenAt: string, first: ApiObjects | Missing, second: ApiObjects | Missing | undefined): ApiChanges {
  if ('missing' in first) return none;
  if (second !== undefined && !('missing' in second)) return changesBetween(first, second);
  const isOld = (time: string | undefined): boolean => !isRecent(time, takenAt);
  const services = first.services.filter(({ metadata }) => isOld(metadata.creationTimestamp));
  const endpointSlices = first.endpointSlices.filter((slice) => isOld(lastChangeOf(slice)));
  const isSame = services.length === first.services.length && endpointSlices.length === first.endpointSlices.length;
  return isSame ? none : changesBetween({ ...first, services, endpointSlices }, first);
}

const none: ApiChanges = { owners: new Set(), addresses: new Set(), nodePorts: new Set() };

/**
 * The EndpointSlice controller notes which change of a pod or Service made it write
 * (endpointslice/trigger_time_tracker.go).
 */
const lastChangeOf = ({ metadata }: EndpointSlice): string | undefined =>
  metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'] ?? metadata.creationTimestamp;

const isRecent = (time: string | undefined, takenAt: string): boolean =>
  time !== undefined && (Date.parse(takenAt) - Date.parse(time)) / 1000 < recentSeconds;
