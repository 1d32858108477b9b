import type { Behaviour } from './behaviours.ts';
import type { ClusterShape, SimulatedNode } from './ClusterShape.ts';

/** What the API says of a cluster at one time. */
export interface Stage {
  readonly nodes: readonly SimulatedNode[];
  /** Of each node that has one, the name of its agent's pod. */
  readonly agents: ReadonlyMap<SimulatedNode, string>;
  /** Nodes that have just come. */
  readonly fresh: ReadonlySet<SimulatedNode>;
  /** Nodes whose agents have the version before. */
  readonly older: ReadonlySet<SimulatedNode>;
}

/** The version that was recorded, and the one before it. */
export const versions = { recorded: '1.20.2', older: '1.19.6' } as const;

export const inOlderVersion = (text: string): string => text.replaceAll(versions.recorded, versions.older);

/** A cluster before and after nodes left it, joined it, and had the pods of their agents replaced. */
export function stagesOf(
  { nodes }: ClusterShape,
  behaviours: readonly Behaviour[],
): { readonly before: Stage; readonly after: Stage } {
  const does = ({ index }: SimulatedNode): Behaviour => behaviours[index] ?? 'healthy';
  const isReplaced = (node: SimulatedNode): boolean => does(node) === 'replaced' || does(node) === 'killed';
  const before = nodes.filter((node) => does(node) !== 'joining');
  const after = nodes.filter((node) => does(node) !== 'leaving' && does(node) !== 'leavingWrong');
  const fresh = new Set(nodes.filter((node) => does(node) === 'joining'));
  const older = new Set(nodes.filter((node) => does(node) === 'older'));
  return {
    before: { nodes: before, agents: new Map(before.map((node) => [node, agentName(node)])), fresh, older },
    after: {
      nodes: after,
      agents: new Map(after.map((node) => [node, `${agentName(node)}${isReplaced(node) ? '-b' : ''}`])),
      fresh,
      older,
    },
  };
}

/** DaemonSets give names of five letters behind their own, whatever the node is called. */
const agentName = ({ name, index }: SimulatedNode): string => `cilium-${name.length < 60 ? name : index}`;
