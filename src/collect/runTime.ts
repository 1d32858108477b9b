import type { CollectPlan } from './RawSource.ts';

/** What a node may add, of a thousand that are asked some thirty at a time. */
const nodeMs = 150;
const beforeNodesMs = 30_000;

/**
 * What the whole run may take, in milliseconds: as long as the user says; otherwise more for clusters with so many
 * nodes that the usual time would not do.
 */
export const runTimeFor = (
  { runTimeoutMs, growsWithNodes }: Pick<CollectPlan, 'runTimeoutMs' | 'growsWithNodes'>,
  nodes: number,
): number => (growsWithNodes === true ? Math.max(runTimeoutMs, beforeNodesMs + nodes * nodeMs) : runTimeoutMs);
