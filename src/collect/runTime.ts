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
export const runTimeFor = (
  { runTimeoutMs, growsWithNodes, wholeTables }: Pick<CollectPlan, 'runTimeoutMs' | 'growsWithNodes' | 'wholeTables'>,
  nodes: number,
): number =>
  growsWithNodes === true
    ? Math.max(runTimeoutMs, beforeNodesMs + nodes * (wholeTables === true ? wholeNodeMs : nodeMs))
    : runTimeoutMs;
