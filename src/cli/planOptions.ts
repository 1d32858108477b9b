import type { PlanOptions } from '../collect/planFor.ts';
import { type Args, isSet, stringOf } from './args.ts';
import { nodesOf } from './flags.ts';
import { parseDuration } from './parseDuration.ts';

/** Nodes asked at a time: an exec each, so more would burden the API server more than it saves. */
const concurrency = 32;

/** Throws KprError for a duration that is none. */
export const planOptions = (args: Args): PlanOptions => ({
  nodes: nodesOf(args),
  ciliumNamespace: stringOf(args, 'cilium-namespace'),
  nodeTimeoutMs: parseDuration(stringOf(args, 'node-timeout') ?? '10s', 'node-timeout'),
  runTimeoutMs: parseDuration(stringOf(args, 'timeout') ?? '60s', 'timeout'),
  concurrency,
  probe: isSet(args, 'probe'),
});
