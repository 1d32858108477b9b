import type { CollectPlan } from './RawSource.ts';

/** What a node may add, of a thousand that are asked some thirty at a time. */
const nodeMs = 150;
/** Where nodes say whole tables, which have to be sent, and packed into a file. */
const wholeNodeMs = 500;
const beforeNodesMs = 30_000;

/**
 * What the whole run may take, in milliseconds: as long as the user says; otherwise more for clusters with so many
 * nodes that the usual time would not do.
 */
export function runTimeFor(
  {
    runTimeoutMs,
    growsWithNodes,
    wholeTables,
    part,
  }: Pick<CollectPlan, 'runTimeoutMs' | 'growsWithNodes' | 'wholeTables' | 'part'>,
  nodes: number,
): number {
  if (growsWithNodes !== true) return runTimeoutMs;
  // Whoever reads a part of the nodes lists the objects of the whole cluster.
  const all = part === undefined ? nodes : (nodes * part.of) / part.indexes.size;
  return Math.max(runTimeoutMs, beforeNodesMs + all * (wholeTables === true ? wholeNodeMs : nodeMs));
}
