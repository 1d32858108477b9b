import { defineNodeDerived } from '../../core/Derived.ts';
import type { NodeView } from '../../core/View.ts';
import { type Fact, isKnown, meanwhile, type Missing, valueOf } from '../../model/Fact.ts';
import type { Node } from '../../model/kubernetes.ts';
import type { Origin } from '../../model/raw.ts';
import type { LbTable } from '../../model/lb/LbTable.ts';
import { lostApiServer } from '../api-server/lostApiServer.ts';
import { refusedCalls } from '../api-server/refusedCalls.ts';
import { apiObjects } from '../lb/apiObjects.ts';
import type { ExpectedTable } from '../lb/ExpectedTable.ts';
import { expectNodeIn } from '../lb/expectedOnNode.ts';
import type { ApiObjects } from '../lb/expectTable.ts';
import { lbConfigOnNode } from '../lb/lbConfigOnNode.ts';
import { SharedTables } from '../lb/SharedTables.ts';
import { agentProgressOf } from '../settling/AgentProgress.ts';
import { type ApiChanges, changesBetween, noChanges, recentChanges } from '../settling/apiChanges.ts';
import { settled } from '../settling/settled.ts';
import { lastingSeconds } from '../settling/standingOf.ts';
import { LayerComparison } from './compareLayers.ts';
import { type Difference, open } from './Difference.ts';
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
const ofAgent = ['frontendStates', 'pendingInitializers'] as const;

/** Every covered node against the API, by both readings where there are two. A node that can't be judged says why. */
export const tableParity = defineNodeDerived({
  name: 'tableParity',
  optional: { cluster: ['nodes', ...objectsOfApi], node: ['status', 'metrics', 'nodeAddresses', ...ofAgent] },
  reread: { cluster: ['nodes', ...objectsOfApi], node: ['lbTable', 'agentTable', ...ofAgent] },
  uses: [tableComparison, lbConfigOnNode, lostApiServer],
  compute({ cluster, secondReading: second, frame: { takenAt, secondsLater = 0, origin } }) {
    const objects = apiObjects(cluster);
    const objectsAgain = second && apiObjects(second);
    const change = changesOf({ takenAt, recently: recentSeconds[origin] }, objects, objectsAgain);
    const nodes = second !== undefined && isKnown(second.nodes) ? second.nodes : cluster.nodes;
    const tablesAgain =
      objectsAgain === undefined || 'missing' in objectsAgain ? undefined : new SharedTables(objectsAgain);
    const layersAgain = new LayerComparison();

    const comparedAgain = (node: View): TableComparison | undefined => {
      if (node.secondReading === undefined || tablesAgain === undefined) return undefined;
      const config = node.derived(lbConfigOnNode);
      const own = expectNodeIn(nodes, node.name, node.facts.nodeAddresses);
      if ('missing' in config || 'missing' in own) return undefined;
      const compared = comparedWith(tablesAgain.tableOf(own, config), node.secondReading, layersAgain);
      return 'missing' in compared ? undefined : compared;
    };

    const names = second && namesOf(cluster.nodes);
    const namesAgain = second && namesOf(second.nodes);
    const hasLeft = (name: string): boolean => names?.has(name) === true && namesAgain?.has(name) === false;

    return (node: View): NodeParity => {
      const first = node.derived(tableComparison);
      if ('missing' in first) return { node: node.name, judged: false, why: first };
      if (hasLeft(node.name)) {
        // Seen once, as its tables were emptied perhaps.
        const differences = first.differences.map((one) => open('undecided', one, leftWords, false));
        return { node: node.name, judged: true, expected: first.expected, found: first.found, differences };
      }
      const again = first.differences.length === 0 ? undefined : comparedAgain(node);
      // What can't be compared again stands as it was.
      const { expected, found } = again ?? first;
      const { frontendStates, pendingInitializers } = node.secondReading ?? node.facts;
      const {
        agent,
        facts: { status, metrics },
      } = node;
      const lost = node.derived(lostApiServer);
      const differences = settled(first.differences, {
        again: again && { differences: again.differences, secondsLater },
        ...change,
        states: valueOf(frontendStates) ?? [],
        agent: agentProgressOf({ agent, status, pendingInitializers, lost, refused: refusedCalls(metrics) }, takenAt),
        canReadAgain: origin === 'live',
      });
      return { node: node.name, judged: true, expected, found, differences };
    };
  },
});

const leftWords = `the node was removed from the cluster ${meanwhile}`;

const namesOf = (nodes: Fact<readonly Node[]>): ReadonlySet<string> | undefined =>
  isKnown(nodes) ? new Set(nodes.value.map(({ metadata }) => metadata.name)) : undefined;

type View = NodeView<
  never,
  'status' | 'metrics' | 'nodeAddresses' | (typeof ofAgent)[number],
  'lbTable' | 'agentTable' | (typeof ofAgent)[number],
  typeof tableComparison | typeof lbConfigOnNode | typeof lostApiServer
>;

/**
 * How long before a reading a change may be, to be on its way still. A sysdump reads objects and maps at times of its
 * own, half a minute apart; everything else reads nodes just after the API.
 */
const recentSeconds: Readonly<Record<Origin['kind'], number>> = {
  live: lastingSeconds,
  capture: lastingSeconds,
  sysdump: 30,
};

function changesOf(
  { takenAt, recently }: { readonly takenAt: string; readonly recently: number },
  first: ApiObjects | Missing,
  second: ApiObjects | Missing | undefined,
): { readonly changes: ApiChanges; readonly changed: string } {
  if ('missing' in first) return { changes: noChanges, changed: '' };
  return second === undefined || 'missing' in second
    ? { changes: recentChanges(first, takenAt, recently), changed: 'its Service or endpoints changed just before' }
    : {
        changes: changesBetween(first, second),
        changed: 'its Service or endpoints changed while the nodes were read',
      };
}
