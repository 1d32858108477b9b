import { type Fact, isKnown } from '../model/Fact.ts';
import type { ClusterFacts, NodeSnapshot, Snapshot } from '../model/Snapshot.ts';
import { count } from '../text/plural.ts';
import type { ErrorText, NodesCoverage } from './ReportDocument.ts';

/** By its agent: that the node's kube-proxy pod answered says little about it. */
const isRead = ({ facts }: NodeSnapshot): boolean =>
  Object.entries<Fact<unknown>>({ ...facts }).some(([name, fact]) => !ofKubeProxy.has(name) && isKnown(fact));
const ofKubeProxy: ReadonlySet<string> = new Set(['proxyRules', 'proxyTable']);

export function coverageOf({
  nodes,
  sample,
  lostShards,
}: Pick<Snapshot, 'nodes' | 'sample' | 'lostShards'>): NodesCoverage {
  const covered = nodes.filter((node) => node.coverage.kind === 'covered');
  const read = covered.filter(isRead);
  return {
    total: nodes.length,
    covered: covered.length,
    read: read.length,
    names: read.map(({ name }) => name),
    excluded: nodes.flatMap(({ name, coverage }) =>
      coverage.kind === 'excluded' ? [{ node: name, why: coverage.why }] : [],
    ),
    notSelected: nodes.filter(({ coverage }) => coverage.kind === 'notSelected').map(({ name }) => name),
    ...(sample !== undefined && { sample: { size: sample.size, seed: sample.seed } }),
    ...(lostShards !== undefined && { lostShards }),
    notRead: covered
      .filter((node) => !isRead(node))
      // Every run asks for the status, so the reason why there is none is the node's.
      .flatMap(({ name, facts: { status } }) =>
        isKnown(status) ? [] : [{ node: name, reason: status.missing, detail: status.detail }],
      ),
  };
}

/** Why nothing can be said at all, for coverage without a node that was read. */
export function nothingRead(
  { total, covered, notRead }: NodesCoverage,
  { systemPods, nodes }: Pick<ClusterFacts, 'systemPods' | 'nodes'>,
): ErrorText {
  const [first] = notRead;
  const hint = 'Commands must run in the agents’ pods (kubectl exec); kubectl kpr doctor says what stands in the way';
  const [unlisted] = [systemPods, nodes].flatMap((list: Fact<unknown>) => (isKnown(list) ? [] : [list.detail]));
  if (total === 0 && unlisted !== undefined)
    return { message: `There is no node to examine: nobody knows where agents are (${unlisted})`, hint };
  if (covered === 0) return { message: 'There is no node to examine: no agent of Cilium is to run on any', hint };
  const where = first === undefined || covered === 1 ? '' : `; ${first.node}`;
  const why = first === undefined ? '' : `: ${first.detail}`;
  return { message: `${noneRead({ covered, notRead })}${where}${why}`, hint };
}

/** For nodes of which none was read. */
export const noneRead = ({ covered, notRead: [first] }: Pick<NodesCoverage, 'covered' | 'notRead'>): string =>
  covered === 1
    ? `The node ${first?.node ?? ''} could not be read`
    : `None of the ${count(covered, 'node')} could be read`;
