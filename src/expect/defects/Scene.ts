import type { Version } from '../../knowledge/version.ts';
import type { Missing } from '../../model/Fact.ts';
import type { CiliumLocalRedirectPolicy, EndpointSlice, Node, Pod, Service } from '../../model/kubernetes.ts';
import type { LbTable } from '../../model/lb/LbTable.ts';
import type { ModuleHealth, NodeAddress } from '../../model/NodeFacts.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';
import type { FirmDifference } from '../parity/Difference.ts';

/** What of a node and its cluster the condition of a defect may look at; which of these, each defect declares. */
export interface Scene {
  readonly settings: AgentSettings;
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly pods: readonly Pod[];
  readonly policies: readonly CiliumLocalRedirectPolicy[];
  readonly node: Node;
  /** What the agent takes for the node's own addresses. */
  readonly addresses: readonly NodeAddress[];
  readonly table: LbTable;
  /** What of the table is certainly not what the API requires. */
  readonly differences: readonly FirmDifference[];
  readonly health: readonly ModuleHealth[];
  /** Release of the node's kernel. */
  readonly kernel: Version;
  readonly agent: { readonly isReady: boolean };
}
export type ScenePart = keyof Scene;

/** A scene of which parts may not have been read. */
export type SceneFacts = { readonly [P in ScenePart]: Scene[P] | Missing };

/** The first of these parts that is not known; undefined: all are. */
export function missingIn(scene: SceneFacts, parts: readonly ScenePart[]): Missing | undefined {
  for (const part of parts) {
    const value = scene[part];
    if ('missing' in value) return value;
  }
  return undefined;
}

export const hasParts = <P extends ScenePart>(
  scene: SceneFacts,
  parts: readonly P[],
): scene is SceneFacts & Pick<Scene, P> => missingIn(scene, parts) === undefined;
